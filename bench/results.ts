// What results.json holds.
import type { Machine } from "./machine.ts";
import type { Row } from "./rows.ts";

/** The questions in the order in which they are asked; each has a file of its own. */
export const QUESTIONS: readonly { name: string; title: string }[] = [
  { name: "uncontended", title: "Uncontended: acquire and release" },
  { name: "contended", title: "Contended: everybody wants the same lock" },
  { name: "fairness", title: "Fairness: who gets it while everybody wants it" },
  { name: "ping_pong", title: "Ping-pong: round trip of two blocking threads or processes" },
  { name: "barrier", title: "Barrier: rounds per second" },
  { name: "condition", title: "Condition: notify and wait" },
  { name: "async_round_trip", title: "Async: round trip of two awaiting event loops" },
  { name: "pending_waits", title: "10,000 pending async waits" },
  { name: "death", title: "kill -9 of the holder to the next holder" },
  { name: "start_up", title: "Start: import and first use" },
  { name: "dict", title: "Dict: get, set and increment" },
  { name: "dict_together", title: "Dict: several processes at once" },
  { name: "dict_growth", title: "Dict: large values, many entries, long use" },
  { name: "dict_large", title: "Dict: beside a process that sets 64 MiB again and again" },
  { name: "list", title: "List: at its ends, by position and in the middle" },
  { name: "queue", title: "Queue: messages from process to process" },
  { name: "tasks", title: "Tasks: functions in other threads and processes" },
  { name: "peers", title: "Peers that do the same job" },
];

export interface Answered {
  readonly name: string;
  readonly title: string;
  readonly seconds: number;
  readonly rows: readonly Row[];
}

export interface Results {
  readonly machine: Machine;
  readonly quick: boolean;
  readonly seconds: number;
  readonly questions: readonly Answered[];
}
