// A block of size 2^k is aligned to 2^k and comes from the free list of its size, else from the top. Free lists are
// linked through the first word of each block. All bookkeeping is part of the caller's transaction; only reserving
// memory is not, and reserving twice is harmless.
#include "heap.hpp"

#include <bit>
#include <cstring>

namespace lockstep {
namespace {

constexpr std::uint32_t kSmallest = 16;
constexpr std::uint64_t kLargest = std::uint64_t{kSmallest} << (kSizeClasses - 1);
constexpr std::uint64_t kGrowth = 1 << 20;

std::uint32_t class_of(std::uint64_t size) noexcept {
  const std::uint64_t block = std::bit_ceil(size < kSmallest ? kSmallest : size);
  return static_cast<std::uint32_t>(std::countr_zero(block) - std::countr_zero(std::uint64_t{kSmallest}));
}

std::uint64_t size_of(std::uint32_t size_class) noexcept { return std::uint64_t{kSmallest} << size_class; }

bool grow_to(Segment& segment, std::uint64_t end) noexcept {
  Word& heap_end = segment.header().heap_end;
  const std::uint64_t now = heap_end.load();
  if (end <= now) return true;
  if (end > segment.capacity()) return false;
  const std::uint64_t generous = (end + kGrowth - 1) / kGrowth * kGrowth;
  const std::uint64_t exact = (end + kPage - 1) / kPage * kPage;
  for (const std::uint64_t target : {generous, exact}) {
    if (target > segment.capacity()) continue;
    if (segment.reserve(static_cast<Offset>(now), target - now) != Status::kOk) continue;
    heap_end.store(static_cast<std::uint32_t>(target));
    return true;
  }
  return false;
}

char* take_free(Transaction& transaction, std::uint32_t size_class) noexcept {
  Segment& segment = transaction.segment();
  Word& head = segment.header().free_blocks[size_class];
  const Offset offset = head.load();
  if (offset == 0 || offset % size_of(size_class) != 0) return nullptr;
  Word* const link = segment.checked<Word>(offset, size_of(size_class));
  if (link == nullptr) return nullptr;
  transaction.set(head, link->load());
  transaction.set(*link, 0);
  return segment.bytes(offset);
}

char* take_top(Transaction& transaction, std::uint32_t size_class) noexcept {
  Segment& segment = transaction.segment();
  Header& header = segment.header();
  const std::uint64_t size = size_of(size_class);
  const std::uint64_t start = (header.heap_top.load() + size - 1) / size * size;
  if (start < kHeap || !grow_to(segment, start + size)) return nullptr;
  transaction.set(header.heap_top, static_cast<std::uint32_t>(start + size));
  return segment.bytes(static_cast<Offset>(start));
}

}  // namespace

char* allocate(Transaction& transaction, std::uint64_t size) noexcept {
  if (size > kLargest) return nullptr;
  const std::uint32_t size_class = class_of(size);
  char* block = take_free(transaction, size_class);
  if (block == nullptr) block = take_top(transaction, size_class);
  if (block == nullptr) return nullptr;
  Word& in_use = transaction.segment().header().bytes_in_use;
  transaction.set(in_use, in_use.load() + static_cast<std::uint32_t>(size_of(size_class)));
  std::memset(block + sizeof(Word), 0, size_of(size_class) - sizeof(Word));
  return block;
}

void release(Transaction& transaction, void* block, std::uint64_t size) noexcept {
  const std::uint32_t size_class = class_of(size);
  Header& header = transaction.segment().header();
  Word& head = header.free_blocks[size_class];
  transaction.set(*static_cast<Word*>(block), head.load());
  transaction.set(head, transaction.segment().offset_of(block));
  transaction.set(header.bytes_in_use, header.bytes_in_use.load() - static_cast<std::uint32_t>(size_of(size_class)));
}

}  // namespace lockstep
