// Many words changed as one, whoever dies in between. Protocol and proof: transaction.cpp.
#pragma once

#include "lock_word.hpp"

namespace lockstep {

/// Holds a transaction lock, that of the segment's directory unless another is given, from construction to destruction.
/// What a dead holder left half done is undone before the constructor returns. Not reentrant.
class Transaction {
 public:
  explicit Transaction(const Participant& me) noexcept : Transaction(me, me.segment->header().transaction) {}
  Transaction(const Participant& me, TransactionLock& lock) noexcept;
  ~Transaction();
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;

  /// Changes a word of the segment; undone unless commit() follows.
  void set(Word& word, std::uint32_t value) noexcept;
  /// All changes since the last commit stand.
  void commit() noexcept;
  /// All changes since the last commit are taken back.
  void rollback() noexcept;

  /// The holder before died, in the middle of whatever; what it had begun under this lock is undone.
  bool is_inherited() const noexcept { return is_inherited_; }
  const Participant& me() const noexcept { return me_; }
  Segment& segment() const noexcept { return *me_.segment; }

 private:
  Participant me_;
  TransactionLock& lock_;
  bool is_inherited_ = false;
};

/// Lets go of a transaction lock on behalf of a dead owner, so that recovery can take it.
void give_back_transaction(const Participant& me, TransactionLock& lock, OwnerId dead) noexcept;

}  // namespace lockstep
