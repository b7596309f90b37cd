// What lies where in a segment, continued from layout.hpp: journals, pages and stripes.
#pragma once

#include <cstddef>
#include <cstdint>

#include "word.hpp"

namespace lockstep {

using Offset = std::uint32_t;  // bytes from the start of the segment; 0 is null
constexpr std::uint64_t kMaxCapacity = 0xffff0000;
constexpr std::uint64_t kMinCapacity = 2 << 20;
constexpr std::uint32_t kPage = 4096;

// --- transactions -----------------------------------------------------------------------------------------------
struct JournalEntry {
  Word offset;
  Word old;
};
constexpr std::uint32_t kJournalEntries = 128;

/// A lock whose holder may change many words as one: see transaction.cpp.
struct TransactionLock {
  Word word;
  Word hot;
  Word bells;  // always 0: no promise waits for this lock
  Word entries;
  JournalEntry journal[kJournalEntries];
};

// --- memory ------------------------------------------------------------------------------------------------------
/// What is known of a page of the heap, and with its first page of a whole run: see pages.cpp and blocks.cpp.
struct alignas(32) PageInfo {
  Word state;           // of pages.cpp
  Word length;          // in pages
  Word next, previous;  // page index + 1; 0 is none
  Word owner;           // what the run is used for: see PageOwner
  Word blocks;          // slab: first free block + 1 : 16 | free blocks : 16
  std::uint32_t unused[2];
};
static_assert(sizeof(PageInfo) == 32);

/// What a run of pages is used for, in the low bits of PageInfo::owner.
enum class PageOwner : std::uint32_t {
  kNone = 0,
  kHeapPage = 1,
  kHeapRun = 2,
  kStripeRun = 3,
  kSlab = 4,
  kMemoryRun = 5
};

constexpr std::uint32_t kPageBins = 21;      // runs of 2^k pages and more
constexpr std::uint32_t kBlockClasses = 28;  // 16 bytes .. 4 KiB
constexpr std::uint32_t kPendingRuns = 8;
constexpr std::uint32_t kStripes = 32;

/// A share of the memory that containers use, and the lock under which its part of them changes: see stripe.cpp.
struct alignas(64) Stripe {
  Word sequence;               // offset of the sequence that is odd now; 0: none
  Word pending[kPendingRuns];  // runs that belong neither to the stripe nor to the free pages, for a moment
  Word keeping;                // Offset of the objects of a value that is being stored: see value_objects.cpp
  Word kept;                   // how many of them are counted
  Word released;               // first block of a value with objects that is not in use any more
  Word used_bytes;             // in blocks and runs that are in use
  Word claims;                 // Offset of the first Claim
  Word condemned;              // directory, or only bucket, of an index that nobody finds any more: see dict_reap.cpp
  Word condemned_depth;        // of that directory
  Word condemned_next;         // first of its entries that is not freed yet
  Word queues;                 // Offset of the first queue that owners may have taken items of: see queue_holders.cpp
  Word plan_list;              // Offset of the list of which something is still to be done: see list_plan.cpp
  Word plan_step, plan_at, plan_count;
  Word list_nodes;  // Offset of the first node of lists that nobody finds any more: see list_reap.cpp
  TransactionLock transaction;
  Word slabs[kBlockClasses];  // slabs with a free block: page index + 1
};
static_assert(sizeof(Stripe) <= 2048);

}  // namespace lockstep
