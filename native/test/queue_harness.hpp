// A queue as the tests see it: strings in, strings out.
#pragma once

#include <optional>
#include <string>

#include "core/queue_items.hpp"
#include "dict_harness.hpp"

namespace lockstep::test {

inline QueueItem item_of(const std::string& text, double priority = 0) { return {latin1(text), priority}; }
inline std::string text_of(const ValueCopy& copy) { return std::string(copy.bytes(), copy.length); }

constexpr Kind kQueueKinds[] = {Kind::kQueue, Kind::kLifoQueue, Kind::kPriorityQueue};

inline Status put(const Reference& queue, const std::string& text, double priority = 0,
                  Deadline deadline = Deadline::never()) {
  const QueueItem item = item_of(text, priority);
  QueuePut one{&item, 1};
  return queue_put(queue, one, deadline);
}
inline Status try_put(const Reference& queue, const std::string& text, double priority = 0) {
  const QueueItem item = item_of(text, priority);
  QueuePut one{&item, 1};
  return queue_try_put(queue, one);
}
inline Status put_promised(const Reference& queue, Loop& loop, const std::string& text, double priority = 0) {
  const QueueItem item = item_of(text, priority);
  QueuePut one{&item, 1};
  Status status = Status::kUnavailable;
  loop.run([&] { return (status = queue_arm_put(queue, one)) != Status::kUnavailable; });
  return status;
}

/// What a get came to: a text, or why there is none.
struct Got {
  Status status = Status::kUnavailable;
  std::string text;

  bool operator==(const char* other) const { return status == Status::kOk && text == other; }
  bool operator==(Status other) const { return status == other; }
};
inline std::ostream& operator<<(std::ostream& out, const Got& got) {
  return out << static_cast<int>(got.status) << " " << got.text;
}

/// Gets into copies.
struct CopyGet : ItemTaker, QueueGet {
  ValueCopy* copies;
  Offset last = 0;  // of the items that were got

  CopyGet(ValueCopy* to, std::uint32_t most) : QueueGet{*this, most}, copies(to) {}
  Status take(StripeWork& work, const StoredValue& value, Offset item) noexcept override {
    last = item;
    return copy_value(work, value, copies[done]);
  }
};

template <typename Form>
Got get_by(Form form) {
  thread_local ValueCopy copy;
  CopyGet one(&copy, 1);
  const Status status = form(one);
  return {status, status == Status::kOk ? text_of(copy) : std::string()};
}
inline Got get(const Reference& queue, Deadline deadline = Deadline::never()) {
  return get_by([&](QueueGet& one) { return queue_get(queue, one, deadline); });
}
inline Got try_get(const Reference& queue) {
  return get_by([&](QueueGet& one) { return queue_try_get(queue, one); });
}
inline Got get_promised(const Reference& queue, Loop& loop) {
  return get_by([&](QueueGet& one) {
    Status status = Status::kUnavailable;
    loop.run([&] { return (status = queue_arm_get(queue, one)) != Status::kUnavailable; });
    return status;
  });
}

inline bool has_waiter(const Word& event_count) { return event_count.load() & kCountWaiters; }

/// The free blocks of each slab are a chain as long as the slab says.
inline void check_slabs(const Room& room) {
  Segment& segment = *room.segment();
  for (std::uint32_t i = 0; i < stripe_count(segment); ++i) {
    StripeWork work(room.me(), i);
    std::uint64_t size = 0;
    for (const Word& slabs : work.stripe().slabs) {
      size = block_bytes(size + 1);
      for (std::uint32_t page = slabs.load(); page != 0; page = segment.page(page - 1).next.load()) {
        const std::uint32_t blocks = segment.page(page - 1).blocks.load();
        std::uint32_t free = 0, next = blocks & 0xffff;
        for (; next != 0 && free <= kPage; ++free) {
          const std::uint64_t block = offset_of_page(segment, page - 1) + (next - 1) * size;
          const auto* const link = segment.checked<Word>(static_cast<Offset>(block), size);
          MUST(link != nullptr);
          next = link->load();
        }
        MUST(free == blocks >> 16);
      }
    }
  }
}

/// What must hold whenever nobody is at work; returns how many items the queue has in all, got and not done included.
inline std::uint32_t check_queue(const Reference& queue) {
  StripeWork work(queue.me, stripe_of(queue, 0));
  const QueueWork at(work, *queue.object);
  std::uint32_t listed = 0, held = 0, kept = 0;
  const auto length = [&](Offset next) {
    std::uint32_t items = 0;
    for (Offset last = 0; next != 0 && items <= kMaxItems; ++items) {
      const Item item = checked_item(at, next);
      MUST(item && next != last);
      last = next;
      next = item.head->next.load();
    }
    return items;
  };
  for (Holder& holder : at.queue.holders) {
    if (holder.owner.load() == 0) MUST(holder.count.load() == 0 && holder.first.load() == 0);
    if (holder.owner.load() != 0) MUST(!is_dead(work.segment(), holder.owner.load()));
    held += holder.count.load();
    kept += length(holder.first.load());
  }
  MUST(kept == (at.redelivers() ? held : 0));
  listed = at.is_ranked() ? at.queue.heap_size.load() : length(at.queue.front.load());
  MUST(listed == at.queue.size.load());
  MUST(at.queue.unfinished.load() == at.queue.size.load() + held);
  MUST(held == 0 || at.queue.is_listed.load() == 1);
  return at.queue.unfinished.load();
}

}  // namespace lockstep::test
