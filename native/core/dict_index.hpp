// The index of a dict: how a key is found, and how buckets grow. Layout and proof: dict_index.cpp.
#pragma once

#include "blocks.hpp"
#include "dict.hpp"
#include "value_objects.hpp"

namespace lockstep {

/// A part of a dict with a stripe of its own.
struct alignas(64) DictShard {
  Word sequence;   // odd while a change is under way that readers must not see half done
  Word directory;  // Offset of 2^depth BucketLinks; the BucketLink of the only bucket when depth is 0; 0: empty
  Word depth;
  Word count;     // entries, those included whose time is over
  Word clock;     // one more with each change, and with each access where the least recently used goes
  Word hand;      // where the search for entries whose time is over goes on
  Word expiring;  // entries with a time
  Word changes;   // Offset of the ring in which they are noted: see dict_changes.cpp; 0: nobody ever watched
  std::uint32_t unused[8];
};
static_assert(sizeof(DictShard) == 64);
constexpr std::uint32_t kDictWords = 64;  // before the shards, in bytes
constexpr std::uint32_t kShards = 16;
/// For as many shards as there may be, whatever the parameter says: it is read from shared memory.
constexpr std::uint64_t kDictBytes = kObjectHead + kDictWords + kShards * sizeof(DictShard);

inline std::uint32_t shard_count(const Object& dict) noexcept {
  const std::uint32_t most = dict_max_entries(dict.parameter.load());
  return most == 0 || most > kMaxExactEntries ? kShards : 1;
}
inline DictShard& shard_at(const Object& dict, std::uint32_t index) noexcept {
  auto* const start = reinterpret_cast<char*>(const_cast<Object*>(&dict)) + kObjectHead + kDictWords;
  return reinterpret_cast<DictShard*>(start)[index];
}
inline std::uint32_t stripe_of_shard(const Reference& dict, std::uint32_t shard) noexcept {
  return stripe_of(dict, shard);
}
/// In place of the hash of an entry that was removed: its place may have another, but ends no search.
constexpr std::uint32_t kRemoved = 1;
/// What the index knows of a hash; never 0 nor kRemoved.
constexpr std::uint32_t tag_of(std::uint64_t hash) noexcept {
  const auto tag = static_cast<std::uint32_t>(hash);
  return tag > kRemoved ? tag : tag + 2;
}
constexpr std::uint32_t kShardBits = 4;
inline std::uint32_t shard_of(const Object& dict, std::uint64_t hash) noexcept {
  return shard_count(dict) == 1 ? 0 : tag_of(hash) >> (32 - kShardBits);
}
constexpr std::uint32_t kMaxDepth = 20;

/// Head of a bucket; its places follow, each a hash and the offset of a node. Hash 0: never used; kRemoved with offset
/// 0: not in use any more.
struct BucketHead {
  Word size;   // places
  Word depth;  // how many bits of the tag, after those of the shard, all its keys have in common
  Word used;   // places with a hash
  Word unused;
};
static_assert(sizeof(BucketHead) == 16);

/// Where a bucket is, as a directory has it: its offset, a multiple of 16, and in the low bits which of the sizes it
/// has. So a reader, for whom each line of memory may be a miss of the cache, finds a place without the bucket's head.
using BucketLink = std::uint32_t;
constexpr std::uint32_t kSizeBits = 0xf;
constexpr Offset offset_of_bucket(BucketLink link) noexcept { return link & ~kSizeBits; }

/// A bucket that lies within the heap. Only who has the stripe may look at its head: for others it may have become
/// something else.
struct Bucket {
  BucketHead* head = nullptr;
  std::uint32_t size = 0;

  explicit operator bool() const noexcept { return head != nullptr; }
  std::uint32_t depth() const noexcept { return head->depth.load(); }
  Word& hash(std::uint32_t place) const noexcept { return reinterpret_cast<Word*>(head + 1)[2 * place]; }
  Word& node(std::uint32_t place) const noexcept { return reinterpret_cast<Word*>(head + 1)[2 * place + 1]; }
  std::uint32_t next(std::uint32_t place) const noexcept { return place + 1 == size ? 0 : place + 1; }
};

/// Head of one entry; the key and then the value follow, each padded to 8. Nothing but the value of a number, `version`
/// and `used` changes after it is published.
struct NodeHead {
  Word shape;  // kind of key:4 | kind of value:4 | 0:8 | length of key:16
  Word value_length;
  Word version;    // of the clock of the shard
  Word used;       // the same, at the last access
  Word64 expires;  // CLOCK_MONOTONIC in ns; 0: never
};
static_assert(sizeof(NodeHead) == 24);

/// An entry, checked. What it says of itself is read once: a reader without the stripe may look at memory that has
/// become something else.
struct Node {
  NodeHead* head = nullptr;
  std::uint32_t shape = 0;
  std::uint32_t value_length = 0;

  explicit operator bool() const noexcept { return head != nullptr; }
  KeyKind key_kind() const noexcept { return static_cast<KeyKind>(shape & 0xf); }
  ValueKind value_kind() const noexcept { return static_cast<ValueKind>(shape >> 4 & 0xf); }
  std::uint32_t key_length() const noexcept { return shape >> 16; }
  Word64* key() const noexcept { return reinterpret_cast<Word64*>(head + 1); }
  Word64* value() const noexcept { return key() + padded(key_length()) / 8; }
  StoredValue stored() const noexcept { return {value_kind(), value_length, value()}; }
  std::uint64_t expires() const noexcept { return head->expires.load(); }
};
constexpr std::uint64_t node_size(std::uint64_t key_length, std::uint64_t value_length) noexcept {
  return sizeof(NodeHead) + padded(key_length) + padded(value_length);
}

/// Nothing unless a whole bucket, or node, of sound kinds and sizes lies there.
Bucket checked_bucket(const Segment& segment, BucketLink link) noexcept;
Node checked_node(const Segment& segment, Offset offset) noexcept;

/// The directory of an index: where its buckets are.
struct Directory {
  Word* entries = nullptr;
  std::uint32_t depth = 0;
};
/// `at` is the word that holds its offset, or that of the only bucket. Nothing when it does not lie within the heap.
Directory checked_directory(const Segment& segment, Word& at, std::uint32_t depth) noexcept;

/// Calls `visit(bucket)` for each bucket of a shard, whose stripe the caller has. It may change what is in the bucket.
template <typename Visit>
void for_each_bucket(const Segment& segment, DictShard& shard, Visit visit) noexcept {
  const Directory directory = checked_directory(segment, shard.directory, shard.depth.load());
  if (directory.entries == nullptr) return;
  for (std::uint32_t i = 0; i < 1u << directory.depth;) {
    const Bucket bucket = checked_bucket(segment, directory.entries[i].load());
    const std::uint32_t depth = bucket ? bucket.depth() : kMaxDepth + 1;
    if (depth > directory.depth) return;
    visit(bucket);
    i += 1u << (directory.depth - depth);
  }
}

/// Where a key is, or would be.
struct Found {
  Bucket bucket;            // none: the shard is empty
  std::uint32_t place = 0;  // of the key, else one that it may have
  bool is_fresh = true;     // that place never had a key
  Node node;                // none: the key is not there
  bool is_corrupt = false;
};

/// The bucket for a tag; none when the shard is empty or `*corrupt`.
Bucket find_bucket(const Segment& segment, DictShard& shard, std::uint32_t tag, bool* corrupt) noexcept;
/// With or without the stripe: whoever has not got it looks afterwards whether the sequence has moved.
Found find_key(const Segment& segment, DictShard& shard, const Key& key) noexcept;

/// Sees to it that the bucket for this tag has a free place, in commits of its own. kFull, kCorrupt.
Status make_room(StripeWork& work, DictShard& shard, std::uint32_t tag) noexcept;

}  // namespace lockstep
