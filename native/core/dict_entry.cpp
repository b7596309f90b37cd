#include "dict_entry.hpp"

#include <bit>

#include "dict_changes.hpp"

namespace lockstep {
namespace {

constexpr std::uint32_t kLooks = 8;         // places that a write looks at for entries whose time is over
constexpr std::uint32_t kCandidates = 16;   // entries among which the least recently used is looked for
constexpr std::uint32_t kSmallBucket = 62;  // looked through whole

constexpr std::uint32_t shape_of(const Key& key, const Value& value) noexcept {
  return static_cast<std::uint32_t>(key.kind) | static_cast<std::uint32_t>(value.kind) << 4 | key.length << 16;
}

Node fill(const ShardWork& at, Offset offset, const Key& key, const Value& value) noexcept {
  auto* const head = reinterpret_cast<NodeHead*>(at.work.segment().bytes(offset));
  const std::uint32_t now = at.tick();
  head->shape.store_release(shape_of(key, value));
  head->value_length.store_release(value.length);
  head->version.store_release(now);
  head->used.store_release(now);
  const Node node{head, shape_of(key, value), value.length};
  copy_in(node.key(), key.bytes, key.length);
  copy_in(node.value(), value.bytes, value.length);
  return node;
}

void count_times(const ShardWork& at, bool before, bool after) noexcept {
  if (before != after) at.work.set(at.shard.expiring, at.shard.expiring.load() + after - before);
}

// The node of a place; none where there is none, or nothing sound.
Node node_at(const ShardWork& at, const Bucket& bucket, std::uint32_t place) noexcept {
  if (bucket.hash(place).load() == 0) return {};
  const Offset offset = bucket.node(place).load();
  return offset == 0 ? Node{} : checked_node(at.work.segment(), offset);
}

struct Victim {
  Bucket bucket;
  std::uint32_t place = 0;
  Node node;
};

// The least recently used of the entries of a small bucket, or of some of a large one.
Victim find_victim(const ShardWork& at, const Bucket& bucket, std::uint32_t start) noexcept {
  Victim oldest;
  std::uint32_t place = start % bucket.size, candidates = 0;
  for (std::uint32_t i = 0; i < bucket.size; ++i, place = bucket.next(place)) {
    if (candidates == kCandidates && bucket.size > kSmallBucket) break;
    const Node node = node_at(at, bucket, place);
    if (!node) continue;
    ++candidates;
    const std::uint32_t used = node.head->used.load();
    const bool is_older = !oldest.node || static_cast<std::int32_t>(used - oldest.node.head->used.load()) < 0;
    if (is_older) oldest = {bucket, place, node};
  }
  return oldest;
}

}  // namespace

Status store_entry(const ShardWork& at, const Found& found, const DictEntry& entry, std::uint64_t expires) noexcept {
  StripeWork& work = at.work;
  const auto& [key, value] = entry;
  const Offset offset = take_block(work, node_size(key.length, value.length));
  if (offset == 0) return Status::kFull;
  const Node node = fill(at, offset, key, value);
  node.head->expires.store_release(expires);
  const Status kept = keep_objects(work, node.stored());
  if (kept != Status::kOk) return kept;
  work.shut(at.shard.sequence);
  work.set(found.bucket.node(found.place), offset);
  note_change(work, at.shard, checked_node(work.segment(), offset));
  count_times(at, found.node && found.node.expires() != 0, expires != 0);
  if (found.node) {
    give_value(work, work.segment().offset_of(found.node.head), found.node.stored());
  } else {
    work.set(found.bucket.hash(found.place), tag_of(key.hash));
    if (found.is_fresh) work.set(found.bucket.head->used, found.bucket.head->used.load() + 1);
    work.set(at.shard.count, at.shard.count.load() + 1);
  }
  return Status::kOk;
}

void replace_number(const ShardWork& at, const Node& node, double number) noexcept {
  const std::uint32_t now = at.tick();
  if (note_change(at.work, at.shard, node)) at.work.commit();
  node.head->used.store_release(now);
  node.head->version.store_release(now);  // before the value: who has read the old one must not replace the new one
  node.value()->store_release(std::bit_cast<std::uint64_t>(number));
}

void remove_entry(const ShardWork& at, const Bucket& bucket, std::uint32_t place, const Node& node) noexcept {
  at.work.shut(at.shard.sequence);
  note_change(at.work, at.shard, node);
  at.work.set(bucket.hash(place), kRemoved);
  at.work.set(bucket.node(place), 0);
  at.work.set(at.shard.count, at.shard.count.load() - 1);
  count_times(at, node.expires() != 0, false);
  give_value(at.work, at.work.segment().offset_of(node.head), node.stored());
}

void free_some_over(const ShardWork& at, const Bucket& bucket) noexcept {
  if (at.shard.expiring.load() == 0) return;
  std::uint32_t place = at.shard.hand.load() % bucket.size;
  for (std::uint32_t i = 0; i < kLooks; ++i, place = bucket.next(place)) {
    const Node node = node_at(at, bucket, place);
    if (!node || !is_over(node)) continue;
    remove_entry(at, bucket, place, node);
    at.work.commit();
  }
  at.shard.hand.store_release(at.shard.hand.load() + kLooks);
}

std::uint32_t free_all_over(const ShardWork& at) noexcept {
  std::uint32_t freed = 0;
  if (at.shard.expiring.load() == 0) return freed;
  for_each_bucket(at.work.segment(), at.shard, [&](const Bucket& bucket) {
    for (std::uint32_t place = 0; place < bucket.size; ++place) {
      const Node node = node_at(at, bucket, place);
      if (!node || !is_over(node)) continue;
      remove_entry(at, bucket, place, node);
      at.work.commit();
      ++freed;
    }
  });
  return freed;
}

bool evict_one(const ShardWork& at) noexcept {
  const std::uint32_t random = at.tick() * 0x9e3779b1u;
  bool corrupt = false;
  const Bucket bucket = find_bucket(at.work.segment(), at.shard, random, &corrupt);
  Victim victim = bucket ? find_victim(at, bucket, random) : Victim{};
  for_each_bucket(at.work.segment(), at.shard, [&](const Bucket& other) {
    if (!victim.node) victim = find_victim(at, other, random);
  });
  if (!victim.node) return false;
  remove_entry(at, victim.bucket, victim.place, victim.node);
  at.work.commit();
  return true;
}

}  // namespace lockstep
