// The tasks that every executor and pool runs in `tasks`: piscina, tinypool and ours import them by name, workerpool
// has them registered by task_peer_workerpool.ts.

/** The least that a task can do. */
export function identity(value: unknown): unknown {
  return value;
}

/** What tinypool calls: it knows no names in processes. */
export default identity;
