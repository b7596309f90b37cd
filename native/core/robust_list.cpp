#include "robust_list.hpp"

#include <linux/futex.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>

namespace lockstep {
namespace {

// Layout of the kernel's struct robust_list_head. Private memory of this process; the nodes are in the segments.
struct RobustList {
  std::uint64_t next;
  std::int64_t word_from_node;
  std::uint64_t pending;
};
static_assert(sizeof(RobustList) == 24);

RobustList& robust_list() noexcept {
  static RobustList list;
  return list;
}

}  // namespace

bool register_robust_list() noexcept {
  RobustList& list = robust_list();
  list = {reinterpret_cast<std::uint64_t>(&list), kPresenceFromNode, 0};
  return syscall(SYS_set_robust_list, &list, sizeof list) == 0;
}

// Linked before the thread id is stored: death in between leaves presence 0, a free entry.
void link_process(Process& process) noexcept {
  process.robust_next = robust_list().next;
  std::atomic_signal_fence(std::memory_order_seq_cst);
  robust_list().next = reinterpret_cast<std::uint64_t>(&process);
  process.presence.store(static_cast<std::uint32_t>(syscall(SYS_gettid)));
}

void unlink_process(Process& process) noexcept {
  process.presence.store(0);
  std::uint64_t* at = &robust_list().next;
  while (*at != reinterpret_cast<std::uint64_t>(&process)) at = &reinterpret_cast<Process*>(*at)->robust_next;
  *at = process.robust_next;
}

std::uint32_t arm_presence(Word& presence) noexcept {
  std::uint32_t seen = presence.load();
  while ((seen & FUTEX_TID_MASK) != 0 && !(seen & FUTEX_OWNER_DIED)) {
    if (seen & FUTEX_WAITERS) return seen;
    if (presence.compare_exchange(seen, seen | FUTEX_WAITERS)) return seen | FUTEX_WAITERS;
  }
  return 0;
}

}  // namespace lockstep
