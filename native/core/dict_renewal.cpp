// How buckets of a dict grow, shrink and split.
//
// A bucket is full when three quarters of its places have a hash, those included that are not in use any more. It is
// then rebuilt beside the old one, or, with many entries, as two. The new ones are filled while nobody sees them; then
// one or a few words of the directory change, or the directory is replaced whole, as a transaction of the stripe with
// the sequence shut. Killed in between, nothing has happened (stripe.cpp).
#include "dict_bucket.hpp"

namespace lockstep {
namespace {

constexpr std::uint32_t kMostPointers = 32;  // changed one by one; for more the directory is replaced

// The smallest that is at most half full.
constexpr std::uint32_t size_for(std::uint32_t entries) noexcept {
  for (const std::uint32_t bytes : kBucketBytes) {
    if (entries * 2 <= places_in(bytes)) return places_in(bytes);
  }
  return kMostPlaces;
}

struct Renewal {
  const Bucket& old;
  std::uint32_t tag;    // of any of its keys
  std::uint32_t depth;  // of the old one
  Bucket low, high;     // what takes its place; the same unless it is split

  bool is_split() const noexcept { return low.head != high.head; }
};

bool is_high(std::uint32_t tag, std::uint32_t depth) noexcept { return entry_of(tag, depth + 1) & 1; }

Bucket make_bucket(StripeWork& work, std::uint32_t entries, std::uint32_t depth) noexcept {
  const std::uint32_t size = size_for(entries + 1);
  const Offset offset = take_block(work, bucket_bytes(size));
  if (offset == 0) return {};
  const Bucket bucket{reinterpret_cast<BucketHead*>(work.segment().bytes(offset)), size};
  bucket.head->size.store_release(size);
  bucket.head->depth.store_release(depth);
  bucket.head->used.store_release(0);
  for (std::uint32_t place = 0; place < size; ++place) bucket.hash(place).store_release(0);
  return bucket;
}

void put(const Bucket& bucket, std::uint32_t tag, Offset node) noexcept {
  std::uint32_t place = first_place(tag, bucket.size);
  for (std::uint32_t i = 0; i < bucket.size && bucket.hash(place).load() != 0; ++i) place = bucket.next(place);
  bucket.hash(place).store_release(tag);
  bucket.node(place).store_release(node);
  bucket.head->used.store_release(bucket.head->used.load() + 1);
}

template <typename Visit>
void for_each_entry(const Bucket& bucket, Visit visit) noexcept {
  for (std::uint32_t place = 0; place < bucket.size; ++place) {
    const std::uint32_t tag = bucket.hash(place).load();
    const Offset node = bucket.node(place).load();
    if (tag != 0 && node != 0) visit(tag, node);
  }
}

Status replace_directory(StripeWork& work, DictShard& shard, const Renewal& renewal, std::uint32_t depth) noexcept {
  Segment& segment = work.segment();
  const Directory old = checked_directory(segment, shard.directory, shard.depth.load());
  if (old.entries == nullptr || old.depth > depth) return Status::kCorrupt;
  const Offset offset = take_block(work, std::uint64_t{sizeof(Word)} << depth);
  if (offset == 0) return Status::kFull;
  auto* const entries = reinterpret_cast<Word*>(segment.bytes(offset));
  const BucketLink replaced = link_of(segment, renewal.old);
  const BucketLink low = link_of(segment, renewal.low), high = link_of(segment, renewal.high);
  for (std::uint32_t i = 0; i < 1u << depth; ++i) {
    const BucketLink bucket = old.entries[i >> (depth - old.depth)].load();
    const bool is_second = i >> (depth - renewal.depth - renewal.is_split()) & 1;
    entries[i].store_release(bucket != replaced ? bucket : is_second ? high : low);
  }
  if (old.depth != 0) give_block(work, shard.directory.load());
  work.set(shard.directory, offset);
  work.set(shard.depth, depth);
  return Status::kOk;
}

Status change_pointers(StripeWork& work, DictShard& shard, const Renewal& renewal) noexcept {
  const Directory directory = checked_directory(work.segment(), shard.directory, shard.depth.load());
  if (directory.entries == nullptr || directory.depth < renewal.depth) return Status::kCorrupt;
  const std::uint32_t count = 1u << (directory.depth - renewal.depth);
  if (count > kMostPointers) return replace_directory(work, shard, renewal, directory.depth);
  const std::uint32_t first = entry_of(renewal.tag, directory.depth) / count * count;
  for (std::uint32_t i = 0; i < count; ++i) {
    const Bucket& renewed = i < count / 2 ? renewal.low : renewal.high;
    work.set(directory.entries[first + i], link_of(work.segment(), renewed));
  }
  return Status::kOk;
}

bool fill_one(StripeWork& work, Renewal& renewal, std::uint32_t entries) noexcept {
  renewal.low = renewal.high = make_bucket(work, entries, renewal.depth);
  if (!renewal.low) return false;
  for_each_entry(renewal.old, [&](std::uint32_t tag, Offset node) { put(renewal.low, tag, node); });
  return true;
}

bool fill_two(StripeWork& work, Renewal& renewal, std::uint32_t entries) noexcept {
  const std::uint32_t depth = renewal.depth;
  std::uint32_t high = 0;
  for_each_entry(renewal.old, [&](std::uint32_t tag, Offset) { high += is_high(tag, depth); });
  renewal.low = make_bucket(work, entries - high, depth + 1);
  renewal.high = make_bucket(work, high, depth + 1);
  if (!renewal.low || !renewal.high) return false;
  for_each_entry(renewal.old, [&](std::uint32_t tag, Offset node) {
    put(is_high(tag, depth) ? renewal.high : renewal.low, tag, node);
  });
  return true;
}

Status renew(StripeWork& work, DictShard& shard, const Bucket& old, std::uint32_t tag) noexcept {
  std::uint32_t entries = 0;
  for_each_entry(old, [&](std::uint32_t, Offset) { ++entries; });
  Renewal renewal{old, tag, old.depth(), {}, {}};
  const bool is_crowded = entries * 5 > kMostPlaces * 3;  // rebuilt as one it would soon be full again
  if (is_crowded && renewal.depth == kMaxDepth) return Status::kFull;
  const bool filled = is_crowded ? fill_two(work, renewal, entries) : fill_one(work, renewal, entries);
  if (!filled) return Status::kFull;
  work.shut(shard.sequence);
  const bool doubles = renewal.is_split() && renewal.depth == shard.depth.load();
  const Status published =
      doubles ? replace_directory(work, shard, renewal, renewal.depth + 1) : change_pointers(work, shard, renewal);
  if (published == Status::kOk) give_block(work, work.segment().offset_of(old.head));
  return published;
}

Status make_first(StripeWork& work, DictShard& shard) noexcept {
  const Bucket bucket = make_bucket(work, 0, 0);
  if (!bucket) return Status::kFull;
  work.shut(shard.sequence);
  work.set(shard.depth, 0);
  work.set(shard.directory, link_of(work.segment(), bucket));
  return Status::kOk;
}

bool has_room(const Bucket& bucket) noexcept { return (bucket.head->used.load() + 1) * 4 <= bucket.size * 3; }

// One place without a hash has to stay, at which a search ends.
bool has_little_room(const Bucket& bucket) noexcept { return bucket.head->used.load() + 1 < bucket.size; }

}  // namespace

Status make_room(StripeWork& work, DictShard& shard, std::uint32_t tag) noexcept {
  for (std::uint32_t i = 0; i <= kMaxDepth + 1; ++i) {
    bool corrupt = false;
    const Bucket bucket = find_bucket(work.segment(), shard, tag, &corrupt);
    if (corrupt) return Status::kCorrupt;
    if (bucket && has_room(bucket)) return Status::kOk;
    const Status made = bucket ? renew(work, shard, bucket, tag) : make_first(work, shard);
    if (made == Status::kOk) {
      work.commit();
      continue;
    }
    work.rollback();
    return made == Status::kFull && bucket && has_little_room(bucket) ? Status::kOk : made;
  }
  return Status::kFull;  // all its keys have the same tag
}

}  // namespace lockstep
