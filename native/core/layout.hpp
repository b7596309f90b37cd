// What lies where in a segment. Everything shared is declared here or in the header of its primitive, in fixed-width
// fields and offsets; kFormat folds versions and sizes into one stamp, so that unlike builds refuse each other.
//
//     0         Header                one page
//     0x1000    Process[kProcesses]   one per attached process, 64 bytes each
//     0x41000   Slot[kSlots]          one per owner (isolate or helper thread), 64 bytes each
//     0xC1000   Stripe[kStripes]      locks, journals and memory of the containers
//     0xD1000   PageInfo[]            32 bytes for each page of the heap
//     then      heap                  runs of pages: objects, and what containers hold
//
// The file is sparse: tables and heap are reserved with fallocate before their first use, so that a full file system is
// an error at the call and never a SIGBUS later. How long the page table is follows from the capacity.
#pragma once

#include <cstddef>
#include <cstdint>

#include "memory_layout.hpp"

namespace lockstep {

// --- owners -----------------------------------------------------------------------------------------------------
using OwnerId = std::uint32_t;  // incarnation:16 | slot:13, so that an id with any flag bit off is a Smi in every V8
constexpr std::uint32_t kSlotBits = 13;
constexpr std::uint32_t kSlots = 1u << kSlotBits;
constexpr std::uint32_t kIsolateSlots = 4096;                   // slots 1..4096 belong to isolates
constexpr std::uint32_t kHelperBase = kIsolateSlots + 1;        // slot kHelperBase + p: helper thread of process p
constexpr std::uint32_t kProcesses = kSlots - 2 - kHelperBase;  // the last two slots are never issued
constexpr OwnerId kIdMask = (1u << 29) - 1;
constexpr OwnerId kAbandoned = kIdMask;  // slot 0x1fff
constexpr OwnerId kGrant = kIdMask - 1;  // slot 0x1ffe
constexpr std::uint32_t slot_of(OwnerId id) noexcept { return id & (kSlots - 1); }

/// An attached process. `robust_next` and `presence` are the node that its helper thread keeps in its robust list: when
/// the process dies in any way, the kernel itself stores FUTEX_OWNER_DIED into `presence`.
struct alignas(64) Process {
  std::uint64_t robust_next;  // address in the owner's memory; meaningless to others
  Word presence;              // 0 free | thread id of the helper [| FUTEX_WAITERS] | [FUTEX_WAITERS |] FUTEX_OWNER_DIED
  Word recoverer;             // 0 | owner id of the helper that is giving the belongings of this process back
  Word bell;                  // seq:31 | asleep:1; the one word that the bell thread of the process sleeps on
  Word attachments;           // head of the list of Attachment
  std::uint32_t pid_hint;     // for people who look at a segment; nothing depends on it
  Word ending;                // 1 once it has said that it is about to end (unlink_if_last); under the file lock
  std::uint32_t unused[6];
};
constexpr std::uint32_t kPresenceFromNode = offsetof(Process, presence);
static_assert(sizeof(Process) == 64 && kPresenceFromNode == 8);

struct alignas(64) Slot {
  Word id;       // 0 free | owner id | owner id | kDying
  Word process;  // index into Process[]; set before id
  Word dirty;    // buckets in which this isolate has to look again
  Word incarnation;
  Word forwarded;  // the same, on behalf of an isolate that was rung and does not look
  std::uint32_t unused[11];
};
constexpr std::uint32_t kDying = 1u << 31;  // the isolate ended; its process' helper gives its belongings back
static_assert(sizeof(Slot) == 64);

// --- objects ----------------------------------------------------------------------------------------------------
enum class Kind : std::uint32_t {
  kNone = 0,
  kLock = 1,
  kRLock = 2,
  kRWLock = 3,
  kSemaphore = 4,
  kBoundedSemaphore = 5,
  kCondition = 6,
  kEvent = 7,
  kBarrier = 8,
  kDict = 9,
  kNamespace = 10,  // a dict that JavaScript shows as an object
  kQueue = 11,
  kLifoQueue = 12,
  kPriorityQueue = 13,
  kList = 14,
  kMemory = 15,
  kArray = 16,
  kValue = 17,
};
constexpr std::uint32_t kKinds = 18;

/// Head of every object; the words of its kind follow at kObjectHead.
struct alignas(64) Object {
  Word kind;
  Word serial;      // never reused in a segment: with the offset it makes a handle that cannot mean another object
  Word references;  // attached processes, +1 for each object whose lock it is, +1 while it has a name, +1 while kept
  Word next, previous;  // list of all objects
  Word next_in_bucket;  // chain of the name hash
  Word name;            // Offset of a Name; 0: anonymous
  Word parameter;       // what it was created with: value, limit, parties, type of elements
  Word partner;         // Condition, array, value: Offset of its lock
  Word bells;           // bit s: isolate slot s+1 has promise waiters here; bit 31: some slot above 31
  Word drain_bells;     // the same for readers to leave (RWLock), a free place (queues), changes (dicts)
  Word hot;     // 1 once anybody has waited here; never cleared, and stale is harmless: a needless wake per death
  Word reaper;  // owner id of the one that frees what a container without references holds
  Word kept;    // values in containers that name it; kForgotten once it was destroyed: see object_list.cpp
  std::uint32_t unused[2];
};
constexpr std::uint32_t kForgotten = 1u << 31;
constexpr std::uint32_t kObjectHead = 64;
static_assert(sizeof(Object) == kObjectHead);

struct Name {
  Word length;
  char bytes[4];  // really `length`
};
constexpr std::uint32_t kMaxName = 255;

/// Says that a process uses an object; doubly linked per process. Both are given back when the process dies.
struct Attachment {
  Word next, previous;
  Word object;
  Word process;
};
static_assert(sizeof(Attachment) == 16);

// --- header -----------------------------------------------------------------------------------------------------
constexpr std::uint32_t kSizeClasses = 8;  // 16 bytes .. 2 KiB; what is larger takes pages
constexpr std::uint32_t kNameBuckets = 256;
constexpr std::uint64_t kMagic = 0x70657473'6b636f6cull;  // "lockstep"
constexpr std::uint32_t kLayoutVersion = 8;

struct Header {
  std::uint64_t magic;
  std::uint32_t format;
  std::uint32_t is_private;  // belongs to a process tree and goes with its last process
  std::uint64_t capacity;
  Word registry;       // bumped when a process comes or goes; every watcher sleeps on it
  Word process_limit;  // Process[] entries with reserved memory
  Word slot_limit;     // isolate slots with reserved memory
  Word heap_end;       // reserved up to here; all of it is in the page table
  Word first_object;
  Word first_dead;  // containers without references, until what they hold is freed
  Word object_count;
  Word next_serial;
  Word bytes_in_use;  // in blocks of the object heap
  Word has_stripes;   // their memory is reserved
  Word claims;        // Offset of the dict of all claims (claim.cpp), which nothing else refers to
  Word seed[4];       // of the hash of keys; at random, never changed
  std::uint32_t unused[1];
  TransactionLock transaction;
  Word free_pages[kPageBins];  // page index + 1
  Word free_blocks[kSizeClasses];
  Word names[kNameBuckets];
};
static_assert(sizeof(Header) <= kPage);

constexpr Offset kProcessTable = kPage;
constexpr Offset kSlotTable = kProcessTable + 64 * 4096;
constexpr Offset kStripeTable = kSlotTable + sizeof(Slot) * kSlots;
constexpr std::uint32_t kStripeBytes = 2048;
constexpr Offset kPageTable = kStripeTable + kStripeBytes * kStripes;
static_assert(kProcesses <= 4096 && kStripeTable % kPage == 0 && kPageTable % kPage == 0);

/// Where the heap of a segment of this capacity begins.
constexpr Offset heap_start_of(std::uint64_t capacity) noexcept {
  const std::uint64_t table = (capacity / kPage * sizeof(PageInfo) + kPage - 1) / kPage * kPage;
  return static_cast<Offset>(kPageTable + table);
}
static_assert(heap_start_of(kMinCapacity) < kMinCapacity / 2);

/// Anything that changes what two processes must agree on changes this stamp.
constexpr std::uint32_t kFormat =
    (kLayoutVersion << 24) ^
    static_cast<std::uint32_t>(sizeof(Header) * 31 + sizeof(Process) * 37 + sizeof(Slot) * 41 + sizeof(Object) * 43 +
                               sizeof(Stripe) * 47 + kPageTable * 3 + kSlotBits);

}  // namespace lockstep
