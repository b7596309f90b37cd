// Index of a dict: extendible hashing.
//
//     tag of a key    31 .. 28 | 27 .................. 0
//                     shard    | first `depth` bits: which bucket; all 32: the place in it
//
// A shard has a directory of 2^depth links. A bucket whose own depth is smaller stands in several of them. It grows
// from 6 to 254 places; then it is split by the next bit of the tag, and when its depth was that of the directory, the
// directory doubles (dict_renewal.cpp). So no change moves more than one bucket, however large the dict, and a walk in
// the order of the tags meets every entry once, however much the dict grows meanwhile (dict_walk.cpp).
//
// Readers without the stripe may look at any word of what has been replaced at any time. What they find is bounded by
// the checks here, and counts only when the sequence of the shard has not moved since they began.
//
// Source: R. Fagin, J. Nievergelt, N. Pippenger, H. R. Strong, "Extendible hashing", 1979.
#include "dict_index.hpp"

#include "dict_bucket.hpp"

namespace lockstep {
namespace {

bool is_key(const Node& node, const Key& key) noexcept {
  return node.key_kind() == key.kind && node.key_length() == key.length && is_same(node.key(), key.bytes, key.length);
}

}  // namespace

Bucket checked_bucket(const Segment& segment, BucketLink link) noexcept {
  const std::uint32_t size = link & kSizeBits;
  if (size >= kBucketSizes) return {};
  auto* const head = segment.checked<BucketHead>(offset_of_bucket(link), kBucketBytes[size]);
  return head == nullptr ? Bucket{} : Bucket{head, places_in(kBucketBytes[size])};
}

Node checked_node(const Segment& segment, Offset offset) noexcept {
  auto* const head = segment.checked<NodeHead>(offset);
  if (head == nullptr) return {};
  const Node node{head, head->shape.load(), head->value_length.load()};
  const bool is_whole = segment.checked<NodeHead>(offset, node_size(node.key_length(), node.value_length)) != nullptr;
  return is_whole && static_cast<std::uint32_t>(node.value_kind()) < kValueKinds ? node : Node{};
}

Directory checked_directory(const Segment& segment, Word& at, std::uint32_t depth) noexcept {
  if (depth == 0) return {&at, 0};
  if (depth > kMaxDepth) return {};
  return {segment.checked<Word>(at.load(), std::uint64_t{sizeof(Word)} << depth), depth};
}

Bucket find_bucket(const Segment& segment, DictShard& shard, std::uint32_t tag, bool* corrupt) noexcept {
  *corrupt = false;
  if (shard.directory.load() == 0) return {};
  const Directory directory = checked_directory(segment, shard.directory, shard.depth.load());
  *corrupt = true;
  if (directory.entries == nullptr) return {};
  const Bucket bucket = checked_bucket(segment, directory.entries[entry_of(tag, directory.depth)].load());
  *corrupt = !bucket;
  return bucket;
}

// Every call of a dict comes through here, so what it calls is inlined.
[[gnu::flatten]] Found find_key(const Segment& segment, DictShard& shard, const Key& key) noexcept {
  Found found;
  const std::uint32_t tag = tag_of(key.hash);
  found.bucket = find_bucket(segment, shard, tag, &found.is_corrupt);
  if (!found.bucket) return found;
  const Bucket& bucket = found.bucket;
  std::uint32_t place = first_place(tag, bucket.size);
  for (std::uint32_t i = 0; i < bucket.size; ++i, place = bucket.next(place)) {
    const std::uint32_t seen = bucket.hash(place).load();
    if (found.is_fresh) found.place = place;
    if (seen == 0) return found;
    if (seen == kRemoved) found.is_fresh = false;  // the first of these would do
    if (seen != tag) continue;
    const Node node = checked_node(segment, bucket.node(place).load());
    if (!node) break;
    if (is_key(node, key)) return found.place = place, found.node = node, found;
  }
  return found.is_corrupt = true, found;  // a node outside, or no place without a hash: make_room() leaves some
}

}  // namespace lockstep
