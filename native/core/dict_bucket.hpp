// Sizes of buckets, and what the bits of a tag decide.
#pragma once

#include "dict_index.hpp"

namespace lockstep {

constexpr std::uint32_t kBucketBytes[] = {64, 128, 256, 512, 1024, 2048};

constexpr std::uint64_t bucket_bytes(std::uint32_t places) noexcept {
  return sizeof(BucketHead) + std::uint64_t{places} * 8;
}
constexpr std::uint32_t places_in(std::uint32_t bytes) noexcept { return (bytes - sizeof(BucketHead)) / 8; }
constexpr std::uint32_t kMostPlaces = places_in(2048);

constexpr std::uint32_t kBucketSizes = sizeof kBucketBytes / sizeof *kBucketBytes;
static_assert(kBucketSizes <= kSizeBits);

inline BucketLink link_of(const Segment& segment, const Bucket& bucket) noexcept {
  std::uint32_t size = 0;
  while (size + 1 < kBucketSizes && places_in(kBucketBytes[size]) < bucket.size) ++size;
  return segment.offset_of(bucket.head) | size;
}

/// Which entry of a directory of this depth.
constexpr std::uint32_t entry_of(std::uint32_t tag, std::uint32_t depth) noexcept {
  return depth == 0 ? 0 : tag << kShardBits >> (32 - depth);
}

/// Where the search in a bucket begins. All bits take part, as those that chose the bucket are the same for all in it.
constexpr std::uint32_t first_place(std::uint32_t tag, std::uint32_t size) noexcept {
  return (tag * 0x9e3779b1u >> 16) * size >> 16;
}

}  // namespace lockstep
