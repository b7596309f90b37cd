// Readers-writer lock.
//
// PROTOCOL. word 0, the turnstile: a lock word. word 1: an event count on which a writer waits for readers. A reader
// word per isolate, 0 or its owner id; several readers in one isolate share it, counted in that isolate.
//
//     step         change                                                   partner
//     read, fast   my reader word 0 -> me; then the turnstile must be 0     write: takes the turnstile, then looks
//     read, slow   back out (reader word -> 0, wake the writer); take the
//                  turnstile; reader word -> me; release the turnstile
//     end read     reader word -> 0; wake the writer                        write
//     write        take the turnstile; wait until every reader word is      read
//                  0 or dead
//     downgrade    reader word -> me; release the turnstile                 -
//
// EXCLUSION. The reader stores its word, then looks at the turnstile; the writer takes the turnstile, then looks at the
// reader words: one of them sees the other. No count is shared, so none can be wrong after a death.
//
// FAIRNESS. Everybody who cannot go at once queues at the turnstile, readers and writers alike; a waiting writer keeps
// later readers out.
//
// WHEN A PROCESS DIES as a reader, its word is cleared and a waiting writer woken; a writer on its way looks over dead
// words by itself. As a writer, or in the turnstile: lock_word.cpp.
//
// Model: native/model/rwlock.pml.
#include "rwlock.hpp"

#include "heap.hpp"

namespace lockstep {
namespace {

// Bells of its own: a promise at the turnstile and one that waits for readers are answered by different steps.
CountSite count_of(const Reference& lock) noexcept {
  const WaitSite turnstile = lock.waiting();
  return {lock.word(1), {lock.object->drain_bells, turnstile.hot, turnstile.bucket}};
}

Word* chunk_at(const Reference& lock, std::uint32_t index) noexcept {
  const Offset chunk = lock.word(2 + index).load();
  return chunk == 0 ? nullptr : lock.me.segment->checked<Word>(chunk, kReaderChunk * sizeof(Word));
}

bool add_chunk(const Reference& lock, std::uint32_t index) noexcept {
  Transaction transaction(lock.me);
  if (lock.word(2 + index).load() != 0) return true;  // another isolate was first
  char* const chunk = allocate(transaction, kReaderChunk * sizeof(Word));
  if (chunk == nullptr) return false;
  transaction.set(lock.word(2 + index), lock.me.segment->offset_of(chunk));
  transaction.commit();
  return true;
}

template <typename Visit>
void for_each_reader_word(const Reference& lock, Visit visit) noexcept {
  const std::uint32_t last = lock.me.segment->header().slot_limit.load() / kReaderChunk;
  for (std::uint32_t i = 0; i < kReaderChunks && i <= last; ++i) {
    Word* const chunk = chunk_at(lock, i);
    for (std::uint32_t j = 0; chunk != nullptr && j < kReaderChunk; ++j) visit(chunk[j]);
  }
}

// Only my own reader word: the offset comes from JavaScript.
Word* reader_word(const Reference& lock, Offset offset) noexcept {
  const std::uint32_t slot = slot_of(lock.me.id);
  Word* const chunk = chunk_at(lock, slot / kReaderChunk);
  if (chunk == nullptr) return nullptr;
  Word* const mine = chunk + slot % kReaderChunk;
  return lock.me.segment->offset_of(mine) == offset ? mine : nullptr;
}

}  // namespace

Status rwlock_reader_word(const Reference& lock, Offset* word) noexcept {
  const std::uint32_t slot = slot_of(lock.me.id);
  if (chunk_at(lock, slot / kReaderChunk) == nullptr && !add_chunk(lock, slot / kReaderChunk)) return Status::kFull;
  Word* const chunk = chunk_at(lock, slot / kReaderChunk);
  if (chunk == nullptr) return Status::kCorrupt;
  *word = lock.me.segment->offset_of(chunk + slot % kReaderChunk);
  return Status::kOk;
}

Status rwlock_try_read(const Reference& lock, Offset reader) noexcept {
  Word* const mine = reader_word(lock, reader);
  if (mine == nullptr) return Status::kGone;
  mine->store(lock.me.id);
  if (lock.word(0).load() == 0) return Status::kOk;
  rwlock_end_read(lock, reader);
  return Status::kUnavailable;
}

void rwlock_mark(const Reference& lock, Offset reader) noexcept {
  Word* const mine = reader_word(lock, reader);
  if (mine != nullptr) mine->store(lock.me.id);
}

void rwlock_end_read(const Reference& lock, Offset reader) noexcept {
  Word* const mine = reader_word(lock, reader);
  if (mine != nullptr) mine->change(lock.me.id, 0);
  rwlock_wake_writer(lock);
}

void rwlock_wake_writer(const Reference& lock) noexcept { count_wake(lock.me, count_of(lock), 1); }

Status rwlock_drain(const Reference& lock, Deadline deadline) noexcept {
  for (;;) {
    if (!rwlock_has_readers(lock)) return Status::kOk;
    const std::uint32_t prepared = count_prepare(count_of(lock), false);
    if (!rwlock_has_readers(lock)) return Status::kOk;
    if (deadline.passed()) return Status::kTimedOut;
    count_wait(count_of(lock), prepared, deadline);
  }
}

// Also when no reader is left: the bell may stand from an earlier look, and would swallow the ring for the next writer.
Status rwlock_drain_arm(const Reference& lock) noexcept {
  count_arm(lock.me, count_of(lock), false);
  if (rwlock_has_readers(lock)) return Status::kUnavailable;
  count_disarm(lock.me, count_of(lock));
  return Status::kOk;
}

void rwlock_drain_disarm(const Reference& lock) noexcept { count_disarm(lock.me, count_of(lock)); }

bool rwlock_has_readers(const Reference& lock) noexcept {
  bool any = false;
  for_each_reader_word(lock, [&](const Word& word) {
    const OwnerId reader = word.load();
    any = any || (reader != 0 && !is_dead(*lock.me.segment, reader));
  });
  return any;
}

void rwlock_free_chunks(Transaction& transaction, const Reference& lock) noexcept {
  for (std::uint32_t i = 0; i < kReaderChunks; ++i) {
    Word* const chunk = chunk_at(lock, i);
    if (chunk == nullptr) continue;
    transaction.set(lock.word(2 + i), 0);
    release(transaction, chunk, kReaderChunk * sizeof(Word));
    transaction.commit();
  }
}

void rwlock_give_back(const Reference& lock, OwnerId dead) noexcept {
  for_each_reader_word(lock, [&](Word& word) { word.change(dead, 0); });
  count_give_back(lock.me, count_of(lock));
  lock_give_back(lock.me, lock.lock(), dead);
}

}  // namespace lockstep
