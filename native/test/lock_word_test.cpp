#include "core/lock_word.hpp"

#include "harness.hpp"

namespace lockstep::test {
namespace {

Status acquire(const Reference& lock, Deadline deadline = Deadline::never()) {
  return lock_acquire(lock.me, lock.lock(), {deadline, Deadline::now_ns()});
}
Status try_acquire(const Reference& lock) { return lock_try(lock.me, lock.lock()); }
Status release(const Reference& lock) { return lock_release(lock.me, lock.lock(), lock.me.id); }
bool has_waiter(const Reference& lock) { return lock.word(0).load() & kWaiters; }

/// Waits as a promise does: never in a system call of the lock.
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

/// A child that holds the lock until it is killed.
Child holder_of_lock(const Room& room, const Reference& lock) {
  Child child(room, [&](Room& own) {
    MUST(is_acquired(acquire(own.attach(lock))));
    sleep_until_killed();
  });
  until([&] { return is_held(lock.word(0).load()); });
  return child;
}

}  // namespace

TEST_SUITE("contract") {
  TEST_CASE("lock_try takes a free lock and no held one") {
    Room room;
    const Reference lock = room.open(Kind::kLock);
    const Reference other = as(room.join(), lock);
    CHECK_FALSE(is_held(lock.word(0).load()));
    CHECK(try_acquire(lock) == Status::kOk);
    CHECK(holder_of(lock.word(0).load()) == room.me().id);
    CHECK(is_held(lock.word(0).load()));
    CHECK(try_acquire(other) == Status::kUnavailable);
    CHECK(release(lock) == Status::kOk);
    CHECK(lock.word(0).load() == 0);
    CHECK(try_acquire(other) == Status::kOk);
  }

  TEST_CASE("lock_acquire of a held lock sleeps until its deadline, not less") {
    Room room;
    const Reference lock = room.open(Kind::kLock);
    REQUIRE(try_acquire(lock) == Status::kOk);
    const std::int64_t start = Deadline::now_ns();
    CHECK(acquire(as(room.join(), lock), Deadline::in_ms(20)) == Status::kTimedOut);
    CHECK(Deadline::now_ns() - start >= 20'000'000);
    CHECK(release(lock) == Status::kOk);
    CHECK(try_acquire(lock) == Status::kOk);
  }

  TEST_CASE("lock_acquire with a deadline in the past takes a free lock and no held one") {
    Room room;
    const Reference lock = room.open(Kind::kLock);
    const Reference other = as(room.join(), lock);
    CHECK(acquire(lock, Deadline::at(1)) == Status::kOk);
    CHECK(acquire(other, Deadline::at(1)) == Status::kTimedOut);
  }

  TEST_CASE("a release wakes one sleeper after the other") {
    Room room;
    const Reference lock = room.open(Kind::kLock);
    REQUIRE(try_acquire(lock) == Status::kOk);
    const auto pass = [&] {
      const Reference mine = as(room.join(), lock);
      MUST(acquire(mine) == Status::kOk);
      MUST(release(mine) == Status::kOk);
    };
    Sleeper first(pass), second(pass), third(pass);
    for (const Sleeper* sleeper : {&first, &second, &third}) sleeper->until_asleep();
    CHECK(has_waiter(lock));
    CHECK(release(lock) == Status::kOk);
  }

  TEST_CASE("a promise gets the lock when its bell rings") {
    Room room;
    const Reference lock = room.open(Kind::kLock);
    REQUIRE(try_acquire(lock) == Status::kOk);
    Sleeper promise([&] {
      const Reference mine = as(room.join(), lock);
      Loop loop(mine.me);
      MUST(acquire_promised(mine, loop) == Status::kOk);
      MUST(release(mine) == Status::kOk);
    });
    promise.until_asleep();
    CHECK(release(lock) == Status::kOk);
    promise.join();
    CHECK(lock.object->bells.load() == 0);
  }

  TEST_CASE("a promise that gives up passes its ring on") {
    Room room;
    const Reference lock = room.open(Kind::kLock);
    REQUIRE(try_acquire(lock) == Status::kOk);
    const Reference quitter = as(room.join(), lock);
    Loop quitters_loop(quitter.me);
    REQUIRE(lock_arm(quitter.me, lock.lock(), Urgency::kFresh) == Status::kUnavailable);
    Sleeper sleeper([&] {
      const Reference mine = as(room.join(), lock);
      MUST(acquire(mine) == Status::kOk);
      MUST(release(mine) == Status::kOk);
    });
    Sleeper promise([&] {
      const Reference mine = as(room.join(), lock);
      Loop loop(mine.me);
      MUST(acquire_promised(mine, loop) == Status::kOk);
      MUST(release(mine) == Status::kOk);
    });
    sleeper.until_asleep();
    promise.until_asleep();
    CHECK(release(lock) == Status::kOk);
    lock_disarm(quitter.me, lock.lock());
  }

  TEST_CASE("a starving waiter is handed the lock by the next release") {
    Room room;
    const Reference lock = room.open(Kind::kLock);
    const Reference other = as(room.join(), lock);
    REQUIRE(try_acquire(lock) == Status::kOk);
    std::atomic<bool> got{false}, enough{false};
    Sleeper starving([&] {
      const Patience long_since{Deadline::never(), Deadline::now_ns() - 10 * kStarvationNs};
      MUST(lock_acquire(other.me, other.lock(), long_since) == Status::kOk);
      got.store(true);
      until([&] { return enough.load(); });
      MUST(release(other) == Status::kOk);
    });
    // Having been woken once and overtaken, it says that it starves.
    while (!got.load() && !(lock.word(0).load() & kStarving)) {
      starving.until_asleep();
      if (lock.word(0).load() & kStarving) break;
      MUST(release(lock) == Status::kOk);
      if (!is_acquired(try_acquire(lock))) until([&] { return got.load(); });
    }
    if (!got.load()) CHECK(release(lock) == Status::kOk);
    CHECK(try_acquire(lock) == Status::kUnavailable);
    until([&] { return got.load(); });
    enough.store(true);
  }
}

TEST_SUITE("misuse") {
  TEST_CASE("lock_release of what is not held is refused and changes nothing") {
    Room room;
    const Reference lock = room.open(Kind::kLock);
    const Reference other = as(room.join(), lock);
    CHECK(release(lock) == Status::kNotHeld);
    CHECK(lock_release_any(lock.me, lock.lock()) == Status::kNotHeld);
    REQUIRE(try_acquire(lock) == Status::kOk);
    CHECK(release(other) == Status::kNotHeld);
    CHECK(holder_of(lock.word(0).load()) == lock.me.id);
    CHECK(release(lock) == Status::kOk);
    CHECK(release(lock) == Status::kNotHeld);
    CHECK(lock.word(0).load() == 0);
  }

  TEST_CASE("lock_release_any gives back the hold of another") {
    Room room;
    const Reference lock = room.open(Kind::kLock);
    const Reference other = as(room.join(), lock);
    REQUIRE(try_acquire(lock) == Status::kOk);
    Sleeper sleeper([&] {
      const Reference mine = as(room.join(), lock);
      MUST(acquire(mine) == Status::kOk);
    });
    sleeper.until_asleep();
    CHECK(lock_release_any(other.me, lock.lock()) == Status::kOk);
    sleeper.join();
    CHECK(release(lock) == Status::kNotHeld);
  }

  TEST_CASE("lock_acquire by the holder itself waits for its deadline") {
    Room room;
    const Reference lock = room.open(Kind::kLock);
    REQUIRE(try_acquire(lock) == Status::kOk);
    CHECK(acquire(lock, Deadline::in_ms(5)) == Status::kTimedOut);
    CHECK(release(lock) == Status::kOk);
  }

  TEST_CASE("lock_disarm without lock_arm changes nothing") {
    Room room;
    const Reference lock = room.open(Kind::kLock);
    lock_disarm(room.me(), lock.lock());
    CHECK(try_acquire(lock) == Status::kOk);
    lock_disarm(room.me(), lock.lock());
    CHECK(release(lock) == Status::kOk);
    CHECK(lock.word(0).load() == 0);
  }
}

// Takes the lock in each of the ways there are, and gives it back.
void hammer(const Reference& lock, Loop& loop, Guarded& guarded, Random& random) {
  const std::uint32_t way = random.below(8);
  Status status = Status::kUnavailable;
  if (way == 0) status = try_acquire(lock);
  if (way == 1) status = acquire(lock, Deadline::at(Deadline::now_ns() + random.below(100'000)));
  if (way == 2) status = acquire_promised(lock, loop);
  if (way == 3 && !is_acquired(status = lock_arm(lock.me, lock.lock(), static_cast<Urgency>(random.below(3))))) {
    if (random.below(2) == 0) sched_yield();
    lock_disarm(lock.me, lock.lock());
  }
  if (way > 3) status = acquire(lock);
  if (!is_acquired(status)) return;
  guarded.enter(lock.me.id, status == Status::kOwnerDied);
  if (random.below(200) == 0) usleep(500);
  guarded.leave(lock.me.id);
  MUST(release(lock) == Status::kOk);
}

TEST_SUITE("hammer") {
  TEST_CASE("threads take and release in every way") {
    Room room;
    const Reference lock = room.open(Kind::kLock);
    Shared<Guarded> guarded;
    in_threads(4, [&](int index) {
      const Reference mine = as(room.join(), lock);
      Loop loop(mine.me);
      Random random(index + 1);
      for (int i = 0; i < 3000; ++i) hammer(mine, loop, *guarded, random);
    });
    CHECK(guarded->first == guarded->second);
    CHECK_FALSE(is_held(lock.word(0).load()));
    CHECK(try_acquire(lock) == Status::kOk);
  }

  TEST_CASE("processes take and release in every way") {
    Room room;
    const Reference lock = room.open(Kind::kLock);
    Shared<Guarded> guarded;
    in_processes(room, 4, [&](Room& own, int index) {
      const Reference mine = own.attach(lock);
      Loop loop(mine.me);
      Random random(index + 1);
      for (int i = 0; i < 3000; ++i) hammer(mine, loop, *guarded, random);
    });
    CHECK(guarded->first == guarded->second);
    CHECK_FALSE(is_held(lock.word(0).load()));
  }
}

TEST_SUITE("death") {
  TEST_CASE("the next holder learns once that the owner died") {
    Room room;
    const Reference lock = room.open(Kind::kLock);
    Child holder = holder_of_lock(room, lock);
    CHECK(try_acquire(lock) == Status::kUnavailable);
    holder.kill();
    CHECK(acquire(lock) == Status::kOwnerDied);
    CHECK(release(lock) == Status::kOk);
    CHECK(acquire(lock) == Status::kOk);
  }

  TEST_CASE("sleepers get the lock of a killed holder one after the other") {
    Room room;
    const Reference lock = room.open(Kind::kLock);
    Child holder = holder_of_lock(room, lock);
    std::atomic<int> told{0};
    const auto pass = [&] {
      const Reference mine = as(room.join(), lock);
      told.fetch_add(acquire(mine) == Status::kOwnerDied);
      MUST(release(mine) == Status::kOk);
    };
    {
      Sleeper first(pass), second(pass), third(pass);
      for (const Sleeper* sleeper : {&first, &second, &third}) sleeper->until_asleep();
      holder.kill();
    }
    CHECK(told.load() == 1);
  }

  TEST_CASE("a promise gets the lock of a killed holder") {
    Room room;
    const Reference lock = room.open(Kind::kLock);
    Child holder = holder_of_lock(room, lock);
    Sleeper promise([&] {
      const Reference mine = as(room.join(), lock);
      Loop loop(mine.me);
      MUST(acquire_promised(mine, loop) == Status::kOwnerDied);
      MUST(release(mine) == Status::kOk);
    });
    promise.until_asleep();
    holder.kill();
    promise.join();
    CHECK(try_acquire(lock) == Status::kOk);
  }

  TEST_CASE("a killed sleeper takes no wake-up with it") {
    Room room;
    const Reference lock = room.open(Kind::kLock);
    for (int round = 0; round < 20; ++round) {
      REQUIRE(try_acquire(lock) == Status::kOk);
      Child victim(room, [&](Room& own) { acquire(own.attach(lock)); });
      until([&] { return victim.is_asleep() && has_waiter(lock); });
      Sleeper survivor([&] {
        const Reference mine = as(room.join(), lock);
        MUST(is_acquired(acquire(mine)));
        MUST(release(mine) == Status::kOk);
      });
      survivor.until_asleep();
      if (round % 2 == 0) {
        CHECK(release(lock) == Status::kOk);
        victim.kill();  // woken, not yet the holder, or the holder
      } else {
        victim.send(SIGKILL);
        CHECK(release(lock) == Status::kOk);
        victim.join();
      }
      survivor.join();
      until_recovered(room);
      CHECK_FALSE(is_held(lock.word(0).load() & ~kWaiters));
      if (lock.word(0).load() != 0) {
        REQUIRE(is_acquired(try_acquire(lock)));
        REQUIRE(release(lock) == Status::kOk);
      }
    }
  }

  TEST_CASE("a killed promise waiter takes no ring with it") {
    Room room;
    const Reference lock = room.open(Kind::kLock);
    for (int round = 0; round < 20; ++round) {
      REQUIRE(is_acquired(try_acquire(lock)));
      Child victim(room, [&](Room& own) {
        const Reference mine = own.attach(lock);
        Loop loop(mine.me);
        acquire_promised(mine, loop);
      });
      until([&] { return lock.object->bells.load() != 0 && victim.is_asleep(); });
      Sleeper promise([&] {
        const Reference mine = as(room.join(), lock);
        Loop loop(mine.me);
        MUST(is_acquired(acquire_promised(mine, loop)));
        MUST(release(mine) == Status::kOk);
      });
      promise.until_asleep();
      CHECK(release(lock) == Status::kOk);
      victim.kill();
      promise.join();
      until_recovered(room);
      CHECK(lock.object->bells.load() == 0);
    }
  }

  TEST_CASE("a hold outlives the thread that took it, and ends with its isolate") {
    Room room;
    const Reference lock = room.open(Kind::kLock);
    const Participant gone = room.join();
    std::thread([&] { MUST(try_acquire(as(gone, lock)) == Status::kOk); }).join();
    CHECK(try_acquire(lock) == Status::kUnavailable);
    leave_isolate(gone);
    CHECK(acquire(lock) == Status::kOwnerDied);
    CHECK(release(lock) == Status::kOk);
    until_recovered(room);
    CHECK(lock.word(0).load() == 0);
  }
}

}  // namespace lockstep::test
