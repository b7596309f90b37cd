// Queues: values that are put once and got once, by any process of a segment. Protocol and proof: queue.cpp; what is
// taken and not done yet: queue_holders.cpp.
//
// Three kinds of object: first in, first out; last in, first out; lowest priority first, and first in, first out among
// equals. The meaning is that of Python's queue.Queue, where not said otherwise.
#pragma once

#include "object.hpp"
#include "value.hpp"

namespace lockstep {

class StripeWork;

constexpr std::uint32_t kMaxItems = 1u << 29;
constexpr std::uint32_t kMaxItemBytes = (1u << 28) - 1;

/// The parameter of a queue: how many items may lie in it, 0 for as many as fit, and whether what a consumer has taken
/// goes back when it dies before it says that it is done.
constexpr std::uint32_t queue_parameter(std::uint32_t max_size, bool redelivers) noexcept {
  return max_size << 1 | (redelivers ? 1 : 0);
}
constexpr std::uint32_t queue_max_size(std::uint32_t parameter) noexcept { return parameter >> 1; }
constexpr bool queue_redelivers(std::uint32_t parameter) noexcept { return parameter & 1; }

struct QueueItem {
  Value value;
  double priority = 0;  // NaN comes last
};

/// Items to put, and how many of them are in.
struct QueuePut {
  const QueueItem* items;
  std::uint32_t count;
  std::uint32_t done = 0;
};

/// Who gets items, one after the other, under the lock of the queue.
class ItemTaker {
 public:
  /// Copies it, as copy_value() does; when that fails it stays where it is. queue_end() knows it by `item`.
  virtual Status take(StripeWork& work, const StoredValue& value, Offset item) noexcept = 0;

 protected:
  ~ItemTaker() = default;
};

/// How many items to get, and how many were got.
struct QueueGet {
  ItemTaker& taker;
  std::uint32_t count;
  std::uint32_t done = 0;
};

/// Puts the rest, one after the other, each whole. kOk when all are in, else why the next one is not: kUnavailable (no
/// place is free), kBroken (shut down), kFull (the segment), kGone (an object that it names). Never sleeps, but for a
/// lock that is held for a copy.
Status queue_try_put(const Reference& queue, QueuePut& put) noexcept;
/// The same, and sleeps while no place is free: kTimedOut instead of kUnavailable.
Status queue_put(const Reference& queue, QueuePut& put, Deadline deadline) noexcept;
/// Tries, and arms the isolate's bell when it is kUnavailable. Else the bell is not armed any more.
Status queue_arm_put(const Reference& queue, QueuePut& put) noexcept;
/// No promise of this isolate waits for a place any more.
void queue_disarm_put(const Reference& queue) noexcept;

/// Gets what is there, up to the count. kOk when it got any, which are then the caller's; else kUnavailable (empty),
/// kBroken (shut down and empty), kFull (the taker did not take it; or, where what is taken may come back, there is no
/// memory in the segment to note it; the item stays), kCorrupt.
Status queue_try_get(const Reference& queue, QueueGet& get) noexcept;
/// The same, and sleeps while there is none: kTimedOut instead of kUnavailable.
Status queue_get(const Reference& queue, QueueGet& get, Deadline deadline) noexcept;
Status queue_arm_get(const Reference& queue, QueueGet& get) noexcept;
void queue_disarm_get(const Reference& queue) noexcept;

/// `count` items that were got are done, of the caller's first, then of anybody's: an item counts as done as well when
/// its consumer has died. kBound when there are not so many; where what is taken may come back, kNotHeld when the
/// caller has not so many, whose oldest ones they are. Nothing is changed then. kCorrupt.
Status queue_task_done(const Reference& queue, std::uint32_t count) noexcept;
/// This item of the caller's is done; where items do not come back, and so are all alike, any one. kNotFound when it
/// is not the caller's, or no more.
Status queue_end(const Reference& queue, Offset item) noexcept;
/// queue_end() and then queue_try_get(), where something can be got under one hold of the stripe. As the latter.
Status queue_end_and_try_get(const Reference& queue, Offset item, QueueGet& get) noexcept;

/// kOk when every item that was put is done, else kUnavailable.
Status queue_try_join(const Reference& queue) noexcept;
/// The same, and sleeps until it is so: kTimedOut instead of kUnavailable.
Status queue_join(const Reference& queue, Deadline deadline) noexcept;
Status queue_arm_join(const Reference& queue) noexcept;
void queue_disarm_join(const Reference& queue) noexcept;

/// Nobody puts any more; with `at_once` nobody gets either, and what lies in the queue is freed and counts as done.
/// Whoever waits is told. Never undone.
void queue_shut_down(const Reference& queue, bool at_once) noexcept;
bool queue_is_shut_down(const Reference& queue) noexcept;

/// Items that lie in it, and those together with what was got and is not done.
std::uint32_t queue_size(const Reference& queue) noexcept;
std::uint32_t queue_unfinished(const Reference& queue) noexcept;

/// What `dead` had taken of any queue and not done goes back, or is done. The caller holds no lock.
void give_back_queues(const Participant& me, OwnerId dead) noexcept;
/// The part of a death scan, after that: wakes everybody.
void queue_give_back(const Reference& queue, OwnerId dead) noexcept;
/// Frees what the queue holds, for its last user, a piece at a time; false when nothing is left.
bool queue_reap(const Reference& queue) noexcept;

}  // namespace lockstep
