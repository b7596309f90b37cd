#include "condition_queue.hpp"

#include "heap.hpp"

namespace lockstep {

Word64* entry_at(const Reference& condition, Offset place) noexcept {
  Word64* const wanted = condition.me.segment->checked<Word64>(place);
  const bool found =
      any_run(condition, [&](ConditionRun run) { return wanted >= run.entries && wanted < run.entries + run.count; });
  return found ? wanted : nullptr;
}

Word64* claim_entry(const Reference& condition, std::uint64_t mine) noexcept {
  Word64* claimed = nullptr;
  any_run(condition, [&](ConditionRun run) {
    for (std::uint32_t i = 0; i < run.count && claimed == nullptr; ++i) {
      if (run.entries[i].load() == 0 && run.entries[i].change(0, mine)) claimed = &run.entries[i];
    }
    return claimed != nullptr;
  });
  return claimed;
}

bool add_chunk(const Reference& condition) noexcept {
  Transaction transaction(condition.me);
  auto* const chunk = reinterpret_cast<ConditionChunk*>(allocate(transaction, sizeof(ConditionChunk)));
  if (chunk == nullptr) return false;
  transaction.set(chunk->next, condition.word(1).load());
  transaction.set(condition.word(1), condition.me.segment->offset_of(chunk));
  transaction.commit();
  return true;
}

void condition_free_chunks(Transaction& transaction, const Reference& condition) noexcept {
  Word& first = condition.word(1);
  for (std::uint32_t i = 0; i < kMaxChunks; ++i) {
    auto* const chunk = condition.me.segment->checked<ConditionChunk>(first.load());
    if (chunk == nullptr) return;
    transaction.set(first, chunk->next.load());
    release(transaction, chunk, sizeof(ConditionChunk));
    transaction.commit();
  }
}

}  // namespace lockstep
