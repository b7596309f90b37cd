#include "core/condition.hpp"

#include "harness.hpp"

namespace lockstep::test {
namespace {

/// A condition and its lock, as one owner sees them.
struct Monitor {
  Reference lock, condition;

  const Participant& me() const noexcept { return lock.me; }
  Status acquire() const { return lock_acquire(me(), lock.lock(), Patience{}); }
  void release() const { MUST(lock_release(me(), lock.lock(), me().id) == Status::kOk); }

  /// Waits, the lock being held, as Python's Condition.wait does; true when notified.
  bool wait(Deadline deadline = Deadline::never()) const {
    Offset entry = 0;
    MUST(condition_enter(condition, &entry) == Status::kOk);
    release();
    condition_wait(condition, entry, deadline);
    MUST(is_acquired(acquire()));
    return condition_leave(condition, entry) == Status::kOk;
  }
  /// The same as a promise does it.
  bool wait_promised(Loop& loop) const {
    Offset entry = 0;
    MUST(condition_enter(condition, &entry) == Status::kOk);
    release();
    loop.run([&] { return condition_poll(condition, entry) == Status::kOk; });
    MUST(is_acquired(acquire()));
    return condition_leave(condition, entry) == Status::kOk;
  }
  std::uint32_t notify(std::uint32_t count) const {
    MUST(is_acquired(acquire()));
    const std::uint32_t notified = condition_notify(condition, count);
    release();
    return notified;
  }
  std::uint32_t waiting() const { return condition_waiting(condition); }
};

Monitor make_monitor(const Room& room) {
  const Reference lock = room.open(Kind::kLock);
  return {lock, room.open_condition(lock)};
}
Monitor as(const Participant& me, const Monitor& monitor) {
  return {test::as(me, monitor.lock), test::as(me, monitor.condition)};
}
Monitor attach(const Room& room, const Monitor& monitor) {
  return {room.attach(monitor.lock), room.attach(monitor.condition)};
}

constexpr std::uint32_t kAll = UINT32_MAX;

/// A thread that waits once, says in which place it was woken, and ends.
struct Waiter {
  Waiter(const Room& room, const Monitor& monitor, std::atomic<int>& woken)
      : before(monitor.waiting()), thread([&] {
          const Monitor mine = as(room.join(), monitor);
          MUST(is_acquired(mine.acquire()));
          MUST(mine.wait());
          place = woken.fetch_add(1);
          mine.release();
        }) {
    until([&] { return monitor.waiting() > before; });
    thread.until_asleep();
  }
  std::uint32_t before;
  std::atomic<int> place{-1};
  Sleeper thread;
};

}  // namespace

TEST_SUITE("contract") {
  TEST_CASE("notify wakes one waiter, the one that has waited longest") {
    Room room;
    const Monitor monitor = make_monitor(room);
    std::atomic<int> woken{0};
    Waiter first(room, monitor, woken), second(room, monitor, woken), third(room, monitor, woken);
    CHECK(monitor.waiting() == 3);
    CHECK(monitor.notify(1) == 1);
    until([&] { return first.place.load() == 0; });
    CHECK(monitor.waiting() == 2);
    CHECK(monitor.notify(2) == 2);
    second.thread.join();
    third.thread.join();
    CHECK(monitor.notify(1) == 0);
  }

  TEST_CASE("notify of all wakes all, and only those who wait") {
    Room room;
    const Monitor monitor = make_monitor(room);
    CHECK(monitor.notify(kAll) == 0);
    std::atomic<int> woken{0};
    Waiter first(room, monitor, woken), second(room, monitor, woken), third(room, monitor, woken);
    CHECK(monitor.notify(kAll) == 3);
    for (Waiter* waiter : {&first, &second, &third}) waiter->thread.join();
    CHECK(monitor.waiting() == 0);
  }

  TEST_CASE("notify of more than wait wakes all") {
    Room room;
    const Monitor monitor = make_monitor(room);
    std::atomic<int> woken{0};
    Waiter first(room, monitor, woken), second(room, monitor, woken);
    CHECK(monitor.notify(5) == 2);
  }

  TEST_CASE("a wait ends at its deadline, not before, and leaves nothing behind") {
    Room room;
    const Monitor monitor = make_monitor(room);
    REQUIRE(monitor.acquire() == Status::kOk);
    const std::int64_t start = Deadline::now_ns();
    CHECK_FALSE(monitor.wait(Deadline::in_ms(10)));
    CHECK(Deadline::now_ns() - start >= 10'000'000);
    CHECK_FALSE(monitor.wait(Deadline::at(1)));
    CHECK(monitor.waiting() == 0);
    monitor.release();
  }

  TEST_CASE("a notification that comes before the wait begins to sleep is kept") {
    Room room;
    const Monitor monitor = make_monitor(room);
    Offset entry = 0;
    REQUIRE(condition_enter(monitor.condition, &entry) == Status::kOk);
    CHECK(condition_poll(monitor.condition, entry) == Status::kUnavailable);
    CHECK(condition_notify(monitor.condition, 1) == 1);
    CHECK(condition_wait(monitor.condition, entry, Deadline::never()) == Status::kOk);
    CHECK(condition_leave(monitor.condition, entry) == Status::kOk);
  }

  TEST_CASE("a place that was given up gets no notification") {
    Room room;
    const Monitor monitor = make_monitor(room);
    Offset first = 0, second = 0;
    REQUIRE(condition_enter(monitor.condition, &first) == Status::kOk);
    REQUIRE(condition_enter(monitor.condition, &second) == Status::kOk);
    CHECK(condition_leave(monitor.condition, first) == Status::kTimedOut);
    CHECK(condition_notify(monitor.condition, 1) == 1);
    CHECK(condition_leave(monitor.condition, second) == Status::kOk);
  }

  TEST_CASE("a promise is told by its bell") {
    Room room;
    const Monitor monitor = make_monitor(room);
    Sleeper promise([&] {
      const Monitor mine = as(room.join(), monitor);
      Loop loop(mine.me());
      MUST(is_acquired(mine.acquire()));
      MUST(mine.wait_promised(loop));
      mine.release();
    });
    until([&] { return monitor.waiting() == 1; });
    promise.until_asleep();
    CHECK(monitor.notify(1) == 1);
  }

  TEST_CASE("more waiters than the object has room for") {
    Room room;
    const Monitor monitor = make_monitor(room);
    std::vector<Offset> entries(kInlineEntries + 200);
    for (Offset& entry : entries) REQUIRE(condition_enter(monitor.condition, &entry) == Status::kOk);
    CHECK(monitor.waiting() == entries.size());
    CHECK(condition_notify(monitor.condition, 150) == 150);
    for (std::size_t i = 0; i < entries.size(); ++i) {
      CHECK(condition_leave(monitor.condition, entries[i]) == (i < 150 ? Status::kOk : Status::kTimedOut));
    }
    CHECK(monitor.waiting() == 0);
  }
}

TEST_SUITE("misuse") {
  TEST_CASE("a place that is none is refused") {
    Room room;
    const Monitor monitor = make_monitor(room);
    for (const Offset place :
         {0u, 8u, room.segment()->heap_start(), room.segment()->heap_start() + 8, 0xfffffff8u, 0xffffffffu}) {
      CHECK(is_failure(condition_wait(monitor.condition, place, Deadline::never())));
      CHECK(is_failure(condition_poll(monitor.condition, place)));
      CHECK(is_failure(condition_leave(monitor.condition, place)));
    }
  }

  TEST_CASE("a place of another is refused") {
    Room room;
    const Monitor monitor = make_monitor(room);
    const Monitor other = as(room.join(), monitor);
    Offset entry = 0;
    REQUIRE(condition_enter(other.condition, &entry) == Status::kOk);
    CHECK(is_failure(condition_wait(monitor.condition, entry, Deadline::never())));
    CHECK(is_failure(condition_leave(monitor.condition, entry)));
    CHECK(condition_notify(monitor.condition, 1) == 1);
    CHECK(is_failure(condition_leave(monitor.condition, entry)));
    CHECK(condition_leave(other.condition, entry) == Status::kOk);
    CHECK(is_failure(condition_leave(other.condition, entry)));
  }

  TEST_CASE("a full segment is an error at the call") {
    OpenOptions options = fresh_options();
    options.capacity = kMinCapacity;
    Room room(options);
    const Monitor monitor = make_monitor(room);
    fill_up(room);
    Offset entry = 0;
    std::uint32_t entered = 0;
    while (condition_enter(monitor.condition, &entry) == Status::kOk) ++entered;
    CHECK(condition_enter(monitor.condition, &entry) == Status::kFull);
    CHECK(monitor.waiting() == entered);
    CHECK(monitor.notify(kAll) == entered);
  }
}

// A bounded buffer of one item: each item is taken exactly once.
struct Buffer {
  std::atomic<bool> full;
  std::atomic<std::uint32_t> put, taken;
};

void trade(const Monitor& monitor, Loop& loop, Buffer& buffer, bool is_producer, std::uint32_t items) {
  Random random(monitor.me().id);
  for (std::uint32_t i = 0; i < items; ++i) {
    MUST(is_acquired(monitor.acquire()));
    while (buffer.full.load() == is_producer) {
      const std::uint32_t way = random.below(4);
      if (way == 0) monitor.wait(Deadline::at(Deadline::now_ns() + random.below(200'000)));
      if (way == 1) monitor.wait_promised(loop);
      if (way > 1) monitor.wait();
    }
    buffer.full.store(is_producer);
    (is_producer ? buffer.put : buffer.taken).fetch_add(1);
    condition_notify(monitor.condition, random.below(3) == 0 ? kAll : 2);
    monitor.release();
  }
}

TEST_SUITE("hammer") {
  TEST_CASE("threads pass items through a buffer of one") {
    Room room;
    const Monitor monitor = make_monitor(room);
    Shared<Buffer> buffer;
    in_threads(2, [&](int index) {
      const Monitor mine = as(room.join(), monitor);
      Loop loop(mine.me());
      trade(mine, loop, *buffer, index % 2 == 0, 2000);
    });
    CHECK(buffer->put.load() == buffer->taken.load());
    CHECK(monitor.waiting() == 0);
  }

  TEST_CASE("processes pass items through a buffer of one") {
    Room room;
    const Monitor monitor = make_monitor(room);
    Shared<Buffer> buffer;
    in_processes(room, 2, [&](Room& own, int index) {
      const Monitor mine = attach(own, monitor);
      Loop loop(mine.me());
      trade(mine, loop, *buffer, index % 2 == 0, 2000);
    });
    CHECK(buffer->put.load() == buffer->taken.load());
    CHECK(monitor.waiting() == 0);
  }

  TEST_CASE("threads: as many wake-ups as notifications, time-outs in between") {
    Room room;
    const Monitor monitor = make_monitor(room);
    std::atomic<std::uint32_t> notified{0}, woken{0};
    in_threads(4, [&](int index) {
      const Monitor mine = as(room.join(), monitor);
      Random random(index + 1);
      for (int i = 0; i < 1000; ++i) {
        if (index == 0) {
          notified.fetch_add(mine.notify(1 + random.below(2)));
          continue;
        }
        MUST(is_acquired(mine.acquire()));
        woken.fetch_add(mine.wait(Deadline::at(Deadline::now_ns() + random.below(100'000))));
        mine.release();
      }
    });
    CHECK(notified.load() == woken.load());
  }
}

TEST_SUITE("death") {
  TEST_CASE("a killed waiter takes no notification with it") {
    Room room;
    const Monitor monitor = make_monitor(room);
    for (int round = 0; round < 20; ++round) {
      REQUIRE(is_acquired(monitor.acquire()));
      Child victim(room, [&](Room& own) {
        const Monitor mine = attach(own, monitor);
        MUST(is_acquired(mine.acquire()));
        mine.wait();
      });
      monitor.release();
      until([&] { return monitor.waiting() == 1; });
      std::atomic<int> woken{0};
      Waiter survivor(room, monitor, woken);
      REQUIRE(is_acquired(monitor.acquire()));
      if (round % 2 == 0) victim.kill();
      CHECK(condition_notify(monitor.condition, 1) == 1);
      // Notified, perhaps awake, but not before it has the lock.
      if (round % 2 == 1) victim.kill();
      monitor.release();
      survivor.thread.join();
      until_recovered(room);
      CHECK(monitor.waiting() == 0);
    }
  }

  TEST_CASE("a killed promise waiter takes no notification with it") {
    Room room;
    const Monitor monitor = make_monitor(room);
    for (int round = 0; round < 10; ++round) {
      Child victim(room, [&](Room& own) {
        const Monitor mine = attach(own, monitor);
        Loop loop(mine.me());
        MUST(is_acquired(mine.acquire()));
        mine.wait_promised(loop);
      });
      until([&] { return monitor.waiting() == 1; });
      std::atomic<int> woken{0};
      Waiter survivor(room, monitor, woken);
      REQUIRE(is_acquired(monitor.acquire()));
      CHECK(condition_notify(monitor.condition, 1) == 1);
      victim.kill();
      monitor.release();
      survivor.thread.join();
      until_recovered(room);
      CHECK(monitor.waiting() == 0);
    }
  }

  TEST_CASE("a notifier that dies with the lock leaves both in order") {
    Room room;
    const Monitor monitor = make_monitor(room);
    std::atomic<int> woken{0};
    Waiter first(room, monitor, woken), second(room, monitor, woken);
    Child notifier(room, [&](Room& own) {
      const Monitor mine = attach(own, monitor);
      MUST(is_acquired(mine.acquire()));
      condition_notify(mine.condition, 1);
      ::kill(getpid(), SIGKILL);
    });
    CHECK(notifier.join() == -SIGKILL);
    until([&] { return woken.load() == 1; });
    CHECK(monitor.notify(1) == 1);
  }

  TEST_CASE("places of an isolate that ends are free again") {
    Room room;
    const Monitor monitor = make_monitor(room);
    const Participant gone = room.join();
    Offset entry = 0;
    REQUIRE(condition_enter(test::as(gone, monitor.condition), &entry) == Status::kOk);
    leave_isolate(gone);
    until_recovered(room);
    CHECK(monitor.waiting() == 0);
  }
}

}  // namespace lockstep::test
