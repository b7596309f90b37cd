// What another participant does between any two shared writes of an operation, told one by one: threads at full speed
// hardly ever meet there.
#include "core/rwlock.hpp"
#include "crash_point.hpp"
#include "queue_harness.hpp"

namespace lockstep::test {
namespace {

/// Runs `round(n)` for n = 1, 2 and so on, as long as it says that the n-th write was reached.
void at_every_write(const std::function<bool(std::uint32_t n)>& round) {
  std::uint32_t n = 1;
  while (round(n)) ++n;
  CHECK(n > 1);
}

/// What `operation` gives, `turn` having run after its n-th write if there is one.
Status interleaved(std::uint32_t n, const std::function<void()>& turn, const std::function<Status()>& operation) {
  interleave(n, turn);
  const Status status = operation();
  interleave(0, nullptr);
  return status;
}

/// Two isolates more, in which promises wait.
struct Pair {
  Room room;
  Participant first = room.join(), second = room.join();
  Loop first_loop{first}, second_loop{second};

  /// The other one is not busy: what it hears is not passed on by the bell thread.
  void until_rung(const Participant& me) {
    const Participant& other = me.id == first.id ? second : first;
    until([&] { return take_rings(other), take_rings(me) != 0; });
  }
};

}  // namespace

TEST_SUITE("hammer") {
  TEST_CASE("who takes a lock while it is being rung lets the other waiter know") {
    for (const Urgency urgency : {Urgency::kFresh, Urgency::kRung}) {
      at_every_write([&](std::uint32_t n) {
        Pair pair;
        const Reference lock = pair.room.open(Kind::kLock);
        const Reference mine = as(pair.first, lock), theirs = as(pair.second, lock);
        REQUIRE(lock_try(lock.me, lock.lock()) == Status::kOk);
        REQUIRE(lock_arm(theirs.me, theirs.lock(), Urgency::kFresh) == Status::kUnavailable);
        bool reached = false;
        const auto turn = [&] {
          reached = true;
          CHECK(lock_release(lock.me, lock.lock(), lock.me.id) == Status::kOk);
        };
        Status status = interleaved(n, turn, [&] { return lock_arm(mine.me, mine.lock(), urgency); });
        if (!reached) return false;
        if (!is_acquired(status)) {
          pair.until_rung(mine.me);
          status = lock_arm(mine.me, mine.lock(), Urgency::kRung);
        }
        REQUIRE(is_acquired(status));
        take_rings(mine.me);
        // As JavaScript does: whether anybody waits is known only by the waiters' bit.
        if (!mine.word(0).change(mine.me.id, 0)) CHECK(lock_release(mine.me, mine.lock(), mine.me.id) == Status::kOk);
        pair.until_rung(theirs.me);
        return true;
      });
    }
  }

  TEST_CASE("a writer that finds the readers gone leaves no bell that the next writer would miss its ring by") {
    at_every_write([&](std::uint32_t n) {
      Pair pair;
      // In the order of their slots, in which bells are rung: the stale bell would be rung last.
      const Reference early = pair.room.open(Kind::kRWLock);
      Loop early_loop(early.me);
      const Reference reading = as(pair.first, early), late = as(pair.second, early);
      const Reference reading_later = as(pair.room.join(), early);
      Offset reader = 0, later_reader = 0;
      REQUIRE(rwlock_reader_word(reading, &reader) == Status::kOk);
      REQUIRE(rwlock_reader_word(reading_later, &later_reader) == Status::kOk);
      REQUIRE(rwlock_try_read(reading, reader) == Status::kOk);
      REQUIRE(lock_try(early.me, early.lock()) == Status::kOk);
      REQUIRE(rwlock_drain_arm(early) == Status::kUnavailable);
      bool reached = false;
      const auto turn = [&] {
        reached = true;
        CHECK(rwlock_drain_arm(early) == Status::kOk);
        CHECK(lock_release(early.me, early.lock(), early.me.id) == Status::kOk);
        CHECK(rwlock_try_read(reading_later, later_reader) == Status::kOk);
        CHECK(lock_try(late.me, late.lock()) == Status::kOk);
        CHECK(rwlock_drain_arm(late) == Status::kUnavailable);
      };
      interleaved(n, turn, [&] { return rwlock_end_read(reading, reader), Status::kOk; });
      if (!reached) return false;
      take_rings(late.me);
      REQUIRE(rwlock_drain_arm(late) == Status::kUnavailable);
      rwlock_end_read(reading_later, later_reader);
      until([&] { return take_rings(early.me), take_rings(late.me) != 0; });
      CHECK(rwlock_drain_arm(late) == Status::kOk);
      return n < 2;  // later writes are those of ringing itself, under locks of the process
    });
  }

  TEST_CASE("two items put at once reach both who sleep for one") {
    at_every_write([](std::uint32_t n) {
      Room room;
      const Reference queue = room.open(Kind::kQueue);
      const Participant other = room.join(), getters[] = {room.join(), room.join()};
      const auto sleep = [&queue](const Participant& me) {
        return std::make_unique<Sleeper>([&queue, me] { MUST(get(as(me, queue)).status == Status::kOk); });
      };
      const std::unique_ptr<Sleeper> sleepers[] = {sleep(getters[0]), sleep(getters[1])};
      for (const auto& sleeper : sleepers) sleeper->until_asleep();
      Word& stripe = room.segment()->stripe(stripe_of(queue, 0)).transaction.word;
      bool reached = false, is_put = false;
      const auto turn = [&] {
        reached = true;
        if (stripe.load() != 0) return;  // its turn comes when the first one has let go
        is_put = try_put(as(other, queue), "b") == Status::kOk;
      };
      CHECK(interleaved(n, turn, [&] { return try_put(queue, "a"); }) == Status::kOk);
      if (!is_put) CHECK(try_put(queue, "b") == Status::kOk);
      return reached;
    });
  }
}

}  // namespace lockstep::test
