// Many words changed as one, whoever dies in between. Protocol and proof: transaction.cpp.
#pragma once

#include "lock_word.hpp"

namespace lockstep {

/// Holds the segment's transaction lock from construction to destruction. What a dead holder left half done is undone
/// before the constructor returns. Not reentrant.
class Transaction {
 public:
  explicit Transaction(const Participant& me) noexcept;
  ~Transaction();
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;

  /// Changes a word of the segment; undone unless commit() follows.
  void set(Word& word, std::uint32_t value) noexcept;
  /// All changes since the last commit stand.
  void commit() noexcept;
  /// All changes since the last commit are taken back.
  void rollback() noexcept;

  const Participant& me() const noexcept { return me_; }
  Segment& segment() const noexcept { return *me_.segment; }

 private:
  Participant me_;
};

/// Lets go of the transaction lock on behalf of a dead owner, so that recovery can take it.
void give_back_transaction(const Participant& me, OwnerId dead) noexcept;

}  // namespace lockstep
