// A process that this one has started, by the descriptor that the kernel keeps for it: the number of a process may be
// another's by the time it is used, the descriptor never is. Whoever started the process reaps it, which is the
// runtime; nothing here does, so both can look at how it ended.
#pragma once

#include <sys/types.h>

#include "deadline.hpp"
#include "status.hpp"

namespace lockstep {

struct Child {
  int fd = -1;
};

/// Of a process that nobody has reaped. kNotFound when there is none, kUnsupported before Linux 5.4, kSystem.
Status child_open(pid_t pid, Child* child) noexcept;
void child_close(Child child) noexcept;

/// Blocks until it has ended: kOk, also when it was reaped since, or kTimedOut.
Status child_wait(Child child, Deadline deadline) noexcept;

/// How it ended: its exit code, or the negative number of the signal. kUnavailable while it runs, kNotFound when it was
/// reaped: whoever did knows.
Status child_outcome(Child child, int* outcome) noexcept;

/// SIGKILL; for no other process whatever has become of this one.
void child_kill(Child child) noexcept;

}  // namespace lockstep
