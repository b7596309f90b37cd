// Memory for objects and what belongs to them: blocks of a power of two, aligned to their size, so that none crosses a
// window of JavaScript. What containers hold is in blocks.hpp.
#pragma once

#include <algorithm>
#include <bit>

#include "pages.hpp"

namespace lockstep {

constexpr std::uint64_t kSmallestBlock = 16;
/// Bytes that a block of this size really takes.
constexpr std::uint64_t heap_block_size(std::uint64_t size) noexcept {
  return std::bit_ceil(std::max(size, kSmallestBlock));
}

/// A zeroed block of at least `size` bytes, at most 1 MiB; null when the segment or the file system is full. Belongs to
/// the transaction of the directory: rolled back, it was never taken.
char* allocate(Transaction& transaction, std::uint64_t size) noexcept;
/// `size` as it was asked for.
void release(Transaction& transaction, void* block, std::uint64_t size) noexcept;

}  // namespace lockstep
