#include "core/bounded_semaphore.hpp"

#include "harness.hpp"

namespace lockstep::test {
namespace {

Status acquire(const Reference& semaphore, Permits permits) {
  return bounded_acquire(semaphore, permits, Deadline::never());
}

Status acquire_promised(const Reference& semaphore, Loop& loop, Permits permits) {
  Status status = Status::kUnavailable;
  loop.run([&] { return is_acquired(status = bounded_arm(semaphore, permits)); });
  return status;
}

void release(const Reference& semaphore, Permits permits) {
  for (std::uint32_t i = 0; i < permits.count; ++i) {
    MUST(bounded_release(semaphore, permits.indexes[i]) == Status::kOk);
  }
}

bool has_waiter(const Reference& semaphore) { return semaphore.word(0).load() & kCountWaiters; }

/// A child that holds `count` permits until it is killed.
Child holder_of_permits(const Room& room, const Reference& semaphore, std::uint32_t count) {
  const std::uint32_t before = bounded_value(semaphore);
  Child child(room, [&](Room& own) {
    std::uint32_t indexes[8];
    MUST(is_acquired(acquire(own.attach(semaphore), {indexes, count})));
    sleep_until_killed();
  });
  until([&] { return bounded_value(semaphore) == before - count; });
  return child;
}

}  // namespace

TEST_SUITE("contract") {
  TEST_CASE("each permit is another word, and comes back") {
    Room room;
    const Reference semaphore = room.open(Kind::kBoundedSemaphore, 3);
    const Reference other = as(room.join(), semaphore);
    std::uint32_t mine[2], theirs[2];
    CHECK(bounded_value(semaphore) == 3);
    CHECK(bounded_try(semaphore, {mine, 2}) == Status::kOk);
    CHECK(bounded_value(semaphore) == 1);
    CHECK(bounded_try(other, {theirs, 2}) == Status::kUnavailable);
    CHECK(bounded_value(semaphore) == 1);
    CHECK(bounded_try(other, {theirs, 1}) == Status::kOk);
    CHECK(mine[0] != mine[1]);
    CHECK(theirs[0] != mine[0]);
    CHECK(theirs[0] != mine[1]);
    CHECK(bounded_try(semaphore, {mine, 1}) == Status::kUnavailable);
    CHECK(bounded_release(other, theirs[0]) == Status::kOk);
    CHECK(bounded_value(semaphore) == 1);
  }

  TEST_CASE("bounded_acquire sleeps until its deadline, not less, and takes nothing then") {
    Room room;
    const Reference semaphore = room.open(Kind::kBoundedSemaphore, 2);
    std::uint32_t mine[1], more[2];
    REQUIRE(bounded_try(semaphore, {mine, 1}) == Status::kOk);
    const std::int64_t start = Deadline::now_ns();
    CHECK(bounded_acquire(semaphore, {more, 2}, Deadline::in_ms(10)) == Status::kTimedOut);
    CHECK(Deadline::now_ns() - start >= 10'000'000);
    CHECK(bounded_value(semaphore) == 1);
    CHECK(bounded_acquire(semaphore, {more, 1}, Deadline::at(1)) == Status::kOk);
    CHECK(bounded_acquire(semaphore, {more, 1}, Deadline::at(1)) == Status::kTimedOut);
  }

  TEST_CASE("each release wakes one sleeper") {
    Room room;
    const Reference semaphore = room.open(Kind::kBoundedSemaphore, 2);
    std::uint32_t mine[2];
    REQUIRE(bounded_try(semaphore, {mine, 2}) == Status::kOk);
    const auto take = [&] {
      std::uint32_t index;
      MUST(acquire(as(room.join(), semaphore), {&index, 1}) == Status::kOk);
    };
    Sleeper first(take), second(take);
    first.until_asleep();
    second.until_asleep();
    CHECK(has_waiter(semaphore));
    release(semaphore, {mine, 2});
  }

  TEST_CASE("a waiter for many permits gets them when the last one returns") {
    Room room;
    const Reference semaphore = room.open(Kind::kBoundedSemaphore, 3);
    std::uint32_t mine[3];
    REQUIRE(bounded_try(semaphore, {mine, 3}) == Status::kOk);
    Sleeper many([&] {
      std::uint32_t indexes[3];
      MUST(acquire(as(room.join(), semaphore), {indexes, 3}) == Status::kOk);
    });
    for (const std::uint32_t index : mine) {
      many.until_asleep();
      CHECK(bounded_release(semaphore, index) == Status::kOk);
    }
  }

  TEST_CASE("a promise gets the permit when its bell rings, and clears its bell") {
    Room room;
    const Reference semaphore = room.open(Kind::kBoundedSemaphore, 1);
    std::uint32_t mine[1];
    REQUIRE(bounded_try(semaphore, {mine, 1}) == Status::kOk);
    Sleeper promise([&] {
      const Reference own = as(room.join(), semaphore);
      Loop loop(own.me);
      std::uint32_t index;
      MUST(acquire_promised(own, loop, {&index, 1}) == Status::kOk);
    });
    promise.until_asleep();
    release(semaphore, {mine, 1});
    promise.join();
    CHECK(semaphore.object->bells.load() == 0);
  }

  TEST_CASE("a promise that gives up passes its ring on") {
    Room room;
    const Reference semaphore = room.open(Kind::kBoundedSemaphore, 1);
    std::uint32_t mine[1], none[1];
    REQUIRE(bounded_try(semaphore, {mine, 1}) == Status::kOk);
    const Reference quitter = as(room.join(), semaphore);
    Loop quitters_loop(quitter.me);
    REQUIRE(bounded_arm(quitter, {none, 1}) == Status::kUnavailable);
    Sleeper promise([&] {
      const Reference own = as(room.join(), semaphore);
      Loop loop(own.me);
      std::uint32_t index;
      MUST(acquire_promised(own, loop, {&index, 1}) == Status::kOk);
    });
    promise.until_asleep();
    release(semaphore, {mine, 1});
    bounded_disarm(quitter);
  }

  TEST_CASE("bounded_wake after a permit that JavaScript freed") {
    Room room;
    const Reference semaphore = room.open(Kind::kBoundedSemaphore, 1);
    std::uint32_t mine[1];
    REQUIRE(bounded_try(semaphore, {mine, 1}) == Status::kOk);
    Sleeper sleeper([&] {
      std::uint32_t index;
      MUST(acquire(as(room.join(), semaphore), {&index, 1}) == Status::kOk);
    });
    sleeper.until_asleep();
    CHECK(semaphore.word(kFirstPermit + mine[0]).change(semaphore.me.id, 0));
    CHECK(has_waiter(semaphore));
    bounded_wake(semaphore, 1);
  }

  TEST_CASE("bounded_release_any prefers permits of the caller") {
    Room room;
    const Reference semaphore = room.open(Kind::kBoundedSemaphore, 3);
    const Reference other = as(room.join(), semaphore);
    std::uint32_t mine[1], theirs[2];
    REQUIRE(bounded_try(other, {theirs, 2}) == Status::kOk);
    REQUIRE(bounded_try(semaphore, {mine, 1}) == Status::kOk);
    CHECK(bounded_release_any(semaphore, 1) == Status::kOk);
    CHECK(bounded_release(semaphore, mine[0]) == Status::kNotHeld);
    CHECK(bounded_release_any(semaphore, 2) == Status::kOk);
    CHECK(bounded_value(semaphore) == 3);
    CHECK(bounded_release(other, theirs[0]) == Status::kNotHeld);
  }
}

TEST_SUITE("misuse") {
  TEST_CASE("a release without a permit is refused and changes nothing") {
    Room room;
    const Reference semaphore = room.open(Kind::kBoundedSemaphore, 2);
    const Reference other = as(room.join(), semaphore);
    std::uint32_t mine[1];
    CHECK(bounded_release(semaphore, 0) == Status::kNotHeld);
    CHECK(bounded_release_any(semaphore, 1) == Status::kBound);
    REQUIRE(bounded_try(semaphore, {mine, 1}) == Status::kOk);
    CHECK(bounded_release(other, mine[0]) == Status::kNotHeld);
    CHECK(bounded_release_any(semaphore, 2) == Status::kBound);
    CHECK(bounded_value(semaphore) == 1);
    CHECK(bounded_release(semaphore, mine[0]) == Status::kOk);
    CHECK(bounded_release(semaphore, mine[0]) == Status::kNotHeld);
    CHECK(bounded_value(semaphore) == 2);
  }

  TEST_CASE("an index past the limit is refused") {
    Room room;
    const Reference semaphore = room.open(Kind::kBoundedSemaphore, 2);
    for (const std::uint32_t index : {2u, kMaxBoundedPermits, 0x3fffffffu, 0xffffffffu}) {
      CHECK(bounded_release(semaphore, index) == Status::kNotHeld);
    }
  }

  TEST_CASE("more permits than the limit are never there") {
    Room room;
    const Reference semaphore = room.open(Kind::kBoundedSemaphore, 2);
    std::uint32_t indexes[3];
    CHECK(bounded_try(semaphore, {indexes, 3}) == Status::kUnavailable);
    CHECK(bounded_acquire(semaphore, {indexes, 3}, Deadline::at(1)) == Status::kTimedOut);
    CHECK(bounded_value(semaphore) == 2);
  }
}

/// Who has which permit, as the holders themselves say.
struct Ledger {
  std::atomic<OwnerId> owner[4];
};

// Takes one to three permits in each of the ways there are, and gives them back.
void hammer(const Reference& semaphore, Loop& loop, Ledger& ledger, Random& random) {
  std::uint32_t indexes[3];
  const Permits permits{indexes, 1 + random.below(3) / 2 * random.below(3)};
  const std::uint32_t way = random.below(8);
  Status status = Status::kUnavailable;
  if (way == 0) status = bounded_try(semaphore, permits);
  if (way == 1) {
    status = bounded_acquire(semaphore, permits, Deadline::at(Deadline::now_ns() + random.below(100'000)));
  }
  if (way == 2 || way == 3) status = acquire_promised(semaphore, loop, permits);
  if (way == 4 && !is_acquired(status = bounded_arm(semaphore, permits))) {
    if (random.below(2) == 0) sched_yield();
    bounded_disarm(semaphore);
  }
  if (way > 4) status = acquire(semaphore, permits);
  if (!is_acquired(status)) return;
  for (std::uint32_t i = 0; i < permits.count; ++i) MUST(ledger.owner[indexes[i]].exchange(semaphore.me.id) == 0);
  if (random.below(200) == 0) usleep(300);
  for (std::uint32_t i = 0; i < permits.count; ++i) MUST(ledger.owner[indexes[i]].exchange(0) == semaphore.me.id);
  release(semaphore, permits);
}

TEST_SUITE("hammer") {
  TEST_CASE("threads share four permits in every way") {
    Room room;
    const Reference semaphore = room.open(Kind::kBoundedSemaphore, 4);
    Shared<Ledger> ledger;
    in_threads(5, [&](int index) {
      const Reference mine = as(room.join(), semaphore);
      Loop loop(mine.me);
      Random random(index + 1);
      for (int i = 0; i < 2000; ++i) hammer(mine, loop, *ledger, random);
    });
    CHECK(bounded_value(semaphore) == 4);
  }

  TEST_CASE("processes share four permits in every way") {
    Room room;
    const Reference semaphore = room.open(Kind::kBoundedSemaphore, 4);
    Shared<Ledger> ledger;
    in_processes(room, 5, [&](Room& own, int index) {
      const Reference mine = own.attach(semaphore);
      Loop loop(mine.me);
      Random random(index + 1);
      for (int i = 0; i < 2000; ++i) hammer(mine, loop, *ledger, random);
    });
    CHECK(bounded_value(semaphore) == 4);
  }
}

TEST_SUITE("death") {
  TEST_CASE("the permits of a killed owner come back, and their next owner is told") {
    Room room;
    const Reference semaphore = room.open(Kind::kBoundedSemaphore, 3);
    Child holder = holder_of_permits(room, semaphore, 2);
    std::uint32_t indexes[3];
    holder.kill();
    CHECK(acquire(semaphore, {indexes, 3}) == Status::kOwnerDied);
    release(semaphore, {indexes, 3});
    until_recovered(room);
    CHECK(bounded_value(semaphore) == 3);
    CHECK(acquire(semaphore, {indexes, 3}) == Status::kOk);
  }

  TEST_CASE("sleepers get the permits of a killed owner") {
    Room room;
    const Reference semaphore = room.open(Kind::kBoundedSemaphore, 2);
    Child holder = holder_of_permits(room, semaphore, 2);
    const auto take = [&] {
      std::uint32_t index;
      MUST(acquire(as(room.join(), semaphore), {&index, 1}) == Status::kOwnerDied);
    };
    Sleeper first(take), second(take);
    first.until_asleep();
    second.until_asleep();
    holder.kill();
  }

  TEST_CASE("a promise gets the permit of a killed owner") {
    Room room;
    const Reference semaphore = room.open(Kind::kBoundedSemaphore, 1);
    Child holder = holder_of_permits(room, semaphore, 1);
    Sleeper promise([&] {
      const Reference mine = as(room.join(), semaphore);
      Loop loop(mine.me);
      std::uint32_t index;
      MUST(acquire_promised(mine, loop, {&index, 1}) == Status::kOwnerDied);
    });
    promise.until_asleep();
    holder.kill();
  }

  TEST_CASE("a killed sleeper takes no wake-up with it") {
    Room room;
    const Reference semaphore = room.open(Kind::kBoundedSemaphore, 1);
    for (int round = 0; round < 20; ++round) {
      std::uint32_t mine[1];
      REQUIRE(is_acquired(acquire(semaphore, {mine, 1})));
      Shared<Word> at_it;  // W may still stand from the round before, and a child that joins sleeps now and then
      Child victim(room, [&](Room& own) {
        const Reference mine = own.attach(semaphore);
        std::uint32_t index;
        at_it->store(1);
        acquire(mine, {&index, 1});
        sleep_until_killed();
      });
      until([&] { return at_it->load() == 1 && has_waiter(semaphore) && victim.is_asleep(); });
      Sleeper survivor([&] {
        const Reference own = as(room.join(), semaphore);
        std::uint32_t index;
        MUST(is_acquired(acquire(own, {&index, 1})));
        release(own, {&index, 1});
      });
      survivor.until_asleep();
      release(semaphore, {mine, 1});
      victim.kill();
      survivor.join();
    }
  }

  TEST_CASE("permits end with the isolate that holds them") {
    Room room;
    const Reference semaphore = room.open(Kind::kBoundedSemaphore, 2);
    const Participant gone = room.join();
    std::uint32_t indexes[2];
    REQUIRE(bounded_try(as(gone, semaphore), {indexes, 2}) == Status::kOk);
    leave_isolate(gone);
    CHECK(acquire(semaphore, {indexes, 2}) == Status::kOwnerDied);
  }
}

}  // namespace lockstep::test
