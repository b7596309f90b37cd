#include "core/heap.hpp"

#include <cstring>
#include <map>

#include "harness.hpp"

namespace lockstep::test {
namespace {

char* take(const Participant& me, std::uint64_t size) {
  Transaction transaction(me);
  char* const block = allocate(transaction, size);
  transaction.commit();
  return block;
}

void give(const Participant& me, void* block, std::uint64_t size) {
  Transaction transaction(me);
  release(transaction, block, size);
  transaction.commit();
}

bool is_zero(const char* block, std::uint64_t size) {
  return block[0] == 0 && std::memcmp(block, block + 1, size - 1) == 0;
}

std::uint64_t block_size(std::uint64_t size) {
  std::uint64_t block = 16;
  while (block < size) block *= 2;
  return block;
}

}  // namespace

TEST_SUITE("contract") {
  TEST_CASE("a block is zeroed, aligned to its size and inside the reserved heap") {
    Room room;
    for (const std::uint64_t size : {1ull, 16ull, 17ull, 64ull, 100ull, 4096ull, 5000ull, 1ull << 20}) {
      char* const block = take(room.me(), size);
      REQUIRE(block != nullptr);
      const Offset offset = room.segment()->offset_of(block);
      CHECK(offset >= room.segment()->heap_start());
      CHECK(offset % block_size(size) == 0);
      CHECK(offset + block_size(size) <= room.segment()->heap_end());
      CHECK(is_zero(block, block_size(size)));
      std::memset(block, 0xee, block_size(size));
    }
  }

  TEST_CASE("a block that was given back is used again, zeroed") {
    Room room;
    char* const first = take(room.me(), 200);
    std::memset(first, 0xee, 200);
    give(room.me(), first, 200);
    char* const second = take(room.me(), 256);
    CHECK(second == first);
    CHECK(is_zero(second, 256));
  }

  TEST_CASE("bytes in use are exact") {
    Room room;
    const std::uint32_t before = room.header().bytes_in_use.load();
    char* const small = take(room.me(), 10);
    char* const large = take(room.me(), 5000);
    CHECK(room.header().bytes_in_use.load() == before + 16 + 8192);
    give(room.me(), small, 10);
    give(room.me(), large, 5000);
    CHECK(room.header().bytes_in_use.load() == before);
  }

  TEST_CASE("rolled back, a block was never taken and never given back") {
    Room room;
    char* const kept = take(room.me(), 64);
    std::memset(kept, 0xee, 64);
    const std::uint32_t before = room.header().bytes_in_use.load();
    {
      Transaction transaction(room.me());
      REQUIRE(allocate(transaction, 64) != nullptr);
      REQUIRE(allocate(transaction, 1000) != nullptr);
      release(transaction, kept, 64);
    }
    CHECK(room.header().bytes_in_use.load() == before);
    CHECK(kept[0] == '\xee');
    CHECK(take(room.me(), 64) != kept);
  }
}

TEST_SUITE("misuse") {
  TEST_CASE("more than the largest block is refused") {
    Room room;
    CHECK(take(room.me(), (1 << 20) + 1) == nullptr);
    CHECK(take(room.me(), UINT64_MAX) == nullptr);
  }

  TEST_CASE("a full segment is no block, and all of it comes back") {
    OpenOptions options = fresh_options();
    options.capacity = kMinCapacity;
    Room room(options);
    const std::uint32_t before = room.header().bytes_in_use.load();
    std::vector<char*> blocks;
    while (char* const block = take(room.me(), 4096)) blocks.push_back(block);
    CHECK(blocks.size() > 100);
    CHECK(take(room.me(), 4096) == nullptr);
    for (char* const block : blocks) give(room.me(), block, 4096);
    CHECK(room.header().bytes_in_use.load() == before);
    check_sound(room);
    for (std::size_t i = 0; i < blocks.size(); ++i) CHECK(take(room.me(), 4096) != nullptr);
  }

  TEST_CASE("a free list that points outside is not followed") {
    Room room;
    for (const Offset outside : {8u, kPage, room.segment()->heap_start() + 1, 0xfffffff0u, 0xffffffffu}) {
      room.header().free_blocks[0].store(outside);
      char* const block = take(room.me(), 16);
      CHECK((block == nullptr || room.segment()->checked<Word>(room.segment()->offset_of(block), 16) != nullptr));
    }
    room.header().free_blocks[0].store(0);
  }
}

// Blocks carry the name of their holder at both ends, so that two blocks that overlap show.
struct Held {
  char* block;
  std::uint32_t size;
};

void mark_block(const Held& held, OwnerId id) {
  std::memcpy(held.block, &id, sizeof id);
  std::memcpy(held.block + held.size - sizeof id, &id, sizeof id);
}

void check_block(const Held& held, OwnerId id) {
  MUST(std::memcmp(held.block, &id, sizeof id) == 0);
  MUST(std::memcmp(held.block + held.size - sizeof id, &id, sizeof id) == 0);
}

void churn(const Participant& me, int rounds) {
  Random random(me.id);
  std::vector<Held> held;
  for (int i = 0; i < rounds || !held.empty(); ++i) {
    if (i < rounds && held.size() < 50 && random.below(3) > 0) {
      const std::uint32_t size = 8 + random.below(2000);
      char* const block = take(me, size);
      MUST(block != nullptr);
      held.push_back({block, size});
      mark_block(held.back(), me.id);
    } else if (!held.empty()) {
      std::swap(held[random.below(static_cast<std::uint32_t>(held.size()))], held.back());
      check_block(held.back(), me.id);
      give(me, held.back().block, held.back().size);
      held.pop_back();
    }
  }
}

TEST_SUITE("hammer") {
  TEST_CASE("threads: no two blocks overlap, and all come back") {
    Room room;
    const std::uint32_t before = room.header().bytes_in_use.load();
    in_threads(4, [&](int) { churn(room.join(), 3000); });
    CHECK(room.header().bytes_in_use.load() == before);
    check_sound(room);
  }

  TEST_CASE("processes: no two blocks overlap, and all come back") {
    Room room;
    const std::uint32_t before = room.header().bytes_in_use.load();
    in_processes(room, 4, [&](Room& own, int) { churn(own.me(), 3000); });
    CHECK(room.header().bytes_in_use.load() == before);
    check_sound(room);
  }
}

TEST_SUITE("death") {
  TEST_CASE("a block taken in a transaction that died is free again") {
    Room room;
    const std::uint32_t before = room.header().bytes_in_use.load();
    Child victim(room, [](Room& own) {
      Transaction transaction(own.me());
      MUST(allocate(transaction, 100) != nullptr);
      MUST(allocate(transaction, 100000) != nullptr);
      ::kill(getpid(), SIGKILL);
    });
    CHECK(victim.join() == -SIGKILL);
    until_recovered(room);
    check_sound(room);
    CHECK(room.header().bytes_in_use.load() == before);
  }
}

}  // namespace lockstep::test
