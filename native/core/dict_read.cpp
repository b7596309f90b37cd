// Reading a dict without its lock.
//
// A reader notes the sequence of the shard while it is even, finds the key, copies the value, and believes the copy
// when the sequence is still the same: then no bucket was replaced and no node given back meanwhile, so all that it saw
// belonged together (stripe.cpp). It writes nothing that is shared. After kTries it takes the stripe; so it does
// - while a dead writer has left the sequence odd: whoever takes the stripe repairs that;
// - for values that name objects, which are attached for the reader (value_objects.cpp);
// - for large values, which would be copied in vain again and again while others write; how large they are he sees
//   without it;
// - where the least recently used entry goes, as each access leaves its mark in the node.
//
// A number is replaced in place, by one store of 8 bytes, with the sequence untouched: readers see the old or the new.
#include "dict_index.hpp"
#include "dict_time.hpp"
#include "futex.hpp"

namespace lockstep {
namespace {

constexpr int kTries = 64;
constexpr std::uint32_t kLargeValue = 16 * 1024;

bool needs_lock(const Node& node) noexcept {
  return node.value_length > kLargeValue || node.value_kind() == ValueKind::kWithObjects;
}

Status read_once(const Segment& segment, DictShard& shard, const Key& key, ValueCopy* result) noexcept {
  const Found found = find_key(segment, shard, key);
  if (found.is_corrupt) return Status::kCorrupt;
  if (!found.node || is_over(found.node)) return Status::kNotFound;
  if (result == nullptr) return Status::kOk;
  if (needs_lock(found.node) && !result->leaves(found.node.value_length)) return Status::kUnavailable;
  return result->take(found.node.value_kind(), found.node.value(), found.node.value_length) ? Status::kOk
                                                                                            : Status::kFull;
}

Status read_locked(const Reference& dict, std::uint32_t index, const Key& key, ValueCopy* result) noexcept {
  StripeWork work(dict.me, stripe_of_shard(dict, index));
  DictShard& shard = shard_at(*dict.object, index);
  const Found found = find_key(work.segment(), shard, key);
  if (found.is_corrupt) return Status::kCorrupt;
  if (!found.node || is_over(found.node)) return Status::kNotFound;
  if (dict_evicts(dict.object->parameter.load())) {
    const std::uint32_t now = shard.clock.load() + 1;
    shard.clock.store_release(now);
    found.node.head->used.store_release(now);
  }
  if (result == nullptr) return Status::kOk;
  result->version = found.node.head->version.load();
  return copy_value(work, found.node.stored(), *result);
}

// kUnavailable: no answer without the lock.
Status read_unlocked(const Segment& segment, DictShard& shard, const Key& key, ValueCopy* result) noexcept {
  for (int i = 0; i < kTries; ++i, cpu_relax()) {
    const std::uint32_t before = shard.sequence.load();
    if (before % 2 == 1) continue;
    const Status read = read_once(segment, shard, key, result);
    if (read == Status::kUnavailable) return read;
    if (shard.sequence.load() == before) return read;
  }
  return Status::kUnavailable;
}

Status read(const Reference& dict, const Key& key, ValueCopy* result) noexcept {
  const std::uint32_t index = shard_of(*dict.object, key.hash);
  if (!dict_evicts(dict.object->parameter.load())) {
    const Status read = read_unlocked(*dict.me.segment, shard_at(*dict.object, index), key, result);
    if (read != Status::kUnavailable) return read;
  }
  return read_locked(dict, index, key, result);
}

}  // namespace

Status dict_get(const Reference& dict, const Key& key, ValueCopy& result) noexcept { return read(dict, key, &result); }

Status dict_get_versioned(const Reference& dict, const Key& key, ValueCopy& result) noexcept {
  return read_locked(dict, shard_of(*dict.object, key.hash), key, &result);
}

bool dict_has(const Reference& dict, const Key& key) noexcept { return read(dict, key, nullptr) == Status::kOk; }

}  // namespace lockstep
