// Death at every shared write of what hands out units: lock, semaphore, bounded semaphore.
#include "core/bounded_semaphore.hpp"
#include "core/semaphore.hpp"
#include "crash_enumeration.hpp"

namespace lockstep::test {
namespace {

Status acquire(const Reference& lock) { return lock_acquire(lock.me, lock.lock(), Patience{}); }
Status release(const Reference& lock) { return lock_release(lock.me, lock.lock(), lock.me.id); }

Status acquire_promised(const Reference& lock, Loop& loop) {
  Status status = Status::kUnavailable;
  Urgency urgency = Urgency::kFresh;
  loop.run([&] {
    status = lock_arm(lock.me, lock.lock(), urgency);
    urgency = Urgency::kRung;
    return is_acquired(status);
  });
  return status;
}

/// Everybody who is left takes the lock once, asleep and by promise; afterwards it is free.
class LockSurvivors {
 public:
  LockSurvivors(const Room& room, const Reference& lock) : lock_(lock), sleeper_(room.join()), promise_(room.join()) {}

  void start() {
    told_.store(0);
    threads_.push_back(std::make_unique<Sleeper>([this] { pass(acquire(as(sleeper_, lock_)), sleeper_); }));
    threads_.push_back(std::make_unique<Sleeper>([this] {
      Loop loop(promise_);
      pass(acquire_promised(as(promise_, lock_), loop), promise_);
    }));
  }
  void until_asleep() {
    for (const auto& thread : threads_) thread->until_asleep();
  }
  /// How many were told that an owner had died.
  int finish() {
    threads_.clear();
    return told_.load();
  }

 private:
  void pass(Status status, const Participant& me) {
    MUST(is_acquired(status));
    told_.fetch_add(status == Status::kOwnerDied);
    MUST(release(as(me, lock_)) == Status::kOk);
  }

  Reference lock_;
  Participant sleeper_, promise_;
  std::atomic<int> told_{0};
  std::vector<std::unique_ptr<Sleeper>> threads_;
};

/// Takes a lock in the way given, and gives it back, with survivors waiting before or behind.
void enumerate_lock(const std::function<void(const Reference&, Progress&)>& operation, bool held_at_first) {
  Room room;
  const Reference lock = room.open(Kind::kLock);
  LockSurvivors survivors(room, lock);
  Shared<Progress> progress;
  const Books before = audit(room);
  enumerate([&](std::uint32_t n) {
    progress->begun.store(0);
    progress->done.store(0);
    if (held_at_first) REQUIRE(acquire(lock) == Status::kOk);
    std::unique_ptr<Reference> mine;
    const int ended = run_until(room,
                                {[&](Room& own) { mine = std::make_unique<Reference>(own.attach(lock)); },
                                 [&](Room&) { operation(*mine, *progress); }},
                                n, [&](Child& child) {
                                  if (!held_at_first) return;
                                  until([&] { return is_quiet(child); });
                                  survivors.start();
                                  survivors.until_asleep();
                                  CHECK(release(lock) == Status::kOk);
                                });
    if (!held_at_first) survivors.start();
    int told = survivors.finish();
    until_recovered(room);
    const Status last = acquire(lock);
    CHECK(is_acquired(last));
    told += last == Status::kOwnerDied;
    CHECK(release(lock) == Status::kOk);
    const bool held = progress->begun.load() == 1 && progress->done.load() == 0;
    CHECK(told <= 1);
    if (held) CHECK(told == 1);
    if (progress->done.load() == 1 && ended == kCompleted) CHECK(told == 0);
    CHECK(lock.object->bells.load() == 0);
    CHECK(audit(room) == before);
    return ended;
  });
}

void take_and_give(const Reference& mine, Progress& progress) {
  MUST(is_acquired(acquire(mine)));
  progress.begun.store(1);
  crash_point();
  progress.done.store(1);
  MUST(release(mine) == Status::kOk);
}

}  // namespace

TEST_SUITE("lock") {
  TEST_CASE("lock: take and give, nobody waiting") { enumerate_lock(take_and_give, false); }
  TEST_CASE("lock: wait, take and give, others waiting") { enumerate_lock(take_and_give, true); }
  TEST_CASE("lock: wait by promise, take and give, others waiting") {
    enumerate_lock(
        [](const Reference& mine, Progress& progress) {
          Loop loop(mine.me);
          MUST(is_acquired(acquire_promised(mine, loop)));
          progress.begun.store(1);
          crash_point();
          progress.done.store(1);
          MUST(release(mine) == Status::kOk);
        },
        true);
  }
  TEST_CASE("lock: starve, be handed the lock and give it") {
    enumerate_lock(
        [](const Reference& mine, Progress& progress) {
          const Patience long_since{Deadline::never(), Deadline::now_ns() - 10 * kStarvationNs};
          MUST(is_acquired(lock_acquire(mine.me, mine.lock(), long_since)));
          progress.begun.store(1);
          crash_point();
          progress.done.store(1);
          MUST(release(mine) == Status::kOk);
        },
        true);
  }
  TEST_CASE("lock: give up after a while, asleep and by promise") {
    enumerate_lock(
        [](const Reference& mine, Progress& progress) {
          const Status status = lock_acquire(mine.me, mine.lock(), {Deadline::in_ms(2), Deadline::now_ns()});
          if (is_acquired(status)) MUST(release(mine) == Status::kOk);
          if (is_acquired(lock_arm(mine.me, mine.lock(), Urgency::kStarving))) {
            MUST(release(mine) == Status::kOk);
          } else {
            lock_disarm(mine.me, mine.lock());
          }
          progress.begun.store(0);
        },
        true);
  }
  TEST_CASE("lock: release of a stranger's hold") {
    Room room;
    const Reference lock = room.open(Kind::kLock);
    LockSurvivors survivors(room, lock);
    enumerate([&](std::uint32_t n) {
      REQUIRE(is_acquired(acquire(lock)));
      survivors.start();
      survivors.until_asleep();
      std::unique_ptr<Reference> mine;
      const int ended = run_until(room,
                                  {[&](Room& own) { mine = std::make_unique<Reference>(own.attach(lock)); },
                                   [&](Room&) { lock_release_any(mine->me, mine->lock()); }},
                                  n);
      until_recovered(room);
      release(lock);  // in case the stranger died before it did
      CHECK(survivors.finish() == 0);
      audit(room);
      return ended;
    });
  }
}

namespace {

/// One waiter that sleeps and one that waits by promise, for one unit each, which they keep.
class Takers {
 public:
  using Take = std::function<void(const Participant&, Loop*)>;
  Takers(const Room& room, Take take) : sleeper_(room.join()), promise_(room.join()), take_(std::move(take)) {}

  void start() {
    threads_.push_back(std::make_unique<Sleeper>([this] { take_(sleeper_, nullptr); }));
    threads_.push_back(std::make_unique<Sleeper>([this] {
      Loop loop(promise_);
      take_(promise_, &loop);
    }));
    for (const auto& thread : threads_) thread->until_asleep();
  }
  bool all_have() const {
    return std::all_of(threads_.begin(), threads_.end(), [](const auto& thread) { return thread->has_ended(); });
  }
  void finish() { threads_.clear(); }

 private:
  Participant sleeper_, promise_;
  Take take_;
  std::vector<std::unique_ptr<Sleeper>> threads_;
};

std::uint32_t value(const Reference& semaphore) { return semaphore.word(0).load(); }

void take_unit(const Reference& mine, Loop* loop) {
  if (loop == nullptr) {
    MUST(semaphore_acquire(mine, 1, Deadline::never()) == Status::kOk);
  } else {
    loop->run([&] { return semaphore_arm(mine, 1) == Status::kOk; });
    semaphore_disarm(mine);
  }
}

/// `operation` gives `given` permits at most, in a child, while two wait; whatever is there must reach them.
void enumerate_semaphore(const std::function<void(const Reference&)>& operation, std::uint32_t given) {
  Room room;
  const Reference semaphore = room.open(Kind::kSemaphore, 0);
  Takers takers(room, [&](const Participant& me, Loop* loop) { take_unit(as(me, semaphore), loop); });
  const Books before = audit(room);
  enumerate([&](std::uint32_t n) {
    takers.start();
    std::unique_ptr<Reference> mine;
    const int ended = run_until(room,
                                {[&](Room& own) { mine = std::make_unique<Reference>(own.attach(semaphore)); },
                                 [&](Room&) { operation(*mine); }},
                                n, [&](Child& child) {
                                  if (given > 0) return;
                                  until([&] { return is_quiet(child); });
                                  CHECK(semaphore_release(semaphore, 1) == Status::kOk);
                                });
    until_recovered(room);
    // No permit lies about while somebody waits for it.
    until([&] { return takers.all_have() || value(semaphore) == 0; });
    CHECK(semaphore_release(semaphore, 2) == Status::kOk);
    takers.finish();
    while (semaphore_try(semaphore, 1) == Status::kOk) {
    }
    CHECK(audit(room) == before);
    return ended;
  });
}

}  // namespace

TEST_SUITE("semaphore") {
  TEST_CASE("semaphore: give one, and three, while others wait") {
    enumerate_semaphore([](const Reference& mine) { MUST(semaphore_release(mine, 1) == Status::kOk); }, 1);
    enumerate_semaphore([](const Reference& mine) { MUST(semaphore_release(mine, 3) == Status::kOk); }, 3);
  }
  TEST_CASE("semaphore: wait and take beside others") {
    enumerate_semaphore(
        [](const Reference& mine) {
          if (semaphore_acquire(mine, 1, Deadline::in_ms(5)) == Status::kOk) semaphore_release(mine, 1);
        },
        0);
  }
  TEST_CASE("semaphore: arm and give up beside others") {
    enumerate_semaphore(
        [](const Reference& mine) {
          if (semaphore_arm(mine, 1) == Status::kOk) return static_cast<void>(semaphore_release(mine, 1));
          usleep(1000);
          semaphore_disarm(mine);
        },
        0);
  }
  TEST_CASE("semaphore: wait for many beside others") {
    enumerate_semaphore(
        [](const Reference& mine) {
          if (semaphore_acquire(mine, 2, Deadline::in_ms(5)) == Status::kOk) semaphore_release(mine, 2);
        },
        0);
  }
}

namespace {

void take_permit(const Reference& mine, Loop* loop) {
  std::uint32_t index;
  Status status = Status::kUnavailable;
  if (loop == nullptr) {
    status = bounded_acquire(mine, {&index, 1}, Deadline::never());
  } else {
    loop->run([&] { return is_acquired(status = bounded_arm(mine, {&index, 1})); });
  }
  MUST(is_acquired(status));
  MUST(bounded_release(mine, index) == Status::kOk);
}

/// The limit is 2. `prepare` and `operation` run in the child while two wait for what the parent or the child holds.
void enumerate_bounded(std::uint32_t held_by_child,
                       const std::function<void(const Reference&, std::uint32_t*)>& operation) {
  Room room;
  const Reference semaphore = room.open(Kind::kBoundedSemaphore, 2);
  Takers takers(room, [&](const Participant& me, Loop* loop) { take_permit(as(me, semaphore), loop); });
  const Books before = audit(room);
  Shared<Progress> progress;
  enumerate([&](std::uint32_t n) {
    std::uint32_t mine[2], theirs[2];
    progress->begun.store(0);
    progress->done.store(0);
    const std::uint32_t held = 2 - held_by_child;
    if (held > 0) REQUIRE(is_acquired(bounded_acquire(semaphore, {mine, held}, Deadline::never())));
    std::unique_ptr<Reference> child_semaphore;
    const auto prepare = [&](Room& own) {
      child_semaphore = std::make_unique<Reference>(own.attach(semaphore));
      if (held_by_child > 0) MUST(is_acquired(bounded_try(*child_semaphore, {theirs, held_by_child})));
      progress->begun.store(1);
      until([&] { return progress->done.load() == 1; });
    };
    const int ended =
        run_until(room, {prepare, [&](Room&) { operation(*child_semaphore, theirs); }}, n, [&](Child& child) {
          until([&] { return progress->begun.load() == 1; });
          takers.start();
          progress->done.store(1);
          if (held_by_child > 0) return;
          until([&] { return is_quiet(child); });
          for (std::uint32_t i = 0; i < held; ++i) CHECK(bounded_release(semaphore, mine[i]) == Status::kOk);
        });
    if (held_by_child > 0) {
      for (std::uint32_t i = 0; i < held; ++i) CHECK(bounded_release(semaphore, mine[i]) == Status::kOk);
    }
    takers.finish();
    until_recovered(room);
    CHECK(bounded_value(semaphore) == 2);
    CHECK(semaphore.object->bells.load() == 0);
    CHECK(audit(room) == before);
    return ended;
  });
}

}  // namespace

TEST_SUITE("bounded semaphore") {
  TEST_CASE("bounded semaphore: give one permit and then the other") {
    enumerate_bounded(2, [](const Reference& mine, std::uint32_t* held) {
      MUST(bounded_release(mine, held[0]) == Status::kOk);
      MUST(bounded_release(mine, held[1]) == Status::kOk);
    });
  }
  TEST_CASE("bounded semaphore: give several of anybody's") {
    enumerate_bounded(2,
                      [](const Reference& mine, std::uint32_t*) { MUST(bounded_release_any(mine, 2) == Status::kOk); });
  }
  TEST_CASE("bounded semaphore: wait for one and give it back") {
    enumerate_bounded(0, [](const Reference& mine, std::uint32_t*) { take_permit(mine, nullptr); });
  }
  TEST_CASE("bounded semaphore: wait by promise and give it back") {
    enumerate_bounded(0, [](const Reference& mine, std::uint32_t*) {
      Loop loop(mine.me);
      take_permit(mine, &loop);
    });
  }
  TEST_CASE("bounded semaphore: gather two and give them back") {
    enumerate_bounded(0, [](const Reference& mine, std::uint32_t*) {
      std::uint32_t indexes[2];
      MUST(is_acquired(bounded_acquire(mine, {indexes, 2}, Deadline::never())));
      for (const std::uint32_t index : indexes) MUST(bounded_release(mine, index) == Status::kOk);
    });
  }
  TEST_CASE("bounded semaphore: arm and give up") {
    enumerate_bounded(0, [](const Reference& mine, std::uint32_t*) {
      std::uint32_t index;
      if (is_acquired(bounded_arm(mine, {&index, 1}))) return static_cast<void>(bounded_release(mine, index));
      usleep(1000);
      bounded_disarm(mine);
    });
  }
}

}  // namespace lockstep::test
