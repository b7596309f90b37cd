#include "core/barrier.hpp"

#include "harness.hpp"

namespace lockstep::test {
namespace {

/// One party's whole visit: its index, or kBroken / kTimedOut.
struct Visit {
  Status status;
  std::uint32_t index;
};

Status give_up(const Reference& barrier, Arrival arrival) {
  Status status = barrier_break(barrier, arrival);
  while (status == Status::kUnavailable) {
    status = barrier_wait(barrier, arrival, Deadline::in_ms(1));
    if (status == Status::kTimedOut) status = barrier_break(barrier, arrival);
  }
  return status;
}

Visit visit(const Reference& barrier, Deadline deadline = Deadline::never()) {
  Arrival arrival;
  Status status = barrier_arrive(barrier, &arrival);
  while (status == Status::kUnavailable) {
    if (barrier_await_reset(barrier, deadline) == Status::kTimedOut) return {Status::kTimedOut, 0};
    status = barrier_arrive(barrier, &arrival);
  }
  barrier_disarm(barrier);
  if (status != Status::kOk) return {status, 0};
  if (arrival.index + 1 == barrier.object->parameter.load()) return {barrier_trip(barrier, arrival), arrival.index};
  status = barrier_wait(barrier, arrival, deadline);
  if (status == Status::kTimedOut) status = give_up(barrier, arrival);
  return {status, arrival.index};
}

Visit visit_promised(const Reference& barrier, Loop& loop) {
  Arrival arrival;
  Status status = Status::kUnavailable;
  loop.run([&] { return (status = barrier_arrive(barrier, &arrival)) != Status::kUnavailable; });
  if (status == Status::kOk && arrival.index + 1 == barrier.object->parameter.load()) {
    status = barrier_trip(barrier, arrival);
  } else if (status == Status::kOk) {
    loop.run([&] { return (status = barrier_poll(barrier, arrival)) != Status::kUnavailable; });
  }
  barrier_disarm(barrier);
  return {status, arrival.index};
}

}  // namespace

TEST_SUITE("contract") {
  TEST_CASE("the last party lets the others go, each with its own index") {
    Room room;
    const Reference barrier = room.open(Kind::kBarrier, 3);
    std::atomic<std::uint32_t> indexes{0};
    const auto arrive = [&] {
      const Visit mine = visit(as(room.join(), barrier));
      MUST(mine.status == Status::kOk);
      indexes.fetch_add(1u << mine.index * 8);
    };
    {
      Sleeper first(arrive), second(arrive);
      first.until_asleep();
      second.until_asleep();
      CHECK(barrier_waiting(barrier) == 2);
      arrive();
    }
    CHECK(indexes.load() == 0x010101);
    CHECK(barrier_waiting(barrier) == 0);
    CHECK_FALSE(barrier_is_broken(barrier));
  }

  TEST_CASE("a barrier of one never waits") {
    Room room;
    const Reference barrier = room.open(Kind::kBarrier, 1);
    for (int i = 0; i < 3; ++i) {
      const Visit mine = visit(barrier);
      CHECK(mine.status == Status::kOk);
      CHECK(mine.index == 0);
    }
  }

  TEST_CASE("a time-out breaks the barrier for everybody, not before its deadline") {
    Room room;
    const Reference barrier = room.open(Kind::kBarrier, 3);
    Sleeper other([&] { MUST(visit(as(room.join(), barrier)).status == Status::kBroken); });
    other.until_asleep();
    const std::int64_t start = Deadline::now_ns();
    CHECK(visit(barrier, Deadline::in_ms(10)).status == Status::kBroken);
    CHECK(Deadline::now_ns() - start >= 10'000'000);
    CHECK(barrier_is_broken(barrier));
    other.join();
    CHECK(visit(barrier).status == Status::kBroken);
  }

  TEST_CASE("abort breaks the barrier, reset mends it") {
    Room room;
    const Reference barrier = room.open(Kind::kBarrier, 2);
    Sleeper other([&] { MUST(visit(as(room.join(), barrier)).status == Status::kBroken); });
    other.until_asleep();
    barrier_abort(barrier);
    other.join();
    CHECK(visit(barrier).status == Status::kBroken);
    barrier_reset(barrier);
    CHECK_FALSE(barrier_is_broken(barrier));
    Sleeper again([&] { MUST(visit(as(room.join(), barrier)).status == Status::kOk); });
    CHECK(visit(barrier).status == Status::kOk);
  }

  TEST_CASE("reset breaks the round of those who wait, and the next one is whole") {
    Room room;
    const Reference barrier = room.open(Kind::kBarrier, 3);
    const auto disappointed = [&] { MUST(visit(as(room.join(), barrier)).status == Status::kBroken); };
    {
      Sleeper first(disappointed), second(disappointed);
      first.until_asleep();
      second.until_asleep();
      barrier_reset(barrier);
    }
    CHECK_FALSE(barrier_is_broken(barrier));
    const auto pass = [&] { MUST(visit(as(room.join(), barrier)).status == Status::kOk); };
    Sleeper first(pass), second(pass);
    pass();
  }

  TEST_CASE("who comes while a reset drains waits for the next round") {
    Room room;
    const Reference barrier = room.open(Kind::kBarrier, 2);
    const Reference slow = as(room.join(), barrier);
    Arrival arrival, late;
    REQUIRE(barrier_arrive(slow, &arrival) == Status::kOk);
    barrier_reset(barrier);
    CHECK(barrier_arrive(barrier, &late) == Status::kUnavailable);
    CHECK(barrier_await_reset(barrier, Deadline::at(1)) == Status::kTimedOut);
    CHECK(barrier_wait(slow, arrival, Deadline::never()) == Status::kBroken);
    CHECK(barrier_await_reset(barrier, Deadline::never()) == Status::kOk);
    CHECK(barrier_arrive(barrier, &late) == Status::kOk);
    CHECK(barrier_arrive(slow, &arrival) == Status::kOk);
    CHECK(barrier_trip(slow, arrival) == Status::kOk);
    CHECK(barrier_wait(barrier, late, Deadline::never()) == Status::kOk);
  }

  TEST_CASE("reset of an empty barrier disturbs nobody") {
    Room room;
    const Reference barrier = room.open(Kind::kBarrier, 2);
    barrier_reset(barrier);
    Arrival first, second;
    REQUIRE(barrier_arrive(barrier, &first) == Status::kOk);
    REQUIRE(barrier_arrive(as(room.join(), barrier), &second) == Status::kOk);
    CHECK(barrier_trip(barrier, second) == Status::kOk);
    barrier_reset(barrier);
    CHECK(barrier_wait(barrier, first, Deadline::never()) == Status::kOk);
  }

  TEST_CASE("who wants to give up when all have come waits on") {
    Room room;
    const Reference barrier = room.open(Kind::kBarrier, 2);
    const Reference last = as(room.join(), barrier);
    Arrival first, second;
    REQUIRE(barrier_arrive(barrier, &first) == Status::kOk);
    REQUIRE(barrier_arrive(last, &second) == Status::kOk);
    CHECK(barrier_break(barrier, first) == Status::kUnavailable);
    CHECK(barrier_trip(last, second) == Status::kOk);
    CHECK(barrier_break(barrier, first) == Status::kOk);
  }

  TEST_CASE("the last party breaks the barrier when its action fails") {
    Room room;
    const Reference barrier = room.open(Kind::kBarrier, 2);
    const Reference last = as(room.join(), barrier);
    Arrival first, second;
    REQUIRE(barrier_arrive(barrier, &first) == Status::kOk);
    REQUIRE(barrier_arrive(last, &second) == Status::kOk);
    CHECK(barrier_break(last, second) == Status::kBroken);
    CHECK(barrier_wait(barrier, first, Deadline::never()) == Status::kBroken);
  }

  TEST_CASE("one party too many waits for the next round") {
    Room room;
    const Reference barrier = room.open(Kind::kBarrier, 2);
    const Reference second = as(room.join(), barrier), third = as(room.join(), barrier);
    Arrival arrivals[3];
    REQUIRE(barrier_arrive(barrier, &arrivals[0]) == Status::kOk);
    REQUIRE(barrier_arrive(second, &arrivals[1]) == Status::kOk);
    CHECK(barrier_arrive(third, &arrivals[2]) == Status::kUnavailable);
    CHECK(barrier_trip(second, arrivals[1]) == Status::kOk);
    CHECK(barrier_arrive(third, &arrivals[2]) == Status::kOk);
    CHECK(arrivals[2].generation != arrivals[0].generation);
    CHECK(barrier_wait(barrier, arrivals[0], Deadline::never()) == Status::kOk);
  }

  TEST_CASE("promises pass a barrier") {
    Room room;
    const Reference barrier = room.open(Kind::kBarrier, 3);
    const auto promise = [&] {
      const Reference mine = as(room.join(), barrier);
      Loop loop(mine.me);
      MUST(visit_promised(mine, loop).status == Status::kOk);
    };
    {
      Sleeper first(promise), second(promise);
      first.until_asleep();
      second.until_asleep();
      CHECK(visit(barrier).status == Status::kOk);
    }
    CHECK(barrier.object->bells.load() == 0);
  }
}

TEST_SUITE("misuse") {
  TEST_CASE("abort and reset twice are as good as once") {
    Room room;
    const Reference barrier = room.open(Kind::kBarrier, 2);
    barrier_abort(barrier);
    barrier_abort(barrier);
    CHECK(barrier_is_broken(barrier));
    barrier_reset(barrier);
    barrier_reset(barrier);
    CHECK_FALSE(barrier_is_broken(barrier));
    CHECK(barrier_waiting(barrier) == 0);
  }

  TEST_CASE("trip and break of a round that has passed change nothing") {
    Room room;
    const Reference barrier = room.open(Kind::kBarrier, 1);
    Arrival arrival;
    REQUIRE(barrier_arrive(barrier, &arrival) == Status::kOk);
    REQUIRE(barrier_trip(barrier, arrival) == Status::kOk);
    CHECK(barrier_break(barrier, arrival) == Status::kOk);
    CHECK_FALSE(barrier_is_broken(barrier));
    CHECK(visit(barrier).status == Status::kOk);
  }

  TEST_CASE("an index past the parties is harmless") {
    Room room;
    const Reference barrier = room.open(Kind::kBarrier, 2);
    barrier_abort(barrier);
    CHECK(barrier_wait(barrier, {0, 0xffffffff}, Deadline::never()) == Status::kBroken);
    CHECK(barrier_is_broken(barrier));
  }
}

// Everybody must be in the same round, and nobody in the next one before all have left the last.
struct Tally {
  std::atomic<std::uint32_t> arrived[2], broken;
};

void pass_rounds(const Reference& barrier, Loop& loop, Tally& tally, std::uint32_t rounds) {
  const std::uint32_t parties = barrier.object->parameter.load();
  Random random(barrier.me.id);
  for (std::uint32_t round = 0; round < rounds; ++round) {
    tally.arrived[round & 1].fetch_add(1);
    const Visit mine = random.below(4) == 0 ? visit_promised(barrier, loop) : visit(barrier);
    MUST(mine.status == Status::kOk);
    MUST(tally.arrived[round & 1].load() >= (round / 2 + 1) * parties);
  }
}

// Visits that end in any way, while others break and mend the barrier.
void quarrel(const Reference& barrier, Loop& loop, Tally& tally, int rounds) {
  Random random(barrier.me.id);
  for (int round = 0; round < rounds; ++round) {
    const std::uint32_t way = random.below(40);
    if (way == 0) barrier_abort(barrier);
    if (way <= 2) barrier_reset(barrier);
    if (barrier_is_broken(barrier) && way < 20) barrier_reset(barrier);
    const Deadline soon = Deadline::at(Deadline::now_ns() + random.below(400'000) + 1);
    const Visit mine = way > 30 ? visit_promised(barrier, loop) : visit(barrier, soon);
    tally.broken.fetch_add(mine.status == Status::kBroken);
  }
}

TEST_SUITE("hammer") {
  TEST_CASE("threads go through round after round together") {
    Room room;
    const Reference barrier = room.open(Kind::kBarrier, 4);
    Shared<Tally> tally;
    in_threads(4, [&](int) {
      const Reference mine = as(room.join(), barrier);
      Loop loop(mine.me);
      pass_rounds(mine, loop, *tally, 1000);
    });
  }

  TEST_CASE("processes go through round after round together") {
    Room room;
    const Reference barrier = room.open(Kind::kBarrier, 4);
    Shared<Tally> tally;
    in_processes(room, 4, [&](Room& own, int) {
      const Reference mine = own.attach(barrier);
      Loop loop(mine.me);
      pass_rounds(mine, loop, *tally, 1000);
    });
  }

  TEST_CASE("threads break, mend and pass a barrier") {
    Room room;
    const Reference barrier = room.open(Kind::kBarrier, 2);
    Shared<Tally> tally;
    std::atomic<int> busy{4};
    in_threads(5, [&](int index) {
      const Reference mine = as(room.join(), barrier);
      Loop loop(mine.me);
      if (index < 4) {
        quarrel(mine, loop, *tally, 1000);
        busy.fetch_sub(1);
        return;
      }
      // The last of the others would wait for ever for a party that has gone home.
      while (busy.load() > 0) {
        usleep(500);
        barrier_abort(mine);
        usleep(100);
        barrier_reset(mine);
      }
    });
    barrier_reset(barrier);
    CHECK(barrier_waiting(barrier) == 0);
    CHECK_FALSE(barrier_is_broken(barrier));
    CHECK(tally->broken.load() > 0);
  }
}

TEST_SUITE("death") {
  TEST_CASE("a killed party breaks the barrier for the others") {
    Room room;
    const Reference barrier = room.open(Kind::kBarrier, 4);
    Child victim(room, [&](Room& own) { visit(own.attach(barrier)); });
    until([&] { return barrier_waiting(barrier) == 1; });
    Sleeper sleeping([&] { MUST(visit(as(room.join(), barrier)).status == Status::kBroken); });
    Sleeper promised([&] {
      const Reference mine = as(room.join(), barrier);
      Loop loop(mine.me);
      MUST(visit_promised(mine, loop).status == Status::kBroken);
    });
    until([&] { return barrier_waiting(barrier) == 3; });
    victim.kill();
    sleeping.join();
    promised.join();
    until_recovered(room);
    CHECK(barrier_is_broken(barrier));
    barrier_reset(barrier);
    CHECK_FALSE(barrier_is_broken(barrier));
    CHECK(barrier_waiting(barrier) == 0);
  }

  TEST_CASE("a last party killed in its action breaks the barrier") {
    Room room;
    const Reference barrier = room.open(Kind::kBarrier, 2);
    Sleeper other([&] { MUST(visit(as(room.join(), barrier)).status == Status::kBroken); });
    other.until_asleep();
    Child victim(room, [&](Room& own) {
      Arrival arrival;
      MUST(barrier_arrive(own.attach(barrier), &arrival) == Status::kOk);
      MUST(arrival.index == 1);
      ::kill(getpid(), SIGKILL);
    });
    CHECK(victim.join() == -SIGKILL);
  }

  TEST_CASE("a party that dies after its round breaks nothing") {
    Room room;
    const Reference barrier = room.open(Kind::kBarrier, 2);
    Child victim(room, [&](Room& own) {
      MUST(visit(own.attach(barrier)).status == Status::kOk);
      ::kill(getpid(), SIGKILL);
    });
    CHECK(visit(barrier).status == Status::kOk);
    CHECK(victim.join() == -SIGKILL);
    until_recovered(room);
    CHECK_FALSE(barrier_is_broken(barrier));
    Sleeper other([&] { MUST(visit(as(room.join(), barrier)).status == Status::kOk); });
    CHECK(visit(barrier).status == Status::kOk);
  }

  TEST_CASE("a reset does not wait for a party that was killed") {
    Room room;
    const Reference barrier = room.open(Kind::kBarrier, 2);
    Child victim(room, [&](Room& own) {
      Arrival arrival;
      MUST(barrier_arrive(own.attach(barrier), &arrival) == Status::kOk);
      sleep_until_killed();
    });
    until([&] { return barrier_waiting(barrier) == 1; });
    barrier_reset(barrier);
    Arrival arrival;
    CHECK(barrier_arrive(barrier, &arrival) == Status::kUnavailable);
    victim.kill();
    CHECK(barrier_await_reset(barrier, Deadline::never()) == Status::kOk);
    CHECK(barrier_arrive(barrier, &arrival) == Status::kOk);
  }
}

}  // namespace lockstep::test
