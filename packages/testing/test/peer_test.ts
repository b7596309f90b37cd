import { equal, rejects } from "node:assert/strict";
import { describe, it } from "node:test";
import { signalNamed } from "#src/messages.ts";
import type { Hold } from "#src/party.ts";
import { Peer } from "#src/peer.ts";
import { Echo } from "./echo.ts";

const MODULE = new URL(import.meta.url.endsWith(".ts") ? "./echo.ts" : "./echo.js", import.meta.url);
const LONG_MS = 20_000;

for (const kind of ["thread", "process"] as const) {
  describe(`Peer, a ${kind}`, () => {
    it("calls methods and gives back results, errors and guards", async () => {
      const peer = await Peer.start(kind, MODULE);
      const echo = await peer.attach(new Echo("one"));
      equal(await echo.call("say", "hello"), "one says hello");
      equal(await echo.call("handle"), "one");
      await rejects(echo.call("fail"), { name: "RangeError", code: "ERR_ECHO", message: "as asked" });
      const hold = await echo.call("hold") as Hold;
      equal(hold.ownerDied, true);
      await rejects(hold.release(), { code: "ERR_ECHO" });
      equal(await peer.close(), "exit 0");
    });

    it("begin() comes back when the call waits", async () => {
      const peer = await Peer.start(kind, MODULE);
      const echo = await peer.attach(new Echo("one"));
      const waiting = await echo.begin("waitUntil", { signal: signalNamed("enough") });
      const blocked = await echo.begin("waitSync", 200);
      equal(waiting.done, false);
      equal(await blocked.result, "blocked");
      await peer.abort("enough", "that will do");
      equal(await waiting.result, "that will do");
      await rejects(echo.begin("say", "hello"), { name: "AssertionError" });
      await peer.close();
    });

    it("close() waits for what still holds its loop", async () => {
      const peer = await Peer.start(kind, MODULE);
      const waiting = (await peer.attach(new Echo("one"))).start("wait", 50);
      const ending = peer.close();
      equal(await waiting.result, "waited");
      equal(await ending, "exit 0");
    });

    it("kill() ends it in the middle of a wait", async () => {
      const peer = await Peer.start(kind, MODULE);
      const waiting = (await peer.attach(new Echo("one"))).start("wait", LONG_MS);
      await peer.kill();
      await rejects(waiting.result, { message: new RegExp(`The ${kind} is gone`) });
    });

    it("an exit of its own is told", async () => {
      const peer = await Peer.start(kind, MODULE);
      void peer.order({ op: "exit", code: 3 });
      equal(await peer.ended, "exit 3");
    });
  });
}
