import * as primitives from "@lockstep/sync";
import { conformance } from "@lockstep/testing";

conformance({ name: "native", module: "@lockstep/sync", primitives, peers: ["thread", "process"], recovers: true });
