#include "robust_list.hpp"

#include <linux/futex.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <vector>

#include "per_process.hpp"

namespace lockstep {
namespace {

// Layout of the kernel's struct robust_list_head. Private memory of this process; the nodes are in the segments.
struct RobustList {
  std::uint64_t next;
  std::int64_t word_from_node;
  std::uint64_t pending;
};
static_assert(sizeof(RobustList) == 24);

constinit RobustList list{};

// What is linked, oldest first, known without looking at the links: those are in memory that others may write to.
constinit PerProcess<std::vector<Process*>> linked;

std::uint64_t address_of(const void* node) noexcept { return reinterpret_cast<std::uint64_t>(node); }

}  // namespace

bool register_robust_list() noexcept {
  list = {address_of(&list), kPresenceFromNode, 0};
  linked.forget();  // a forked child has its parent's
  return syscall(SYS_set_robust_list, &list, sizeof list) == 0;
}

// Linked before the thread id is stored: death in between leaves presence 0, a free entry.
void link_process(Process& process) noexcept {
  process.robust_next = list.next;
  std::atomic_signal_fence(std::memory_order_seq_cst);
  list.next = address_of(&process);
  linked.get().push_back(&process);
  process.presence.store(static_cast<std::uint32_t>(syscall(SYS_gettid)));
}

// A pending entry with the value 0 means to the kernel: let go, and killed before the wake-up (Linux 5.5).
void begin_unlink(Process& process) noexcept {
  list.pending = address_of(&process);
  std::atomic_signal_fence(std::memory_order_seq_cst);
  process.presence.store(0);
  std::vector<Process*>& all = linked.get();
  const auto at = std::find(all.begin(), all.end(), &process);
  const std::uint64_t next = at == all.begin() ? address_of(&list) : address_of(*(at - 1));
  (at + 1 == all.end() ? list.next : (*(at + 1))->robust_next) = next;
  all.erase(at);
}

void end_unlink() noexcept {
  std::atomic_signal_fence(std::memory_order_seq_cst);
  list.pending = 0;
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
