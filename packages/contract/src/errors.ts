/**
 * Base of every error that Lockstep throws on its own account. Bad arguments are built-in errors instead: `TypeError`
 * for a value of the wrong type, `RangeError` for one of the right type that is not allowed.
 */
export class LockstepError extends Error {
  /** Stable identifier, `ERR_LOCKSTEP_` and a word; the message may change between versions, this does not. */
  readonly code: string;

  /** Makes an error with the given code; programs catch the subclasses and have no reason to make one themselves. */
  constructor(code: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }

  /** Name of the error's class, as `toString()` and stack traces show it. */
  override get name(): string {
    return this.constructor.name;
  }
}

/** The time given in `timeout` passed before what was asked for could be had; nothing was taken. */
export class TimeoutError extends LockstepError {
  /** Code `ERR_LOCKSTEP_TIMEOUT`. */
  constructor(message: string, options?: ErrorOptions) {
    super("ERR_LOCKSTEP_TIMEOUT", message, options);
  }
}

/** A lock was released, or a condition used, while nobody held the lock. */
export class LockNotHeldError extends LockstepError {
  /** Code `ERR_LOCKSTEP_LOCK_NOT_HELD`. */
  constructor(message: string, options?: ErrorOptions) {
    super("ERR_LOCKSTEP_LOCK_NOT_HELD", message, options);
  }
}

/** The caller is not the one who holds what only its owner may release or use. */
export class NotOwnerError extends LockstepError {
  /** Code `ERR_LOCKSTEP_NOT_OWNER`. */
  constructor(message: string, options?: ErrorOptions) {
    super("ERR_LOCKSTEP_NOT_OWNER", message, options);
  }
}

/** A release would have raised a semaphore above its bound; its value is unchanged. */
export class SemaphoreBoundError extends LockstepError {
  /** Code `ERR_LOCKSTEP_SEMAPHORE_BOUND`. */
  constructor(message: string, options?: ErrorOptions) {
    super("ERR_LOCKSTEP_SEMAPHORE_BOUND", message, options);
  }
}

/**
 * The barrier is broken: a party timed out, gave up, died or called `abort()`, or somebody called `reset()` meanwhile.
 */
export class BrokenBarrierError extends LockstepError {
  /** Code `ERR_LOCKSTEP_BROKEN_BARRIER`. */
  constructor(message: string, options?: ErrorOptions) {
    super("ERR_LOCKSTEP_BROKEN_BARRIER", message, options);
  }
}

/** The time given in `timeout` passed and the queue had no item. */
export class QueueEmptyError extends LockstepError {
  /** Code `ERR_LOCKSTEP_QUEUE_EMPTY`. */
  constructor(message: string, options?: ErrorOptions) {
    super("ERR_LOCKSTEP_QUEUE_EMPTY", message, options);
  }
}

/** The time given in `timeout` passed and the queue had no room. */
export class QueueFullError extends LockstepError {
  /** Code `ERR_LOCKSTEP_QUEUE_FULL`. */
  constructor(message: string, options?: ErrorOptions) {
    super("ERR_LOCKSTEP_QUEUE_FULL", message, options);
  }
}

/** The queue was shut down: it takes no more items, and has none left to give. */
export class QueueShutDownError extends LockstepError {
  /** Code `ERR_LOCKSTEP_QUEUE_SHUT_DOWN`. */
  constructor(message: string, options?: ErrorOptions) {
    super("ERR_LOCKSTEP_QUEUE_SHUT_DOWN", message, options);
  }
}

/** An object exists with another kind or other parameters than it was opened with; the message states both. */
export class MismatchError extends LockstepError {
  /** Code `ERR_LOCKSTEP_MISMATCH`. */
  constructor(message: string, options?: ErrorOptions) {
    super("ERR_LOCKSTEP_MISMATCH", message, options);
  }
}

/** The segment, or the memory behind it, has no room for what was to be stored; nothing was changed. */
export class SegmentFullError extends LockstepError {
  /** Code `ERR_LOCKSTEP_SEGMENT_FULL`. */
  constructor(message: string, options?: ErrorOptions) {
    super("ERR_LOCKSTEP_SEGMENT_FULL", message, options);
  }
}

/** Shared memory holds what no participant could have written. */
export class CorruptSegmentError extends LockstepError {
  /** Code `ERR_LOCKSTEP_CORRUPT_SEGMENT`. */
  constructor(message: string, options?: ErrorOptions) {
    super("ERR_LOCKSTEP_CORRUPT_SEGMENT", message, options);
  }
}

/** This machine, kernel or runtime cannot run the library; the message says what was found and what is needed. */
export class UnsupportedPlatformError extends LockstepError {
  /** Code `ERR_LOCKSTEP_UNSUPPORTED_PLATFORM`. */
  constructor(message: string, options?: ErrorOptions) {
    super("ERR_LOCKSTEP_UNSUPPORTED_PLATFORM", message, options);
  }
}

/** A worker of an executor or pool died while the task could have been running in it, or was never made ready. */
export class BrokenExecutorError extends LockstepError {
  /** The worker's exit code, or the negative number of the signal that has killed it; undefined if not known. */
  readonly exitCode: number | undefined;

  /** Code `ERR_LOCKSTEP_BROKEN_EXECUTOR`. */
  constructor(message: string, options?: ErrorOptions & { exitCode?: number | undefined }) {
    super("ERR_LOCKSTEP_BROKEN_EXECUTOR", message, options);
    this.exitCode = options?.exitCode;
  }
}

/** The future was cancelled and has no result. */
export class CancelledError extends LockstepError {
  /** Code `ERR_LOCKSTEP_CANCELLED`. */
  constructor(message: string, options?: ErrorOptions) {
    super("ERR_LOCKSTEP_CANCELLED", message, options);
  }
}

/** The call makes no sense in the object's present state, such as a second `start()` or a wait that could never end. */
export class InvalidStateError extends LockstepError {
  /** Code `ERR_LOCKSTEP_INVALID_STATE`. */
  constructor(message: string, options?: ErrorOptions) {
    super("ERR_LOCKSTEP_INVALID_STATE", message, options);
  }
}

/** A system call failed for a reason that no other class stands for; the message names it. */
export class SystemError extends LockstepError {
  /** Code `ERR_LOCKSTEP_SYSTEM`. */
  constructor(message: string, options?: ErrorOptions) {
    super("ERR_LOCKSTEP_SYSTEM", message, options);
  }
}
