#include "core/stripe.hpp"

#include "core/dict_index.hpp"
#include "core/verify.hpp"
#include "dict_harness.hpp"

namespace lockstep::test {
namespace {

/// A word of the segment that a test may change, and a sequence: parts of a dict that nobody uses.
struct Bench {
  Room room;
  Dict dict{room};
  DictShard& shard = shard_at(*dict.reference.object, 0);
  std::uint32_t stripe = stripe_of_shard(dict.reference, 0);
  Word& value = shard.hand;
  Word& sequence = shard.sequence;
};

}  // namespace

TEST_SUITE("contract") {
  TEST_CASE("committed, all changes stand; not committed, none") {
    Bench bench;
    const std::uint32_t before = bench.value.load();
    {
      StripeWork work(bench.room.me(), bench.stripe);
      work.set(bench.value, before + 1);
      work.commit();
      work.set(bench.value, before + 2);
    }
    CHECK(bench.value.load() == before + 1);
    check_sound(bench.room);
  }

  TEST_CASE("a sequence is odd while it is shut, and another even number after commit and rollback") {
    Bench bench;
    for (const bool commits : {true, false}) {
      const std::uint32_t before = bench.sequence.load();
      REQUIRE(before % 2 == 0);
      StripeWork work(bench.room.me(), bench.stripe);
      work.shut(bench.sequence);
      CHECK(bench.sequence.load() == before + 1);
      commits ? work.commit() : work.rollback();
      CHECK(bench.sequence.load() == before + 2);
    }
    check_sound(bench.room);
  }

  TEST_CASE("a run is taken with the commit or not at all, and given back with the commit or not at all") {
    Bench bench;
    const std::uint64_t free = verify(bench.room.me()).bytes_free;
    Offset run = 0;
    {
      StripeWork work(bench.room.me(), bench.stripe);
      CHECK(work.take_run(3) != 0);
      work.rollback();
      run = work.take_run(3);
      REQUIRE(run != 0);
      work.commit();
      work.give_run(run);
      work.rollback();
      CHECK(page_info(*bench.room.segment(), page_of(*bench.room.segment(), run))->state.load() == kTaken);
      work.give_run(run);
      work.commit();
    }
    CHECK(verify(bench.room.me()).bytes_free == free);
    check_sound(bench.room);
  }

  TEST_CASE("a small segment has one stripe, a large one 32, and parts of a container differ") {
    for (const auto& [capacity, count] :
         {std::pair<std::uint64_t, std::uint32_t>{kMinCapacity, 1}, {16 << 20, 8}, {1 << 30, 32}}) {
      OpenOptions options = fresh_options();
      options.capacity = capacity;
      const Room room(options);
      CHECK(stripe_count(*room.segment()) == count);
      const Dict dict(room);
      CHECK((stripe_of(dict.reference, 0) != stripe_of(dict.reference, 1) || count == 1));
    }
  }
}

TEST_SUITE("misuse") {
  TEST_CASE("more runs than a commit carries are refused") {
    Bench bench;
    {
      StripeWork work(bench.room.me(), bench.stripe);
      for (std::uint32_t i = 0; i < kPendingRuns; ++i) CHECK(work.take_run(1) != 0);
      CHECK(work.take_run(1) == 0);
    }
    check_sound(bench.room);
  }

  TEST_CASE("a sequence that lies outside is left alone") {
    Bench bench;
    for (const Offset outside : {Offset{4}, kPage, 0xfffffffcu, bench.room.segment()->heap_start() + 1}) {
      bench.room.segment()->stripe(bench.stripe).sequence.store(outside);
      { StripeWork work(bench.room.me(), bench.stripe); }
      CHECK(bench.room.segment()->stripe(bench.stripe).sequence.load() == 0);
    }
    check_sound(bench.room);
  }
}

namespace {

// Two words that are equal whenever nobody is between them; a reader believes what an unmoved even sequence vouches for.
void write_pair(const Participant& me, const Dict& dict, int rounds) {
  DictShard& shard = shard_at(*dict.reference.object, 0);
  Random random(me.id);
  for (int i = 0; i < rounds; ++i) {
    StripeWork work(me, stripe_of_shard(dict.reference, 0));
    const std::uint32_t next = shard.hand.load() + 1;
    work.shut(shard.sequence);
    work.set(shard.hand, next);
    const Offset run = random.below(4) == 0 ? work.take_run(1 + random.below(3)) : 0;
    work.set(shard.clock, next);
    if (random.below(3) == 0) continue;  // taken back
    work.commit();
    if (run != 0) work.give_run(run);
    work.commit();
  }
}

std::uint32_t read_pairs(const Dict& dict, const std::atomic<bool>& stop) {
  const DictShard& shard = shard_at(*dict.reference.object, 0);
  std::uint32_t believed = 0, last = 0;
  while (!stop.load()) {
    const std::uint32_t before = shard.sequence.load();
    const std::uint32_t first = shard.hand.load(), second = shard.clock.load();
    if (before % 2 == 1 || shard.sequence.load() != before) continue;
    MUST(first == second);
    MUST(first - last < 1u << 31);  // committed values only grow: none that was seen is taken back
    last = first;
    ++believed;
  }
  return believed;
}

}  // namespace

TEST_SUITE("hammer") {
  TEST_CASE("threads: who reads under a sequence believes nothing that is half done or taken back") {
    Bench bench;
    bench.shard.clock.store(bench.value.load());
    std::atomic<bool> stop{false};
    std::atomic<std::uint32_t> believed{0};
    std::thread reader([&] { believed.store(read_pairs(bench.dict, stop)); });
    in_threads(3, [&](int) { write_pair(bench.room.join(), bench.dict, 3000); });
    until([&] { return bench.sequence.load() % 2 == 0; });
    stop.store(true);
    reader.join();
    CHECK(bench.value.load() == bench.shard.clock.load());
    check_sound(bench.room);
  }

  TEST_CASE("processes: the same") {
    Bench bench;
    bench.shard.clock.store(bench.value.load());
    const Shared<std::atomic<bool>> stop;
    Child reader(bench.room, [&](Room& own) { read_pairs(Dict(own, bench.dict), *stop); });
    in_processes(bench.room, 3, [&](Room& own, int) { write_pair(own.me(), Dict(own, bench.dict), 3000); });
    stop->store(true);
    CHECK(reader.join() == 0);
    check_sound(bench.room);
  }
}

TEST_SUITE("death") {
  TEST_CASE("what a dead holder left shut and on its way is settled by the next one") {
    Bench bench;
    const std::uint32_t before = bench.value.load();
    Child victim(bench.room, [&](Room& own) {
      const Dict mine(own, bench.dict);
      DictShard& shard = shard_at(*mine.reference.object, 0);
      StripeWork work(own.me(), bench.stripe);
      work.shut(shard.sequence);
      work.set(shard.hand, before + 7);
      MUST(work.take_run(9) != 0);
      ::kill(getpid(), SIGKILL);
    });
    CHECK(victim.join() == -SIGKILL);
    { StripeWork work(bench.room.me(), bench.stripe); }
    CHECK(bench.value.load() == before);
    CHECK(bench.sequence.load() % 2 == 0);
    check_sound(bench.room);
  }
}

}  // namespace lockstep::test
