// Death at every shared write of what containers are made of: runs of pages, stripes, blocks.
#include "core/blocks.hpp"
#include "core/dict_index.hpp"
#include "crash_enumeration.hpp"
#include "dict_harness.hpp"

namespace lockstep::test {
namespace {

OpenOptions small_options() {
  OpenOptions options = fresh_options();
  options.capacity = kMinCapacity;
  return options;
}

/// What the child had in its hands, for the parent to give back if it counts.
struct Hands {
  std::atomic<Offset> taken[16];
};

bool is_taken(const Room& room, Offset run) {
  const PageInfo* const info = page_info(*room.segment(), page_of(*room.segment(), run));
  return info != nullptr && info->state.load() == kTaken;
}

void give_pages_back(const Room& room, Offset run) {
  Transaction directory(room.me());
  CHECK(give_pages(directory, run));
  directory.commit();
}

void give_block_back(const Room& room, Offset block) {
  StripeWork work(room.me(), 0);
  CHECK(give_block(work, block));
  work.commit();
}

/// `run` takes runs, all in one transaction, and says which; afterwards all are taken or none.
void enumerate_taking_pages(const std::function<void(Transaction&, Hands&)>& run) {
  Room room(small_options());
  Shared<Hands> hands;
  enumerate_once([&](std::uint32_t n) {
    Operation operation;
    operation.run = [&](Room& own) {
      Transaction directory(own.me());
      run(directory, *hands);
      directory.commit();
    };
    for (auto& taken : hands->taken) taken.store(0);
    const int ended = run_until(room, operation, n);
    until_recovered(room);
    { Transaction transaction(room.me()); }
    const bool counts = is_taken(room, hands->taken[0].load());
    CHECK((counts || ended != kCompleted));
    for (const auto& taken : hands->taken) {
      if (taken.load() == 0) continue;
      CHECK(is_taken(room, taken.load()) == counts);
      if (counts) give_pages_back(room, taken.load());
    }
    audit(room);
    return ended;
  });
}

}  // namespace

TEST_SUITE("pages") {
  TEST_CASE("pages: some runs are taken, of every kind, or none") {
    enumerate_taking_pages([](Transaction& directory, Hands& hands) {
      hands.taken[0].store(take_pages(directory, {1, PageOwner::kHeapPage}));
      hands.taken[1].store(take_pages(directory, {3, PageOwner::kStripeRun}));
      hands.taken[2].store(take_pages(directory, {16, PageOwner::kHeapRun, 16}));
      hands.taken[3].store(take_pages(directory, {1, PageOwner::kStripeRun}));
    });
  }

  TEST_CASE("pages: the heap grows, or not") {
    enumerate([](std::uint32_t n) {
      Room room(small_options());
      Shared<Hands> hands;
      Operation operation;
      operation.run = [&](Room& own) {
        Transaction directory(own.me());
        hands->taken[0].store(take_pages(directory, {120, PageOwner::kStripeRun}));
        directory.commit();
      };
      const int ended = run_until(room, operation, n);
      until_recovered(room);
      { Transaction transaction(room.me()); }
      const Offset run = hands->taken[0].load();
      if (run != 0 && is_taken(room, run)) give_pages_back(room, run);
      audit(room);
      return ended;
    });
  }

  TEST_CASE("pages: a run is given back between free ones, or not") {
    Room room(small_options());
    enumerate_once([&](std::uint32_t n) {
      Offset runs[5];
      {
        Transaction directory(room.me());
        for (Offset& run : runs) run = take_pages(directory, {4, PageOwner::kStripeRun});
        give_pages(directory, runs[0]);
        give_pages(directory, runs[2]);
        give_pages(directory, runs[4]);
        directory.commit();
      }
      Operation operation;
      operation.run = [&](Room& own) {
        Transaction directory(own.me());
        give_pages(directory, runs[3]);
        give_pages(directory, runs[1]);
        directory.commit();
      };
      const int ended = run_until(room, operation, n);
      until_recovered(room);
      { Transaction transaction(room.me()); }
      CHECK(is_taken(room, runs[1]) == is_taken(room, runs[3]));
      if (is_taken(room, runs[1])) give_pages_back(room, runs[1]);
      if (is_taken(room, runs[3])) give_pages_back(room, runs[3]);
      audit(room);
      return ended;
    });
  }
}

namespace {

/// The child changes blocks of stripe 0 in one commit; afterwards `hold` of them are in use, or as many as before.
void enumerate_blocks(const std::vector<std::uint64_t>& sizes, const std::function<void(StripeWork&, Hands&)>& run) {
  Room room(small_options());
  REQUIRE(reserve_stripes(*room.segment()) == Status::kOk);
  Shared<Hands> hands;
  const Books before = audit(room);
  enumerate_once([&](std::uint32_t n) {
    for (auto& taken : hands->taken) taken.store(0);
    std::vector<Offset> held;
    for (const std::uint64_t size : sizes) {
      StripeWork work(room.me(), 0);
      held.push_back(take_block(work, size));
      work.commit();
    }
    for (std::size_t i = 0; i < held.size(); ++i) hands->taken[8 + i].store(held[i]);
    const std::uint64_t used = used_by_stripes(room);
    Operation operation;
    operation.run = [&](Room& own) {
      StripeWork work(own.me(), 0);
      run(work, *hands);
      work.commit();
    };
    const int ended = run_until(room, operation, n);
    until_recovered(room);
    { StripeWork work(room.me(), 0); }
    const bool counts = used_by_stripes(room) != used;
    CHECK((counts || ended != kCompleted));
    for (std::size_t i = 0; i < 8; ++i) {
      if (counts && hands->taken[i].load() != 0) give_block_back(room, hands->taken[i].load());
    }
    for (std::size_t i = 8; i < 16; ++i) {
      if (!counts && hands->taken[i].load() != 0) give_block_back(room, hands->taken[i].load());
    }
    trim_stripes(room.me());
    CHECK(audit(room) == before);
    CHECK(used_by_stripes(room) == 0);
    return ended;
  });
}

}  // namespace

TEST_SUITE("blocks") {
  TEST_CASE("blocks: of several sizes, each with its first slab, and a large one are taken or not") {
    enumerate_blocks({}, [](StripeWork& work, Hands& hands) {
      hands.taken[0].store(take_block(work, 900));
      hands.taken[1].store(take_block(work, 2000));
      hands.taken[2].store(take_block(work, 20000));
      hands.taken[3].store(take_block(work, 900));
    });
  }
  TEST_CASE("blocks: all of a slab, and a large one, are given back or not") {
    enumerate_blocks({900, 900, 20000, 2000}, [](StripeWork& work, Hands& hands) {
      for (std::size_t i = 8; i < 12; ++i) MUST(give_block(work, hands.taken[i].load()));
    });
  }
  TEST_CASE("blocks: some are given and others taken") {
    enumerate_blocks({900, 20000}, [](StripeWork& work, Hands& hands) {
      MUST(give_block(work, hands.taken[8].load()));
      hands.taken[0].store(take_block(work, 1900));
      MUST(give_block(work, hands.taken[9].load()));
      hands.taken[1].store(take_block(work, 30000));
    });
  }
  TEST_CASE("blocks: taken and rolled back, none is taken") {
    Room room(small_options());
    REQUIRE(reserve_stripes(*room.segment()) == Status::kOk);
    enumerate_once([&](std::uint32_t n) {
      Operation operation;
      operation.run = [&](Room& own) {
        StripeWork work(own.me(), 0);
        MUST(take_block(work, 2000) != 0 && take_block(work, 20000) != 0);
        work.rollback();
        MUST(take_block(work, 40000) != 0);
      };
      const int ended = run_until(room, operation, n);
      audit(room);
      CHECK(used_by_stripes(room) == 0);
      return ended;
    });
  }
  TEST_CASE("blocks: slabs that are kept are given back or not") {
    Room room(small_options());
    REQUIRE(reserve_stripes(*room.segment()) == Status::kOk);
    enumerate_once([&](std::uint32_t n) {
      for (const std::uint64_t size : {900u, 2000u, 3000u}) {
        StripeWork work(room.me(), 0);
        const Offset block = take_block(work, size);
        work.commit();
        give_block(work, block);
        work.commit();
      }
      Operation operation;
      operation.run = [&](Room& own) { trim_stripes(own.me()); };
      const int ended = run_until(room, operation, n);
      audit(room);
      return ended;
    });
  }
}

TEST_SUITE("stripe") {
  TEST_CASE("stripe: a sequence is even afterwards, and has moved if anything was seen") {
    Room room(small_options());
    const Dict dict(room);
    DictShard& shard = shard_at(*dict.reference.object, 0);
    enumerate_once([&](std::uint32_t n) {
      const std::uint32_t before = shard.sequence.load();
      std::unique_ptr<Dict> mine;
      Operation operation;
      operation.prepare = [&](Room& own) { mine = std::make_unique<Dict>(own, dict); };
      operation.run = [&](Room& own) {
        DictShard& own_shard = shard_at(*mine->reference.object, 0);
        StripeWork work(own.me(), stripe_of_shard(mine->reference, 0));
        work.shut(own_shard.sequence);
        work.set(own_shard.hand, own_shard.hand.load() + 1);
        work.rollback();
        work.shut(own_shard.sequence);
        work.set(own_shard.hand, own_shard.hand.load() + 1);
        work.commit();
      };
      const std::uint32_t hand = shard.hand.load();
      const int ended = run_until(room, operation, n);
      audit(room);
      const std::uint32_t moved = shard.sequence.load() - before;
      CHECK((moved % 2 == 0 && moved <= 4));
      CHECK((shard.hand.load() == hand || (shard.hand.load() == hand + 1 && moved == 4)));
      return ended;
    });
  }

  TEST_CASE("stripe: the next taker finds no run lost of one who died with both locks, and uses its words at once") {
    Room room(small_options());
    REQUIRE(reserve_stripes(*room.segment()) == Status::kOk);
    const Books before = audit(room);
    enumerate_once([&](std::uint32_t n) {
      Offset large = 0;
      {
        StripeWork work(room.me(), 0);
        large = take_block(work, 20000);
        work.commit();
      }
      const std::uint64_t used = used_by_stripes(room);
      // No helper lives but that of the dead: whoever comes takes the locks from it himself.
      Operation operation;
      operation.run = [&](Room& own) {
        StripeWork work(own.me(), 0);
        MUST(give_block(work, large));
        MUST(take_block(work, 30000) != 0);
        work.rollback();
        MUST(give_block(work, large));
        work.commit();
      };
      const int ended = run_until(room, operation, n, [&](Child& child) {
        until([&] { return is_gone(child); });
        StripeWork work(room.me(), 0);
        const Offset mine = take_block(work, 40000);
        CHECK(mine != 0);
        work.commit();
        CHECK(give_block(work, mine));
        work.commit();
      });
      until_recovered(room);
      if (used_by_stripes(room) == used) give_block_back(room, large);
      CHECK(audit(room) == before);
      return ended;
    });
  }
}

}  // namespace lockstep::test
