// A process that ends with the one that has started it, in whatever way that ends, and whatever it does meanwhile.
//
// PROTOCOL. A thread of its own sleeps on the descriptor that the kernel keeps for the parent. When it wakes up it says
// in the private segment that this process is ending (unlink_all_if_last), and kills the process: no event loop and no
// cleanup has a part in it, so that an endless loop is ended as well. The kernel marks the parent dead in the segment
// (owner.hpp) before it makes the descriptor ready: whoever hears of the death finds it there.
//
// WHY NOT PR_SET_PDEATHSIG. It is sent when the thread ends that started the process, and runtimes start processes from
// threads that come and go. And a process that the kernel kills removes no file: where parent and children die together
// the private segment would stay behind. Here the last child to say that it is ending removes it, without waiting for
// the others; a child that goes on is alive and has said nothing, which keeps the file.
//
// WHEN IT DIES. Killed before it has removed the file: if it was the last, the file stays, as when all are killed at
// one stroke, and goes when a program next opens a private segment (segment_list.cpp). Where a lock that it needs is
// held for long, by a process that was stopped, an alarm ends it after kTidyMs.
#pragma once

#include <sys/types.h>

#include <cstdint>

#include "status.hpp"

namespace lockstep {

constexpr std::int64_t kTidyMs = 500;  // ample for two locks and an unlink(); a file that stays is the lesser evil

/// From now on this process ends with its parent. kNotFound when `parent` is that no more, kUnsupported before Linux
/// 5.4, kSystem.
Status end_with_parent(pid_t parent) noexcept;

}  // namespace lockstep
