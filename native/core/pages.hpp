// The heap as runs of whole pages: taken, given back, and merged with free neighbours. Protocol: pages.cpp.
#pragma once

#include "transaction.hpp"

namespace lockstep {

struct PageRun {
  std::uint32_t count;
  PageOwner owner;
  std::uint32_t alignment = 1;  // in pages, a power of two
};

/// Pages between the start of the heap and its reserved end.
inline std::uint32_t page_count(const Segment& segment) noexcept {
  const std::uint64_t end = segment.heap_end();
  return end <= segment.heap_start() ? 0 : static_cast<std::uint32_t>((end - segment.heap_start()) / kPage);
}
/// Null beyond the reserved heap.
inline PageInfo* page_info(const Segment& segment, std::uint32_t page) noexcept {
  return page < page_count(segment) ? &segment.page(page) : nullptr;
}
/// Index of the page in which the offset lies; beyond page_count() for one outside the heap.
inline std::uint32_t page_of(const Segment& segment, Offset offset) noexcept {
  return offset < segment.heap_start() ? UINT32_MAX : (offset - segment.heap_start()) / kPage;
}
inline Offset offset_of_page(const Segment& segment, std::uint32_t page) noexcept {
  return segment.heap_start() + page * kPage;
}

/// A run of pages whose contents are what they were before; 0 when the segment or the file system is full. Belongs to
/// the transaction of the segment's directory: rolled back, it was never taken.
Offset take_pages(Transaction& transaction, const PageRun& run) noexcept;
/// Gives a whole run back. False, and nothing happens, when no taken run begins there.
bool give_pages(Transaction& transaction, Offset start) noexcept;

}  // namespace lockstep
