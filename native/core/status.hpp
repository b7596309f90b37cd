// How an operation ended. Negative numbers are failures of the call, the others are outcomes.
#pragma once

#include <cstdint>

namespace lockstep {

enum class Status : std::int32_t {
  kOk = 0,         // acquired, done, woken
  kOwnerDied = 1,  // acquired from an owner that died holding it
  kTimedOut = 2,
  kUnavailable = 3,  // not now; an arm() call has registered the isolate for the next chance
  kBroken = 4,       // barrier
  kNotHeld = 5,      // release without a hold
  kBound = 6,        // counter would pass its bound

  kGone = -1,      // the object was given back; the handle is stale
  kCorrupt = -2,   // a shared structure breaks its own rules
  kFull = -3,      // capacity or file system exhausted
  kMismatch = -4,  // exists with another kind or other parameters
  kNotFound = -5,
  kForeign = -6,      // symbolic link, other owner or open permissions
  kTooMany = -7,      // no owner or process slot is free
  kUnsupported = -8,  // the kernel or the directory cannot do it
  kSystem = -9,       // a system call failed; errno tells
};

constexpr bool is_acquired(Status status) noexcept { return status == Status::kOk || status == Status::kOwnerDied; }
constexpr bool is_failure(Status status) noexcept { return static_cast<std::int32_t>(status) < 0; }

}  // namespace lockstep
