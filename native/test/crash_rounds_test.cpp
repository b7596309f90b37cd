// Death at every shared write of what people meet at: event, condition, barrier, readers-writer lock.
#include "core/barrier.hpp"
#include "core/condition.hpp"
#include "core/event.hpp"
#include "core/rwlock.hpp"
#include "crash_enumeration.hpp"

namespace lockstep::test {
namespace {

Status acquire(const Reference& lock) { return lock_acquire(lock.me, lock.lock(), Patience{}); }
Status release(const Reference& lock) { return lock_release(lock.me, lock.lock(), lock.me.id); }

/// Threads of the parent that run `sleep` and `promise` once each.
class Bystanders {
 public:
  using Wait = std::function<void(const Participant&, Loop*)>;
  Bystanders(const Room& room, Wait wait) : sleeper_(room.join()), promise_(room.join()), wait_(std::move(wait)) {}

  void start() {
    threads_.push_back(std::make_unique<Sleeper>([this] { wait_(sleeper_, nullptr); }));
    threads_.push_back(std::make_unique<Sleeper>([this] {
      Loop loop(promise_);
      wait_(promise_, &loop);
    }));
    for (const auto& thread : threads_) thread->until_asleep();
  }
  int ended() const {
    return static_cast<int>(
        std::count_if(threads_.begin(), threads_.end(), [](const auto& t) { return t->has_ended(); }));
  }
  void finish() { threads_.clear(); }

 private:
  Participant sleeper_, promise_;
  Wait wait_;
  std::vector<std::unique_ptr<Sleeper>> threads_;
};

/// The reference of the child, made in its first part and used in its second.
using Held = std::unique_ptr<Reference>;

Operation on(const Reference& object, Held& held, const std::function<void(const Reference&)>& run) {
  return {[&](Room& own) { held = std::make_unique<Reference>(own.attach(object)); },
          [&held, run](Room&) { run(*held); }};
}

void wait_for_event(const Reference& mine, Loop* loop) {
  const std::uint32_t generation = event_generation(mine);
  if (loop == nullptr) {
    MUST(event_wait(mine, generation, Deadline::never()) == Status::kOk);
  } else {
    loop->run([&] { return event_arm(mine, generation) == Status::kOk; });
  }
}

void enumerate_event(bool set_by_parent, const std::function<void(const Reference&)>& run) {
  Room room;
  const Reference event = room.open(Kind::kEvent);
  Bystanders waiters(room, [&](const Participant& me, Loop* loop) { wait_for_event(as(me, event), loop); });
  const Books before = audit(room);
  enumerate([&](std::uint32_t n) {
    const std::uint32_t generation = event_generation(event);
    waiters.start();
    Held held;
    const int ended = run_until(room, on(event, held, run), n, [&](Child& child) {
      if (!set_by_parent) return;
      until([&] { return is_quiet(child); });
      event_set(event);
    });
    until_recovered(room);
    if (event_generation(event) == generation) event_set(event);
    waiters.finish();
    event_clear(event);
    CHECK(event.object->bells.load() == 0);
    CHECK(audit(room) == before);
    return ended;
  });
}

}  // namespace

TEST_SUITE("event") {
  TEST_CASE("event: set and clear while others wait") {
    enumerate_event(false, [](const Reference& mine) {
      event_set(mine);
      event_clear(mine);
    });
  }
  TEST_CASE("event: wait beside others") {
    enumerate_event(true, [](const Reference& mine) {
      wait_for_event(mine, nullptr);
      event_clear(mine);
    });
  }
  TEST_CASE("event: wait by promise beside others, and give up") {
    enumerate_event(true, [](const Reference& mine) {
      Loop loop(mine.me);
      wait_for_event(mine, &loop);
      event_arm(mine, event_generation(mine));
      event_disarm(mine);
    });
  }
}

namespace {

struct Monitor {
  Reference lock, condition;
};

// True when notified.
bool wait_on(const Monitor& mine, Loop* loop) {
  Offset entry = 0;
  MUST(condition_enter(mine.condition, &entry) == Status::kOk);
  MUST(release(mine.lock) == Status::kOk);
  if (loop == nullptr) {
    condition_wait(mine.condition, entry, Deadline::never());
  } else {
    loop->run([&] { return condition_poll(mine.condition, entry) == Status::kOk; });
  }
  MUST(is_acquired(acquire(mine.lock)));
  return condition_leave(mine.condition, entry) == Status::kOk;
}

std::uint32_t notify(const Monitor& monitor, std::uint32_t count) {
  MUST(is_acquired(acquire(monitor.lock)));
  const std::uint32_t notified = condition_notify(monitor.condition, count);
  MUST(release(monitor.lock) == Status::kOk);
  return notified;
}

/// The child runs `run` with the lock held while two wait behind it; `notified` by the parent once it is quiet.
void enumerate_condition(std::uint32_t notified, const std::function<void(const Monitor&, Progress&)>& run) {
  Room room;
  const Reference lock = room.open(Kind::kLock);
  const Monitor monitor{lock, room.open_condition(lock)};
  std::atomic<int> inside{0};
  Bystanders waiters(room, [&](const Participant& me, Loop* loop) {
    const Monitor mine{as(me, monitor.lock), as(me, monitor.condition)};
    MUST(is_acquired(acquire(mine.lock)));
    inside.fetch_add(1);
    MUST(wait_on(mine, loop));
    MUST(release(mine.lock) == Status::kOk);
  });
  Shared<Progress> progress;
  const Books before = audit(room);
  enumerate([&](std::uint32_t n) {
    progress->begun.store(0);
    progress->done.store(0);
    inside.store(0);
    if (notified == 0) waiters.start();
    std::unique_ptr<Monitor> mine;
    const auto prepare = [&](Room& own) {
      mine = std::make_unique<Monitor>(Monitor{own.attach(monitor.lock), own.attach(monitor.condition)});
      MUST(is_acquired(acquire(mine->lock)));
    };
    std::uint32_t told = 0;
    const int ended = run_until(room, {prepare, [&](Room&) { run(*mine, *progress); }}, n, [&](Child& child) {
      if (notified == 0) return;
      until([&] { return condition_waiting(monitor.condition) == 1 || is_gone(child); });
      waiters.start();
      until([&] { return inside.load() == 2; });  // else nobody might be there yet to be told instead of a dead child
      told = notify(monitor, notified);
    });
    until_recovered(room);
    // The child was first in the queue. What it was told and did not come to use, the next one was told.
    if (notified == 1 && told == 1 && progress->done.load() == 0 && lock.word(0).load() != kAbandoned) {
      until([&] { return waiters.ended() == 1 || is_held(lock.word(0).load()); });
    }
    until([&] { return inside.load() == 2; });
    while (waiters.ended() < 2) {
      notify(monitor, UINT32_MAX);
      sched_yield();
    }
    waiters.finish();
    until_recovered(room);
    CHECK(condition_waiting(monitor.condition) == 0);
    MUST(is_acquired(acquire(lock)));
    MUST(release(lock) == Status::kOk);
    CHECK(audit(room) == before);
    return ended;
  });
}

}  // namespace

TEST_SUITE("condition") {
  TEST_CASE("condition: notify one, and all, while others wait") {
    enumerate_condition(0, [](const Monitor& mine, Progress&) {
      condition_notify(mine.condition, 1);
      condition_notify(mine.condition, UINT32_MAX);
      MUST(release(mine.lock) == Status::kOk);
    });
  }
  TEST_CASE("condition: enter, wait, be notified and leave, before others") {
    enumerate_condition(1, [](const Monitor& mine, Progress& progress) {
      wait_on(mine, nullptr);
      progress.done.store(1);
      MUST(release(mine.lock) == Status::kOk);
    });
  }
  TEST_CASE("condition: the same by promise") {
    enumerate_condition(1, [](const Monitor& mine, Progress& progress) {
      Loop loop(mine.condition.me);
      wait_on(mine, &loop);
      progress.done.store(1);
      MUST(release(mine.lock) == Status::kOk);
    });
  }
  TEST_CASE("condition: enter, give up and leave") {
    enumerate_condition(1, [](const Monitor& mine, Progress& progress) {
      Offset entry = 0;
      MUST(condition_enter(mine.condition, &entry) == Status::kOk);
      MUST(release(mine.lock) == Status::kOk);
      condition_wait(mine.condition, entry, Deadline::in_ms(2));
      MUST(is_acquired(acquire(mine.lock)));
      if (condition_leave(mine.condition, entry) == Status::kOk) condition_notify(mine.condition, 1);
      progress.done.store(1);
      MUST(release(mine.lock) == Status::kOk);
    });
  }
}

namespace {

struct Outcome {
  std::atomic<int> passed, broken;
};

// A party from arrival to the end; `loop` for the promise form.
Status meet(const Reference& mine, Loop* loop, Deadline deadline = Deadline::never()) {
  Arrival arrival;
  Status status = barrier_arrive(mine, &arrival);
  while (status == Status::kUnavailable) {
    MUST(barrier_await_reset(mine, Deadline::never()) == Status::kOk);
    status = barrier_arrive(mine, &arrival);
  }
  if (status == Status::kOk && arrival.index + 1 == mine.object->parameter.load()) {
    status = barrier_trip(mine, arrival);
  } else if (status == Status::kOk && loop == nullptr) {
    status = barrier_wait(mine, arrival, deadline);
    if (status == Status::kTimedOut) status = barrier_break(mine, arrival);
  } else if (status == Status::kOk) {
    loop->run([&] { return (status = barrier_poll(mine, arrival)) != Status::kUnavailable; });
  }
  barrier_disarm(mine);
  return status;
}

/// Two wait at a barrier of three when the child does something. They pass together or break together; afterwards the
/// barrier serves again.
void enumerate_barrier(const std::function<void(const Reference&)>& run, bool last_comes_from_parent = false) {
  Room room;
  const Reference barrier = room.open(Kind::kBarrier, last_comes_from_parent ? 4 : 3);
  Shared<Outcome> outcome;
  Bystanders waiters(room, [&](const Participant& me, Loop* loop) {
    const Status status = meet(as(me, barrier), loop);
    MUST((status == Status::kOk || status == Status::kBroken));
    (status == Status::kOk ? outcome->passed : outcome->broken).fetch_add(1);
  });
  const Books before = audit(room);
  enumerate([&](std::uint32_t n) {
    outcome->passed.store(0);
    outcome->broken.store(0);
    waiters.start();
    until([&] { return barrier_waiting(barrier) == 2; });
    Held held;
    const int ended = run_until(room, on(barrier, held, run), n, [&](Child& child) {
      if (!last_comes_from_parent) return;
      until([&] { return is_quiet(child); });
      // The child may still be on its way; a party that never comes must not keep the parent for ever.
      Arrival arrival;
      if (barrier_arrive(barrier, &arrival) != Status::kOk) return;
      const bool is_last = arrival.index == 3;
      const Status status = is_last ? barrier_trip(barrier, arrival) : barrier_break(barrier, arrival);
      MUST((status == Status::kOk || status == Status::kBroken));
    });
    until_recovered(room);
    if (waiters.ended() < 2 && barrier_waiting(barrier) > 0) barrier_abort(barrier);
    waiters.finish();
    CHECK((outcome->passed.load() == 2 || outcome->broken.load() == 2));
    barrier_reset(barrier);
    CHECK_FALSE(barrier_is_broken(barrier));
    CHECK(barrier_waiting(barrier) == 0);
    CHECK(barrier.object->bells.load() == 0);
    CHECK(audit(room) == before);
    return ended;
  });
}

}  // namespace

TEST_SUITE("barrier") {
  TEST_CASE("barrier: arrive last and let the others go") {
    enumerate_barrier([](const Reference& mine) { MUST(meet(mine, nullptr) == Status::kOk); });
  }
  TEST_CASE("barrier: arrive and wait, in both forms") {
    enumerate_barrier([](const Reference& mine) { meet(mine, nullptr); }, true);
    enumerate_barrier(
        [](const Reference& mine) {
          Loop loop(mine.me);
          meet(mine, &loop);
        },
        true);
  }
  TEST_CASE("barrier: arrive and give up") {
    enumerate_barrier([](const Reference& mine) { meet(mine, nullptr, Deadline::in_ms(1)); }, true);
  }
  TEST_CASE("barrier: abort, and mend it") {
    enumerate_barrier([](const Reference& mine) {
      barrier_abort(mine);
      barrier_reset(mine);
    });
  }
  TEST_CASE("barrier: reset under those who wait") {
    enumerate_barrier([](const Reference& mine) { barrier_reset(mine); });
  }
}

namespace {

/// Two want to write and to read while the child does something with the lock; both must get it.
void enumerate_rwlock(const std::function<void(const Reference&, Offset)>& run, bool held_by_parent) {
  Room room;
  const Reference lock = room.open(Kind::kRWLock);
  Offset reader = 0;
  REQUIRE(rwlock_reader_word(lock, &reader) == Status::kOk);
  Bystanders others(room, [&](const Participant& me, Loop* loop) {
    const Reference mine = as(me, lock);
    if (loop == nullptr) {
      MUST(is_acquired(acquire(mine)));
      MUST(rwlock_drain(mine, Deadline::never()) == Status::kOk);
      MUST(release(mine) == Status::kOk);
      return;
    }
    Offset word = 0;
    MUST(rwlock_reader_word(mine, &word) == Status::kOk);
    loop->run([&] { return is_acquired(lock_arm(mine.me, mine.lock(), Urgency::kRung)); });
    loop->run([&] { return rwlock_drain_arm(mine) == Status::kOk; });
    rwlock_mark(mine, word);
    MUST(release(mine) == Status::kOk);
    rwlock_end_read(mine, word);
  });
  const Books before = audit(room);
  enumerate([&](std::uint32_t n) {
    if (held_by_parent) REQUIRE(rwlock_try_read(lock, reader) == Status::kOk);
    Held held;
    const auto with_word = [&run](const Reference& mine) {
      Offset word = 0;
      MUST(rwlock_reader_word(mine, &word) == Status::kOk);
      run(mine, word);
    };
    const int ended = run_until(room, on(lock, held, with_word), n, [&](Child& child) {
      if (!held_by_parent) return;
      until([&] { return is_quiet(child); });
      others.start();
      rwlock_end_read(lock, reader);
    });
    if (!held_by_parent) others.start();
    others.finish();
    until_recovered(room);
    CHECK_FALSE(rwlock_has_readers(lock));
    CHECK(is_acquired(acquire(lock)));
    CHECK(release(lock) == Status::kOk);
    CHECK((lock.object->bells.load() | lock.object->drain_bells.load()) == 0);
    CHECK(audit(room) == before);
    return ended;
  });
}

}  // namespace

TEST_SUITE("rwlock") {
  TEST_CASE("rwlock: read and end") {
    enumerate_rwlock(
        [](const Reference& mine, Offset word) {
          MUST(rwlock_try_read(mine, word) == Status::kOk);
          rwlock_end_read(mine, word);
        },
        false);
  }
  TEST_CASE("rwlock: write, become a reader and end, before others") {
    enumerate_rwlock(
        [](const Reference& mine, Offset word) {
          MUST(is_acquired(acquire(mine)));
          MUST(rwlock_drain(mine, Deadline::never()) == Status::kOk);
          rwlock_mark(mine, word);
          MUST(release(mine) == Status::kOk);
          rwlock_end_read(mine, word);
        },
        true);
  }
  TEST_CASE("rwlock: the same by promise") {
    enumerate_rwlock(
        [](const Reference& mine, Offset word) {
          Loop loop(mine.me);
          loop.run([&] { return is_acquired(lock_arm(mine.me, mine.lock(), Urgency::kRung)); });
          loop.run([&] { return rwlock_drain_arm(mine) == Status::kOk; });
          rwlock_mark(mine, word);
          MUST(release(mine) == Status::kOk);
          rwlock_end_read(mine, word);
        },
        true);
  }
  TEST_CASE("rwlock: a reader word made on demand") {
    Room room;
    enumerate([&](std::uint32_t n) {
      const Reference lock = room.open(Kind::kRWLock);
      Held held;
      const int ended = run_until(room,
                                  on(lock, held,
                                     [](const Reference& mine) {
                                       Offset word = 0;
                                       MUST(rwlock_reader_word(mine, &word) == Status::kOk);
                                     }),
                                  n);
      Offset word = 0;
      CHECK(rwlock_reader_word(lock, &word) == Status::kOk);
      until_recovered(room);
      room.detach(lock);
      CHECK(audit(room).objects == 0);
      CHECK(audit(room).bytes == 0);
      return ended;
    });
  }
}

}  // namespace lockstep::test
