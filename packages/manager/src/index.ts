/**
 * Containers that unrelated processes share without a server: dicts, lists, namespaces and queues, which stay whole
 * whatever process dies at whatever instruction.
 *
 * @module
 */
export { AnyQueue } from "./any_queue.ts";
export { attach } from "./attach.ts";
export type { ComputeOptions, DictOptions, EntryOptions } from "./dict_options.ts";
export { type ManagedDictOptions, type ManagedQueueOptions, Manager } from "./manager.ts";
export type { DictChange, WatchOptions } from "./dict_watch.ts";
export { type Namespace, namespace, type NamespaceFace } from "./namespace.ts";
export { PriorityQueue } from "./priority_queue.ts";
export { LifoQueue, OrderedQueue, Queue } from "./queue.ts";
export type { PriorityOptions, PrioritySyncOptions, PriorityWaitOptions, QueueOptions } from "./queue_options.ts";
export { type DictKey, SharedDict } from "./shared_dict.ts";
export { SharedList } from "./shared_list.ts";
