// Entries of a dict under its stripe: stored, removed, chosen to go.
#pragma once

#include "dict_time.hpp"

namespace lockstep {

/// A shard whose stripe the caller has.
struct ShardWork {
  StripeWork& work;
  DictShard& shard;
  bool evicts;

  std::uint32_t tick() const noexcept {
    const std::uint32_t now = shard.clock.load() + 1;
    shard.clock.store_release(now);
    return now;
  }
};

/// Stores a value under a key, in place of the node that was found or in a place that is free. Not committed. kFull,
/// kGone.
Status store_entry(const ShardWork& at, const Found& found, const DictEntry& entry, std::uint64_t expires) noexcept;
/// Changes a number that is there. By one store of 8 bytes, so that it needs neither commit nor sequence; nothing that
/// is not committed may be under way.
void replace_number(const ShardWork& at, const Node& node, double number) noexcept;
/// Takes the entry out and gives its node back. Not committed.
void remove_entry(const ShardWork& at, const Bucket& bucket, std::uint32_t place, const Node& node) noexcept;

/// Frees some entries near `bucket` whose time is over, if there are any, in a commit of its own.
void free_some_over(const ShardWork& at, const Bucket& bucket) noexcept;
/// Frees all entries of the shard whose time is over; how many there were.
std::uint32_t free_all_over(const ShardWork& at) noexcept;
/// Removes an entry that was not used for long, in a commit of its own. False when there is none.
bool evict_one(const ShardWork& at) noexcept;

}  // namespace lockstep
