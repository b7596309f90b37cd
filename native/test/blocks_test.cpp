#include "core/blocks.hpp"

#include "core/slab.hpp"
#include "core/verify.hpp"
#include "dict_harness.hpp"

namespace lockstep::test {
namespace {

/// A segment with stripes and no container, so that blocks are the test's alone.
struct Ground {
  Room room;
  explicit Ground(std::uint64_t capacity = 16 << 20) : room(options_of(capacity)) {
    MUST(reserve_stripes(*room.segment()) == Status::kOk);
  }
  static OpenOptions options_of(std::uint64_t capacity) {
    OpenOptions options = fresh_options();
    options.capacity = capacity;
    return options;
  }
  Offset take(std::uint64_t size, std::uint32_t stripe = 0) const {
    StripeWork work(room.me(), stripe);
    const Offset block = take_block(work, size);
    work.commit();
    return block;
  }
  bool give(Offset block, std::uint32_t stripe = 0) const {
    StripeWork work(room.me(), stripe);
    const bool given = give_block(work, block);
    work.commit();
    return given;
  }
  std::uint64_t used() const { return used_by_stripes(room); }
};

}  // namespace

TEST_SUITE("contract") {
  TEST_CASE("a block is aligned to 16, large enough, counted, and overlaps no other") {
    const Ground ground;
    std::vector<std::pair<Offset, std::uint64_t>> blocks;
    std::uint64_t used = 0;
    for (std::uint64_t size = 0; size < 10000; size += 1 + size / 7) {
      const Offset block = ground.take(size);
      REQUIRE(block != 0);
      CHECK(block % 16 == 0);
      CHECK(block_bytes(size) >= size);
      blocks.emplace_back(block, block_bytes(size));
      used += block_bytes(size);
    }
    CHECK(ground.used() == used);
    std::sort(blocks.begin(), blocks.end());
    for (std::size_t i = 1; i < blocks.size(); ++i)
      CHECK(blocks[i - 1].first + blocks[i - 1].second <= blocks[i].first);
    for (const auto& [block, size] : blocks) CHECK(ground.give(block));
    CHECK(ground.used() == 0);
    check_sound(ground.room);
  }

  TEST_CASE("at most a quarter of a block is lost, above 64 bytes") {
    for (std::uint64_t size = 65; size <= kLargestBlock; ++size) CHECK(block_bytes(size) * 4 < size * 5 + 64);
    CHECK(block_bytes(kLargestBlock + 1) == 2 * kPage);
  }

  TEST_CASE("rolled back, a block was never taken, whatever was written into it") {
    const Ground ground;
    const Offset kept = ground.take(100);
    {
      StripeWork work(ground.room.me(), 0);
      for (const std::uint64_t size : {100u, 100u, 3000u, 9000u}) {
        const Offset block = take_block(work, size);
        REQUIRE(block != 0);
        std::memset(ground.room.segment()->bytes(block), 0xee, size);
      }
    }
    CHECK(ground.used() == block_bytes(100));
    CHECK(ground.give(kept));
    check_sound(ground.room);
  }

  TEST_CASE("rolled back, a block was never given back, and its bytes are what they were") {
    const Ground ground;
    const Offset small = ground.take(48), large = ground.take(9000);
    std::memset(ground.room.segment()->bytes(small), 0xee, 48);
    {
      StripeWork work(ground.room.me(), 0);
      CHECK(give_block(work, small));
      CHECK(give_block(work, large));
    }
    CHECK(ground.used() == block_bytes(48) + block_bytes(9000));
    CHECK(ground.room.segment()->bytes(small)[0] == '\xee');
    CHECK(ground.give(small));
    CHECK(ground.give(large));
    check_sound(ground.room);
  }

  TEST_CASE("trimmed, all pages are free again") {
    const Ground ground;
    std::vector<Offset> blocks;
    for (std::uint64_t size = 16; size < 5000; size += 100) blocks.push_back(ground.take(size));
    for (const Offset block : blocks) CHECK(ground.give(block));
    CHECK(trim_stripes(ground.room.me()));
    CHECK_FALSE(trim_stripes(ground.room.me()));
    const VerifyReport report = verify(ground.room.me());
    CHECK_MESSAGE(report.is_sound(), report.text());
    CHECK(report.blocks == 0);
    CHECK(report.bytes_tables == ground.room.segment()->heap_start());
  }

  TEST_CASE("without a page for another slab, a larger block will do") {
    const Ground ground(kMinCapacity);
    const Offset small = ground.take(16), larger = ground.take(2000);
    std::vector<Offset> rest;
    while (const Offset run = ground.take(5000)) rest.push_back(run);
    const Offset last = ground.take(600);
    CHECK(last != 0);
    for (const Offset block : {small, larger, last}) CHECK(ground.give(block));
    for (const Offset block : rest) CHECK(ground.give(block));
    CHECK(ground.used() == 0);
    check_sound(ground.room);
  }
}

TEST_SUITE("misuse") {
  TEST_CASE("more than there is, or ever can be, is no block, and changes nothing") {
    const Ground ground(kMinCapacity);
    for (const std::uint64_t size : {std::uint64_t{2} << 20, kMaxCapacity, UINT64_MAX / 2, UINT64_MAX - 4096}) {
      CHECK(ground.take(size) == 0);
    }
    CHECK(ground.used() == 0);
    check_sound(ground.room);
  }

  TEST_CASE("only what begins a block of the stripe is given back") {
    const Ground ground;
    const Offset block = ground.take(160), large = ground.take(9000);
    for (const Offset wrong : {Offset{0}, block + 16, block + 4, large + kPage, large + 16, kPage, 0xfffffff0u,
                               ground.room.segment()->heap_start() - 16}) {
      CHECK_FALSE(ground.give(wrong));
    }
    CHECK_FALSE(ground.give(block, 1));
    CHECK(ground.give(block));
    CHECK(ground.give(large));
    check_sound(ground.room);
  }

  TEST_CASE("no more runs than a commit can carry, and the rest unharmed") {
    const Ground ground;
    {
      StripeWork work(ground.room.me(), 0);
      for (std::uint32_t i = 0; i < kPendingRuns; ++i) CHECK(take_block(work, 5000) != 0);
      CHECK(take_block(work, 5000) == 0);
    }
    CHECK(ground.used() == 0);
    check_sound(ground.room);
  }
}

namespace {

struct Held {
  Offset block;
  std::uint32_t size;
};

Word64* words(const Participant& me, const Held& held) {
  return reinterpret_cast<Word64*>(me.segment->bytes(held.block));
}

// Each word of a block names its holder, so that two blocks that overlap show.
void mark(const Participant& me, const Held& held) {
  for (std::uint32_t i = 0; i < held.size / 8; ++i) words(me, held)[i].store_release(me.id);
}
void check_mark(const Participant& me, const Held& held) {
  for (std::uint32_t i = 0; i < held.size / 8; ++i) MUST(words(me, held)[i].load() == me.id);
}

void take_one(const Participant& me, Random& random, std::uint32_t stripe, std::vector<Held>& held) {
  StripeWork work(me, stripe);
  const std::uint32_t size = random.below(20) == 0 ? 4096 + random.below(20000) : 16 + random.below(1500);
  const Held taken{take_block(work, size), size};
  MUST(taken.block != 0);
  mark(me, taken);
  if (random.below(4) == 0) return;  // never taken
  work.commit();
  held.push_back(taken);
}

void give_one(const Participant& me, Random& random, std::uint32_t stripe, std::vector<Held>& held) {
  std::swap(held[random.below(static_cast<std::uint32_t>(held.size()))], held.back());
  check_mark(me, held.back());
  StripeWork work(me, stripe);
  MUST(give_block(work, held.back().block));
  work.commit();
  held.pop_back();
}

void churn(const Participant& me, int rounds, std::uint32_t stripe) {
  Random random(me.id);
  std::vector<Held> held;
  for (int i = 0; i < rounds || !held.empty(); ++i) {
    if (i < rounds && held.size() < 60 && random.below(2) == 0) {
      take_one(me, random, stripe, held);
    } else if (!held.empty()) {
      give_one(me, random, stripe, held);
    }
    if (i % 500 == 0) trim_stripes(me);
  }
}

}  // namespace

TEST_SUITE("hammer") {
  TEST_CASE("threads on two stripes: no two blocks overlap, and all come back") {
    const Ground ground;
    in_threads(4, [&](int i) { churn(ground.room.join(), 2000, static_cast<std::uint32_t>(i % 2)); });
    CHECK(ground.used() == 0);
    check_sound(ground.room);
  }

  TEST_CASE("processes on two stripes: no two blocks overlap, and all come back") {
    const Ground ground;
    in_processes(ground.room, 4, [](Room& own, int i) { churn(own.me(), 2000, static_cast<std::uint32_t>(i % 2)); });
    CHECK(ground.used() == 0);
    check_sound(ground.room);
  }
}

TEST_SUITE("death") {
  TEST_CASE("blocks taken by one who died before the commit are free, and filled memory does no harm") {
    const Ground ground;
    const Offset kept = ground.take(64);
    Child victim(ground.room, [&](Room& own) {
      StripeWork work(own.me(), 0);
      for (const std::uint64_t size : {64u, 64u, 700u, 30000u}) {
        const Offset block = take_block(work, size);
        MUST(block != 0);
        std::memset(own.segment()->bytes(block), 0xee, size);
      }
      MUST(give_block(work, kept));
      ::kill(getpid(), SIGKILL);
    });
    CHECK(victim.join() == -SIGKILL);
    until_recovered(ground.room);
    CHECK(ground.used() == block_bytes(64));
    CHECK(ground.give(kept));
    check_sound(ground.room);
  }
}

}  // namespace lockstep::test
