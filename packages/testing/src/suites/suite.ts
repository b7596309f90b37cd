// How the suites are told to `conformance`.
import type { BlockingScenario } from "../cast.ts";
import type { Scenarios } from "../scene.ts";

/** The scenarios of one primitive. */
export interface Suite {
  title: string;
  /** For one thread. */
  alone: Scenarios;
  /** With peers of each kind. */
  together: Scenarios;
  /** With peers that are processes. */
  processes?: Scenarios;
  /** With every cast of waiter and waker. */
  blocking: Readonly<Record<string, BlockingScenario>>;
  /** What a thread takes is open to all its tasks: no task waits for its own thread. */
  isThreadsOwn?: boolean;
  /** With peers that die. */
  deadly?: Scenarios;
  /** With peers that are killed while their thread blocks. */
  deadlyBlocked?: Scenarios;
  /** With peers that are processes and die. */
  deadlyProcesses?: Scenarios;
}
