import * as primitives from "@lockstep/sync";
import { misuse } from "@lockstep/testing";

misuse({ name: "native", module: "@lockstep/sync", primitives, peers: ["thread", "process"], recovers: true });
