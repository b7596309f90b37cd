// Sizes of blocks, four to a doubling, and of the slabs that they are cut from.
#pragma once

#include <bit>

#include "layout.hpp"

namespace lockstep {

constexpr std::uint64_t kLargestBlock = 4096;

constexpr std::uint32_t class_of(std::uint64_t size) noexcept {
  if (size <= 128) return size == 0 ? 0 : static_cast<std::uint32_t>((size - 1) / 16);
  const auto doubling = static_cast<std::uint32_t>(std::bit_width(size - 1)) - 8;  // 0 above 128, 1 above 256
  return 8 + doubling * 4 + static_cast<std::uint32_t>((size - 1) >> (5 + doubling)) - 4;
}

constexpr std::uint32_t size_of(std::uint32_t block_class) noexcept {
  if (block_class < 8) return (block_class + 1) * 16;
  const std::uint32_t doubling = (block_class - 8) / 4;
  return (5 + (block_class - 8) % 4) << (5 + doubling);
}

constexpr bool are_classes_right() noexcept {
  for (std::uint32_t i = 0; i < kBlockClasses; ++i) {
    if (class_of(size_of(i)) != i || (i > 0 && class_of(size_of(i - 1) + 1) != i)) return false;
  }
  return size_of(kBlockClasses - 1) == kLargestBlock;
}
static_assert(are_classes_right());

// At least eight blocks, so that little is lost at the end of a slab.
constexpr std::uint32_t slab_pages(std::uint32_t block_class) noexcept {
  const std::uint32_t size = size_of(block_class);
  return size <= 512 ? 1 : size <= 1024 ? 2 : size <= 2048 ? 4 : 8;
}
constexpr std::uint32_t slab_blocks(std::uint32_t block_class) noexcept {
  return slab_pages(block_class) * kPage / size_of(block_class);
}

}  // namespace lockstep
