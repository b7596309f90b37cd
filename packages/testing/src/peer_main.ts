// The program of a peer, thread or process: imports the implementation, says hello, obeys.
import process from "node:process";
import { createInterface } from "node:readline";
import { isMainThread, parentPort } from "node:worker_threads";
import { writeLine } from "./line.ts";
import type { Request } from "./messages.ts";
import { type Classes, Operator } from "./operator.ts";
import { thisThread } from "./thread_state.ts";

type Post = (message: unknown) => void;
type Listen = (onRequest: (request: Request) => void) => void;

async function main(post: Post, listen: Listen): Promise<void> {
  const classes: Classes = await import(process.argv[2]!);
  const operator = new Operator(classes, post);
  listen((request) => operator.obey(request));
  post({ hello: thisThread() });
}

// When the other end closes the line, nothing of ours holds the process any more.
const readLines: Listen = (onRequest) =>
  void createInterface({ input: process.stdin }).on("line", (line) => onRequest(JSON.parse(line)));

const postToParent: Post = (message) => parentPort!.postMessage(message);
const listenToParent: Listen = (onRequest) => {
  parentPort!.on("message", (message: Request | "close") => {
    if (message === "close") parentPort!.unref();
    else onRequest(message);
  });
};

void (isMainThread ? main(writeLine, readLines) : main(postToParent, listenToParent));
