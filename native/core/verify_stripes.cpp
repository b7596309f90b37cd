// Stripes at rest, and their slabs, as stripe.cpp and blocks.cpp have them.
#include "slab.hpp"
#include "stripe.hpp"
#include "verify_state.hpp"

namespace lockstep {
namespace {

constexpr std::uint32_t slab_class(const PageSpan& run) noexcept { return run.owner >> 8 & 0xff; }
constexpr bool is_slab(const PageSpan& run) noexcept {
  return (run.owner & 0xff) == static_cast<std::uint32_t>(PageOwner::kSlab);
}

// The free blocks of a slab, each once, marked as such.
void inspect_free_blocks(Inspection& inspection, const PageSpan& run) {
  const std::uint32_t size = block_size_of(slab_class(run));
  const std::uint32_t blocks = inspection.segment.page(run.first).blocks.load();
  std::uint32_t found = 0;
  for (std::uint32_t next = first_of(blocks); next != 0; ++found) {
    if (!inspection.expect(next <= slab_blocks(slab_class(run)), "slab %u: no block %u", run.first, next)) break;
    const Offset block = inspection.start_of(run) + (next - 1) * size;
    if (!inspection.expect(inspection.mark(block, size), "slab %u: block %u is free twice", run.first, next)) break;
    inspection.report.bytes_free += size;
    next = first_of(reinterpret_cast<const Word*>(inspection.segment.bytes(block))->load());
  }
  inspection.expect(found == free_of(blocks), "slab %u: %u free blocks, %u counted", run.first, found, free_of(blocks));
  inspection.report.bytes_tables += std::uint64_t{run.length} * kPage - slab_blocks(slab_class(run)) * size;
}

// How many slabs are on the list, each with a free block.
std::uint32_t inspect_slab_list(Inspection& inspection, std::uint32_t stripe, std::uint32_t block_class) {
  Segment& segment = inspection.segment;
  std::uint32_t previous = 0, count = 0;
  for (std::uint32_t next = segment.stripe(stripe).slabs[block_class].load(); next != 0; ++count) {
    const std::uint32_t page = next - 1;
    const PageSpan* const run = page < inspection.pages ? inspection.run_at(offset_of_page(segment, page)) : nullptr;
    const bool belongs = run != nullptr && run->first == page && run->owner == owner_word(block_class, stripe);
    if (!inspection.expect(belongs && free_of(segment.page(page).blocks.load()) > 0 && count < inspection.pages,
                           "stripe %u: page %u does not belong to the slabs of class %u", stripe, page, block_class)) {
      break;
    }
    inspection.expect(segment.page(page).previous.load() == previous, "slab %u: wrong way back", page);
    previous = next;
    next = segment.page(page).next.load();
  }
  return count;
}

void inspect_stripe(Inspection& inspection, std::uint32_t index) {
  const Stripe& stripe = inspection.segment.stripe(index);
  inspection.expect(stripe.transaction.entries.load() == 0, "stripe %u: the journal is not empty", index);
  inspection.expect(stripe.sequence.load() == 0, "stripe %u: a sequence is shut", index);
  inspection.expect(stripe.keeping.load() == 0, "stripe %u: objects of %x are counted for nothing", index,
                    stripe.keeping.load());
  inspection.expect(stripe.released.load() == 0, "stripe %u: %x is to be freed", index, stripe.released.load());
  for (const Word& run : stripe.pending) {
    inspection.expect(run.load() == 0, "stripe %u: %x is on its way", index, run.load());
  }
  std::vector<std::uint32_t> with_free(kBlockClasses);
  for (const PageSpan& run : inspection.runs) {
    if (!is_slab(run) || run.owner >> 16 != index) continue;
    inspect_free_blocks(inspection, run);
    with_free[slab_class(run)] += free_of(inspection.segment.page(run.first).blocks.load()) > 0;
  }
  for (std::uint32_t c = 0; c < kBlockClasses; ++c) {
    const std::uint32_t listed = inspect_slab_list(inspection, index, c);
    inspection.expect(listed == with_free[c], "stripe %u: class %u: %u slabs have free blocks, %u are listed", index, c,
                      with_free[c], listed);
  }
}

void inspect_blocks_of(Inspection& inspection, const PageSpan& run) {
  const std::uint32_t size = block_size_of(slab_class(run));
  for (std::uint32_t i = 0; i < slab_blocks(slab_class(run)); ++i) {
    const Offset block = inspection.start_of(run) + i * size;
    inspection.expect(inspection.is_marked(block), "block %x of stripe %u: neither free nor used", block,
                      run.owner >> 16);
  }
}

void inspect_heap_page(Inspection& inspection, const PageSpan& run) {
  for (std::uint32_t at = 0; at < kPage; at += Inspection::kSmallestMark) {
    if (inspection.is_marked(inspection.start_of(run) + at)) continue;
    return inspection.problem("object heap: %x is neither free nor used", inspection.start_of(run) + at);
  }
}

}  // namespace

void inspect_stripes(Inspection& inspection) {
  if (inspection.segment.header().has_stripes.load() == 0) return;
  for (std::uint32_t i = 0; i < kStripes; ++i) inspect_stripe(inspection, i);
}

void inspect_condemned(Inspection& inspection) {
  if (inspection.segment.header().has_stripes.load() == 0) return;
  for (std::uint32_t i = 0; i < kStripes; ++i) {
    inspect_condemned_index(inspection, i);
    inspect_list_nodes(inspection, i);
  }
}

void inspect_sums(Inspection& inspection) {
  Segment& segment = inspection.segment;
  VerifyReport& report = inspection.report;
  for (const PageSpan& run : inspection.runs) {
    if (is_slab(run)) inspect_blocks_of(inspection, run);
    if (run.owner == static_cast<std::uint32_t>(PageOwner::kHeapPage)) inspect_heap_page(inspection, run);
    const bool is_whole = run.owner == static_cast<std::uint32_t>(PageOwner::kHeapRun) ||
                          run.owner == static_cast<std::uint32_t>(PageOwner::kStripeRun) ||
                          run.owner == static_cast<std::uint32_t>(PageOwner::kMemoryRun);
    if (is_whole)
      inspection.expect(inspection.is_marked(inspection.start_of(run)), "page %u: a run that is lost", run.first);
  }
  inspection.expect(segment.header().bytes_in_use.load() == inspection.heap_bytes,
                    "object heap: %u bytes in use, %llu found", segment.header().bytes_in_use.load(),
                    static_cast<unsigned long long>(inspection.heap_bytes));
  for (std::uint32_t i = 0; i < kStripes && segment.header().has_stripes.load() != 0; ++i) {
    const std::uint32_t used = segment.stripe(i).used_bytes.load();
    inspection.expect(used == inspection.stripe_bytes[i], "stripe %u: %u bytes in use, %llu found", i, used,
                      static_cast<unsigned long long>(inspection.stripe_bytes[i]));
  }
  report.bytes_reserved = inspection.heap_end;
  report.bytes_tables += segment.heap_start();
  const std::uint64_t known = report.bytes_in_use + report.bytes_free + report.bytes_tables;
  inspection.expect(known == report.bytes_reserved, "%llu bytes reserved, %llu known",
                    static_cast<unsigned long long>(report.bytes_reserved), static_cast<unsigned long long>(known));
}

}  // namespace lockstep
