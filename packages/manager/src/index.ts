/**
 * Containers that unrelated processes share without a server: dicts, lists and namespaces, which stay whole whatever
 * process dies at whatever instruction.
 *
 * @module
 */
export { attach } from "./attach.ts";
export type { ComputeOptions, DictOptions, EntryOptions } from "./dict_options.ts";
export { type ManagedDictOptions, Manager } from "./manager.ts";
export { type Namespace, namespace, type NamespaceFace } from "./namespace.ts";
export { type DictKey, SharedDict } from "./shared_dict.ts";
export { SharedList } from "./shared_list.ts";
