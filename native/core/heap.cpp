// A block of size 2^k is aligned to 2^k. Small ones come from the free list of their size, else from a fresh page,
// whose rest goes to the free lists; those of a page and more are runs of pages. Free lists are linked through the
// first word of each block. All bookkeeping is part of the caller's transaction.
#include "heap.hpp"

#include <bit>
#include <cstring>

namespace lockstep {
namespace {

constexpr std::uint64_t kSmallest = 16;
constexpr std::uint64_t kLargest = 1 << 20;

std::uint64_t block_size(std::uint64_t size) noexcept { return std::bit_ceil(size < kSmallest ? kSmallest : size); }
std::uint32_t class_of(std::uint64_t block) noexcept {
  return static_cast<std::uint32_t>(std::countr_zero(block) - std::countr_zero(kSmallest));
}

char* take_free(Transaction& transaction, std::uint64_t size) noexcept {
  Segment& segment = transaction.segment();
  Word& head = segment.header().free_blocks[class_of(size)];
  const Offset offset = head.load();
  if (offset == 0 || offset % size != 0) return nullptr;
  Word* const link = segment.checked<Word>(offset, size);
  if (link == nullptr) return nullptr;
  transaction.set(head, link->load());
  transaction.set(*link, 0);  // for the journal: a rollback wants the link back
  return segment.bytes(offset);
}

// The block, then one of each size from its own on, which together fill the page.
char* split_page(Transaction& transaction, std::uint64_t size) noexcept {
  Segment& segment = transaction.segment();
  const Offset page = take_pages(transaction, {1, PageOwner::kHeapPage});
  if (page == 0) return nullptr;
  for (std::uint64_t rest = size; rest < kPage; rest *= 2) {
    Word& head = segment.header().free_blocks[class_of(rest)];
    const Offset block = page + static_cast<Offset>(rest);
    reinterpret_cast<Word*>(segment.bytes(block))->store(head.load());
    transaction.set(head, block);
  }
  return segment.bytes(page);
}

char* take_run(Transaction& transaction, std::uint64_t size) noexcept {
  const auto pages = static_cast<std::uint32_t>(size / kPage);
  const Offset run = take_pages(transaction, {pages, PageOwner::kHeapRun, pages});
  return run == 0 ? nullptr : transaction.segment().bytes(run);
}

char* take(Transaction& transaction, std::uint64_t size) noexcept {
  if (size >= kPage) return take_run(transaction, size);
  char* const block = take_free(transaction, size);
  return block != nullptr ? block : split_page(transaction, size);
}

}  // namespace

char* allocate(Transaction& transaction, std::uint64_t wanted) noexcept {
  if (wanted > kLargest) return nullptr;
  const std::uint64_t size = block_size(wanted);
  char* const block = take(transaction, size);
  if (block == nullptr) return nullptr;
  Word& in_use = transaction.segment().header().bytes_in_use;
  transaction.set(in_use, in_use.load() + static_cast<std::uint32_t>(size));
  std::memset(block, 0, size);  // the link of a free list is in the journal
  return block;
}

void release(Transaction& transaction, void* block, std::uint64_t wanted) noexcept {
  const std::uint64_t size = block_size(wanted);
  Segment& segment = transaction.segment();
  const Offset offset = segment.offset_of(block);
  if (size < kPage) {
    Word& head = segment.header().free_blocks[class_of(size)];
    transaction.set(*static_cast<Word*>(block), head.load());
    transaction.set(head, offset);
  } else if (!give_pages(transaction, offset)) {
    return;
  }
  Word& in_use = segment.header().bytes_in_use;
  transaction.set(in_use, in_use.load() - static_cast<std::uint32_t>(size));
}

}  // namespace lockstep
