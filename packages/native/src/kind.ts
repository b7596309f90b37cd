/** Kinds as in `native/core/layout.hpp`. */
export const KIND: {
  readonly any: 0;
  readonly lock: 1;
  readonly rlock: 2;
  readonly rwlock: 3;
  readonly semaphore: 4;
  readonly boundedSemaphore: 5;
  readonly condition: 6;
  readonly event: 7;
  readonly barrier: 8;
  readonly dict: 9;
  readonly namespace: 10;
  readonly queue: 11;
  readonly lifoQueue: 12;
  readonly priorityQueue: 13;
  readonly list: 14;
} = {
  any: 0,
  lock: 1,
  rlock: 2,
  rwlock: 3,
  semaphore: 4,
  boundedSemaphore: 5,
  condition: 6,
  event: 7,
  barrier: 8,
  dict: 9,
  namespace: 10,
  queue: 11,
  lifoQueue: 12,
  priorityQueue: 13,
  list: 14,
};
