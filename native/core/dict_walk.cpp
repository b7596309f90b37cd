// Walking through a dict while others change it.
//
// A cursor is shard << 28 | position, the position of an entry being the bits of its tag below those of the shard. A
// bucket covers a range of positions: those that begin with the bits which its keys have in common. One step copies,
// under the stripe, the entries of the bucket that covers the cursor, and moves the cursor to the end of its range. A
// split makes two ranges of one, and nothing else ever moves an entry, so a step misses no entry and meets none again.
// A walk of n entries holds no lock for longer than it takes to copy some 190.
#include "dict_entry.hpp"

namespace lockstep {
namespace {

constexpr std::uint32_t kPositionBits = 32 - kShardBits;
constexpr std::uint32_t kPositions = 1u << kPositionBits;

struct Step {
  Bucket bucket;
  std::uint32_t end;  // of its range
};

Step step_at(const Segment& segment, DictShard& shard, std::uint32_t position) noexcept {
  bool corrupt = false;
  const Bucket bucket = find_bucket(segment, shard, position, &corrupt);
  const std::uint32_t depth = bucket ? bucket.depth() : kMaxDepth + 1;
  if (depth > kMaxDepth) return {{}, kPositions};
  const std::uint32_t range = kPositions >> depth;
  return {bucket, position / range * range + range};
}

template <typename Visit>
void for_each_node(const Segment& segment, const Bucket& bucket, Visit visit) {
  for (std::uint32_t place = 0; place < bucket.size; ++place) {
    const std::uint32_t tag = bucket.hash(place).load();
    const Offset offset = tag == 0 ? 0 : bucket.node(place).load();
    const Node node = offset == 0 ? Node{} : checked_node(segment, offset);
    if (node && !is_over(node) && !visit(tag, place, node)) return;
  }
}

Status copy_entry(StripeWork& work, const Node& node, KeyCopy* key, ValueCopy* value) noexcept {
  value->version = node.head->version.load();
  if (!key->take(node.key_kind(), node.key(), node.key_length())) return Status::kFull;
  return copy_value(work, node.stored(), *value);
}

// Removes an entry of the shard that is as good as any other.
Status take_one(StripeWork& work, DictShard& shard, KeyCopy* key, ValueCopy* value) noexcept {
  const ShardWork at{work, shard, false};
  Status taken = Status::kNotFound;
  for_each_bucket(work.segment(), shard, [&](const Bucket& bucket) {
    if (taken != Status::kNotFound) return;
    for_each_node(work.segment(), bucket, [&](std::uint32_t, std::uint32_t place, const Node& node) {
      taken = copy_entry(work, node, key, value);
      if (taken == Status::kOk) remove_entry(at, bucket, place, node);
      return false;
    });
  });
  work.commit();
  return taken;
}

}  // namespace

bool dict_walk(const Reference& dict, std::uint64_t* cursor, std::vector<KeyCopy>& keys) {
  if (*cursor / kPositions >= shard_count(*dict.object)) return false;
  const auto index = static_cast<std::uint32_t>(*cursor / kPositions);
  const auto position = static_cast<std::uint32_t>(*cursor % kPositions);
  DictShard& shard = shard_at(*dict.object, index);
  StripeWork work(dict.me, stripe_of_shard(dict, index));
  const Step step = step_at(work.segment(), shard, position);
  if (step.bucket) {
    for_each_node(work.segment(), step.bucket, [&](std::uint32_t tag, std::uint32_t, const Node& node) {
      KeyCopy key;
      const bool is_ahead = tag % kPositions >= position;
      if (is_ahead && key.take(node.key_kind(), node.key(), node.key_length())) keys.push_back(std::move(key));
      return true;
    });
  }
  *cursor = std::uint64_t{index} * kPositions + step.end;
  return true;
}

std::uint64_t dict_size(const Reference& dict) noexcept {
  std::uint64_t size = 0;
  for (std::uint32_t index = 0; index < shard_count(*dict.object); ++index) {
    DictShard& shard = shard_at(*dict.object, index);
    if (shard.expiring.load() == 0) {
      size += shard.count.load();
      continue;
    }
    StripeWork work(dict.me, stripe_of_shard(dict, index));
    free_all_over({work, shard, false});
    size += shard.count.load();
  }
  return size;
}

Status dict_take_any(const Reference& dict, KeyCopy* key, ValueCopy* value) noexcept {
  const std::uint32_t shards = shard_count(*dict.object);
  for (std::uint32_t i = 0; i < shards; ++i) {
    const std::uint32_t index = (slot_of(dict.me.id) + i) % shards;  // so that several do not meet
    DictShard& shard = shard_at(*dict.object, index);
    if (shard.count.load() == 0) continue;
    StripeWork work(dict.me, stripe_of_shard(dict, index));
    const Status taken = take_one(work, shard, key, value);
    if (taken != Status::kNotFound) return taken;
  }
  return Status::kNotFound;
}

}  // namespace lockstep
