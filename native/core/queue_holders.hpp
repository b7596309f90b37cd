// What owners have taken of a queue and not done. Protocol and proof: queue_holders.cpp.
#pragma once

#include "queue_items.hpp"

namespace lockstep {

constexpr std::uint64_t kHolderChunkBytes = kChunkHolders * sizeof(Holder);

/// Notes that the caller has taken the item, which is out of the list or heap already, and keeps it or frees it. False
/// when it has to be kept and there is no memory to note it. Not committed.
bool note_taken(const QueueWork& at, Offset item) noexcept;
/// As queue_task_done(), in commits of its own.
Status note_done(const QueueWork& at, std::uint32_t count) noexcept;
/// As queue_end(), in one commit.
Status end_one(const QueueWork& at, Offset item) noexcept;
/// Frees what owners hold still, and where that is noted, for the last user of the queue; false when nothing is left.
bool reap_holders(const QueueWork& at) noexcept;

// Parts of these, and of recovery (queue_recovery.cpp). None commits.
/// Null where its chunk was not made.
Holder* find_holder(const QueueWork& at, std::uint32_t slot) noexcept;
void reset_holder(const QueueWork& at, Holder& holder, OwnerId owner) noexcept;
/// The oldest item of the holder, 0 when there is none; its count is the caller's business.
Offset take_from_holder(const QueueWork& at, Holder& holder) noexcept;
/// Counts items as done; of no holder when it is null.
void end_items(const QueueWork& at, Holder* holder, std::uint32_t count) noexcept;
/// Frees the oldest item of the holder and counts it as done. False, and nothing happens, when there is none.
bool end_oldest(const QueueWork& at, Holder& holder) noexcept;

/// Calls `visit(holder)` for each, until it returns false.
template <typename Visit>
void for_each_holder(const QueueWork& at, Visit visit) noexcept {
  for (std::uint32_t chunk = 0; chunk < kHolderChunks; ++chunk) {
    Holder* const holders = find_holder(at, chunk * kChunkHolders);
    for (std::uint32_t i = 0; holders != nullptr && i < kChunkHolders; ++i) {
      if (!visit(holders[i])) return;
    }
  }
}

}  // namespace lockstep
