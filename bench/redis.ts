// Redis over a Unix socket, where Debian's redis-server is installed.
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { tmpdir } from "node:os";
import process from "node:process";

/** Increments a key, each time waiting for the answer, or many at a time. */
export interface Redis {
  increment(count: number, atOnce: number): Promise<number>;
  end(): void;
}

/** Undefined where it is not installed, or does not answer. */
export async function startRedis(): Promise<Redis | undefined> {
  const folder = mkdtempSync(`${tmpdir()}/lockstep-redis-`);
  const path = `${folder}/socket`;
  const options = ["--port", "0", "--unixsocket", path, "--save", "", "--appendonly", "no", "--dir", folder];
  const server = spawn("redis-server", options, { stdio: ["ignore", "pipe", "ignore"] });
  process.once("exit", () => server.kill("SIGKILL"));
  const socket = await ready(server) ? await open(path) : undefined;
  if (socket !== undefined) return new Connection(socket, server, folder);
  rmSync(folder, { recursive: true });
  return undefined;
}

function ready(server: ChildProcess): Promise<boolean> {
  return new Promise((resolve) => {
    server.once("error", () => resolve(false));
    server.once("exit", () => resolve(false));
    server.stdout?.on("data", (text) => /ready to accept/i.test(String(text)) && resolve(true));
  });
}

function open(path: string): Promise<Socket | undefined> {
  return new Promise((resolve) => {
    const socket = connect(path, () => resolve(socket));
    socket.once("error", () => resolve(undefined));
  });
}

class Connection implements Redis {
  readonly #socket: Socket;
  readonly #server: ChildProcess;
  readonly #folder: string;
  #owed = 0;
  #resume: () => void = () => {};

  constructor(socket: Socket, server: ChildProcess, folder: string) {
    this.#socket = socket;
    this.#server = server;
    this.#folder = folder;
    socket.on("data", (data: Uint8Array) => this.#receive(data));
  }

  /** Nanoseconds for each. */
  async increment(count: number, atOnce: number): Promise<number> {
    const command = "*2\r\n$4\r\nINCR\r\n$5\r\nkey 1\r\n".repeat(atOnce);
    const start = performance.now();
    for (let done = 0; done < count; done += atOnce) {
      const answered = new Promise<void>((resolve) => this.#resume = resolve);
      this.#owed = atOnce;
      this.#socket.write(command);
      await answered;
    }
    return (performance.now() - start) / count * 1e6;
  }

  end(): void {
    this.#socket.destroy();
    this.#server.kill("SIGKILL");
    rmSync(this.#folder, { recursive: true });
  }

  /** An answer is one line. */
  #receive(data: Uint8Array): void {
    for (const byte of data) if (byte === 10) this.#owed--;
    if (this.#owed === 0) this.#resume();
  }
}
