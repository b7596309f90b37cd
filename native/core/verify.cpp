// Verification.
//
// ALL LOCKS AT ONCE. It takes all stripes, lowest first, and then the directory: the only one that ever holds two
// stripes. Nobody else waits for a stripe while he holds one or the directory, and of two that verify one is ahead at
// every stripe; so whoever holds what is wanted here gets on, and lets go. What the dead had left half done is undone
// meanwhile, since every taker does that.
//
// EVERYTHING HAS ONE OWNER. First the page table says which runs there are; then each free block, and each block that
// is reachable from an object, an attachment or a condemned index, marks its bytes. What would be marked twice is used
// twice; what is not marked in the end is lost.
//
// DAMAGE. Offsets are checked before they are followed, and each step of a list marks something that was not marked, or
// ends it: however damaged the segment, this ends and writes nothing.
#include "verify.hpp"

#include <memory>

#include "heap.hpp"
#include "reap.hpp"
#include "stripe.hpp"
#include "verify_state.hpp"

namespace lockstep {
namespace {

// The free lists of the object heap.
void inspect_free_heap(Inspection& inspection) {
  for (std::uint32_t i = 0; i < kSizeClasses; ++i) {
    const auto size = static_cast<std::uint32_t>(kSmallestBlock << i);
    for (Offset next = inspection.segment.header().free_blocks[i].load(); next != 0;) {
      const PageSpan* const run = inspection.run_at(next);
      const bool belongs = run != nullptr && run->owner == static_cast<std::uint32_t>(PageOwner::kHeapPage);
      if (!inspection.expect(belongs && next % size == 0, "object heap: %x is no block of %u bytes", next, size)) break;
      if (!inspection.expect(inspection.mark(next, size), "object heap: %x is free twice", next)) break;
      inspection.report.bytes_free += size;
      next = reinterpret_cast<const Word*>(inspection.segment.bytes(next))->load();
    }
  }
}

void inspect_locks(Inspection& inspection, const Participant& me) {
  const Header& header = inspection.segment.header();
  inspection.expect(header.transaction.entries.load() == 0, "directory: the journal is not empty");
  inspection.expect(holder_of(header.transaction.word.load()) == me.id, "directory: its lock was taken away");
  for (std::uint32_t i = 0; i < kStripes && header.has_stripes.load() != 0; ++i) {
    const std::uint32_t word = inspection.segment.stripe(i).transaction.word.load();
    inspection.expect(holder_of(word) == me.id, "stripe %u: its lock was taken away", i);
  }
}

}  // namespace

std::string VerifyReport::text() const {
  std::string all;
  for (const std::string& problem : problems) all += problem + '\n';
  return all;
}

namespace {

VerifyReport inspect_all(const Participant& me) {
  const ReapLater while_stripes_are_held;
  VerifyReport report;
  Inspection inspection(*me.segment, report);
  const bool has_stripes = me.segment->header().has_stripes.load() != 0;
  for (std::uint32_t i = 0; i < kStripes && has_stripes; ++i) {
    inspection.stripes.push_back(std::make_unique<StripeWork>(me, i));
  }
  const Transaction directory(me);
  inspect_locks(inspection, me);
  inspect_pages(inspection);
  inspect_stripes(inspection);
  inspect_free_heap(inspection);
  inspect_condemned(inspection);
  inspect_objects(inspection, me);
  inspect_sums(inspection);
  return report;
}

}  // namespace

VerifyReport verify(const Participant& me) {
  VerifyReport report = inspect_all(me);
  reap_all(me);  // what was freed as the stripes were taken
  return report;
}

}  // namespace lockstep
