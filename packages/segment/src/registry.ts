import { MismatchError, type PlaceOptions, show } from "@lockstep/contract";
import {
  attempt,
  ELEMENT_TYPES,
  failure,
  type Handle,
  isNativeFailure,
  KIND,
  MISMATCH,
  type NativeFailure,
  type ObjectInfo,
} from "@lockstep/native";

import { parseHandle } from "./handle.ts";
import { CLASS_NAMES, type Found, type ObjectState } from "./object_state.ts";
import { joinByName, type Place, resolvePlace } from "./place.ts";
import type { SegmentState } from "./segment_state.ts";

/** The class of the states of one kind of object. */
export type StateClass<S extends ObjectState> = new (found: Found) => S;

/** What an object is made as, and what one that exists has to be. */
export interface Recipe {
  /** One of `KIND`. */
  kind: number;
  /** Value, limit, parties or type of elements. */
  parameter?: number;
  /** A condition's lock. */
  partner?: Handle;
  /** Of memory and what is made of it: its length, in bytes or elements, and the first bytes of a new one. */
  extent?: number;
  /** See `extent`. */
  contents?: Uint8Array | undefined;
  /** What fails in messages, such as "open Lock". */
  where: string;
}

/** Options for a constructor that is to take a state that is open already. */
export class Opened implements PlaceOptions {
  readonly name: undefined;
  /** What the constructor is to take. */
  readonly state: ObjectState;

  /** Options that stand for it. */
  constructor(state: ObjectState) {
    this.state = state;
  }
}

/** Options for a constructor that is to take what another object has for its partner. */
export class Partner implements PlaceOptions {
  readonly name: undefined;
  /** Where it lies. */
  readonly spot: Spot;

  /** Options that stand for it. */
  constructor(spot: Spot) {
    this.spot = spot;
  }
}

/** The state of the object that a constructor's options mean: opened by name, or made. */
export function openState<S extends ObjectState>(State: StateClass<S>, recipe: Recipe, options: PlaceOptions): S {
  if (options instanceof Opened) return options.state as S;
  if (options instanceof Partner) return attachAt(options.spot, () => State, recipe.kind);
  return openAt(State, recipe, resolvePlace(options, recipe.where));
}

/** The state of the object of that name at the place, which is made if there is none. */
export function openAt<S extends ObjectState>(State: StateClass<S>, recipe: Recipe, { segment, name }: Place): S {
  try {
    const info = openNatively(recipe, segment, name);
    return adopt(State, { info, segment, name: name || undefined });
  } catch (error) {
    throw isNativeFailure(error) ? openFailure(error, recipe, name) : error;
  }
}

function openNatively(recipe: Recipe, { binding, handle }: SegmentState, name: string): ObjectInfo {
  const { kind, parameter = 0, partner = 0, extent, contents } = recipe;
  if (extent === undefined) return binding.openObject(handle, kind, parameter, name, partner);
  return binding.openMemory(handle, kind, parameter, extent, name, contents);
}

/** The state of the object that a handle names. */
export function attachState<S extends ObjectState>(State: StateClass<S>, kind: number, handle: unknown): S {
  const where = `attach ${CLASS_NAMES[kind]}`;
  const parts = parseHandle(handle, where);
  if (parts.kind !== kind) {
    throw new MismatchError(`Cannot ${where}: the handle ${show(handle)} names a ${CLASS_NAMES[parts.kind]}`);
  }
  const segment = joinByName(parts.segment, false);
  return attachAt({ segment, offset: parts.offset, serial: parts.serial, where }, () => State);
}

/** Where an object lies. */
export interface Spot {
  /** The joined segment. */
  segment: SegmentState;
  /** From its start, in bytes. */
  offset: number;
  /** 0: whatever lies there. */
  serial: number;
  /** What fails in messages. */
  where: string;
}

/** The state of the object that lies there, of the class that `stateOf` says for its kind, which must be `kind`. */
export function attachAt<S extends ObjectState>(
  spot: Spot,
  stateOf: (kind: number) => StateClass<S>,
  kind: number = KIND.any,
): S {
  const { segment, offset, serial, where } = spot;
  const info = attempt(() => segment.binding.attachObject(segment.handle, offset, serial, kind), where);
  return adopt(stateOf(info.kind), { info, segment, name: undefined });
}

function openFailure(error: NativeFailure, { kind, parameter, extent, where }: Recipe, name: string): Error {
  const { existing, status } = error;
  const which = name === "" ? where : `${where} ${show(name)}`;
  if (status !== MISMATCH || existing === undefined) return failure(status, which, error);
  const asked = describe(kind, parameter, extent);
  const found = describe(existing.kind, existing.parameter, existing.extent);
  const what = asked === found ? `${found} with another lock` : found;
  return new MismatchError(`Cannot ${which}: it exists as ${what}, asked for ${asked}`, { cause: error });
}

function describe(kind: number, parameter: number = 0, extent: number = 0): string {
  const name = CLASS_NAMES[kind] ?? `kind ${kind}`;
  if (kind === KIND.memory) return `${name}(${extent})`;
  if (kind === KIND.array) return `${name}("${ELEMENT_TYPES[parameter]}", ${extent})`;
  if (kind === KIND.value) return `${name}("${ELEMENT_TYPES[parameter]}")`;
  if (kind === KIND.dict) return `${name}(${describeDict(parameter)})`;
  if (kind >= KIND.queue && kind <= KIND.priorityQueue) return `${name}(${describeQueue(parameter)})`;
  const takesParameter = kind === KIND.semaphore || kind === KIND.boundedSemaphore || kind === KIND.barrier;
  return takesParameter ? `${name}(${parameter})` : name;
}

/** As `dict_parameter()` of the core has it. */
function describeDict(parameter: number): string {
  const most = parameter >>> 1;
  return most === 0 ? "no limit" : `maxEntries ${most}, evict ${parameter % 2 === 1 ? "lru" : "error"}`;
}

/** As `queue_parameter()` of the core has it. */
function describeQueue(parameter: number): string {
  return `maxSize ${parameter >>> 1}, redeliver ${parameter % 2 === 1}`;
}

// --- one state per object ---

interface Attached {
  key: string;
  native: Handle;
  segment: SegmentState;
}

const known = new Map<string, WeakRef<ObjectState>>();
const collected = new FinalizationRegistry<Attached>((attached) => {
  if (known.get(attached.key)?.deref() === undefined) known.delete(attached.key);
  detach(attached);
});

/** Takes over one native open. A state that there is already has its own. */
function adopt<S extends ObjectState>(State: StateClass<S>, found: Found & { segment: SegmentState }): S {
  const { info, segment } = found;
  const key = keyOf(info, segment);
  const existing = known.get(key)?.deref();
  if (existing !== undefined) segment.binding.closeObject(info.handle);
  const state = (existing ?? register(new State(found), { key, native: info.handle, segment })) as S;
  state.users++;
  return state;
}

function register(state: ObjectState, attached: Attached): ObjectState {
  attached.segment.retain();
  known.set(attached.key, new WeakRef(state));
  collected.register(state, attached, state);
  return state;
}

/**
 * One JavaScript object less; after the last one this thread lets go of the shared object, at once or, where it still
 * holds something, when the last guard is collected.
 */
export function leaveState(state: ObjectState): void {
  const { info, segment } = state;
  if (--state.users > 0 || segment === undefined) return;
  state.rejectWaits();
  if (state.hasHolds) return;
  const attached: Attached = { key: keyOf(info, segment), native: info.handle, segment };
  state.close();
  known.delete(attached.key);
  collected.unregister(state);
  detach(attached);
}

function detach({ native, segment }: Attached): void {
  segment.binding.closeObject(native);
  segment.release();
}

/** A segment that was removed and made again has another handle, whatever its name. */
function keyOf({ offset, serial }: ObjectInfo, segment: SegmentState): string {
  return `${segment.handle}:${offset}:${serial}`;
}

// --- what is left of a disposed object ---

const closedStates = new Map<number, ObjectState>();

/** The state that disposed objects of one kind share: without words, and native code finds nothing under its handle. */
export function closedState<S extends ObjectState>({ constructor, info: { kind } }: S): S {
  const existing = closedStates.get(kind);
  if (existing !== undefined) return existing as S;
  const state = new (constructor as StateClass<S>)({ info: { ...NOTHING, kind }, segment: undefined, name: undefined });
  closedStates.set(kind, state);
  return state;
}

const NOTHING: ObjectInfo = {
  handle: 0,
  kind: KIND.any,
  created: false,
  offset: 0,
  serial: 0,
  parameter: 0,
  partner: 0,
  extent: 0,
  window: 0,
  index: 0,
  bucket: 1,
};
