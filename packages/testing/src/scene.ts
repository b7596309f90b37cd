// The stage of a group of scenarios: peers that are started once and used by one scenario after the other.
import type { Implementation, Primitives } from "./implementation.ts";
import { Here } from "./party.ts";
import { type Ending, Peer, type PeerKind } from "./peer.ts";
import { checkSegments } from "./sound.ts";
import { LIMIT_MS, Watchdog } from "./watchdog.ts";

/** What is to happen, and must. */
export type Scenario = (scene: Scene) => void | Promise<void>;
/** Scenarios by title. */
export type Scenarios = Readonly<Record<string, Scenario>>;

/** Peers of one kind, and the test's own thread as a party. */
export class Scene {
  readonly implementation: Implementation;
  /** Undefined where no peer takes part. */
  readonly kind: PeerKind | undefined;
  readonly #watchdog = new Watchdog();
  #here: Here;
  #peers: Promise<Peer>[] = [];
  #extras: Promise<Peer>[] = [];
  #hasFailed = false;

  constructor(implementation: Implementation, kind?: PeerKind) {
    this.implementation = implementation;
    this.kind = kind;
    this.#here = this.#newHere();
  }

  get primitives(): Primitives {
    return this.implementation.primitives;
  }

  /** Whether a scenario failed, so that its waits may still be pending in this thread. */
  get hasFailed(): boolean {
    return this.#hasFailed;
  }

  /** The test's own thread. */
  get here(): Here {
    return this.#here;
  }

  /** A peer that later scenarios use again. */
  readonly peer = (index: number = 0): Promise<Peer> => this.#peers[index] ??= this.#start();

  /** A peer for this scenario alone, which may come to any end. */
  readonly extra = (): Promise<Peer> => {
    const extra = this.#start();
    this.#extras.push(extra);
    return extra;
  };

  /** Plays a scenario, within the time limit, and clears the stage. */
  async play(scenario: Scenario): Promise<void> {
    try {
      await this.#watchdog.watch(() => scenario(this));
      for (const peer of this.#peers.values()) await (await peer)?.leave();
      await this.#here.leave();
      checkSegments();
    } catch (error) {
      await this.#clear();
      throw error;
    } finally {
      for (const extra of this.#extras.splice(0)) await (await extra).kill();
    }
  }

  /** After a failure nobody knows what the parties hold or wait for: the next scenario gets new ones. */
  async #clear(): Promise<void> {
    this.#hasFailed = true;
    this.#here = this.#newHere();
    for (const peer of this.#takePeers()) await (await peer).kill();
  }

  /** Sends the peers home, which must go by themselves. */
  async end(): Promise<void> {
    const endings: Ending[] = [];
    for (const peer of this.#takePeers()) endings.push(await sendHome(await peer));
    await this.#watchdog.stop();
    const bad = endings.filter((how) => how !== "exit 0");
    if (bad.length > 0) throw new Error(`Peers must end by themselves with exit 0, but ended with ${bad.join("; ")}`);
  }

  #takePeers(): Promise<Peer>[] {
    return Object.values(this.#peers.splice(0)); // a place may be empty
  }

  async #start(): Promise<Peer> {
    if (this.kind === undefined) throw new Error("Cannot start a peer: the scene is for one thread");
    const peer = await Peer.start(this.kind, this.implementation.module);
    const { pid } = peer;
    if (pid !== undefined) {
      this.#watchdog.guard(pid);
      void peer.ended.then(() => this.#watchdog.forget(pid));
    }
    return peer;
  }

  #newHere(): Here {
    return new Here({ ...this.implementation.primitives });
  }
}

async function sendHome(peer: Peer): Promise<Ending> {
  const limit = setTimeout(() => peer.kill(), LIMIT_MS);
  const ending = await peer.close();
  clearTimeout(limit);
  return ending;
}

/** Polls until it is so; the watchdog bounds it. */
export async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  const limit = performance.now() + LIMIT_MS;
  while (!(await condition())) {
    if (performance.now() > limit) throw new Error(`Still not so after ${LIMIT_MS} ms: ${condition}`);
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
}
