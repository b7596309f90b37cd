// Death at every shared write of what changes the segment as a whole: objects, memory, owners, and recovery itself.
#include "core/barrier.hpp"
#include "core/bounded_semaphore.hpp"
#include "core/condition.hpp"
#include "core/heap.hpp"
#include "core/rwlock.hpp"
#include "core/semaphore.hpp"
#include "crash_enumeration.hpp"

namespace lockstep::test {
namespace {

constexpr const char* kName = "named";

Object* find(const Room& room, Kind kind, std::uint32_t parameter) {
  Object* object = nullptr;
  bool created = false;
  const Recipe recipe{kind, parameter, kName, nullptr};
  MUST(open_object(room.me(), recipe, &object, &created) == Status::kOk);
  MUST(!created);
  return object;
}

void remove(const Room& room, Object* object) {
  CHECK(unname_object(room.me(), object));
  room.detach({room.me(), object});
}

bool has_name(const Room& room) {
  for (const Word& bucket : room.header().names) {
    if (bucket.load() != 0) return true;
  }
  return false;
}

/// The books must be as before, once a name that was left behind is taken away.
void enumerate_directory(const Operation& operation, Kind kind, std::uint32_t parameter) {
  Room room;
  const Books before = audit(room);
  enumerate([&](std::uint32_t n) {
    const int ended = run_until(room, operation, n);
    audit(room);
    if (has_name(room)) remove(room, find(room, kind, parameter));
    CHECK(audit(room) == before);
    return ended;
  });
}

}  // namespace

TEST_SUITE("directory") {
  TEST_CASE("directory: create without a name, and detach") {
    Operation operation;
    operation.run = [](Room& own) { own.detach(own.open(Kind::kBarrier, 100)); };
    enumerate_directory(operation, Kind::kBarrier, 100);
  }
  TEST_CASE("directory: create with a name") {
    Operation operation;
    operation.run = [](Room& own) { own.open(Kind::kSemaphore, 3, kName); };
    enumerate_directory(operation, Kind::kSemaphore, 3);
  }
  TEST_CASE("directory: create with a name, take the name away, detach") {
    Operation operation;
    operation.run = [](Room& own) { remove(own, own.open(Kind::kBoundedSemaphore, 20, kName).object); };
    enumerate_directory(operation, Kind::kBoundedSemaphore, 20);
  }
  TEST_CASE("directory: a condition with its lock, more waiters than it has room for, and detach") {
    Operation operation;
    operation.run = [](Room& own) {
      const Reference lock = own.open(Kind::kLock);
      const Reference condition = own.open_condition(lock);
      Offset entry = 0;
      for (std::uint32_t i = 0; i < kInlineEntries + 1; ++i) {
        MUST(condition_enter(condition, &entry) == Status::kOk);
      }
      own.detach(lock);
      own.detach(condition);
    };
    enumerate_directory(operation, Kind::kCondition, 0);
  }
  TEST_CASE("directory: a readers-writer lock with reader words, and detach") {
    Operation operation;
    operation.run = [](Room& own) {
      const Reference lock = own.open(Kind::kRWLock);
      Offset word = 0;
      MUST(rwlock_reader_word(lock, &word) == Status::kOk);
      own.detach(lock);
    };
    enumerate_directory(operation, Kind::kRWLock, 0);
  }
  TEST_CASE("directory: attach and detach what another has, and open it by name") {
    Room room;
    const Reference shared = room.open(Kind::kEvent, 0, kName);
    const Books before = audit(room);
    enumerate([&](std::uint32_t n) {
      Operation operation;
      operation.run = [&](Room& own) {
        const Reference mine = own.attach(shared);
        own.open(Kind::kEvent, 0, kName);
        own.detach(mine);
        own.detach(mine);
      };
      const int ended = run_until(room, operation, n);
      CHECK(audit(room) == before);
      CHECK(shared.object->references.load() == 2);
      return ended;
    });
  }
}

TEST_SUITE("transaction") {
  TEST_CASE("transaction: all words or none") {
    Room room;
    const Reference scratch = room.open(Kind::kBarrier, 2);  // for the sake of its words
    Word* const words = &scratch.word(2);
    const Offset place = room.segment()->offset_of(words);
    const Books before = audit(room);
    enumerate([&](std::uint32_t n) {
      for (int i = 0; i < 4; ++i) words[i].store(0);
      Operation operation;
      operation.run = [&](Room& own) {
        Word* const mine = own.segment()->checked<Word>(place);
        Transaction transaction(own.me());
        for (std::uint32_t value : {1u, 2u}) {
          for (int i = 0; i < 4; ++i) transaction.set(mine[i], value);
          transaction.commit();
        }
        for (int i = 0; i < 4; ++i) transaction.set(mine[i], 3);
        transaction.rollback();
      };
      const int ended = run_until(room, operation, n);
      CHECK(audit(room) == before);
      CHECK(words[0].load() <= 2);
      for (int i = 1; i < 4; ++i) CHECK(words[i].load() == words[0].load());
      return ended;
    });
  }

  TEST_CASE("heap: a block is taken or not, given back or not") {
    Room room;
    const Books before = audit(room);
    enumerate([&](std::uint32_t n) {
      Operation operation;
      operation.run = [](Room& own) {
        Transaction transaction(own.me());
        char* const block = allocate(transaction, 3000);
        MUST(block != nullptr);
        release(transaction, block, 3000);
        transaction.commit();
      };
      const int ended = run_until(room, operation, n);
      CHECK(audit(room) == before);
      return ended;
    });
  }
}

namespace {

/// One of everything, as the dying owner held it and the survivors find it.
struct Estate {
  Reference lock, rwlock, semaphore, bounded, condition, event, barrier;

  template <typename Make>
  explicit Estate(Make make)
      : lock(make(Kind::kLock, 0)),
        rwlock(make(Kind::kRWLock, 0)),
        semaphore(make(Kind::kSemaphore, 2)),
        bounded(make(Kind::kBoundedSemaphore, 3)),
        condition(make(Kind::kCondition, 0)),
        event(make(Kind::kEvent, 0)),
        barrier(make(Kind::kBarrier, 3)) {}
};

Estate make_estate(const Room& room) {
  const Reference base = room.open(Kind::kLock, 0, "condition's lock");
  return Estate([&](Kind kind, std::uint32_t parameter) {
    const std::string name = "estate-" + std::to_string(static_cast<int>(kind));
    if (kind != Kind::kCondition) return room.open(kind, parameter, name);
    Reference result{room.me(), nullptr};
    bool created = false;
    MUST(open_object(room.me(), {kind, 0, name, base.object}, &result.object, &created) == Status::kOk);
    return result;
  });
}

void take_everything(const Room& own, const Estate& estate) {
  std::uint32_t indexes[3];
  Offset place = 0;
  Arrival arrival;
  MUST(is_acquired(lock_try(own.me(), estate.lock.lock())));
  MUST(rwlock_reader_word(estate.rwlock, &place) == Status::kOk);
  MUST(rwlock_try_read(estate.rwlock, place) == Status::kOk);
  MUST(semaphore_try(estate.semaphore, 1) == Status::kOk);
  MUST(is_acquired(bounded_try(estate.bounded, {indexes, 2})));
  MUST(condition_enter(estate.condition, &place) == Status::kOk);
  MUST(condition_enter(estate.condition, &place) == Status::kOk);
  MUST(condition_notify(estate.condition, 1) == 1);
  MUST(barrier_arrive(estate.barrier, &arrival) == Status::kOk);
  own.open(Kind::kBarrier, 200);
  own.open_condition(own.open(Kind::kRLock));
}

/// Dies with everything in its hands, in the middle of a transaction.
Child die_rich(const OpenOptions& options) {
  return Child([=] {
    Room own(options);
    const Estate estate = make_estate(own);
    take_everything(own, estate);
    Transaction transaction(own.me());
    allocate(transaction, 500);
    ::kill(getpid(), SIGKILL);
  });
}

void check_estate(const Room& room) {
  const Estate estate = make_estate(room);
  std::uint32_t indexes[3];
  Offset place = 0;
  CHECK(lock_try(room.me(), estate.lock.lock()) == Status::kOwnerDied);
  CHECK(lock_release(room.me(), estate.lock.lock(), room.me().id) == Status::kOk);
  CHECK(lock_try(room.me(), estate.lock.lock()) == Status::kOk);
  CHECK_FALSE(rwlock_has_readers(estate.rwlock));
  CHECK(semaphore_try(estate.semaphore, 2) == Status::kUnavailable);
  CHECK(semaphore_try(estate.semaphore, 1) == Status::kOk);
  CHECK(bounded_try(estate.bounded, {indexes, 3}) == Status::kOwnerDied);
  CHECK(condition_waiting(estate.condition) == 0);
  CHECK(condition_enter(estate.condition, &place) == Status::kOk);
  CHECK(barrier_is_broken(estate.barrier));
  barrier_reset(estate.barrier);
  CHECK(barrier_waiting(estate.barrier) == 0);
  CHECK(room.header().object_count.load() == 8);
}

/// Joins, recovers what the dead left, and dies at the n-th write of its helper; or completes.
int recover_until(const OpenOptions& options, std::uint32_t n) {
  Child recoverer([=] {
    arm_crash(Victim::kOtherThreads, n);
    Room own(options);
    until_recovered(own);
    arm_crash(Victim::kOtherThreads, 0);
    _exit(kCompleted);
  });
  return recoverer.join();
}

}  // namespace

TEST_SUITE("recovery") {
  TEST_CASE("recovery: killed at each of its writes, and again, it is done in the end") {
    Random random(17);
    enumerate([&](std::uint32_t n) {
      const OpenOptions options = fresh_options();
      CHECK(die_rich(options).join() == -SIGKILL);
      const int ended = recover_until(options, n);
      if (random.below(2) == 0) recover_until(options, 1 + random.below(n + 50));
      Room room(options);
      audit(room);
      check_estate(room);
      return ended;
    });
  }
}

TEST_SUITE("owner") {
  TEST_CASE("owner: make a segment, join it, leave it") {
    enumerate([&](std::uint32_t n) {
      OpenOptions options = fresh_options();
      options.is_private = n % 2 == 0;
      Child child([=] {
        arm_crash(Victim::kAnyThread, n);
        {
          Room own(options);
          own.open(Kind::kLock);
        }
        arm_crash(Victim::kAnyThread, 0);
        _exit(kCompleted);
      });
      const int ended = child.join();
      Room room(options);
      const Books books = audit(room);
      CHECK(books == Books{0, 0, 1});
      return ended;
    });
  }

  TEST_CASE("owner: join and leave where others are") {
    Room room;
    const Reference bounded = room.open(Kind::kBoundedSemaphore, 2);
    const Books before = audit(room);
    enumerate([&](std::uint32_t n) {
      Child child([&] {
        arm_crash(Victim::kAnyThread, n);
        {
          Room own(room.options());
          const Reference mine = own.attach(bounded);
          std::uint32_t index;
          MUST(is_acquired(bounded_try(mine, {&index, 1})));
          const Participant second = own.join();
          MUST(is_acquired(bounded_acquire(as(second, mine), {&index, 1}, Deadline::never())));
          leave_isolate(second);
        }
        arm_crash(Victim::kAnyThread, 0);
        _exit(kCompleted);
      });
      const int ended = child.join();
      look_again(room);
      until_recovered(room);
      std::uint32_t indexes[2];
      CHECK(is_acquired(bounded_acquire(bounded, {indexes, 2}, Deadline::never())));
      for (const std::uint32_t index : indexes) CHECK(bounded_release(bounded, index) == Status::kOk);
      CHECK(audit(room) == before);
      return ended;
    });
  }

  TEST_CASE("owner: whoever is killed while it leaves has its watch taken over") {
    Room room;
    enumerate([&](std::uint32_t n) {
      Shared<Word> go;
      Child leaver([&] {
        {
          Room own(room.options());
          until([&] { return go->load() == 1; });
          arm_crash(Victim::kAnyThread, n);
        }
        arm_crash(Victim::kAnyThread, 0);
        _exit(kCompleted);
      });
      until([&] { return taken_slots(room) == 2; });
      Child next(room, [](Room&) { sleep_until_killed(); });
      until([&] { return taken_slots(room) == 3; });
      go->store(1);
      const int ended = leaver.join();
      next.kill();
      until_recovered(room);
      return ended;
    });
  }

  TEST_CASE("owner: an isolate that ends gives back, its process dying meanwhile") {
    Room room;
    const Reference lock = room.open(Kind::kLock);
    const Books before = audit(room);
    enumerate([&](std::uint32_t n) {
      Child child(room, [&](Room& own) {
        const Participant second = own.join();
        const Reference mine = as(second, own.attach(lock));
        MUST(is_acquired(lock_acquire(second, mine.lock(), Patience{})));
        arm_crash(Victim::kAnyThread, n);
        leave_isolate(second);
        until_recovered(own);
        arm_crash(Victim::kAnyThread, 0);
        _exit(kCompleted);
      });
      const int ended = child.join();
      CHECK(lock_acquire(lock.me, lock.lock(), Patience{}) == Status::kOwnerDied);
      CHECK(lock_release(lock.me, lock.lock(), lock.me.id) == Status::kOk);
      CHECK(audit(room) == before);
      return ended;
    });
  }
}

}  // namespace lockstep::test
