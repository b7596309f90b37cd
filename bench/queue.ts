// How many messages a second get from one process to another? Beside queues, what else carries messages.
import { fork } from "node:child_process";
import { Worker } from "node:worker_threads";
import { Queue } from "@lockstep/manager";
import { type Party, type Role, type Roles, startParty } from "./parties.ts";
import { startPython } from "./python.ts";
import { question } from "./question.ts";
import { type Row, row } from "./rows.ts";
import { inTurn } from "./turns.ts";

const MESSAGE = "a message of 64 bytes, as it may go from process to process....";
const MANY = 256; // messages that a consumer takes at once, at most

type Way = "getSync" | "getManySync" | "loop";
const WAYS: readonly Way[] = ["getSync", "getManySync", "loop"];

/** Gets so many messages, and answers how many came. */
const consumer: Role<{ handle: string }, { way: Way; count: number }, number> = ({ handle }) => {
  const queue = Queue.from<string>(handle);
  return async ({ way, count }) => {
    let got = 0;
    if (way === "getSync") { while (got < count) got += queue.getSync().length > 0 ? 1 : 0; }
    if (way === "getManySync") { while (got < count) got += queue.getManySync(MANY).length; }
    if (way === "loop") { for await (const _message of queue) if (++got === count) break; }
    return got;
  };
};

/** Messages per second, from the first put until the consumer has them all. */
async function ours(queue: Queue<string>, party: Party, way: Way, count: number): Promise<number> {
  const start = performance.now();
  const consumed = party.call<number>({ way, count });
  for (let i = 0; i < count; i++) queue.putSync(MESSAGE);
  await consumed;
  return count / (performance.now() - start) * 1000;
}

/** A process or a thread that gets messages as the runtime sends them. */
interface Peer {
  send(message: string): void;
  answer(): Promise<number>;
  end(): void;
}

const script = new URL("./message_peer.ts", import.meta.url);

function startProcess(): Peer {
  const child = fork(script, { serialization: "json" });
  return {
    send: (message) => void child.send(message),
    answer: () => new Promise((resolve) => child.once("message", (count) => resolve(count as number))),
    end: () => void child.kill(),
  };
}

function startThread(): Peer {
  const worker = new Worker(script);
  return {
    send: (message) => worker.postMessage(message),
    answer: () => new Promise((resolve) => worker.once("message", resolve)),
    end: () => void worker.terminate(),
  };
}

async function rateOf(peer: Peer, count: number): Promise<number> {
  const start = performance.now();
  const counted = peer.answer();
  for (let i = 0; i < count; i++) peer.send(MESSAGE);
  peer.send("end");
  await counted;
  return count / (performance.now() - start) * 1000;
}

async function messages(count: number, slices: number): Promise<Row[]> {
  const queue = new Queue<string>();
  const party = await startParty("processes", {
    question: "queue",
    role: "consumer",
    data: { handle: queue.handle },
  });
  const [child, thread, python] = [startProcess(), startThread(), await startPython()];
  const pythonRate = async (): Promise<number | undefined> => {
    const nanoseconds = await python.measure(`queue ${count / 10}`);
    return nanoseconds === undefined ? undefined : 1e9 / nanoseconds;
  };
  const [sync = [], many = [], loop = [], ipc = [], posted = [], pythons = []] = await inTurn([
    ...WAYS.map((way) => () => ours(queue, party, way, count)),
    () => rateOf(child, count / 5),
    () => rateOf(thread, count),
    pythonRate,
  ], slices);
  for (const peer of [child, thread]) peer.end();
  const others = [
    { name: "child_process IPC", rounds: ipc, limit: 10 },
    { name: "worker postMessage", rounds: posted, limit: 5 },
    { name: "Python multiprocessing.Queue", rounds: pythons, reason: python.reason, limit: 20 },
  ];
  const subject = { unit: "/s", better: "higher" } as const;
  return [
    ...others.map(({ limit, ...reference }) => {
      const target = { of: "ratio", limit } as const;
      return row({ ...subject, name: "messages of 64 bytes, one by one", target }, sync, reference);
    }),
    row({ ...subject, name: `the same, up to ${MANY} at once` }, many, others[0]),
    row({ ...subject, name: "the same, in a loop: for await" }, loop, others[0]),
  ];
}

export const roles: Roles = {
  consumer,
  run: question(({ quick }) => quick ? messages(10_000, 2) : messages(200_000, 9)),
};
