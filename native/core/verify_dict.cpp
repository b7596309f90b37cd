// The index of a dict, as dict_index.cpp has it: also of one that is being freed.
#include "dict_bucket.hpp"
#include "dict_changes.hpp"
#include "hash.hpp"
#include "verify_state.hpp"

namespace lockstep {
namespace {

/// An index that is looked at: of a shard, or condemned.
struct Index {
  Inspection& inspection;
  Segment& segment;
  std::uint32_t stripe;
  const Object* dict;  // null of a condemned one
  std::uint32_t shard;
  std::uint32_t count = 0, expiring = 0;
};

// The key is found where it is, and only there.
void inspect_key(const Index& index, const Node& node, Offset offset, std::uint32_t tag) {
  std::vector<std::uint64_t> bytes(node.key_length() / 8 + 1);
  copy_out(node.key(), bytes.data(), node.key_length());
  const auto kind = static_cast<std::uint32_t>(node.key_kind());
  Inspection& inspection = index.inspection;
  if (!inspection.expect(kind >= 1 && kind <= 5, "entry %x: no such kind of key: %u", offset, kind)) return;
  const Key key = make_key(index.segment, node.key_kind(), bytes.data(), node.key_length());
  const bool is_here = tag_of(key.hash) == tag && shard_of(*index.dict, key.hash) == index.shard;
  if (!inspection.expect(is_here, "entry %x: its key belongs elsewhere", offset)) return;
  const Found found = find_key(index.segment, shard_at(*index.dict, index.shard), key);
  inspection.expect(found.node.head == node.head, "entry %x: its key does not lead to it", offset);
}

void inspect_entry(Index& index, std::uint32_t tag, Offset offset) {
  const Node node = checked_node(index.segment, offset);
  if (!index.inspection.expect(static_cast<bool>(node), "entry %x is none", offset)) return;
  const BlockClaim claim{offset, node_size(node.key_length(), node.value_length), index.stripe, "entry"};
  if (!index.inspection.claim(claim)) return;
  index.inspection.add_named(node.stored());
  if (index.dict == nullptr) return;
  ++index.count;
  index.expiring += node.expires() != 0;
  inspect_key(index, node, offset, tag);
}

void inspect_bucket(Index& index, const Bucket& bucket, Offset offset) {
  std::uint32_t used = 0;
  for (std::uint32_t place = 0; place < bucket.size; ++place) {
    const std::uint32_t tag = bucket.hash(place).load();
    if (tag == 0) continue;
    ++used;
    const Offset node = bucket.node(place).load();
    index.inspection.expect((node == 0) == (tag == kRemoved) || index.dict == nullptr, "bucket %x: half an entry",
                            offset);
    if (node != 0) inspect_entry(index, tag, node);
  }
  const std::uint32_t counted = bucket.head->used.load();
  index.inspection.expect(used == counted, "bucket %x: %u places used, %u counted", offset, used, counted);
  index.inspection.expect(used < bucket.size, "bucket %x: no free place", offset);
  const std::uint32_t size = bucket.head->size.load();
  index.inspection.expect(size == bucket.size, "bucket %x: of size %u, not %u", offset, size, bucket.size);
}

// Which keys a bucket has is what its place in the directory says.
void inspect_tags(const Index& index, const Bucket& bucket, std::uint32_t range) {
  for (std::uint32_t place = 0; place < bucket.size; ++place) {
    const std::uint32_t tag = bucket.hash(place).load();
    if (tag == 0 || tag == kRemoved || entry_of(tag, bucket.depth()) == range) continue;
    return index.inspection.problem("shard %u: %x is in the bucket of others", index.shard, tag);
  }
}

void inspect_buckets(Index& index, const Directory& directory, std::uint32_t from) {
  for (std::uint32_t i = from; i < 1u << directory.depth;) {
    const BucketLink link = directory.entries[i].load();
    const Offset offset = offset_of_bucket(link);
    const Bucket bucket = checked_bucket(index.segment, link);
    const std::uint32_t depth = bucket ? bucket.depth() : kMaxDepth + 1;
    if (!index.inspection.expect(depth <= directory.depth, "bucket %x is none", offset)) return;
    const std::uint32_t span = 1u << (directory.depth - depth);
    if (!index.inspection.expect(i % span == 0, "bucket %x: of depth %u at %u", offset, depth, i)) return;
    if (!index.inspection.claim({offset, bucket_bytes(bucket.size), index.stripe, "bucket"})) return;
    for (std::uint32_t j = 1; j < span; ++j) {
      index.inspection.expect(directory.entries[i + j].load() == link, "directory: %u is not as %u", i + j, i);
    }
    inspect_tags(index, bucket, i / span);
    inspect_bucket(index, bucket, offset);
    i += span;
  }
}

void inspect_index(Index& index, Word& at, std::uint32_t depth, std::uint32_t from) {
  const Directory directory = checked_directory(index.segment, at, depth);
  const bool is_there = directory.entries != nullptr && from <= 1u << directory.depth;
  if (!index.inspection.expect(is_there, "directory %x of depth %u is none", at.load(), depth)) return;
  const BlockClaim claim{at.load(), std::uint64_t{sizeof(Word)} << depth, index.stripe, "directory"};
  if (depth != 0 && !index.inspection.claim(claim)) return;
  inspect_buckets(index, directory, from);
}

void inspect_shard(Inspection& inspection, const Reference& dict, std::uint32_t number) {
  DictShard& shard = shard_at(*dict.object, number);
  const bool is_used = number < shard_count(*dict.object);
  Index index{inspection, inspection.segment, stripe_of_shard(dict, number), dict.object, number};
  inspection.expect(shard.sequence.load() % 2 == 0, "shard %u: its sequence is odd", number);
  if (shard.changes.load() != 0) {
    inspection.claim({shard.changes.load(), ring_bytes(*dict.object), index.stripe, "changes"});
  }
  if (shard.directory.load() != 0) inspect_index(index, shard.directory, shard.depth.load(), 0);
  inspection.expect(is_used || shard.directory.load() == 0, "shard %u: holds something", number);
  inspection.expect(shard.directory.load() != 0 || shard.depth.load() == 0, "shard %u: deep and empty", number);
  inspection.expect(shard.count.load() == index.count, "shard %u: %u entries, %u counted", number, index.count,
                    shard.count.load());
  inspection.expect(shard.expiring.load() == index.expiring, "shard %u: %u entries end, %u counted", number,
                    index.expiring, shard.expiring.load());
  inspection.report.entries += index.count;
}

}  // namespace

void inspect_dict(Inspection& inspection, const Reference& dict) {
  const std::uint64_t before = inspection.report.entries;
  for (std::uint32_t i = 0; i < kShards; ++i) inspect_shard(inspection, dict, i);
  const std::uint64_t entries = inspection.report.entries - before;
  const std::uint32_t most = dict_max_entries(dict.object->parameter.load());
  inspection.expect(most == 0 || most > kMaxExactEntries || entries <= most, "%llu entries, at most %u",
                    static_cast<unsigned long long>(entries), most);
}

void inspect_condemned_index(Inspection& inspection, std::uint32_t number) {
  Stripe& stripe = inspection.segment.stripe(number);
  if (stripe.condemned.load() == 0) return;
  Index index{inspection, inspection.segment, number, nullptr, 0};
  inspect_index(index, stripe.condemned, stripe.condemned_depth.load(), stripe.condemned_next.load());
}

}  // namespace lockstep
