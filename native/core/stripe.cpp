// Stripes: how containers change, whoever dies in between.
//
// PROTOCOL. A stripe is a transaction (transaction.cpp) and, beside its lock, a sequence that is shut and words for
// runs of pages that are on their way.
//
//     step       change                                                   order
//     begin      take the lock; from a dead holder: roll back; settle     -
//     shut       stripe.sequence -> where; then *where + 1: odd           before any change that readers may see
//     take run   directory: pages taken and pending[i] -> run, as one;    both locks are held: stripe, then directory
//                then set pending[i] -> 0, with the stripe's changes
//     give run   set pending[i] -> run, with the stripe's changes         -
//     commit     entries -> 0                                             the one write that makes all changes stand
//     settle     sequence that is odd + 1; stripe.sequence -> 0;          after commit or rollback, before the lock is
//                directory: pages given back and pending[i] -> 0, as one  released
//
// References to objects that values name travel the same way: value_objects.cpp.
//
// READERS without the lock note a sequence while it is even, copy, and believe what they have when it is still the
// same. It becomes even only after the commit: what can still be rolled back is never believed. A rollback moves it on
// as well, because what was seen meanwhile counts for nothing.
//
// WHEN A PROCESS DIES, the next one that takes the stripe, a helper at the latest, finds entries that say whether the
// changes count, and settles as the dead would have. A run in pending[] belongs to nobody: taken, and the changes that
// would use it undone; or given, and the changes that let go of it stand. Either way it goes back to the free pages,
// once: the directory moves it out of pending[] with the same commit. Who inherits a stripe takes the directory before
// he looks at pending[] or uses it: a dead holder of both locks may have changed it in a transaction of the directory
// that is still to be undone.
//
// Locks are taken in this order only: stripe, directory. Nobody holds two stripes.
#include "stripe.hpp"

#include "reap.hpp"

namespace lockstep {
namespace {

void give_back_run(Transaction& directory, Word& pending) noexcept {
  const Offset run = pending.load();
  if (run == 0) return;
  directory.set(pending, 0);
  give_pages(directory, run);
  directory.commit();
}

bool has_pending(const Stripe& stripe) noexcept {
  std::uint32_t any = 0;
  for (const Word& run : stripe.pending) any |= run.load();
  return any != 0;
}

}  // namespace

Status reserve_stripes(Segment& segment) noexcept {
  Header& header = segment.header();
  if (header.has_stripes.load() != 0) return Status::kOk;
  const Status reserved = segment.reserve(kStripeTable, kStripeBytes * kStripes);
  if (reserved == Status::kOk) header.has_stripes.store(1);
  return reserved;
}

std::uint64_t bytes_in_stripes(const Segment& segment) noexcept {
  std::uint64_t bytes = 0;
  if (segment.header().has_stripes.load() == 0) return bytes;
  for (std::uint32_t i = 0; i < kStripes; ++i) bytes += segment.stripe(i).used_bytes.load();
  return bytes;
}

StripeWork::StripeWork(const Participant& me, std::uint32_t index) noexcept
    : afterwards_{me}, index_(index), stripe_(me.segment->stripe(index)), transaction_(me, stripe_.transaction) {
  if (!transaction_.is_inherited()) return;  // whoever lets go of it has settled
  {
    const Transaction directory(me);  // before pending[] and the like are believed
  }
  settle();
}

// A helper reaps between deaths, a part at a time (watcher.cpp).
StripeWork::Afterwards::~Afterwards() {
  if (has_dead && slot_of(me.id) <= kIsolateSlots) reap_all(me);
}

void StripeWork::shut(Word& sequence) noexcept {
  stripe_.sequence.store_release(segment().offset_of(&sequence));
  sequence.store_release(sequence.load() | 1);
}

void StripeWork::settle_slow() noexcept {
  const Offset shut = stripe_.sequence.load();
  if (shut != 0) {
    Word* const sequence = segment().checked<Word>(shut);
    if (sequence != nullptr && sequence->load() % 2 == 1) sequence->store_release(sequence->load() + 1);
    stripe_.sequence.store_release(0);
  }
  forget_kept();
  give_back_runs();
  release_values();
}

void StripeWork::give_back_runs() noexcept {
  runs_ = 0;
  if (!has_pending(stripe_)) return;
  Transaction directory(me());
  for (Word& run : stripe_.pending) give_back_run(directory, run);
}

Offset StripeWork::take_run(std::uint32_t pages) noexcept {
  if (runs_ == kPendingRuns) return 0;
  Word& pending = stripe_.pending[runs_];
  Offset run = 0;
  {
    Transaction directory(me());
    run = take_pages(directory, {pages, PageOwner::kStripeRun});
    if (run == 0) return 0;
    directory.set(pending, run);
    directory.commit();
  }
  ++runs_;
  set(pending, 0);
  return run;
}

void StripeWork::give_run(Offset run) noexcept {
  if (runs_ < kPendingRuns) set(stripe_.pending[runs_++], run);
}

void give_back_stripes(const Participant& me, OwnerId dead) noexcept {
  if (me.segment->header().has_stripes.load() == 0) return;
  for (std::uint32_t i = 0; i < kStripes; ++i) {
    TransactionLock& lock = me.segment->stripe(i).transaction;
    give_back_transaction(me, lock, dead);
    if (holder_of(lock.word.load()) == kAbandoned) StripeWork(me, i);
  }
}

}  // namespace lockstep
