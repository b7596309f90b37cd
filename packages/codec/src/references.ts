/**
 * How a codec tells the objects that live in shared memory from values, which are copied. Such an object is stored as
 * its handle, and whoever decodes it gets an object over the same memory.
 */
export interface SharedReferences {
  /**
   * The handle of a shared object, or undefined for any other. Arrays and most plain objects are not asked about, as
   * they can be none.
   */
  handleOf(value: object): string | undefined;
  /** The object for a handle. */
  attach(handle: string): object;
}
