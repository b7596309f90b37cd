// Who waits and who wakes, and in which form: a scenario that blocks is played with every cast.
import type { Form } from "./messages.ts";
import type { Party } from "./party.ts";
import type { Scenarios, Scene } from "./scene.ts";
import type { Suite } from "./suites/suite.ts";

/** The two parts of a scenario in which one waits for the other. */
export interface Cast {
  waiter: Party;
  waiterForm: Form;
  waker: Party;
  wakerForm: Form;
}

/** A scenario for every cast. */
export type BlockingScenario = (cast: Cast, scene: Scene) => Promise<void>;

type Place = "here" | "peer" | "other peer";
type Plan = readonly [waiter: Place, waiterForm: Form, waker: Place, wakerForm: Form];

const ALONE: readonly Plan[] = [
  ["here", "async", "here", "sync"],
  ["here", "async", "here", "async"],
];
const TOGETHER: readonly Plan[] = [
  ["peer", "sync", "here", "sync"],
  ["peer", "sync", "here", "async"],
  ["peer", "async", "here", "sync"],
  ["peer", "async", "here", "async"],
  ["here", "async", "peer", "sync"],
  ["here", "async", "peer", "async"],
  ["peer", "sync", "other peer", "sync"],
  ["peer", "sync", "other peer", "async"],
  ["peer", "async", "other peer", "sync"],
  ["peer", "async", "other peer", "async"],
  ["peer", "async", "peer", "async"],
];

/** The suite's blocking scenarios, once per cast that the scene has the parties for. */
export function withEveryCast(scene: Scene, { blocking, isThreadsOwn = false }: Suite): Scenarios {
  const plans = (scene.kind === undefined ? ALONE : TOGETHER)
    .filter(([waiter, , waker, wakerForm]) => !(isThreadsOwn && waiter === waker && wakerForm === "sync"));
  const played = Object.entries(blocking).flatMap(([title, scenario]) =>
    plans.map((plan) => {
      const [waiter, waiterForm, waker, wakerForm] = plan;
      const cast = `${waiterForm} waiter ${waiter}, ${wakerForm} waker ${waker}`;
      return [`${title} (${cast})`, async () => scenario(await castOf(scene, plan), scene)] as const;
    })
  );
  return Object.fromEntries(played);
}

async function castOf(scene: Scene, [waiter, waiterForm, waker, wakerForm]: Plan): Promise<Cast> {
  return { waiter: await partyAt(scene, waiter), waiterForm, waker: await partyAt(scene, waker), wakerForm };
}

function partyAt(scene: Scene, place: Place): Party | Promise<Party> {
  if (place === "here") return scene.here;
  return scene.peer(place === "peer" ? 0 : 1);
}
