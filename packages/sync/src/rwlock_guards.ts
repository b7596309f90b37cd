import type { Guard } from "@lockstep/contract";

import type { RWLockState } from "./rwlock_state.ts";

/** A read hold. */
export class ReadGuard implements Guard {
  readonly ownerDied: boolean;
  private readonly state: RWLockState;

  constructor(state: RWLockState, ownerDied: boolean) {
    this.state = state;
    this.ownerDied = ownerDied;
    state.startRead(this);
  }

  release(): void {
    this.state.endRead(this);
  }

  [Symbol.dispose](): void {
    this.state.endRead(this);
  }
}

/** A write hold. */
export class WriteGuard implements Guard {
  readonly ownerDied: boolean;
  private readonly state: RWLockState;
  private readonly hold: number;

  constructor(state: RWLockState, ownerDied: boolean) {
    this.state = state;
    this.hold = state.startHold();
    this.ownerDied = ownerDied;
  }

  release(): void {
    this.state.endHold(this.hold);
  }

  [Symbol.dispose](): void {
    this.state.endHold(this.hold);
  }
}
