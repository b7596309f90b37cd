// A helper program that answers one line of numbers per line of command: the C limits and the Python ones.
import { type ChildProcess, spawn } from "node:child_process";
import { basename } from "node:path";
import { createInterface } from "node:readline";
import { owe } from "./watch.ts";

export class CommandServer {
  readonly #name: string;
  readonly #child: ChildProcess;
  readonly #answers: AsyncIterator<string>;

  constructor(program: string, args: readonly string[] = []) {
    this.#child = spawn(program, args, { stdio: ["pipe", "pipe", "inherit"] });
    for (const source of [this.#child, this.#child.stdin]) source?.on("error", () => {}); // then no answer comes
    if (this.#child.stdout === null) throw new Error(`Cannot read ${program}: it has no standard output`);
    this.#name = `${basename(program)} (process ${this.#child.pid})`;
    this.#answers = createInterface({ input: this.#child.stdout })[Symbol.asyncIterator]();
  }

  /** Sends one command, such as `barrier 4 500`, and returns the number that comes back. */
  async measure(command: string): Promise<number> {
    this.#child.stdin?.write(`${command}\n`);
    const { value, done } = await owe(this.#name, this.#child.pid, command, this.#answers.next());
    if (done === true) throw new Error(`${this.#name}: ended before it answered "${command}"`);
    return Number(value);
  }
}

/** A reference program, or why there is none. */
export interface Limits {
  /** The number that the command printed, or undefined when there is no such program here. */
  measure(command: string): Promise<number | undefined>;
  readonly reason: string | undefined;
}

export function none(reason: string): Limits {
  return { measure: () => Promise.resolve(undefined), reason };
}
