// Changes of a dict, for those who watch it. Protocol and proof: dict_changes.cpp.
#pragma once

#include "dict_index.hpp"

namespace lockstep {

/// How far a watcher has looked, for each shard.
struct ChangesSeen {
  std::uint64_t until[kShards];
};
constexpr std::uint64_t kNotWatched = UINT64_MAX;

/// Notes that the entry of this node is about to change; counts with the commit. Nothing but a load while nobody has
/// ever watched the dict. Once for each commit. True when it was noted.
inline bool note_change(StripeWork& work, DictShard& shard, const Node& node) noexcept;
/// The same for all entries of the shard.
inline void note_reset(StripeWork& work, DictShard& shard) noexcept;

/// Watches from now on: all of the dict, or the part in which a key is. kOk, kFull.
Status changes_begin(const Reference& dict, const Key* only, ChangesSeen* seen) noexcept;
/// Appends the keys that have changed since, some of them more than once. kOk; kUnavailable when there are none; kBound
/// when there were more than could be kept, so that each key may have changed.
Status changes_take(const Reference& dict, ChangesSeen* seen, std::vector<KeyCopy>& keys);
/// Whether it is worth while to take: kOk, kUnavailable. Never sleeps.
Status changes_look(const Reference& dict, const ChangesSeen& seen) noexcept;
/// The same, and arms the isolate's bell when it is kUnavailable. Else the bell is not armed any more.
Status changes_arm(const Reference& dict, const ChangesSeen& seen) noexcept;
/// No promise of this isolate waits for changes of this dict any more.
void changes_disarm(const Reference& dict) noexcept;

/// Bytes of what the changes of each shard are kept in.
std::uint32_t ring_bytes(const Object& dict) noexcept;

bool note_in_ring(StripeWork& work, DictShard& shard, const Node& node) noexcept;
void reset_ring(StripeWork& work, DictShard& shard) noexcept;

inline bool note_change(StripeWork& work, DictShard& shard, const Node& node) noexcept {
  return shard.changes.load() != 0 && note_in_ring(work, shard, node);
}
inline void note_reset(StripeWork& work, DictShard& shard) noexcept {
  if (shard.changes.load() != 0) reset_ring(work, shard);
}

}  // namespace lockstep
