// The forms of a queue's operations that wait. Why no wake-up is lost: queue.cpp.
#include "queue_sites.hpp"
#include "spin.hpp"

namespace lockstep {
namespace {

// One of the three things that a queue is waited for: where, how it is tried, and whether there is some for the next
// one.
template <typename Attempt>
struct Wait {
  const Reference& queue;
  CountSite site;
  Attempt attempt;
  bool (*is_more)(const Reference&) noexcept;

  Status pass_on(Status status) const noexcept {
    if (is_more(queue)) count_wake(queue.me, site, 1);
    return status;
  }

  Status sleep(Deadline deadline) const noexcept {
    Spinner spinner;
    do {
      const Status status = attempt();
      if (status != Status::kUnavailable) return status;
    } while (spinner.once());
    for (;;) {
      const std::uint32_t prepared = count_prepare(site, false);
      const Status status = attempt();
      if (status != Status::kUnavailable) return pass_on(status);
      if (deadline.passed()) return pass_on(Status::kTimedOut);
      count_wait(site, prepared, deadline);
    }
  }

  Status arm() const noexcept {
    count_arm(queue.me, site, false);
    const Status status = attempt();
    return status == Status::kUnavailable ? status : disarm(status);
  }

  Status disarm(Status status) const noexcept {
    count_disarm(queue.me, site);
    return pass_on(status);
  }
};

bool is_none_left(const Reference&) noexcept { return false; }

auto get_wait(const Reference& queue, QueueGet& get) noexcept {
  return Wait{queue, getters_of(queue), [&] { return queue_try_get(queue, get); }, may_get};
}
auto put_wait(const Reference& queue, QueuePut& put) noexcept {
  return Wait{queue, putters_of(queue), [&] { return queue_try_put(queue, put); }, may_put};
}
auto join_wait(const Reference& queue) noexcept {
  return Wait{queue, joiners_of(queue), [&] { return queue_try_join(queue); }, is_none_left};
}

}  // namespace

Status queue_put(const Reference& queue, QueuePut& put, Deadline deadline) noexcept {
  return put_wait(queue, put).sleep(deadline);
}
Status queue_arm_put(const Reference& queue, QueuePut& put) noexcept { return put_wait(queue, put).arm(); }
void queue_disarm_put(const Reference& queue) noexcept {
  Wait{queue, putters_of(queue), nullptr, may_put}.disarm(Status::kOk);
}

Status queue_get(const Reference& queue, QueueGet& get, Deadline deadline) noexcept {
  return get_wait(queue, get).sleep(deadline);
}
Status queue_arm_get(const Reference& queue, QueueGet& get) noexcept { return get_wait(queue, get).arm(); }
void queue_disarm_get(const Reference& queue) noexcept {
  Wait{queue, getters_of(queue), nullptr, may_get}.disarm(Status::kOk);
}

Status queue_join(const Reference& queue, Deadline deadline) noexcept { return join_wait(queue).sleep(deadline); }
Status queue_arm_join(const Reference& queue) noexcept { return join_wait(queue).arm(); }
void queue_disarm_join(const Reference& queue) noexcept { join_wait(queue).disarm(Status::kOk); }

}  // namespace lockstep
