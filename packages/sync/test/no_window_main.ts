// The conformance suite where the runtime refuses buffers over shared memory, as LOCKSTEP_NO_EXTERNAL_BUFFERS makes ours.
import { equal } from "node:assert/strict";
import { resolvePlace } from "@lockstep/segment";
import * as primitives from "@lockstep/sync";
import { conformance } from "@lockstep/testing";

equal(resolvePlace({}, "look for words").segment.words(0), undefined);
conformance({ name: "without windows", module: "@lockstep/sync", primitives, peers: ["thread"], recovers: true });
