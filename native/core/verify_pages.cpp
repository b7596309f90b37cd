// The page table and the bins of free runs, as pages.cpp has them.
#include "slab.hpp"
#include "stripe.hpp"
#include "verify_state.hpp"

namespace lockstep {
namespace {

bool is_slab_owner(const Inspection& inspection, std::uint32_t owner, std::uint32_t length) noexcept {
  const std::uint32_t block_class = owner >> 8 & 0xff;
  const std::uint32_t stripe = owner >> 16;
  return block_class < kBlockClasses && stripe < stripe_count(inspection.segment) && length == slab_pages(block_class);
}

bool is_sound_owner(const Inspection& inspection, const PageSpan& run) noexcept {
  switch (static_cast<PageOwner>(run.owner & 0xff)) {
    case PageOwner::kHeapPage:
      return run.owner <= 0xff && run.length == 1;
    case PageOwner::kHeapRun:
      return run.owner <= 0xff && std::has_single_bit(run.length);
    case PageOwner::kStripeRun:
    case PageOwner::kMemoryRun:
      return run.owner <= 0xff;
    case PageOwner::kSlab:
      return is_slab_owner(inspection, run.owner, run.length);
    case PageOwner::kNone:
      break;
  }
  return false;
}

// Of the pages after the first: the last of a free run says how long it is, those of a slab where it begins.
void inspect_inside(Inspection& inspection, const PageSpan& run, bool is_free) {
  const bool is_slab = (run.owner & 0xff) == static_cast<std::uint32_t>(PageOwner::kSlab);
  for (std::uint32_t i = 1; i < run.length; ++i) {
    const PageInfo& info = inspection.segment.page(run.first + i);
    const std::uint32_t state = info.state.load();
    const bool is_end = is_free && i + 1 == run.length;
    bool is_sound = state == kNone || state == kInside;
    if (is_end) is_sound = state == kFreeEnd && info.length.load() == run.length;
    if (is_slab) is_sound = state == kInside && info.length.load() == i;
    if (!inspection.expect(is_sound, "page %u: state %u inside a run", run.first + i, state)) return;
  }
}

// The run that begins at a page; one page that is of none where nothing sound begins.
PageSpan read_run(Inspection& inspection, std::uint32_t first, bool after_free) {
  const PageInfo& info = inspection.segment.page(first);
  const std::uint32_t state = info.state.load();
  PageSpan run{first, info.length.load(), info.owner.load()};
  const bool begins = (state == kFree || state == kTaken) && run.length > 0 && run.length <= inspection.pages - first;
  if (!inspection.expect(begins, "page %u: no run begins here (state %u, length %u)", first, state, run.length)) {
    return {first, 1, 0};
  }
  if (state == kFree) {
    inspection.expect(!after_free, "page %u: two free runs touch", first);
    run.owner = 0;
  } else if (!inspection.expect(is_sound_owner(inspection, run), "page %u: no such owner: %x", first, run.owner)) {
    run.owner = 0;
  }
  inspect_inside(inspection, run, state == kFree);
  return run;
}

// How many of the bin are on it, each a free run of its length.
std::uint32_t inspect_bin(Inspection& inspection, std::uint32_t bin, std::vector<bool>& seen) {
  Segment& segment = inspection.segment;
  std::uint32_t previous = 0, count = 0;
  for (std::uint32_t next = segment.header().free_pages[bin].load(); next != 0; ++count) {
    const std::uint32_t page = next - 1;
    const PageSpan* const run = page < inspection.pages ? inspection.run_at(offset_of_page(segment, page)) : nullptr;
    const bool is_free = run != nullptr && run->first == page && segment.page(page).state.load() == kFree;
    if (!inspection.expect(is_free && bin_of(run->length) == bin, "bin %u: page %u does not belong", bin, page)) break;
    if (!inspection.expect(!seen[page], "bin %u: page %u is there twice", bin, page)) break;
    inspection.expect(segment.page(page).previous.load() == previous, "bin %u: page %u: wrong way back", bin, page);
    seen[page] = true;
    previous = next;
    next = segment.page(page).next.load();
  }
  return count;
}

}  // namespace

void inspect_pages(Inspection& inspection) {
  Segment& segment = inspection.segment;
  const std::uint64_t end = segment.header().heap_end.load();
  inspection.expect(end == inspection.heap_end && (end - segment.heap_start()) % kPage == 0, "heap ends at %llx",
                    static_cast<unsigned long long>(end));
  std::uint32_t free_runs = 0;
  bool after_free = false;
  for (std::uint32_t page = 0; page < inspection.pages;) {
    const PageSpan run = read_run(inspection, page, after_free);
    inspection.add_run(run);
    after_free = segment.page(page).state.load() == kFree;
    free_runs += after_free;
    if (after_free) inspection.report.bytes_free += std::uint64_t{run.length} * kPage;
    page += run.length;
  }
  std::vector<bool> seen(inspection.pages);
  std::uint32_t in_bins = 0;
  for (std::uint32_t bin = 0; bin < kPageBins; ++bin) in_bins += inspect_bin(inspection, bin, seen);
  inspection.expect(in_bins == free_runs, "%u free runs, %u of them in bins", free_runs, in_bins);
}

}  // namespace lockstep
