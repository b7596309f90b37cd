// Transactions: many words changed as one.
//
// PROTOCOL. A lock word and an undo journal: one for the directory of a segment, one for each stripe (stripe.cpp).
//
//     step      change                                              order
//     begin     take the lock; from a dead holder: roll back        -
//     set       journal entry {offset, old value}; entries + 1;     the entry is whole before it counts, and counts
//               then the word itself                                before the word changes
//     commit    entries -> 0                                        the one write that makes all of them stand
//     end       release the lock                                    after commit or rollback
//     rollback  words back to their old values, last first;         pre-images are absolute: doing it twice, or half
//               then entries -> 0                                   and then again, gives the same
//
// WHEN A PROCESS DIES between any two writes, entries tells which state counts: 0, the new one; else the old one, which
// the next taker restores before it does anything. Memory that was free may be filled without a journal, except its
// first word, which is the link of a free list that rollback needs.
//
// Who recovers has seen the death in a word that the kernel wrote after the last instruction of the dead, so it sees
// all that they wrote, in their order; store_release keeps the compiler from changing it.
//
// Readers of the words in question take the lock too, or look whether a sequence has moved (stripe.cpp). Offsets in the
// journal are checked before anything is written.
#include "transaction.hpp"

namespace lockstep {
namespace {

LockSite site_of(TransactionLock& lock) noexcept { return {lock.word, {lock.bells, lock.hot, 0}}; }

bool is_ours(const Segment& segment, Offset offset) noexcept {
  if (offset % sizeof(Word) != 0) return false;
  const bool in_header = offset >= offsetof(Header, process_limit) && offset + sizeof(Word) <= sizeof(Header);
  const bool in_tables = offset >= kProcessTable && offset + sizeof(Word) <= segment.heap_start();
  return in_header || in_tables || segment.checked<Word>(offset) != nullptr;
}

}  // namespace

// A helper must not sleep without an end on a holder that may die meanwhile: it may be the only one who would notice.
// It looks again each millisecond, and steals from the dead by itself.
void Transaction::begin_slow() noexcept {
  const bool is_helper = slot_of(me_.id) > kIsolateSlots;
  Status taken = Status::kTimedOut;
  while (taken == Status::kTimedOut) {
    Patience patience;
    if (is_helper) patience.deadline = Deadline::in_ms(1);
    taken = lock_acquire(me_, site_of(lock_), patience);
  }
  is_inherited_ = taken == Status::kOwnerDied;
  if (is_inherited_) rollback();
}

void Transaction::end_slow() noexcept { lock_release(me_, site_of(lock_), me_.id); }

void Transaction::undo() noexcept {
  std::uint32_t n = lock_.entries.load();
  if (n > kJournalEntries) n = kJournalEntries;
  while (n > 0) {
    const JournalEntry& entry = lock_.journal[--n];
    const Offset offset = entry.offset.load();
    if (is_ours(segment(), offset)) reinterpret_cast<Word*>(segment().bytes(offset))->store(entry.old.load());
  }
  lock_.entries.store(0);
}

void give_back_transaction(const Participant& me, TransactionLock& lock, OwnerId dead) noexcept {
  lock_give_back(me, site_of(lock), dead);
}

}  // namespace lockstep
