#include "core/bell.hpp"

#include "harness.hpp"

namespace lockstep::test {
namespace {

/// An isolate that only counts its rings.
struct Isolate {
  Participant me;
  Loop loop;

  explicit Isolate(const Room& room) : me(room.join()), loop(me) {}

  void until_heard(std::uint32_t buckets) {
    std::uint32_t heard = 0;
    until([&] { return ((heard |= take_rings(me)) & buckets) == buckets; });
  }
};

}  // namespace

TEST_SUITE("contract") {
  TEST_CASE("ring takes a bit out of bells and rings that isolate for that bucket") {
    Room room;
    const Reference event = room.open(Kind::kEvent);
    Isolate isolate(room);
    arm_bell(isolate.me, event.waiting());
    CHECK(event.object->bells.load() == bell_of(isolate.me.id));
    CHECK(ring(room.me(), event.waiting(), 1) == 1);
    CHECK(event.object->bells.load() == 0);
    isolate.until_heard(event.waiting().bucket);
    CHECK(ring(room.me(), event.waiting(), 1) == 0);
  }

  TEST_CASE("isolates take turns") {
    Room room;
    const Reference event = room.open(Kind::kEvent);
    Isolate first(room), second(room), third(room);
    Participant from = room.me();
    std::vector<std::uint32_t> order;
    for (int i = 0; i < 6; ++i) {
      for (const Isolate* isolate : {&first, &second, &third}) arm_bell(isolate->me, event.waiting());
      const std::uint32_t before = event.object->bells.load();
      CHECK(ring(from, event.waiting(), 1) == 1);
      const std::uint32_t taken = before & ~event.object->bells.load();
      for (const Isolate* isolate : {&first, &second, &third}) {
        if (bell_of(isolate->me.id) == taken) from = isolate->me;
      }
      order.push_back(taken);
    }
    CHECK(std::vector(order.begin(), order.begin() + 3) == std::vector(order.begin() + 3, order.end()));
    CHECK((order[0] | order[1] | order[2]) == event.object->bells.load() + order[5]);
  }

  TEST_CASE("ring_all takes all bits, disarm_bell only its own") {
    Room room;
    const Reference event = room.open(Kind::kEvent);
    Isolate first(room), second(room), third(room);
    for (const Isolate* isolate : {&first, &second, &third}) arm_bell(isolate->me, event.waiting());
    disarm_bell(second.me, event.waiting());
    CHECK(event.object->bells.load() == (bell_of(first.me.id) | bell_of(third.me.id)));
    CHECK(ring_all(room.me(), event.waiting()) == 2);
    CHECK(event.object->bells.load() == 0);
    first.until_heard(event.waiting().bucket);
    third.until_heard(event.waiting().bucket);
  }

  TEST_CASE("isolates past the 31st share a bit that rings all of them") {
    Room room;
    const Reference event = room.open(Kind::kEvent);
    std::vector<std::unique_ptr<Isolate>> isolates;
    for (int i = 0; i < 40; ++i) isolates.push_back(std::make_unique<Isolate>(room));
    const Participant late = isolates.back()->me;
    REQUIRE(bell_of(late.id) == kSharedBell);
    arm_bell(isolates.front()->me, event.waiting());
    arm_bell(late, event.waiting());
    disarm_bell(late, event.waiting());
    CHECK((event.object->bells.load() & kSharedBell));
    CHECK(ring(room.me(), event.waiting(), 1) >= 1);
    CHECK(event.object->bells.load() == 0);
    for (const auto& isolate : isolates) {
      const bool rung = isolate == isolates.front() || bell_of(isolate->me.id) == kSharedBell;
      if (rung) isolate->until_heard(event.waiting().bucket);
    }
  }

  TEST_CASE("an isolate hears once, however often it is rung, until it looks") {
    Room room;
    Isolate isolate(room);
    ring_slot(*room.segment(), slot_of(isolate.me.id), 1);
    until([&] { return isolate.loop.heard() == 1; });
    isolate.until_heard(1);
    ring_slot(*room.segment(), slot_of(isolate.me.id), 2);
    ring_slot(*room.segment(), slot_of(isolate.me.id), 4);
    isolate.until_heard(6);
    CHECK(take_rings(isolate.me) == 0);
  }

  TEST_CASE("an isolate that does not look passes its ring on to the others") {
    Room room;
    const Reference event = room.open(Kind::kEvent);
    Isolate busy(room), waiting(room);
    arm_bell(busy.me, event.waiting());
    CHECK(ring(room.me(), event.waiting(), 1) == 1);
    waiting.until_heard(event.waiting().bucket);
    busy.until_heard(event.waiting().bucket);
  }

  TEST_CASE("isolates that do not look, each of them, do not tell each other for ever") {
    Room room;
    Isolate first(room), second(room), third(room);
    ring_slot(*room.segment(), slot_of(first.me.id), 1);
    until([&] { return second.loop.heard() > 0 && third.loop.heard() > 0; });
    const Deadline many_guards = Deadline::in_ms(30);
    until([&] { return many_guards.passed(); });
    CHECK(first.loop.heard() == 1);
    CHECK(second.loop.heard() == 1);
    CHECK(third.loop.heard() == 1);
  }

  TEST_CASE("an isolate in which no promise waits is not told") {
    Room room;
    Isolate idle(room), other(room);
    set_pending(idle.me, false);
    ring_slot(*room.segment(), slot_of(idle.me.id), 1);
    forward_ring(*room.segment(), slot_of(idle.me.id), 2);
    forward_ring(*room.segment(), slot_of(other.me.id), 2);
    other.until_heard(2);  // the bell thread has been through all
    CHECK(idle.loop.heard() == 0);
    CHECK(take_rings(idle.me) == 0);
  }

  TEST_CASE("every bucket is one bit, and objects spread over them") {
    std::uint32_t used = 0;
    constexpr Offset kStart = heap_start_of(kMinCapacity);
    for (Offset offset = kStart; offset < kStart + 128 * 1000; offset += 128) {
      const std::uint32_t bucket = bucket_of(offset);
      CHECK(__builtin_popcount(bucket) == 1);
      used |= bucket;
    }
    CHECK(used == kAllBuckets);
  }

  TEST_CASE("more segments than one sleep can watch have their bells heard") {
    std::vector<std::unique_ptr<Room>> rooms;
    std::vector<std::unique_ptr<Isolate>> isolates;
    for (int i = 0; i < 140; ++i) {
      rooms.push_back(std::make_unique<Room>());
      isolates.push_back(std::make_unique<Isolate>(*rooms.back()));
    }
    for (std::size_t i = 0; i < rooms.size(); ++i) {
      forward_ring(*rooms[i]->segment(), slot_of(isolates[i]->me.id), 1);
      isolates[i]->until_heard(1);
    }
  }

  TEST_CASE("two segments of one process have their bells heard") {
    Room first, second;
    Isolate here(first), there(second);
    for (int i = 0; i < 20; ++i) {
      ring_slot(*second.segment(), slot_of(there.me.id), 1);
      there.until_heard(1);
      ring_slot(*first.segment(), slot_of(here.me.id), 2);
      here.until_heard(2);
    }
  }
}

TEST_SUITE("misuse") {
  TEST_CASE("who does not listen takes no rings") {
    Room room;
    CHECK(take_rings(room.me()) == 0);
    set_pending(room.me(), true);
    stop_listening(room.me());
    ring_slot(*room.segment(), slot_of(room.me().id), 1);
    CHECK(take_rings(room.me()) == 0);
  }

  TEST_CASE("a listener that has stopped is not called again") {
    Room room;
    const Participant me = room.join();
    for (int i = 0; i < 200; ++i) {
      auto loop = std::make_unique<Loop>(me);
      ring_slot(*room.segment(), slot_of(me.id), 1);
      loop.reset();  // a call into it now would be a use of freed memory
    }
  }

  TEST_CASE("a bit of a slot that is not there rings nobody") {
    Room room;
    const Reference event = room.open(Kind::kEvent);
    event.object->bells.store(1u << 20 | 1u << 30);
    CHECK(ring(room.me(), event.waiting(), 1) == 0);
    CHECK(event.object->bells.load() == 0);
  }
}

// Stray rings are allowed, so the ball says whose turn it is; a ring that is lost ends the game.
struct Game {
  std::atomic<std::uint32_t> slots[2];
  std::atomic<std::uint32_t> ball;
};

void play(Isolate& mine, Game& game, std::uint32_t index, std::uint32_t rounds) {
  game.slots[index].store(slot_of(mine.me.id));
  until([&] { return game.slots[1 - index].load() != 0; });
  for (std::uint32_t turn = index; turn < rounds * 2; turn += 2) {
    while (game.ball.load() != turn) mine.until_heard(1);
    game.ball.store(turn + 1);
    ring_slot(*mine.me.segment, game.slots[1 - index].load(), 1);
  }
}

TEST_SUITE("hammer") {
  TEST_CASE("threads: every ring is heard") {
    Room room;
    Isolate target(room);
    std::atomic<std::uint32_t> answers{0};
    std::atomic<int> ringers{3};
    const std::uint32_t slot = slot_of(target.me.id);
    in_threads(4, [&](int index) {
      if (index == 3) {
        while (ringers.load() > 0) answers.fetch_or(take_rings(target.me));
        return;
      }
      const std::uint32_t bucket = 1u << index;
      for (int i = 0; i < 3000; ++i) {
        ring_slot(*room.segment(), slot, bucket);
        while (!(answers.load() & bucket)) sched_yield();
        answers.fetch_and(~bucket);
      }
      ringers.fetch_sub(1);
    });
  }

  TEST_CASE("threads: ping-pong by bell") {
    Room room;
    Shared<Game> game;
    in_threads(2, [&](int index) {
      Isolate mine(room);
      play(mine, *game, static_cast<std::uint32_t>(index), 1000);
    });
    CHECK(game->ball.load() == 2000);
  }

  TEST_CASE("processes: ping-pong by bell") {
    Room room;
    Shared<Game> game;
    in_processes(room, 2, [&](Room& own, int index) {
      Isolate mine(own);
      play(mine, *game, static_cast<std::uint32_t>(index), 1000);
    });
    CHECK(game->ball.load() == 2000);
  }
}

TEST_SUITE("death") {
  TEST_CASE("a dead isolate is passed over, and its bits are taken away") {
    Room room;
    const Reference event = room.open(Kind::kEvent);
    Child victim(room, [&](Room& own) {
      const Reference mine = own.attach(event);
      Loop loop(mine.me);
      become_visible(mine.waiting());
      arm_bell(mine.me, mine.waiting());
      sleep_until_killed();
    });
    until([&] { return event.object->bells.load() != 0; });
    Isolate survivor(room);
    arm_bell(survivor.me, event.waiting());
    victim.kill();
    CHECK(ring(room.me(), event.waiting(), 1) <= 1);
    survivor.until_heard(event.waiting().bucket);  // rung now, or by the recovery
    until_recovered(room);
    CHECK(event.object->bells.load() == 0);
  }

  TEST_CASE("a death makes every isolate look everywhere") {
    Room room;
    Isolate first(room), second(room);
    Child victim(room, [](Room&) { ::kill(getpid(), SIGKILL); });
    CHECK(victim.join() == -SIGKILL);
    first.until_heard(kAllBuckets);
    second.until_heard(kAllBuckets);
  }

  TEST_CASE("a process that is killed after it was rung leaves the others to look") {
    Room room;
    const Reference event = room.open(Kind::kEvent);
    for (int round = 0; round < 10; ++round) {
      Child victim(room, [&](Room& own) {
        const Reference mine = own.attach(event);
        Loop loop(mine.me);
        become_visible(mine.waiting());
        arm_bell(mine.me, mine.waiting());
        sleep_until_killed();
      });
      until([&] { return event.object->bells.load() != 0; });
      Isolate survivor(room);
      victim.send(SIGSTOP);
      CHECK(ring(room.me(), event.waiting(), 1) == 1);
      arm_bell(survivor.me, event.waiting());
      victim.kill();
      survivor.until_heard(event.waiting().bucket);
      until_recovered(room);
      disarm_bell(survivor.me, event.waiting());
    }
  }
}

}  // namespace lockstep::test
