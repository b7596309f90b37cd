// Claims: who is at work on a key of a dict, for as long as user code runs. Protocol: claim.cpp.
#pragma once

#include "dict.hpp"

namespace lockstep {

/// What the one with the claim does; the two do not exclude each other.
enum class Purpose : std::uint32_t { kCompute = 0, kModify = 1 };

struct Claim {
  const Reference& dict;
  const Key& key;
  Purpose purpose;
};

/// kOk: it is the caller's now. kUnavailable: a live owner has it, perhaps the caller. kFull, kCorrupt.
Status claim_try(const Claim& claim) noexcept;
/// Sleeps until it is the caller's. kOk, kTimedOut, kFull, kCorrupt.
Status claim_acquire(const Claim& claim, Deadline deadline) noexcept;
/// Tries, and when that fails arms the isolate's bell.
Status claim_arm(const Claim& claim) noexcept;
/// No promise of this isolate waits for a claim of this dict any more.
void claim_disarm(const Reference& dict) noexcept;
/// kOk; kNotHeld when it is not the caller's.
Status claim_release(const Claim& claim) noexcept;

/// The part of a death scan for a dict: whoever waits for a claim looks again.
void claim_wake_all(const Reference& dict) noexcept;
/// Removes the claims of an owner that is dead.
void give_back_claims(const Participant& me, OwnerId dead) noexcept;

}  // namespace lockstep
