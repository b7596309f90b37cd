// The places of a condition's queue: some in the object, more in chunks that are added and stay until the object goes.
#pragma once

#include "condition.hpp"

namespace lockstep {

constexpr std::uint32_t kChunkEntries = 63;
constexpr std::uint32_t kMaxChunks = 1 << 16;  // a longer list is a corrupt one

struct ConditionChunk {
  Word next;
  Word unused;
  Word64 entries[kChunkEntries];
};
static_assert(sizeof(ConditionChunk) == 512);

struct ConditionRun {
  Word64* entries;
  std::uint32_t count;
};

/// Visits the runs of entries until one visit returns true.
template <typename Visit>
bool any_run(const Reference& condition, Visit visit) noexcept {
  if (visit(ConditionRun{reinterpret_cast<Word64*>(&condition.word(2)), kInlineEntries})) return true;
  Offset next = condition.word(1).load();
  for (std::uint32_t i = 0; next != 0 && i < kMaxChunks; ++i) {
    auto* const chunk = condition.me.segment->checked<ConditionChunk>(next);
    if (chunk == nullptr) return false;
    if (visit(ConditionRun{chunk->entries, kChunkEntries})) return true;
    next = chunk->next.load();
  }
  return false;
}

template <typename Visit>
void for_each_entry(const Reference& condition, Visit visit) noexcept {
  any_run(condition, [&](ConditionRun run) {
    for (std::uint32_t i = 0; i < run.count; ++i) visit(run.entries[i]);
    return false;
  });
}

/// Null unless the place is an entry of this very condition.
Word64* entry_at(const Reference& condition, Offset place) noexcept;
/// Stores `mine` into a free entry; null when there is none.
Word64* claim_entry(const Reference& condition, std::uint64_t mine) noexcept;
/// Room for more waiters. False when the segment is full.
bool add_chunk(const Reference& condition) noexcept;

}  // namespace lockstep
