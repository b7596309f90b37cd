// Runs of pages.
//
// Every page between the start of the heap and its reserved end belongs to one run, free or taken. The first page of a
// run says its state and length. The last page of a free run says the length too, so that a run that is given back
// finds a free neighbour on either side, and the three become one: no two free runs ever touch.
//
//     state      page                                    length
//     kFree      first of a free run                     of the run
//     kFreeEnd   last of a free run of several           of the run
//     kTaken     first of a taken run                    of the run
//     kInside    set and read by blocks.cpp              back to the first page
//     0          any other
//
// Free runs hang in bins by the power of two below their length. All changes belong to a transaction of the directory;
// only reserving memory does not, and reserving twice is harmless. A page whose neighbour is in use by a stripe is
// never mistaken: states of taken runs change here only.
#include "pages.hpp"

#include <bit>

namespace lockstep {
namespace {

enum PageState : std::uint32_t { kNone = 0, kFree = 1, kFreeEnd = 2, kTaken = 3 };

constexpr std::uint64_t kGrowthPages = 256;
constexpr int kTries = 16;  // runs looked at in one bin before a longer one is split

std::uint32_t bin_of(std::uint64_t length) noexcept {
  const auto bin = static_cast<std::uint32_t>(std::bit_width(length) - 1);
  return bin < kPageBins ? bin : kPageBins - 1;
}

struct Span {
  std::uint32_t first, length;
};

// A free run, if its first page says so and it lies within the heap.
bool read_free(const Segment& segment, std::uint32_t first, Span* span) noexcept {
  const PageInfo* const info = page_info(segment, first);
  if (info == nullptr || info->state.load() != kFree) return false;
  *span = {first, info->length.load()};
  return span->length > 0 && span->length <= page_count(segment) - first;
}

void link_free(Transaction& transaction, Span span) noexcept {
  Segment& segment = transaction.segment();
  PageInfo& first = *page_info(segment, span.first);
  Word& head = segment.header().free_pages[bin_of(span.length)];
  transaction.set(first.state, kFree);
  transaction.set(first.length, span.length);
  transaction.set(first.previous, 0);
  transaction.set(first.next, head.load());
  if (PageInfo* const after = page_info(segment, head.load() - 1)) transaction.set(after->previous, span.first + 1);
  transaction.set(head, span.first + 1);
  if (span.length == 1) return;
  PageInfo& last = *page_info(segment, span.first + span.length - 1);
  transaction.set(last.state, kFreeEnd);
  transaction.set(last.length, span.length);
}

void unlink_free(Transaction& transaction, Span span) noexcept {
  Segment& segment = transaction.segment();
  PageInfo& first = *page_info(segment, span.first);
  PageInfo* const before = page_info(segment, first.previous.load() - 1);
  PageInfo* const after = page_info(segment, first.next.load() - 1);
  transaction.set(before != nullptr ? before->next : segment.header().free_pages[bin_of(span.length)],
                  first.next.load());
  if (after != nullptr) transaction.set(after->previous, first.previous.load());
  transaction.set(first.state, kNone);
  if (span.length > 1) transaction.set(page_info(segment, span.first + span.length - 1)->state, kNone);
}

// Where in the free run the wanted one begins; alignment counts from the start of the segment.
bool fits(const Segment& segment, Span span, const PageRun& run, std::uint32_t* start) noexcept {
  const std::uint64_t base = segment.heap_start() / kPage;
  const std::uint64_t aligned = (base + span.first + run.alignment - 1) / run.alignment * run.alignment - base;
  *start = static_cast<std::uint32_t>(aligned);
  return aligned + run.count <= std::uint64_t{span.first} + span.length;
}

Offset carve(Transaction& transaction, Span span, std::uint32_t start, const PageRun& run) noexcept {
  Segment& segment = transaction.segment();
  unlink_free(transaction, span);
  const std::uint32_t end = start + run.count;
  if (start > span.first) link_free(transaction, {span.first, start - span.first});
  if (end < span.first + span.length) link_free(transaction, {end, span.first + span.length - end});
  PageInfo& info = *page_info(segment, start);
  transaction.set(info.state, kTaken);
  transaction.set(info.length, run.count);
  transaction.set(info.owner, static_cast<std::uint32_t>(run.owner));
  return offset_of_page(segment, start);
}

Offset take_from_bin(Transaction& transaction, std::uint32_t bin, const PageRun& run) noexcept {
  Segment& segment = transaction.segment();
  std::uint32_t next = segment.header().free_pages[bin].load();
  for (int i = 0; i < kTries && next != 0; ++i) {
    Span span;
    std::uint32_t start = 0;
    if (!read_free(segment, next - 1, &span)) return 0;
    if (fits(segment, span, run, &start)) return carve(transaction, span, start, run);
    next = page_info(segment, next - 1)->next.load();
  }
  return 0;
}

// A free run of any of the bins, then merged with the free one before it, if there is one.
void add_free(Transaction& transaction, Span span) noexcept {
  Segment& segment = transaction.segment();
  Span neighbour;
  if (const PageInfo* const before = page_info(segment, span.first - 1)) {
    const bool is_end = before->state.load() == kFreeEnd;
    const std::uint32_t length = is_end ? before->length.load() : 1;
    if (length <= span.first && read_free(segment, span.first - length, &neighbour) && neighbour.length == length) {
      unlink_free(transaction, neighbour);
      span = {neighbour.first, length + span.length};
    }
  }
  if (read_free(segment, span.first + span.length, &neighbour)) {
    unlink_free(transaction, neighbour);
    span.length += neighbour.length;
  }
  link_free(transaction, span);
}

bool reserve_to(Segment& segment, std::uint32_t pages) noexcept {
  const std::uint32_t now = page_count(segment);
  const std::uint64_t infos = std::uint64_t{pages - now} * sizeof(PageInfo);
  return segment.reserve(kPageTable + now * sizeof(PageInfo), infos) == Status::kOk &&
         segment.reserve(offset_of_page(segment, now), std::uint64_t{pages - now} * kPage) == Status::kOk;
}

// The run that grows the heap may begin in the free pages at its end, but not rely on them being aligned.
bool grow(Transaction& transaction, const PageRun& run) noexcept {
  Segment& segment = transaction.segment();
  const std::uint64_t now = page_count(segment);
  const std::uint64_t most = (segment.capacity() - segment.heap_start()) / kPage;
  const std::uint64_t exact = now + run.count + run.alignment - 1;
  const std::uint64_t generous = (exact + kGrowthPages - 1) / kGrowthPages * kGrowthPages;
  for (const std::uint64_t target : {generous, exact, most}) {
    if (target > most || target <= now || !reserve_to(segment, static_cast<std::uint32_t>(target))) continue;
    const Offset end = static_cast<Offset>(segment.heap_start() + target * kPage);
    transaction.set(segment.header().heap_end, end);
    add_free(transaction, {static_cast<std::uint32_t>(now), static_cast<std::uint32_t>(target - now)});
    return true;
  }
  return false;
}

Offset take_free(Transaction& transaction, const PageRun& run) noexcept {
  for (std::uint32_t bin = bin_of(run.count); bin < kPageBins; ++bin) {
    if (const Offset taken = take_from_bin(transaction, bin, run)) return taken;
  }
  return 0;
}

}  // namespace

Offset take_pages(Transaction& transaction, const PageRun& run) noexcept {
  if (run.count == 0 || run.count > (transaction.segment().capacity() - transaction.segment().heap_start()) / kPage) {
    return 0;
  }
  const Offset taken = take_free(transaction, run);
  if (taken != 0) return taken;
  return grow(transaction, run) ? take_free(transaction, run) : 0;
}

bool give_pages(Transaction& transaction, Offset start) noexcept {
  Segment& segment = transaction.segment();
  const std::uint32_t first = page_of(segment, start);
  PageInfo* const info = page_info(segment, first);
  if (info == nullptr || start % kPage != 0 || info->state.load() != kTaken) return false;
  const std::uint32_t length = info->length.load();
  if (length == 0 || length > page_count(segment) - first) return false;
  transaction.set(info->state, kNone);
  transaction.set(info->owner, 0);
  add_free(transaction, {first, length});
  return true;
}

}  // namespace lockstep
