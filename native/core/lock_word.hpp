// The lock word: mutual exclusion between owners in 32 bits. Protocol and proof: lock_word.cpp.
#pragma once

#include "bell.hpp"
#include "deadline.hpp"

namespace lockstep {

constexpr std::uint32_t kWaiters = 1u << 31;   // W: somebody may sleep or have his bell armed
constexpr std::uint32_t kStarving = 1u << 30;  // S: the next release hands over instead of letting anybody barge in
constexpr OwnerId holder_of(std::uint32_t seen) noexcept { return seen & kIdMask; }

struct LockSite {
  Word& word;
  WaitSite waiting;
};

/// True while somebody, alive or dead, holds it.
bool is_held(std::uint32_t seen) noexcept;

/// kOk, kOwnerDied (the holder died; what the lock guards may be half done) or kUnavailable. Never sleeps.
Status lock_try(const Participant& me, LockSite site) noexcept;
/// Sleeps until acquired. kOk, kOwnerDied, kTimedOut.
Status lock_acquire(const Participant& me, LockSite site, Patience patience) noexcept;
/// Why an isolate tries: for a promise that has just come (or that its own release passed by), because it was rung, or
/// rung while its oldest promise has waited longer than kStarvationNs. Fresh ones do not take a GRANT.
enum class Urgency : std::uint32_t { kFresh = 0, kRung = 1, kStarving = 2 };
/// Tries, and when that fails arms the isolate's bell. kOk, kOwnerDied, kUnavailable.
Status lock_arm(const Participant& me, LockSite site, Urgency urgency) noexcept;
/// The isolate has no promise waiting here any more: takes its bell back and passes on a wake-up that it may have.
void lock_disarm(const Participant& me, LockSite site) noexcept;
/// Gives back the hold of `owner`, a live id; kNotHeld when the word names somebody else or nobody.
Status lock_release(const Participant& me, LockSite site, OwnerId owner) noexcept;
/// Gives back the hold of whichever live owner has it, as Python's Lock.release() does. kNotHeld.
Status lock_release_any(const Participant& me, LockSite site) noexcept;

/// The part of a death scan for this word; see give_back().
void lock_give_back(const Participant& me, LockSite site, OwnerId dead) noexcept;

constexpr std::int64_t kStarvationNs = 1'000'000;

}  // namespace lockstep
