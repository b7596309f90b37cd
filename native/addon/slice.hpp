// Blocking calls come back now and then: Node's worker.terminate() waits for a native call to return.
#pragma once

#include "core/deadline.hpp"
#include "core/status.hpp"

namespace lockstep::addon {

/// The slice is over, not the wait: call again. Core knows no slices.
constexpr Status kAgain{7};
constexpr std::int64_t kSliceNs = 100'000'000;  // what terminating a worker may take, at ten needless calls a second

/// Calls `wait` with the deadline, or with the end of the slice where that comes first.
template <typename Wait>
Status wait_slice(std::int64_t deadline_ns, Wait wait) noexcept {
  const std::int64_t slice_ns = Deadline::now_ns() + kSliceNs;
  if (deadline_ns <= slice_ns) return wait(Deadline::at(deadline_ns));
  const Status status = wait(Deadline::at(slice_ns));
  return status == Status::kTimedOut ? kAgain : status;
}

}  // namespace lockstep::addon
