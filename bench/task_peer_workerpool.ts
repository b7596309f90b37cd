// A worker of workerpool that knows the tasks of task_peer.ts.
import { worker } from "workerpool";
import { identity } from "./task_peer.ts";

worker({ identity });
