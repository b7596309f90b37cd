#include "core/semaphore.hpp"

#include "harness.hpp"

namespace lockstep::test {
namespace {

Status acquire(const Reference& semaphore, std::uint32_t count = 1) {
  return semaphore_acquire(semaphore, count, Deadline::never());
}
std::uint32_t value(const Reference& semaphore) { return semaphore.word(0).load(); }
bool has_waiter(const Reference& semaphore) { return semaphore.word(1).load() & kCountWaiters; }

void acquire_promised(const Reference& semaphore, Loop& loop, std::uint32_t count = 1) {
  loop.run([&] { return semaphore_arm(semaphore, count) == Status::kOk; });
  semaphore_disarm(semaphore);
}

}  // namespace

TEST_SUITE("contract") {
  TEST_CASE("a semaphore gives as many permits as it has") {
    Room room;
    const Reference semaphore = room.open(Kind::kSemaphore, 3);
    CHECK(semaphore_try(semaphore, 1) == Status::kOk);
    CHECK(semaphore_try(semaphore, 3) == Status::kUnavailable);
    CHECK(semaphore_try(semaphore, 2) == Status::kOk);
    CHECK(semaphore_try(semaphore, 1) == Status::kUnavailable);
    CHECK(semaphore_release(semaphore, 2) == Status::kOk);
    CHECK(value(semaphore) == 2);
  }

  TEST_CASE("semaphore_acquire sleeps until its deadline, not less, and takes nothing then") {
    Room room;
    const Reference semaphore = room.open(Kind::kSemaphore, 1);
    const std::int64_t start = Deadline::now_ns();
    CHECK(semaphore_acquire(semaphore, 2, Deadline::in_ms(10)) == Status::kTimedOut);
    CHECK(Deadline::now_ns() - start >= 10'000'000);
    CHECK(value(semaphore) == 1);
    CHECK(semaphore_acquire(semaphore, 1, Deadline::at(1)) == Status::kOk);
    CHECK(semaphore_acquire(semaphore, 1, Deadline::at(1)) == Status::kTimedOut);
  }

  TEST_CASE("a release of n wakes n sleepers") {
    Room room;
    const Reference semaphore = room.open(Kind::kSemaphore, 0);
    const auto take = [&] { MUST(acquire(as(room.join(), semaphore)) == Status::kOk); };
    Sleeper first(take), second(take), third(take);
    for (const Sleeper* sleeper : {&first, &second, &third}) sleeper->until_asleep();
    CHECK(has_waiter(semaphore));
    CHECK(semaphore_release(semaphore, 3) == Status::kOk);
  }

  TEST_CASE("single releases wake one sleeper each, however fast they follow each other") {
    Room room;
    const Reference semaphore = room.open(Kind::kSemaphore, 0);
    const auto take = [&] { MUST(acquire(as(room.join(), semaphore)) == Status::kOk); };
    Sleeper first(take), second(take), third(take);
    for (const Sleeper* sleeper : {&first, &second, &third}) sleeper->until_asleep();
    for (int i = 0; i < 3; ++i) CHECK(semaphore_release(semaphore, 1) == Status::kOk);
  }

  TEST_CASE("a waiter for many permits gets them when the last one arrives") {
    Room room;
    const Reference semaphore = room.open(Kind::kSemaphore, 0);
    Sleeper many([&] { MUST(acquire(as(room.join(), semaphore), 3) == Status::kOk); });
    for (int i = 0; i < 3; ++i) {
      many.until_asleep();
      CHECK(semaphore_release(semaphore, 1) == Status::kOk);
    }
    many.join();
    CHECK(value(semaphore) == 0);
  }

  TEST_CASE("a waiter for one permit passes over a waiter for many") {
    Room room;
    const Reference semaphore = room.open(Kind::kSemaphore, 0);
    Sleeper many([&] { MUST(acquire(as(room.join(), semaphore), 2) == Status::kOk); });
    many.until_asleep();
    Sleeper one([&] { MUST(acquire(as(room.join(), semaphore)) == Status::kOk); });
    one.until_asleep();
    CHECK(semaphore_release(semaphore, 1) == Status::kOk);
    one.join();
    CHECK(semaphore_release(semaphore, 2) == Status::kOk);
  }

  TEST_CASE("a promise gets the permit when its bell rings, and clears its bell") {
    Room room;
    const Reference semaphore = room.open(Kind::kSemaphore, 0);
    Sleeper promise([&] {
      const Reference mine = as(room.join(), semaphore);
      Loop loop(mine.me);
      acquire_promised(mine, loop);
    });
    promise.until_asleep();
    CHECK(semaphore_release(semaphore, 1) == Status::kOk);
    promise.join();
    CHECK(semaphore.object->bells.load() == 0);
    CHECK(value(semaphore) == 0);
  }

  TEST_CASE("a promise that gives up passes its ring on") {
    Room room;
    const Reference semaphore = room.open(Kind::kSemaphore, 0);
    const Reference quitter = as(room.join(), semaphore);
    Loop quitters_loop(quitter.me);
    REQUIRE(semaphore_arm(quitter, 1) == Status::kUnavailable);
    Sleeper promise([&] {
      const Reference mine = as(room.join(), semaphore);
      Loop loop(mine.me);
      acquire_promised(mine, loop);
    });
    promise.until_asleep();
    CHECK(semaphore_release(semaphore, 1) == Status::kOk);
    semaphore_disarm(quitter);
  }

  TEST_CASE("semaphore_wake after permits that JavaScript added") {
    Room room;
    const Reference semaphore = room.open(Kind::kSemaphore, 0);
    Sleeper sleeper([&] { MUST(acquire(as(room.join(), semaphore)) == Status::kOk); });
    sleeper.until_asleep();
    semaphore.word(0).fetch_add(1);
    CHECK(has_waiter(semaphore));
    semaphore_wake(semaphore, 1);
  }
}

TEST_SUITE("misuse") {
  TEST_CASE("a release past the greatest value is refused and changes nothing") {
    Room room;
    const Reference semaphore = room.open(Kind::kSemaphore, kMaxPermits - 1);
    CHECK(semaphore_release(semaphore, 2) == Status::kBound);
    CHECK(semaphore_release(semaphore, 0xffffffff) == Status::kBound);
    CHECK(value(semaphore) == kMaxPermits - 1);
    CHECK(semaphore_release(semaphore, 1) == Status::kOk);
    CHECK(semaphore_release(semaphore, 1) == Status::kBound);
    CHECK(value(semaphore) == kMaxPermits);
  }

  TEST_CASE("more permits than can ever be there time out") {
    Room room;
    const Reference semaphore = room.open(Kind::kSemaphore, 5);
    CHECK(semaphore_try(semaphore, 0xffffffff) == Status::kUnavailable);
    CHECK(semaphore_acquire(semaphore, 0xffffffff, Deadline::at(1)) == Status::kTimedOut);
    CHECK(value(semaphore) == 5);
  }

  TEST_CASE("semaphore_disarm without semaphore_arm changes nothing") {
    Room room;
    const Reference semaphore = room.open(Kind::kSemaphore, 1);
    semaphore_disarm(semaphore);
    CHECK(value(semaphore) == 1);
  }
}

// Takes one to three permits in each of the ways there are, and gives them back.
void hammer(const Reference& semaphore, Loop& loop, std::atomic<int>& inside, Random& random) {
  const std::uint32_t count = 1 + random.below(3);
  const std::uint32_t way = random.below(8);
  Status status = Status::kOk;
  if (way == 0) status = semaphore_try(semaphore, count);
  if (way == 1) {
    status = semaphore_acquire(semaphore, count, Deadline::at(Deadline::now_ns() + random.below(100'000)));
  }
  if (way == 2 || way == 3) acquire_promised(semaphore, loop, count);
  if (way == 4) {
    status = semaphore_arm(semaphore, count);
    if (random.below(2) == 0) sched_yield();
    semaphore_disarm(semaphore);
  }
  if (way > 4) MUST(acquire(semaphore, count) == Status::kOk);
  if (status != Status::kOk) return;
  MUST(inside.fetch_add(static_cast<int>(count)) + static_cast<int>(count) <= 4);
  if (random.below(200) == 0) usleep(300);
  inside.fetch_sub(static_cast<int>(count));
  MUST(semaphore_release(semaphore, count) == Status::kOk);
}

TEST_SUITE("hammer") {
  TEST_CASE("threads share four permits in every way") {
    Room room;
    const Reference semaphore = room.open(Kind::kSemaphore, 4);
    Shared<std::atomic<int>> inside;
    in_threads(5, [&](int index) {
      const Reference mine = as(room.join(), semaphore);
      Loop loop(mine.me);
      Random random(index + 1);
      for (int i = 0; i < 2000; ++i) hammer(mine, loop, *inside, random);
    });
    CHECK(value(semaphore) == 4);
  }

  TEST_CASE("processes share four permits in every way") {
    Room room;
    const Reference semaphore = room.open(Kind::kSemaphore, 4);
    Shared<std::atomic<int>> inside;
    in_processes(room, 5, [&](Room& own, int index) {
      const Reference mine = own.attach(semaphore);
      Loop loop(mine.me);
      Random random(index + 1);
      for (int i = 0; i < 2000; ++i) hammer(mine, loop, *inside, random);
    });
    CHECK(value(semaphore) == 4);
  }

  TEST_CASE("threads signal each other, one permit at a time") {
    Room room;
    const Reference there = room.open(Kind::kSemaphore, 0);
    const Reference back = room.open(Kind::kSemaphore, 0);
    in_threads(2, [&](int index) {
      const Participant me = room.join();
      const Reference mine = as(me, index == 0 ? there : back);
      const Reference theirs = as(me, index == 0 ? back : there);
      for (int i = 0; i < 3000; ++i) {
        MUST(semaphore_release(theirs, 1) == Status::kOk);
        MUST(acquire(mine) == Status::kOk);
      }
    });
    CHECK(value(there) + value(back) == 0);
  }
}

TEST_SUITE("death") {
  TEST_CASE("a killed sleeper takes no wake-up with it") {
    Room room;
    const Reference semaphore = room.open(Kind::kSemaphore, 0);
    for (int round = 0; round < 20; ++round) {
      Shared<Word> at_it;  // W may still stand from the round before, and a child that joins sleeps now and then
      Child victim(room, [&](Room& own) {
        const Reference mine = own.attach(semaphore);
        at_it->store(1);
        acquire(mine);
        sleep_until_killed();
      });
      until([&] { return at_it->load() == 1 && has_waiter(semaphore) && victim.is_asleep(); });
      Sleeper survivor([&] { MUST(acquire(as(room.join(), semaphore)) == Status::kOk); });
      survivor.until_asleep();
      CHECK(semaphore_release(semaphore, 1) == Status::kOk);
      victim.kill();
      until_recovered(room);
      // Permits belong to nobody: one that the victim had taken is gone, one that it had not is the survivor's.
      until([&] { return survivor.has_ended() || value(semaphore) == 0; });
      CHECK(semaphore_release(semaphore, 1) == Status::kOk);
      survivor.join();
      while (semaphore_try(semaphore, 1) == Status::kOk) {
      }
    }
  }

  TEST_CASE("a killed promise waiter takes no ring with it") {
    Room room;
    const Reference semaphore = room.open(Kind::kSemaphore, 0);
    for (int round = 0; round < 20; ++round) {
      Child victim(room, [&](Room& own) {
        const Reference mine = own.attach(semaphore);
        Loop loop(mine.me);
        MUST(semaphore_arm(mine, 1) == Status::kUnavailable);
        sleep_until_killed();  // rung, it never looks
      });
      until([&] { return semaphore.object->bells.load() != 0; });
      Sleeper promise([&] {
        const Reference mine = as(room.join(), semaphore);
        Loop loop(mine.me);
        acquire_promised(mine, loop);
      });
      promise.until_asleep();
      victim.send(SIGSTOP);
      CHECK(semaphore_release(semaphore, 1) == Status::kOk);
      victim.kill();
      promise.join();
      until_recovered(room);
      CHECK(semaphore.object->bells.load() == 0);
      CHECK(value(semaphore) == 0);
    }
  }
}

}  // namespace lockstep::test
