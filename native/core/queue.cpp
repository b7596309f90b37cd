// Queue.
//
// PROTOCOL. All of a queue changes under one stripe (stripe.cpp). Three event counts (event_count.cpp) are where
// getters, putters and joiners wait; each has bells of its own.
//
//     step       change, as one commit                                      then wakes
//     put        an item is taken, filled, and linked in; size + 1;         a getter
//                unfinished + 1
//     get        the first item is copied out, unlinked and freed, or       a putter
//                kept (queue_holders.cpp); size - 1
//     done, end  unfinished - n                                             at 0: all joiners
//                (a loop ends its item and gets the next one under one
//                hold, as two commits)
//     shut down  state 0 -> 1                                               all getters and putters
//     at once    state -> 2; unfinished - size; size -> 0; what lies in     everybody
//                the queue is freed afterwards, piece by piece
//     come back  (recovery) items are linked in front; size + n             everybody
//
// Who looks whether it is worth while to take the stripe reads size and state as they are, perhaps before their commit.
// What it sees too early it finds not to be so under the stripe.
//
// WHY NO WAKE-UP IS LOST. A waiter makes itself visible in its event count, then looks at size, state or unfinished.
// Who changes one of these does so before he lets go of the stripe, and looks at the event count after that. One of
// them sees the other. A wake-up is a baton: who was woken passes it on, however his wait ends, while there is
// anything left for another one: an item, a place, or the news that it is all over. The end of all items is for every
// joiner, so they pass nothing on.
//
// A change that is rolled back, of one who died before his commit, may have hidden an item or a place from somebody's
// look: the scan after his death wakes everybody.
//
// WHEN A PROCESS DIES before a commit, nothing has happened; after it, and before the wake, the scan wakes everybody.
// What it had got is gone with it, or comes back. What it put and was told to be in stays. Between `at once` and the
// end of the freeing, the memory stays taken until the next one shuts the queue down or the queue goes.
//
// NOT PROMISED: order among getters, and among putters that wait. What comes back after a shut down waits for whoever
// still gets: the others were told that it was empty.
//
// Model: native/model/queue.pml.
#include "queue.hpp"

#include "futex.hpp"
#include "queue_holders.hpp"
#include "queue_sites.hpp"

namespace lockstep {
namespace {

// What one hold of the stripe is for, at most.
constexpr std::uint32_t kItemsAtOnce = 256;
constexpr std::uint32_t kBytesAtOnce = 1 << 20;

Status put_one(const QueueWork& at, const QueueItem& from) noexcept {
  const std::uint32_t most = queue_max_size(at.parameter);
  const std::uint32_t size = at.queue.size.load();
  const std::uint32_t unfinished = at.queue.unfinished.load();
  if (at.state() != QueueState::kOpen) return Status::kBroken;
  if (size >= (most == 0 ? kMaxItems : most)) return Status::kUnavailable;
  const std::uint32_t places = at.redelivers() ? unfinished : size;
  if (unfinished == UINT32_MAX || (at.is_ranked() && !make_heap_place(at, places))) return Status::kFull;
  Offset item = 0;
  const Status made = make_item(at, from, &item);
  if (made != Status::kOk) return made;
  if (!add_item(at, item)) return Status::kCorrupt;
  at.work.set(at.queue.size, size + 1);
  at.work.set(at.queue.unfinished, unfinished + 1);
  return Status::kOk;
}

Status get_one(const QueueWork& at, QueueGet& get, std::uint32_t* length) noexcept {
  const std::uint32_t size = at.queue.size.load();
  if (size == 0) return at.state() == QueueState::kOpen ? Status::kUnavailable : Status::kBroken;
  const Offset first = first_item(at);
  const Item item = checked_item(at, first);
  if (!item) return Status::kCorrupt;
  const StoredValue value = item.stored();
  const Status taken = get.taker.take(at.work, value, first);
  if (taken != Status::kOk) return taken;
  *length = value.length;
  remove_first(at);
  if (!note_taken(at, first)) return Status::kFull;
  at.work.set(at.queue.size, size - 1);
  return Status::kOk;
}

// In one hold. kOk when the rest is in or the hold was long enough.
Status put_some(const Reference& queue, QueuePut& put) noexcept {
  StripeWork work(queue.me, stripe_of(queue, 0));
  const QueueWork at(work, *queue.object);
  std::uint64_t bytes = 0;
  for (std::uint32_t i = 0; put.done < put.count && i < kItemsAtOnce && bytes < kBytesAtOnce; ++i) {
    const Status status = put_one(at, put.items[put.done]);
    if (status != Status::kOk) return work.rollback(), status;
    work.commit();
    bytes += put.items[put.done++].value.length;
  }
  return Status::kOk;
}

// Ends an item first, unless that is 0 or was done before.
Status get_some(const Reference& queue, QueueGet& get, Offset done = 0) noexcept {
  StripeWork work(queue.me, stripe_of(queue, 0));
  const QueueWork at(work, *queue.object);
  if (done != 0) end_one(at, done);
  std::uint64_t bytes = 0;
  for (std::uint32_t i = 0; get.done < get.count && i < kItemsAtOnce && bytes < kBytesAtOnce; ++i) {
    std::uint32_t length = 0;
    const Status status = get_one(at, get, &length);
    if (status != Status::kOk) return work.rollback(), status;
    work.commit();
    bytes += length;
    ++get.done;
  }
  return Status::kOk;
}

template <typename Change>
Status change_unfinished(const Reference& queue, Change change) noexcept {
  const Status status = [&] {
    StripeWork work(queue.me, stripe_of(queue, 0));
    return change(QueueWork(work, *queue.object));
  }();
  if (status == Status::kOk && queue_unfinished(queue) == 0) count_wake(queue.me, joiners_of(queue), kWakeAll);
  return status;
}

}  // namespace

Status queue_try_put(const Reference& queue, QueuePut& put) noexcept {
  const std::uint32_t before = put.done;
  Status status = Status::kOk;
  bool is_trimmed = false;
  while (put.done < put.count && status == Status::kOk) {
    status = may_put(queue) ? put_some(queue, put) : Status::kUnavailable;
    if (status != Status::kFull || is_trimmed) continue;
    is_trimmed = true;
    if (trim_stripes(queue.me)) status = Status::kOk;
  }
  if (put.done > before) count_wake(queue.me, getters_of(queue), static_cast<int>(put.done - before));
  return status;
}

Status queue_try_get(const Reference& queue, QueueGet& get) noexcept {
  const std::uint32_t before = get.done;
  Status status = Status::kOk;
  while (get.done < get.count && status == Status::kOk) {
    status = may_get(queue) ? get_some(queue, get) : Status::kUnavailable;
  }
  if (get.done == before) return status;
  count_wake(queue.me, putters_of(queue), static_cast<int>(get.done - before));
  return Status::kOk;
}

Status queue_task_done(const Reference& queue, std::uint32_t count) noexcept {
  return change_unfinished(queue, [&](const QueueWork& at) { return note_done(at, count); });
}

Status queue_end(const Reference& queue, Offset item) noexcept {
  return change_unfinished(queue, [&](const QueueWork& at) { return end_one(at, item); });
}

Status queue_end_and_try_get(const Reference& queue, Offset item, QueueGet& get) noexcept {
  if (!may_get(queue)) return queue_end(queue, item), Status::kUnavailable;
  const Status status = get_some(queue, get, item);
  if (get.done > 0) count_wake(queue.me, putters_of(queue), static_cast<int>(get.done));
  if (queue_unfinished(queue) == 0) count_wake(queue.me, joiners_of(queue), kWakeAll);
  return status;
}

Status queue_try_join(const Reference& queue) noexcept {
  return queue_unfinished(queue) == 0 ? Status::kOk : Status::kUnavailable;
}

void queue_shut_down(const Reference& queue, bool at_once) noexcept {
  {
    StripeWork work(queue.me, stripe_of(queue, 0));
    const QueueWork at(work, *queue.object);
    const QueueState wanted = at_once ? QueueState::kDiscarded : QueueState::kShutDown;
    if (at.state() < wanted) work.set(at.queue.state, static_cast<std::uint32_t>(wanted));
    if (at_once) {
      at.subtract(at.queue.unfinished, at.queue.size.load());
      work.set(at.queue.size, 0);
    }
    work.commit();
  }
  for (const CountSite site : {getters_of(queue), putters_of(queue)}) count_wake(queue.me, site, kWakeAll);
  if (queue_unfinished(queue) == 0) count_wake(queue.me, joiners_of(queue), kWakeAll);
  for (bool is_more = at_once; is_more;) {
    StripeWork work(queue.me, stripe_of(queue, 0));
    is_more = discard_some(QueueWork(work, *queue.object));
  }
}

bool queue_is_shut_down(const Reference& queue) noexcept { return words_of(*queue.object).state.load() != 0; }
std::uint32_t queue_size(const Reference& queue) noexcept { return words_of(*queue.object).size.load(); }
std::uint32_t queue_unfinished(const Reference& queue) noexcept { return words_of(*queue.object).unfinished.load(); }

void queue_give_back(const Reference& queue, OwnerId dead) noexcept {
  if (slot_of(dead) <= kIsolateSlots && bell_of(dead) != kSharedBell) {
    words_of(*queue.object).join_bells.fetch_and(~bell_of(dead));
  }
  for (const CountSite site : {getters_of(queue), putters_of(queue), joiners_of(queue)})
    count_give_back(queue.me, site);
}

bool queue_reap(const Reference& queue) noexcept {
  StripeWork work(queue.me, stripe_of(queue, 0));
  const QueueWork at(work, *queue.object);
  return reap_holders(at) || discard_some(at);
}

}  // namespace lockstep
