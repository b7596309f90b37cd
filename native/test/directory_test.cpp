#include "core/directory.hpp"

#include "core/semaphore.hpp"
#include "harness.hpp"

namespace lockstep::test {
namespace {

struct Opened {
  Status status;
  Object* object;
  bool created;
};

Opened open(const Participant& me, const Recipe& recipe) {
  Opened result{Status::kOk, nullptr, false};
  result.status = open_object(me, recipe, &result.object, &result.created);
  return result;
}

Status attach(const Room& room, Offset offset, std::uint32_t serial, Kind kind) {
  Object* object = nullptr;
  const Status status = attach_object(room.me(), {offset, serial, kind}, &object);
  if (status == Status::kOk) detach_object(room.me(), object);
  return status;
}

/// What the directory and the heap account for.
struct Census {
  std::uint32_t objects, bytes;
  bool operator==(const Census&) const = default;
};
Census census(const Room& room) { return {room.header().object_count.load(), room.header().bytes_in_use.load()}; }

}  // namespace

TEST_SUITE("contract") {
  TEST_CASE("a name is created once and opened afterwards") {
    Room room;
    const Opened first = open(room.me(), {Kind::kSemaphore, 3, "jobs", nullptr});
    CHECK(first.status == Status::kOk);
    CHECK(first.created);
    const Opened second = open(room.join(), {Kind::kSemaphore, 3, "jobs", nullptr});
    CHECK(second.status == Status::kOk);
    CHECK_FALSE(second.created);
    CHECK(second.object == first.object);
    CHECK(open(room.me(), {Kind::kSemaphore, 3, "job", nullptr}).created);
    CHECK(room.header().object_count.load() == 2);
  }

  TEST_CASE("objects without a name are all different") {
    Room room;
    const Opened first = open(room.me(), {Kind::kLock, 0, {}, nullptr});
    const Opened second = open(room.me(), {Kind::kLock, 0, {}, nullptr});
    CHECK(first.created);
    CHECK(second.created);
    CHECK(first.object != second.object);
    CHECK(first.object->serial.load() != second.object->serial.load());
  }

  TEST_CASE("an object begins as its kind says") {
    Room room;
    const Reference semaphore = room.open(Kind::kSemaphore, 5);
    CHECK(semaphore.word(0).load() == 5);
    const Reference barrier = room.open(Kind::kBarrier, 4);
    CHECK(barrier.word(0).load() == 0);
    CHECK(barrier.object->parameter.load() == 4);
    CHECK(room.open(Kind::kLock).word(0).load() == 0);
  }

  TEST_CASE("opening with other parameters is a mismatch that shows the object") {
    Room room;
    const Reference lock = room.open(Kind::kLock), other_lock = room.open(Kind::kLock);
    const Opened made = open(room.me(), {Kind::kCondition, 0, "ready", lock.object});
    REQUIRE(made.status == Status::kOk);
    for (const Recipe& recipe :
         {Recipe{Kind::kEvent, 0, "ready", nullptr}, Recipe{Kind::kSemaphore, 1, "ready", nullptr},
          Recipe{Kind::kCondition, 0, "ready", other_lock.object}}) {
      const Opened again = open(room.me(), recipe);
      CHECK(again.status == Status::kMismatch);
      CHECK(again.object == made.object);
    }
    const Census before = census(room);
    REQUIRE(open(room.me(), {Kind::kSemaphore, 2, "pool", nullptr}).status == Status::kOk);
    CHECK(open(room.me(), {Kind::kSemaphore, 3, "pool", nullptr}).status == Status::kMismatch);
    CHECK(census(room).objects == before.objects + 1);
  }

  TEST_CASE("an object without a name goes with its last attachment") {
    Room room;
    const Census before = census(room);
    const Reference lock = room.open(Kind::kLock);
    const Offset offset = room.segment()->offset_of(lock.object);
    const std::uint32_t serial = lock.object->serial.load();
    const Reference again = room.attach(lock);
    room.detach(again);
    CHECK(attach(room, offset, serial, Kind::kLock) == Status::kOk);
    room.detach(lock);
    CHECK(attach(room, offset, serial, Kind::kLock) == Status::kGone);
    CHECK(census(room) == before);
  }

  TEST_CASE("a named object stays until its name is taken away") {
    Room room;
    const Census before = census(room);
    const Reference lock = room.open(Kind::kLock, 0, "keep");
    room.detach(lock);
    const Opened again = open(room.me(), {Kind::kLock, 0, "keep", nullptr});
    CHECK_FALSE(again.created);
    CHECK(unname_object(room.me(), again.object));
    CHECK_FALSE(unname_object(room.me(), again.object));
    CHECK(open(room.me(), {Kind::kLock, 0, "keep", nullptr}).created);
    CHECK(census(room).objects == before.objects + 2);
    room.detach({room.me(), again.object});
    CHECK(census(room).objects == before.objects + 1);
  }

  TEST_CASE("a condition keeps its lock") {
    Room room;
    const Census before = census(room);
    const Reference lock = room.open(Kind::kLock);
    const Reference condition = room.open_condition(lock);
    room.detach(lock);
    CHECK(census(room).objects == before.objects + 2);
    room.detach(condition);
    CHECK(census(room) == before);
  }

  TEST_CASE("an object of another process is found by its handle") {
    Room room;
    const Reference semaphore = room.open(Kind::kSemaphore, 0);
    in_processes(room, 2, [&](Room& own, int) { MUST(semaphore_release(own.attach(semaphore), 1) == Status::kOk); });
    CHECK(semaphore.word(0).load() == 2);
  }

  TEST_CASE("many names") {
    Room room;
    const Census before = census(room);
    std::vector<Object*> objects;
    for (int i = 0; i < 2000; ++i) {
      objects.push_back(open(room.me(), {Kind::kEvent, 0, "name-" + std::to_string(i), nullptr}).object);
    }
    for (int i = 0; i < 2000; ++i) {
      const Opened again = open(room.me(), {Kind::kEvent, 0, "name-" + std::to_string(i), nullptr});
      REQUIRE(again.object == objects[static_cast<std::size_t>(i)]);
      room.detach({room.me(), again.object});
    }
    for (Object* const object : objects) {
      REQUIRE(unname_object(room.me(), object));
      room.detach({room.me(), object});
    }
    CHECK(census(room) == before);
  }

  TEST_CASE("every object that a process leaves behind is given back when it leaves") {
    Room room;
    const Census before = census(room);
    const Reference shared = room.open(Kind::kEvent);
    in_processes(room, 2, [&](Room& own, int) {
      own.attach(shared);
      own.open(Kind::kBarrier, 100);
      own.open_condition(own.open(Kind::kLock));
    });
    room.detach(shared);
    CHECK(census(room) == before);
  }
}

TEST_SUITE("misuse") {
  TEST_CASE("a handle that names nothing is gone, one of another kind a mismatch") {
    Room room;
    const Reference lock = room.open(Kind::kLock);
    const Offset offset = room.segment()->offset_of(lock.object);
    const std::uint32_t serial = lock.object->serial.load();
    const Offset start = room.segment()->heap_start();
    for (const Offset wrong :
         {0u, 8u, kPage, start - 64, offset + 4, offset + 64, offset + 128, 0xffffffc0u, 0xffffffffu}) {
      CHECK(attach(room, wrong, serial, Kind::kNone) == Status::kGone);
    }
    CHECK(attach(room, offset, serial + 1, Kind::kLock) == Status::kGone);
    CHECK(attach(room, offset, serial, Kind::kEvent) == Status::kMismatch);
    CHECK(attach(room, offset, serial, Kind::kNone) == Status::kOk);
  }

  TEST_CASE("one detach too many does not take the object from others") {
    Room room;
    const Reference lock = room.open(Kind::kLock, 0, "mine");
    room.detach(lock);
    room.detach(lock);
    room.detach(lock);
    CHECK(lock.object->references.load() == 1);
    CHECK_FALSE(open(room.me(), {Kind::kLock, 0, "mine", nullptr}).created);
  }

  TEST_CASE("a full segment is an error at the call and leaves nothing half made") {
    OpenOptions options = fresh_options();
    options.capacity = kMinCapacity;
    Room room(options);
    fill_up(room);
    const Census full = census(room);
    const std::string name(200, 'n');
    CHECK(open(room.me(), {Kind::kBarrier, 1000, name, nullptr}).status == Status::kFull);
    CHECK(open(room.me(), {Kind::kLock, 0, name, nullptr}).status == Status::kFull);
    CHECK(census(room) == full);
    CHECK(room.header().transaction.entries.load() == 0);
  }

  TEST_CASE("a list of objects that was scribbled over does not trap anybody") {
    Room room;
    const Reference lock = room.open(Kind::kLock, 0, "first");
    const Reference event = room.open(Kind::kEvent, 0, "second");
    event.object->next.store(room.segment()->offset_of(event.object));
    event.object->next_in_bucket.store(room.segment()->offset_of(event.object));
    lock.object->kind.store(77);
    leave_isolate(room.join());  // its belongings are looked for in the whole list
    until_recovered(room);
    CHECK(attach(room, room.segment()->offset_of(lock.object), 0, Kind::kNone) == Status::kGone);
  }
}

// Opens and drops names that the others open and drop too.
void come_and_go(const Participant& me, std::atomic<std::uint32_t>& created, int rounds) {
  Random random(me.id);
  for (int i = 0; i < rounds; ++i) {
    const std::string name = "name-" + std::to_string(random.below(8));
    const Opened opened = open(me, {Kind::kBarrier, 1, random.below(4) == 0 ? "" : name, nullptr});
    MUST(opened.status == Status::kOk);
    created.fetch_add(opened.created);
    if (random.below(8) == 0) unname_object(me, opened.object);
    detach_object(me, opened.object);
  }
}

void unname_all(const Room& room) {
  for (int i = 0; i < 8; ++i) {
    const Opened opened = open(room.me(), {Kind::kBarrier, 1, "name-" + std::to_string(i), nullptr});
    CHECK(unname_object(room.me(), opened.object));
    room.detach({room.me(), opened.object});
  }
}

TEST_SUITE("hammer") {
  TEST_CASE("threads come and go, and nothing is left") {
    Room room;
    const Census before = census(room);
    Shared<std::atomic<std::uint32_t>> created;
    in_threads(4, [&](int) { come_and_go(room.join(), *created, 2000); });
    unname_all(room);
    CHECK(census(room) == before);
  }

  TEST_CASE("processes come and go, and nothing is left") {
    Room room;
    const Census before = census(room);
    Shared<std::atomic<std::uint32_t>> created;
    in_processes(room, 4, [&](Room& own, int) { come_and_go(own.me(), *created, 2000); });
    unname_all(room);
    CHECK(census(room) == before);
  }

  TEST_CASE("processes that open one name at once create it once") {
    Room room;
    Shared<std::atomic<std::uint32_t>> created;
    in_processes(room, 4, [&](Room& own, int) {
      for (int i = 0; i < 300; ++i) {
        const std::string name = "race-" + std::to_string(i);
        created->fetch_add(open(own.me(), {Kind::kLock, 0, name, nullptr}).created);
      }
    });
    CHECK(created->load() == 300);
  }
}

TEST_SUITE("death") {
  TEST_CASE("what only a killed process had goes with it, what others have stays") {
    Room room;
    const Census before = census(room);
    const Reference shared = room.open(Kind::kSemaphore, 1);
    Child victim(room, [&](Room& own) {
      own.attach(shared);
      own.open(Kind::kBarrier, 50);
      own.open_condition(own.open(Kind::kRLock));
      own.open(Kind::kLock, 0, "left behind");
      ::kill(getpid(), SIGKILL);
    });
    CHECK(victim.join() == -SIGKILL);
    until_recovered(room);
    const Opened left = open(room.me(), {Kind::kLock, 0, "left behind", nullptr});
    CHECK_FALSE(left.created);
    CHECK(unname_object(room.me(), left.object));
    room.detach({room.me(), left.object});
    CHECK(shared.object->references.load() == 1);
    room.detach(shared);
    CHECK(census(room) == before);
  }

  TEST_CASE("processes killed while they come and go leave nothing") {
    Room room;
    const Census before = census(room);
    Shared<std::atomic<std::uint32_t>> created;
    Random random(7);
    for (int round = 0; round < 60; ++round) {
      const std::uint32_t seen = created->load();
      Child first(room, [&](Room& own) { come_and_go(own.me(), *created, 1 << 30); });
      Child second(room, [&](Room& own) { come_and_go(own.me(), *created, 1 << 30); });
      until([&] { return created->load() > seen + 10; });
      usleep(random.below(2000));
      first.kill();
      second.kill();
    }
    until_recovered(room);
    unname_all(room);
    CHECK(census(room) == before);
  }
}

}  // namespace lockstep::test
