// The robust list of the calling thread, which the kernel walks when the process ends: its nodes are Process entries.
//
// For the helper thread (watcher.hpp) alone: the kernel knows one list per thread.
#pragma once

#include "layout.hpp"

namespace lockstep {

/// False when the kernel refuses.
bool register_robust_list() noexcept;
/// Puts the entry on the list and says so in its presence word.
void link_process(Process& process) noexcept;
/// Frees the entry and takes it off the list. From then on until end_unlink() the kernel wakes its sleeper if the
/// process dies, as that one must now watch another.
void begin_unlink(Process& process) noexcept;
void end_unlink() noexcept;

/// For the entry of another process, the value to sleep on: the kernel wakes a waiter at death only when FUTEX_WAITERS
/// stands. 0 when there is nothing to wait for.
std::uint32_t arm_presence(Word& presence) noexcept;

}  // namespace lockstep
