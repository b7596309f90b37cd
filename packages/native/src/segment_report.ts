/** Figures of a joined segment. */
export interface SegmentStats {
  /** Upper bound in bytes. */
  capacity: number;
  /** Bytes that the file system has really given. */
  reserved: number;
  /** Bytes in blocks that are in use. */
  used: number;
  /** Objects that exist. */
  objects: number;
  /** Processes that use it now. */
  processes: number;
  /** Isolates that use it now. */
  owners: number;
}

/** What `verifySegment` has found. `used`, `free` and `tables` add up to `reserved`. */
export interface VerifyReport {
  /** What breaks a rule, a sentence each that names the object or the part of the segment; the first 64. */
  findings: string[];
  /** Objects that live there, and those whose memory is just being freed. */
  objects: number;
  /** Dicts, namespaces and queues among them, one that the segment keeps for itself included. */
  containers: number;
  /** Entries and items of all containers. */
  entries: number;
  /** Pieces of memory that are taken, by objects and by what containers hold. */
  blocks: number;
  /** Bytes in those. */
  used: number;
  /** Bytes that are ready to be taken. */
  free: number;
  /** Bytes of the tables in front, and those that no piece fits into. */
  tables: number;
  /** Bytes of memory taken from the system. */
  reserved: number;
}
