#include "core/event_count.hpp"

#include "harness.hpp"

namespace lockstep::test {
namespace {

/// An event count and its units, on the words of a semaphore, which is made of just these.
struct Units {
  Reference place;

  CountSite site() const { return {place.word(1), place.waiting()}; }
  Word& free() const { return place.word(0); }
  const Participant& me() const noexcept { return place.me; }

  bool take() const {
    std::uint32_t seen = free().load();
    while (seen > 0) {
      if (free().compare_exchange(seen, seen - 1)) return true;
    }
    return false;
  }
  void wait() const {
    for (;;) {
      const std::uint32_t prepared = count_prepare(site(), false);
      if (take()) break;
      count_wait(site(), prepared, Deadline::never());
    }
    if (free().load() > 0) count_wake(me(), site(), 1);
  }
  void give() const {
    free().fetch_add(1);
    count_wake(me(), site(), 1);
  }
};

Units make_units(const Room& room) { return {room.open(Kind::kSemaphore, 0)}; }
Units as(const Participant& me, const Units& units) { return {test::as(me, units.place)}; }

}  // namespace

TEST_SUITE("contract") {
  TEST_CASE("count_wake leaves the word alone while nobody waits") {
    Room room;
    const Units units = make_units(room);
    const std::uint32_t before = units.site().word.load();
    count_wake(units.me(), units.site(), 1);
    CHECK(units.site().word.load() == before);
  }

  TEST_CASE("count_wake between count_prepare and count_wait ends the wait") {
    Room room;
    const Units units = make_units(room);
    const std::uint32_t prepared = count_prepare(units.site(), false);
    CHECK((prepared & kCountWaiters));
    count_wake(units.me(), units.site(), 1);
    CHECK_FALSE((units.site().word.load() & kCountWaiters));
    count_wait(units.site(), prepared, Deadline::never());
  }

  TEST_CASE("one unit wakes one sleeper; with a waiter for many it wakes all") {
    Room room;
    const Units units = make_units(room);
    std::atomic<int> woken{0};
    const auto sleep = [&](bool many) {
      count_wait(units.site(), count_prepare(units.site(), many), Deadline::never());
      woken.fetch_add(1);
    };
    {
      Sleeper first([&] { sleep(false); });
      first.until_asleep();
      Sleeper second([&] { sleep(false); });
      second.until_asleep();
      count_wake(units.me(), units.site(), 1);
      until([&] { return woken.load() == 1; });
      Sleeper many([&] { sleep(true); });
      many.until_asleep();
      CHECK((units.site().word.load() & kCountMany));
      count_wake(units.me(), units.site(), 1);
    }
    CHECK(woken.load() == 3);
  }

  TEST_CASE("count_wake rings as many isolates as it wakes sleepers") {
    Room room;
    const Units units = make_units(room);
    const Units other = as(room.join(), units);
    Loop mine(units.me()), theirs(other.me());
    count_arm(units.me(), units.site(), false);
    count_arm(other.me(), other.site(), false);
    count_wake(room.join(), units.site(), 1);
    until([&] { return mine.heard() + theirs.heard() > 0; });
    CHECK(__builtin_popcount(units.place.object->bells.load()) == 1);
    count_arm(units.me(), units.site(), false);
    count_arm(other.me(), other.site(), true);
    count_wake(room.join(), units.site(), 1);
    until([&] { return mine.heard() >= 1 && theirs.heard() >= 1; });
    CHECK(units.place.object->bells.load() == 0);
  }

  TEST_CASE("count_wait sleeps until its deadline, not less") {
    Room room;
    const Units units = make_units(room);
    const std::uint32_t prepared = count_prepare(units.site(), false);
    const std::int64_t start = Deadline::now_ns();
    const Deadline deadline = Deadline::in_ms(10);
    while (!deadline.passed()) count_wait(units.site(), prepared, deadline);
    CHECK(Deadline::now_ns() - start >= 10'000'000);
  }
}

TEST_SUITE("misuse") {
  TEST_CASE("count_disarm without count_arm costs the next count_wake a needless look, and nothing else") {
    Room room;
    const Units units = make_units(room);
    count_disarm(units.me(), units.site());
    count_wake(units.me(), units.site(), 0);
    CHECK(units.place.object->bells.load() == 0);
    CHECK((units.site().word.load() & (kCountWaiters | kCountMany)) == 0);
  }
}

void pass_units(const Units& units, int index) {
  for (int i = 0; i < 5000; ++i) index % 2 == 0 ? units.wait() : units.give();
}

TEST_SUITE("hammer") {
  TEST_CASE("threads: each unit finds its waiter") {
    Room room;
    const Units units = make_units(room);
    in_threads(4, [&](int index) { pass_units(as(room.join(), units), index); });
    CHECK(units.free().load() == 0);
  }

  TEST_CASE("processes: each unit finds its waiter") {
    Room room;
    const Units units = make_units(room);
    in_processes(room, 4, [&](Room& own, int index) { pass_units({own.attach(units.place)}, index); });
    CHECK(units.free().load() == 0);
  }
}

TEST_SUITE("death") {
  TEST_CASE("the death of anybody wakes all who sleep, and takes the marks away") {
    Room room;
    const Units units = make_units(room);
    Child victim(room, [](Room&) { sleep_until_killed(); });
    until([&] { return taken_slots(room) == 2; });
    std::atomic<int> woken{0};
    const auto sleep = [&] {
      count_wait(units.site(), count_prepare(units.site(), false), Deadline::never());
      woken.fetch_add(1);
    };
    Sleeper first(sleep), second(sleep);
    first.until_asleep();
    second.until_asleep();
    victim.kill();
    until([&] { return woken.load() == 2; });
    CHECK_FALSE((units.site().word.load() & kCountWaiters));
  }
}

}  // namespace lockstep::test
