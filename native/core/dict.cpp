// Dict.
//
// PROTOCOL. A dict without a limit, or with a large one, has 16 shards by the hash of the key, another one. Each has a
// stripe (stripe.cpp), under which it changes, an index (dict_index.cpp) and a sequence for readers (dict_read.cpp).
// What an entry holds is a node that never changes after it was published; a new value is a new node.
//
//     step       change                                                        for others
//     store      a node is taken and filled; then one word of a bucket, as     whole or not: the stripe's commit, and
//                part of the stripe's transaction, and the old node is given   the sequence for those who do not wait
//                back
//     add        a number is replaced in place; version first                  one store of 8 bytes
//     remove     the word of the bucket -> 0, the node is given back           as store
//     clear      the index leaves the shard by one commit; what it holds is    as store, for each shard
//                freed afterwards (dict_reap.cpp)
//
// CONDITIONS (absent, version, same value) are judged under the stripe, so that of several one wins.
//
// TIME. An entry whose time is over is not there for anybody from that nanosecond on. Its memory comes back with the
// next write of its key, with one that comes by (each looks at a few places near its own), or when memory or places run
// out.
//
// WHEN A PROCESS DIES in any of these, the next one that takes the stripe finds it done or not begun.
#include "dict.hpp"

#include <cstring>

#include "dict_condition.hpp"
#include "dict_entry.hpp"
#include "hash.hpp"

namespace lockstep {
namespace {

Status tell_present(StripeWork& work, const Node& present, ValueCopy* result) noexcept {
  if (!present) return Status::kNotFound;
  if (result == nullptr) return Status::kUnavailable;
  result->version = present.head->version.load();
  const Status copied = copy_value(work, present.stored(), *result);
  return copied == Status::kOk ? Status::kUnavailable : copied;
}

bool is_at_limit(const Object& dict, const DictShard& shard) noexcept {
  const std::uint32_t most = dict_max_entries(dict.parameter.load());
  if (most == 0) return false;
  if (most <= kMaxExactEntries) return shard.count.load() >= most;
  std::uint64_t count = 0;
  for (std::uint32_t i = 0; i < shard_count(dict); ++i) count += shard_at(dict, i).count.load();
  return count >= most;
}

// A new entry needs a place within the limit.
Status admit(const ShardWork& at, const Object& dict) noexcept {
  if (!is_at_limit(dict, at.shard)) return Status::kOk;
  if (free_all_over(at) > 0) return Status::kOk;
  if (!at.evicts) return Status::kBound;
  evict_one(at);  // a large dict may be at its limit without an entry in this shard: then it has one more for a while
  return Status::kOk;
}

bool is_number(ValueKind kind, std::uint32_t length) noexcept {
  return kind == ValueKind::kNumber && length == sizeof(double);
}

Status store_once(const ShardWork& at, const DictEntry& entry, std::uint64_t expires) noexcept {
  Found found = find_key(at.work.segment(), at.shard, entry.key);
  if (!found.is_corrupt && !found.node && (!found.bucket || found.is_fresh)) {
    const Status room = make_room(at.work, at.shard, tag_of(entry.key.hash));
    if (room != Status::kOk) return room;
    found = find_key(at.work.segment(), at.shard, entry.key);
  }
  if (found.is_corrupt || !found.bucket) return Status::kCorrupt;
  if (found.node && is_number(found.node.value_kind(), found.node.value_length) &&
      is_number(entry.value.kind, entry.value.length) && found.node.expires() == 0 && expires == 0) {
    double number;
    std::memcpy(&number, entry.value.bytes, sizeof number);
    return replace_number(at, found.node, number), Status::kOk;
  }
  const Status stored = store_entry(at, found, entry, expires);
  if (stored != Status::kOk) return at.work.rollback(), stored;
  at.work.commit();
  free_some_over(at, found.bucket);
  return Status::kOk;
}

// When there is no room: what is over, then what was not used for long, makes some.
Status store(const ShardWork& at, const DictEntry& entry, std::uint64_t expires) noexcept {
  Status stored = store_once(at, entry, expires);
  if (stored == Status::kFull && free_all_over(at) > 0) stored = store_once(at, entry, expires);
  while (stored == Status::kFull && at.evicts && evict_one(at)) stored = store_once(at, entry, expires);
  return stored;
}

ShardWork work_at(StripeWork& work, const Reference& dict, std::uint32_t index) noexcept {
  return {work, shard_at(*dict.object, index), dict_evicts(dict.object->parameter.load())};
}

Status set(const Reference& dict, const DictEntry& entry, const DictStore& how, ValueCopy* present) noexcept {
  const Key& key = entry.key;
  const std::uint32_t index = shard_of(*dict.object, key.hash);
  StripeWork work(dict.me, stripe_of_shard(dict, index));
  const ShardWork at = work_at(work, dict, index);
  const Found found = find_key(work.segment(), at.shard, key);
  if (found.is_corrupt) return Status::kCorrupt;
  const Node live = found.node && !is_over(found.node) ? found.node : Node{};
  if (!holds(how, live)) return tell_present(work, live, present);
  const Status admitted = found.node ? Status::kOk : admit(at, *dict.object);
  if (admitted != Status::kOk) return admitted;
  const std::uint64_t expires = how.keeps_time && live ? live.expires() : end_of(how.ttl_ns);
  return store(at, entry, expires);
}

Status add(const Reference& dict, const Key& key, double* number, std::int64_t ttl_ns) noexcept {
  const std::uint32_t index = shard_of(*dict.object, key.hash);
  StripeWork work(dict.me, stripe_of_shard(dict, index));
  const ShardWork at = work_at(work, dict, index);
  const Found found = find_key(work.segment(), at.shard, key);
  if (found.is_corrupt) return Status::kCorrupt;
  if (found.node && !is_over(found.node)) {
    if (!is_number(found.node.value_kind(), found.node.value_length)) return Status::kMismatch;
    *number += number_at(found.node);
    return replace_number(at, found.node, *number), Status::kOk;
  }
  const Status admitted = found.node ? Status::kOk : admit(at, *dict.object);
  if (admitted != Status::kOk) return admitted;
  const Value value{ValueKind::kNumber, sizeof *number, number};
  return store(at, {key, value}, end_of(ttl_ns));
}

}  // namespace

Key make_key(const Segment& segment, KeyKind kind, const std::uint64_t* bytes, std::uint32_t length) noexcept {
  return {kind, length, bytes, hash_of(segment, static_cast<std::uint32_t>(kind), bytes, length)};
}

Status dict_set(const Reference& dict, const DictEntry& entry, const DictStore& how, ValueCopy* present) noexcept {
  const Status done = set(dict, entry, how, present);
  return done == Status::kFull && trim_stripes(dict.me) ? set(dict, entry, how, present) : done;
}

Status dict_add(const Reference& dict, const Key& key, double* number, std::int64_t ttl_ns) noexcept {
  const Status done = add(dict, key, number, ttl_ns);
  return done == Status::kFull && trim_stripes(dict.me) ? add(dict, key, number, ttl_ns) : done;
}

Status dict_take(const Reference& dict, const Key& key, std::uint32_t version, ValueCopy* taken) noexcept {
  const std::uint32_t index = shard_of(*dict.object, key.hash);
  StripeWork work(dict.me, stripe_of_shard(dict, index));
  const ShardWork at = work_at(work, dict, index);
  const Found found = find_key(work.segment(), at.shard, key);
  if (found.is_corrupt) return Status::kCorrupt;
  if (!found.node) return Status::kNotFound;
  const bool is_there = !is_over(found.node);
  if (is_there && version != 0 && version != found.node.head->version.load()) return Status::kUnavailable;
  const Status copied = is_there && taken != nullptr ? copy_value(work, found.node.stored(), *taken) : Status::kOk;
  if (copied != Status::kOk) return copied;
  remove_entry(at, found.bucket, found.place, found.node);
  work.commit();
  return is_there ? Status::kOk : Status::kNotFound;
}

}  // namespace lockstep
