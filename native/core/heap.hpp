// Memory inside a segment: blocks of a power of two, aligned to their size, with a free list per size.
#pragma once

#include "transaction.hpp"

namespace lockstep {

/// A zeroed block of at least `size` bytes, at most 1 MiB; null when the segment or the file system is full. Belongs to
/// the transaction: rolled back, it was never taken.
char* allocate(Transaction& transaction, std::uint64_t size) noexcept;
/// `size` as it was asked for.
void release(Transaction& transaction, void* block, std::uint64_t size) noexcept;

}  // namespace lockstep
