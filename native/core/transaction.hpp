// Many words changed as one, whoever dies in between. Protocol and proof: transaction.cpp.
#pragma once

#include "lock_word.hpp"

namespace lockstep {

/// Holds a transaction lock, that of the segment's directory unless another is given, from construction to destruction.
/// What a dead holder left half done is undone before the constructor returns. Not reentrant.
class Transaction {
 public:
  explicit Transaction(const Participant& me) noexcept : Transaction(me, me.segment->header().transaction) {}
  Transaction(const Participant& me, TransactionLock& lock) noexcept : me_(me), lock_(lock) {
    if (!lock.word.change(0, me.id)) begin_slow();  // it was free: nobody died in it
  }
  ~Transaction() {
    rollback();
    if (!lock_.word.change(me_.id, 0)) end_slow();
  }
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;

  /// Changes a word of the segment; undone unless commit() follows.
  void set(Word& word, std::uint32_t value) noexcept {
    const std::uint32_t n = lock_.entries.load();
    JournalEntry& entry = lock_.journal[n < kJournalEntries ? n : kJournalEntries - 1];
    entry.offset.store_release(segment().offset_of(&word));
    entry.old.store_release(word.load());
    lock_.entries.store_release(n + 1);
    word.store_release(value);
  }
  /// All changes since the last commit stand.
  void commit() noexcept { lock_.entries.store_release(0); }
  /// All changes since the last commit are taken back.
  void rollback() noexcept {
    if (lock_.entries.load() != 0) undo();
  }

  /// The holder before died, in the middle of whatever; what it had begun under this lock is undone.
  bool is_inherited() const noexcept { return is_inherited_; }
  const Participant& me() const noexcept { return me_; }
  Segment& segment() const noexcept { return *me_.segment; }

 private:
  void begin_slow() noexcept;
  void end_slow() noexcept;
  void undo() noexcept;

  Participant me_;
  TransactionLock& lock_;
  bool is_inherited_ = false;
};

/// Lets go of a transaction lock on behalf of a dead owner, so that recovery can take it.
void give_back_transaction(const Participant& me, TransactionLock& lock, OwnerId dead) noexcept;

}  // namespace lockstep
