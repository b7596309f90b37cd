import { Partner, type SegmentState } from "@lockstep/segment";
import { RLock } from "@lockstep/sync";

import type { BytesState } from "./memory_state.ts";

/** The lock that an array or a value was made with. */
export function lockOf(state: BytesState): RLock {
  const where = `open lock of ${state.label}`;
  state.checkOpen(where);
  const segment = state.segment as SegmentState;
  return new RLock(new Partner({ segment, offset: state.info.partner, serial: 0, where }));
}
