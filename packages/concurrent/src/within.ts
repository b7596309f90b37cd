import { Limit, type Limits } from "@lockstep/segment";

/**
 * Settles as the promise does, or earlier: with what `expire` throws or gives when the time is over, with the signal's
 * reason when that is aborted.
 */
export function settledWithin<T>(
  promise: PromiseLike<T>,
  limits: Limits,
  expire: (timeout: number) => Error,
): Promise<T> {
  if (limits.timeout === Infinity && limits.signal === undefined) return Promise.resolve(promise);
  return new Promise<T>((resolve, reject) => {
    const fail = (error: unknown): void => {
      limit.end();
      reject(error);
    };
    const limit = new Limit(limits, {
      now: () => performance.now(),
      expire: () => fail(expire(limits.timeout)),
      abort: fail,
    });
    promise.then((value) => {
      limit.end();
      resolve(value);
    }, fail);
  });
}
