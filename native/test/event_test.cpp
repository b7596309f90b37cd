#include "core/event.hpp"

#include "harness.hpp"

namespace lockstep::test {
namespace {

bool is_set(const Reference& event) { return event.word(0).load() & kEventSet; }
bool has_waiter(const Reference& event) { return event.word(0).load() & kEventWaiters; }

Status wait(const Reference& event) { return event_wait(event, event_generation(event), Deadline::never()); }

void wait_promised(const Reference& event, Loop& loop) {
  const std::uint32_t generation = event_generation(event);
  loop.run([&] { return event_arm(event, generation) == Status::kOk; });
  event_disarm(event);
}

}  // namespace

TEST_SUITE("contract") {
  TEST_CASE("an event is clear until it is set") {
    Room room;
    const Reference event = room.open(Kind::kEvent);
    CHECK_FALSE(is_set(event));
    event_set(event);
    CHECK(is_set(event));
    CHECK(wait(event) == Status::kOk);
    event_clear(event);
    CHECK_FALSE(is_set(event));
  }

  TEST_CASE("event_wait sleeps until its deadline, not less") {
    Room room;
    const Reference event = room.open(Kind::kEvent);
    const std::int64_t start = Deadline::now_ns();
    CHECK(event_wait(event, event_generation(event), Deadline::in_ms(10)) == Status::kTimedOut);
    CHECK(Deadline::now_ns() - start >= 10'000'000);
    CHECK(event_wait(event, event_generation(event), Deadline::at(1)) == Status::kTimedOut);
    event_set(event);
    CHECK(event_wait(event, event_generation(event), Deadline::at(1)) == Status::kOk);
  }

  TEST_CASE("set wakes every sleeper and rings every promise") {
    Room room;
    const Reference event = room.open(Kind::kEvent);
    const auto sleep = [&] { MUST(wait(as(room.join(), event)) == Status::kOk); };
    const auto promise = [&] {
      const Reference mine = as(room.join(), event);
      Loop loop(mine.me);
      wait_promised(mine, loop);
    };
    {
      Sleeper first(sleep), second(sleep), third(promise), fourth(promise);
      for (const Sleeper* sleeper : {&first, &second, &third, &fourth}) sleeper->until_asleep();
      CHECK(has_waiter(event));
      event_set(event);
    }
    CHECK(event.object->bells.load() == 0);
  }

  TEST_CASE("set and clear at once release everybody present") {
    Room room;
    const Reference event = room.open(Kind::kEvent);
    const auto sleep = [&] { MUST(wait(as(room.join(), event)) == Status::kOk); };
    const auto promise = [&] {
      const Reference mine = as(room.join(), event);
      Loop loop(mine.me);
      wait_promised(mine, loop);
    };
    Sleeper first(sleep), second(sleep), third(promise), fourth(promise);
    for (const Sleeper* sleeper : {&first, &second, &third, &fourth}) sleeper->until_asleep();
    event_set(event);
    event_clear(event);
    CHECK_FALSE(is_set(event));
  }

  TEST_CASE("a wait after clear waits for the next set") {
    Room room;
    const Reference event = room.open(Kind::kEvent);
    event_set(event);
    event_clear(event);
    CHECK(event_wait(event, event_generation(event), Deadline::at(1)) == Status::kTimedOut);
  }
}

TEST_SUITE("misuse") {
  TEST_CASE("set twice and clear twice are as good as once") {
    Room room;
    const Reference event = room.open(Kind::kEvent);
    event_clear(event);
    CHECK_FALSE(is_set(event));
    event_set(event);
    const std::uint32_t generation = event_generation(event);
    event_set(event);
    CHECK(event_generation(event) == generation);
    event_clear(event);
    event_clear(event);
    CHECK_FALSE(is_set(event));
    CHECK(event_generation(event) == generation);
  }

  TEST_CASE("event_disarm without event_arm changes nothing") {
    Room room;
    const Reference event = room.open(Kind::kEvent);
    event_disarm(event);
    CHECK(event.word(0).load() == 0);
  }
}

// One raises and lowers the flag; the others must see each rise that comes while they wait.
struct Rounds {
  std::atomic<std::uint32_t> present, seen, over;
};

void watch_rounds(const Reference& event, Loop& loop, Rounds& rounds, std::uint32_t count, bool promised) {
  for (std::uint32_t round = 0; round < count; ++round) {
    const std::uint32_t generation = event_generation(event);
    rounds.present.fetch_add(1);
    if (promised) {
      loop.run([&] { return event_arm(event, generation) == Status::kOk; });
    } else {
      MUST(event_wait(event, generation, Deadline::never()) == Status::kOk);
    }
    rounds.seen.fetch_add(1);
    while (rounds.over.load() == round) sched_yield();
  }
}

void raise_rounds(const Reference& event, Rounds& rounds, std::uint32_t watchers, std::uint32_t count) {
  for (std::uint32_t round = 1; round <= count; ++round) {
    while (rounds.present.load() < round * watchers) sched_yield();
    event_set(event);
    event_clear(event);
    while (rounds.seen.load() < round * watchers) sched_yield();
    rounds.over.store(round);
  }
}

TEST_SUITE("hammer") {
  TEST_CASE("threads see every rise, however short") {
    Room room;
    const Reference event = room.open(Kind::kEvent);
    Shared<Rounds> rounds;
    in_threads(5, [&](int index) {
      const Reference mine = as(room.join(), event);
      Loop loop(mine.me);
      if (index == 0) return raise_rounds(mine, *rounds, 4, 1000);
      watch_rounds(mine, loop, *rounds, 1000, index % 2 == 0);
    });
    CHECK(rounds->seen.load() == 4000);
  }

  TEST_CASE("processes see every rise, however short") {
    Room room;
    const Reference event = room.open(Kind::kEvent);
    Shared<Rounds> rounds;
    in_processes(room, 5, [&](Room& own, int index) {
      const Reference mine = own.attach(event);
      Loop loop(mine.me);
      if (index == 0) return raise_rounds(mine, *rounds, 4, 1000);
      watch_rounds(mine, loop, *rounds, 1000, index % 2 == 0);
    });
    CHECK(rounds->seen.load() == 4000);
  }
}

TEST_SUITE("death") {
  TEST_CASE("a setter that dies has set the event") {
    Room room;
    const Reference event = room.open(Kind::kEvent);
    Sleeper sleeper([&] { MUST(wait(as(room.join(), event)) == Status::kOk); });
    sleeper.until_asleep();
    Child setter(room, [&](Room& own) {
      event_set(own.attach(event));
      ::kill(getpid(), SIGKILL);
    });
    CHECK(setter.join() == -SIGKILL);
    CHECK(is_set(event));
  }

  TEST_CASE("killed waiters leave the others waiting, and nothing behind") {
    Room room;
    const Reference event = room.open(Kind::kEvent);
    Shared<Word> at_it;  // a child that joins sleeps now and then
    Child sleeping(room, [&](Room& own) {
      const Reference mine = own.attach(event);
      at_it->store(1);
      wait(mine);
    });
    Child promised(room, [&](Room& own) {
      const Reference mine = own.attach(event);
      Loop loop(mine.me);
      wait_promised(mine, loop);
    });
    until([&] { return at_it->load() == 1 && sleeping.is_asleep() && event.object->bells.load() != 0; });
    Sleeper survivor([&] { MUST(wait(as(room.join(), event)) == Status::kOk); });
    survivor.until_asleep();
    sleeping.kill();
    promised.kill();
    until_recovered(room);
    survivor.until_asleep();
    CHECK_FALSE(survivor.has_ended());
    CHECK(event.object->bells.load() == 0);
    event_set(event);
  }
}

}  // namespace lockstep::test
