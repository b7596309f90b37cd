// Values on their way to a thread with objects in them that are moved instead of copied: as with `postMessage()`, which
// carries them, but that shared objects arrive as shared objects.
import { types } from "node:util";
import { MessagePort } from "node:worker_threads";

import { Codec } from "@lockstep/codec";
import { show } from "@lockstep/contract";
import { sharedReferences } from "@lockstep/manager/mailbox";

const MOVED = "moved:";

/** What `postMessage()` carries. Whoever posts it keeps the value, and so the shared objects in it, until it is got. */
export interface Parcel {
  readonly bytes: Uint8Array;
  readonly moved: readonly object[];
}

/**
 * Takes the objects away from this thread, and the rest of the value as it is now.
 * @throws {DOMException} Of name `DataCloneError`, if something cannot be copied; nothing is moved then.
 */
export function pack(value: unknown, transfer: readonly object[]): Parcel {
  const names = new Map(transfer.map((object, index) => [object, `${MOVED}${index}`]));
  const codec = new Codec({
    handleOf: (object) => names.get(object) ?? sharedReferences.handleOf(object),
    attach: sharedReferences.attach,
  });
  const bytes = codec.encode(value).slice();
  return { bytes, moved: structuredClone(transfer, { transfer: transfer as ArrayBuffer[] }) };
}

/** The value, with those objects that have come with it. */
export function unpack({ bytes, moved }: Parcel): unknown {
  const attach = (handle: string): object =>
    handle.startsWith(MOVED) ? moved[Number(handle.slice(MOVED.length))]! : sharedReferences.attach(handle);
  return new Codec({ handleOf: sharedReferences.handleOf, attach }).decode(bytes);
}

/** The option of that name, checked, as Deno moves the first ones where others cannot be. */
export function transferOf({ transfer }: { transfer?: unknown }, where: string): readonly object[] | undefined {
  if (transfer === undefined) return undefined;
  const isList = Array.isArray(transfer) && transfer.every(isMovable) && new Set(transfer).size === transfer.length;
  if (isList) return transfer;
  const rule = "must be an array of ArrayBuffers and MessagePorts, each once";
  throw new TypeError(`Cannot ${where}: options.transfer ${rule}, got ${show(transfer)}`);
}

function isMovable(object: unknown): boolean {
  return types.isArrayBuffer(object) || object instanceof MessagePort;
}
