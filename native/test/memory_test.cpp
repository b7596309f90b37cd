#include "core/memory.hpp"

#include "core/verify.hpp"
#include "memory_harness.hpp"

namespace lockstep::test {
namespace {

/// Bytes of the object heap and of runs that are in use.
std::uint32_t used(const Room& room) { return room.header().bytes_in_use.load(); }

/// Makes the pages and blocks dirty that the next ones come from.
void soil(const Room& room, std::uint32_t bytes) {
  for (const std::uint32_t size : {bytes, 100u}) {
    const OpenedMemory memory = made(room, memory_of(size));
    memory.fill('x');
    room.detach(memory.reference);
  }
}

}  // namespace

TEST_SUITE("contract") {
  TEST_CASE("memory of every size is zeroed, aligned, and comes back") {
    Room room;
    const std::uint32_t before = used(room);
    for (const std::uint32_t size : {1u, 16u, 17u, 2048u, 2049u, 4096u, 4097u, 1u << 20, (3u << 20) + 1}) {
      soil(room, size);
      const OpenedMemory memory = made(room, memory_of(size));
      CHECK(memory.created);
      CHECK(memory.bytes().size() == size);
      CHECK(memory.is_all(0));
      CHECK(reinterpret_cast<std::uintptr_t>(memory.bytes().data()) % 16 == 0);
      CHECK(used(room) >= before + size);
      check_sound(room);
      room.detach(memory.reference);
      CHECK(used(room) == before);
    }
    check_sound(room);
  }

  TEST_CASE("first contents are there when it is made, and not when it is found") {
    Room room;
    soil(room, 9000);
    const OpenedMemory first = made(room, memory_of(9000, "memory", "first"));
    CHECK(std::memcmp(first.bytes().data(), "first\0", 6) == 0);
    CHECK(first.bytes()[8999] == 0);
    const OpenedMemory second = made(room, memory_of(9000, "memory", "second"));
    CHECK_FALSE(second.created);
    CHECK(second.reference.object == first.reference.object);
    CHECK(std::memcmp(first.bytes().data(), "first\0", 6) == 0);
  }

  TEST_CASE("arrays have a type, a length and a lock of their own, which goes with them") {
    Room room;
    const OpenedMemory array = made(room, array_of(kF64, 1000, "array"));
    CHECK(array.bytes().size() == 8000);
    CHECK(extent_of(*array.reference.object) == 1000);
    auto* const lock = room.segment()->checked<Object>(array.reference.object->partner.load());
    REQUIRE(lock != nullptr);
    CHECK(lock->kind.load() == static_cast<std::uint32_t>(Kind::kRLock));
    CHECK(room.header().object_count.load() == 2);
    check_sound(room);
    const Reference attached = room.attach({room.me(), lock});
    CHECK(unname_object(room.me(), array.reference.object));
    room.detach(array.reference);
    CHECK(room.header().object_count.load() == 1);  // the lock, as somebody has it
    check_sound(room);
    room.detach(attached);
    CHECK(room.header().object_count.load() == 0);
  }

  TEST_CASE("a value has eight bytes in words of its object, and a lock") {
    Room room;
    const std::uint64_t initial = 0x123456789abcdef;
    const std::string_view bytes(reinterpret_cast<const char*>(&initial), sizeof initial);
    const OpenedMemory value = made(room, {{Kind::kValue, 7, "value", nullptr}, bytes});
    CHECK(value.bytes().data() == reinterpret_cast<char*>(&value.reference.word(0)));
    CHECK(std::memcmp(value.bytes().data(), &initial, sizeof initial) == 0);
    CHECK(room.header().object_count.load() == 2);
    check_sound(room);
  }

  TEST_CASE("another kind, type or length under a name is a mismatch, and nothing is left of the attempt") {
    Room room;
    made(room, array_of(kI32, 10, "array"));
    const std::uint32_t before = used(room);
    for (const MemoryRecipe& wrong :
         {array_of(kI32, 11, "array"), array_of(kI32 + 1, 10, "array"), memory_of(40, "array"),
          MemoryRecipe{{Kind::kValue, kI32, "array", nullptr}, {}}}) {
      CHECK(open_memory_in(room.me(), wrong).status == Status::kMismatch);
    }
    CHECK(used(room) == before);
    CHECK(made(room, array_of(kI32, 10, "array")).created == false);
  }

  TEST_CASE("memory of gigabytes, in a segment that has room for it") {
    OpenOptions options = fresh_options();
    options.capacity = kMaxCapacity;
    Room room(options);
    OpenedMemory memory = open_memory_in(room.me(), array_of(kF64, 100 << 20));  // 800 MiB
    if (memory.status == Status::kFull) return;                                  // not on this machine
    CHECK(memory.bytes().size() == std::size_t{800} << 20);
    memory.bytes().back() = 1;
    room.detach(memory.reference);
    check_sound(room);
  }
}

TEST_SUITE("misuse") {
  TEST_CASE("more than there is room for is refused, and changes nothing") {
    Room room;
    made(room, memory_of(1000));
    const VerifyReport before = verify(room.me());
    for (const MemoryRecipe& wrong :
         {memory_of(UINT32_MAX), memory_of(17 << 20), array_of(kF64, UINT32_MAX), array_of(kU8, UINT32_MAX)}) {
      CHECK(open_memory_in(room.me(), wrong).status == Status::kFull);
    }
    const VerifyReport after = verify(room.me());
    CHECK_MESSAGE(after.is_sound(), after.text());
    CHECK(after.objects == before.objects);
    CHECK(after.bytes_in_use == before.bytes_in_use);
  }

  TEST_CASE("in a segment that is full nothing is half made") {
    Room room;
    fill_up(room);
    CHECK(open_memory_in(room.me(), memory_of(10, "small")).status == Status::kFull);
    CHECK(open_memory_in(room.me(), array_of(kU8, 10'000, "large")).status == Status::kFull);
    CHECK(open_memory_in(room.me(), {{Kind::kValue, 0, "value", nullptr}, {}}).status == Status::kFull);
    for (const Word& bucket : room.header().names) CHECK(bucket.load() == 0);
  }

  TEST_CASE("contents that are more than it holds are refused") {
    Room room;
    CHECK(open_memory_in(room.me(), memory_of(3, "memory", "four")).status == Status::kCorrupt);
    CHECK(room.header().object_count.load() == 0);
  }

  TEST_CASE("where the words of an object do not say where its bytes are, there are none") {
    Room room;
    const OpenedMemory memory = made(room, memory_of(5000));
    Word& place = memory.reference.word(0);
    const Offset right = place.load();
    for (const Offset wrong : {0u, 64u, 0xfffffff0u, right + 8}) {
      place.store(wrong);
      CHECK(memory.bytes().data() == nullptr);
    }
    place.store(right + kPage);  // some page, but no run: it stays, and nothing else goes
    room.detach(memory.reference);
    CHECK(room.header().object_count.load() == 0);
  }
}

TEST_SUITE("hammer") {
  TEST_CASE("of many who open a name at once one makes it, and all find its contents whole") {
    Room room;
    Shared<std::atomic<int>> makers;
    for (int round = 0; round < 30; ++round) {
      makers->store(0);
      const std::string name = "memory " + std::to_string(round);
      soil(room, 50'000);
      in_threads(4, [&](int index) {
        const Participant me = room.join();
        const std::string contents(50'000, static_cast<char>('a' + index));
        const OpenedMemory opened = open_memory_in(me, memory_of(50'000, name, contents));
        MUST(opened.status == Status::kOk);
        MUST(opened.is_all(opened.bytes()[0]) && opened.bytes()[0] >= 'a');
        makers->fetch_add(opened.created);
        leave_isolate(me);
      });
      CHECK(makers->load() == 1);
      CHECK(room.header().object_count.load() == static_cast<std::uint32_t>(round + 1));
    }
    check_sound(room);
  }

  TEST_CASE("views are dropped by any thread, while others open and close") {
    Room room;
    const std::uint32_t before = used(room);
    in_threads(4, [&](int) {
      const Participant me = room.join();
      for (int i = 0; i < 300; ++i) {
        const OpenedMemory memory = open_memory_in(me, memory_of(i % 2 == 0 ? 100 : 10'000));
        MUST(memory.status == Status::kOk);
        retain_view(room.segment(), memory.reference.object);
        detach_object(me, memory.reference.object);
        memory.fill('v');
        drop_view(room.segment(), memory.reference.object);
      }
      leave_isolate(me);
    });
    until([&] { return room.header().object_count.load() == 0; });
    CHECK(used(room) == before);
    check_sound(room);
  }
}

TEST_SUITE("views") {
  TEST_CASE("a view keeps what it shows after its object was detached and destroyed") {
    Room room;
    const OpenedMemory memory = made(room, memory_of(5000, "memory"));
    Object* const object = memory.reference.object;
    retain_view(room.segment(), object);
    CHECK(unname_object(room.me(), object));
    room.detach(memory.reference);
    CHECK(room.header().object_count.load() == 1);
    memory.fill('v');
    const OpenedMemory other = made(room, memory_of(5000, "memory"));
    CHECK(other.created);
    CHECK(other.is_all(0));
    CHECK(memory.is_all('v'));
    drop_view(room.segment(), object);
    until([&] { return room.header().object_count.load() == 1; });
    check_sound(room);
  }

  TEST_CASE("a view keeps its process in the segment when all isolates have left, and others see that") {
    Room witness;
    Segment* segment = nullptr;
    Object* object = nullptr;
    Participant me;
    Shared<std::atomic<int>> step;
    Child viewer([&] {
      MUST(join_segment(witness.options(), &segment) == Status::kOk);
      MUST(join_isolate(segment, &me) == Status::kOk);
      const OpenedMemory memory = open_memory_in(me, memory_of(5000, {}, std::string(5000, 'v')));
      object = memory.reference.object;
      retain_view(segment, object);
      detach_object(me, object);
      leave_isolate(me);
      leave_segment(segment);
      step->store(1);
      until([&] { return step->load() == 2; });
      MUST(memory.is_all('v'));
      drop_view(segment, object);
      until([&] { return step->load() == 3; });
      OpenOptions other = witness.options();
      other.name += "-other";
      MUST(join_segment(other, &segment) == Status::kOk);  // after which it has left the first one
      leave_segment(segment);
      Segment::unlink(other.directory, other.name);
      step->store(4);
      sleep_until_killed();
    });
    until([&] { return step->load() == 1; });
    CHECK(witness.header().object_count.load() == 1);
    CHECK(witness.segment()->live_processes() == 2);
    const OpenedMemory mine = made(witness, memory_of(5000));
    mine.fill('w');
    step->store(2);
    until([&] { return witness.header().object_count.load() == 1; });
    step->store(3);
    until([&] { return step->load() == 4; });
    CHECK(witness.segment()->live_processes() == 1);
    check_sound(witness);
  }
}

TEST_SUITE("death") {
  TEST_CASE("what a killed process looked at comes back") {
    Room room;
    const std::uint32_t before = used(room);
    Shared<std::atomic<int>> ready;
    Child child(room, [&](Room& own) {
      const OpenedMemory memory = made(own, memory_of(100'000));
      retain_view(own.segment(), memory.reference.object);
      own.detach(memory.reference);
      ready->store(1);
      sleep_until_killed();
    });
    until([&] { return ready->load() == 1; });
    CHECK(room.header().object_count.load() == 1);
    child.kill();
    until([&] { return room.header().object_count.load() == 0; });
    until_recovered(room);
    CHECK(used(room) == before);
    check_sound(room);
  }

  TEST_CASE("the lock of an array comes back from a holder that dies, and the array stays") {
    Room room;
    const OpenedMemory array = made(room, array_of(kI32, 10, "array"));
    Shared<std::atomic<int>> ready;
    Child child(room, [&](Room& own) {
      const OpenedMemory mine = made(own, array_of(kI32, 10, "array"));
      Object* lock = nullptr;
      MUST(attach_object(own.me(), {mine.reference.object->partner.load(), 0, Kind::kRLock}, &lock) == Status::kOk);
      MUST(lock_acquire(own.me(), Reference{own.me(), lock}.lock(), {}) == Status::kOk);
      ready->store(1);
      sleep_until_killed();
    });
    until([&] { return ready->load() == 1; });
    child.kill();
    Object* lock = nullptr;
    REQUIRE(attach_object(room.me(), {array.reference.object->partner.load(), 0, Kind::kRLock}, &lock) == Status::kOk);
    CHECK(lock_acquire(room.me(), Reference{room.me(), lock}.lock(), {}) == Status::kOwnerDied);
    CHECK(array.is_all(0));
  }
}

}  // namespace lockstep::test
