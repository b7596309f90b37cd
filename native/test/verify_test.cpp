#include "core/verify.hpp"

#include "core/condition_queue.hpp"
#include "core/dict_index.hpp"
#include "core/heap.hpp"
#include "core/rwlock.hpp"
#include "dict_harness.hpp"
#include "memory_harness.hpp"

namespace lockstep::test {
namespace {

/// A segment with one of everything in it.
struct World {
  Room room;
  Dict dict{room};
  Dict cache{room, dict_parameter(100, true)};
  Reference lock = room.open(Kind::kLock, 0, "lock");
  Reference condition = room.open_condition(lock);
  Reference rwlock = room.open(Kind::kRWLock, 0, "rwlock");
  Reference barrier = room.open(Kind::kBarrier, 300);
  OpenedMemory memory = made(room, memory_of(100));
  OpenedMemory array = made(room, array_of(kF64, 10'000, "array"));

  World() {
    for (int i = 0; i < 3000; ++i) MUST(dict.set("key " + std::to_string(i), std::string(i % 300, 'v')) == Status::kOk);
    for (int i = 0; i < 150; ++i) MUST(cache.set(std::to_string(i), "x", for_ms(600'000)) == Status::kOk);
    MUST(dict.set("large", std::string(50000, 'L')) == Status::kOk);
    Offset place = 0;
    MUST(rwlock_reader_word(rwlock, &place) == Status::kOk);
    for (std::uint32_t i = 0; i <= kInlineEntries; ++i) MUST(condition_enter(condition, &place) == Status::kOk);
  }
  VerifyReport look() const { return verify(room.me()); }
  Header& header() const { return room.header(); }
  DictShard& shard() const { return shard_at(*dict.reference.object, 3); }
  Bucket bucket() const {
    bool corrupt = false;
    return find_bucket(*room.segment(), shard(), 0, &corrupt);
  }
  std::uint32_t place_in_use() const {
    const Bucket in = bucket();
    std::uint32_t place = 0;
    while (in.node(place).load() == 0 || in.hash(place).load() == 0) ++place;
    return place;
  }
};

/// Verification of a sound world in which one word is not what it should be.
bool sees(const World& world, Word& word, std::uint32_t wrong) {
  const std::uint32_t right = word.load();
  REQUIRE(right != wrong);
  word.store(wrong);
  const VerifyReport report = world.look();
  word.store(right);
  return !report.is_sound() && world.look().is_sound();
}

}  // namespace

TEST_SUITE("contract") {
  TEST_CASE("a segment that nobody has damaged is sound, and every byte of it accounted for") {
    const World world;
    const VerifyReport report = world.look();
    CHECK_MESSAGE(report.is_sound(), report.text());
    CHECK(report.objects == 9);
    CHECK(report.containers == 2);
    CHECK(report.entries == 3101);
    CHECK(report.blocks > 3101);
    CHECK(report.bytes_in_use + report.bytes_free + report.bytes_tables == report.bytes_reserved);
    CHECK(report.bytes_reserved == world.header().heap_end.load());
  }

  TEST_CASE("an empty segment is sound, with and without stripes") {
    Room room;
    check_sound(room);
    { const Dict dict(room); }
    check_sound(room);
    CHECK(verify(room.me()).objects == 0);
  }

  TEST_CASE("what others do meanwhile is not half done") {
    Room room;
    const Dict dict(room);
    std::atomic<int> writing{4};
    std::vector<std::thread> writers;
    for (int t = 0; t < 4; ++t) {
      writers.emplace_back([&, t] {
        const Dict mine(room.join(), dict);
        Random random(t);
        for (int i = 0; i < 4000; ++i) {
          MUST(mine.set(std::to_string(random.below(2000)), std::string(random.below(200), 'x')) == Status::kOk);
          if (i % 3 == 0) mine.take(std::to_string(random.below(2000)));
          if (i % 1000 == 0) dict_clear(mine.reference);
        }
        --writing;
      });
    }
    while (writing.load() > 0) {
      const VerifyReport report = verify(room.me());
      CHECK_MESSAGE(report.is_sound(), report.text());
    }
    for (std::thread& writer : writers) writer.join();
  }
}

TEST_SUITE("misuse") {
  TEST_CASE("a wrong word of the page table or of the object heap is seen") {
    const World world;
    Header& header = world.header();
    Segment& segment = *world.room.segment();
    CHECK(sees(world, header.heap_end, header.heap_end.load() - kPage));
    CHECK(sees(world, header.bytes_in_use, header.bytes_in_use.load() + 16));
    CHECK(sees(world, header.object_count, 3));
    CHECK(sees(world, segment.page(0).state, kFree));
    CHECK(sees(world, segment.page(0).length, 2));
    CHECK(sees(world, segment.page(0).owner, static_cast<std::uint32_t>(PageOwner::kStripeRun)));
    for (Word& bin : header.free_pages) {
      if (bin.load() != 0) CHECK(sees(world, bin, 0));
    }
    for (Word& list : header.free_blocks) {
      if (list.load() != 0) CHECK(sees(world, list, 0));
    }
    for (Word& bucket : header.names) {
      if (bucket.load() != 0) CHECK(sees(world, bucket, 0));
    }
  }

  TEST_CASE("a wrong word of an object is seen") {
    const World world;
    for (Object* const object : {world.lock.object, world.rwlock.object, world.condition.object}) {
      CHECK(sees(world, object->references, object->references.load() + 1));
      CHECK(sees(world, object->previous, object->previous.load() + 64));
      CHECK(sees(world, object->next, 0xfffffff0));
      CHECK(sees(world, object->partner, object->partner.load() ^ 64));
      CHECK(sees(world, object->kind, 0));
      CHECK(sees(world, object->serial, 0));
    }
    CHECK(sees(world, world.lock.object->name, 0));
    CHECK(sees(world, world.header().first_dead, world.room.segment()->offset_of(world.barrier.object)));
    Process& process = world.room.segment()->process(process_of(world.room.me()));
    CHECK(sees(world, process.attachments, 0));
    CHECK(sees(world, reinterpret_cast<Word*>(world.room.segment()->bytes(process.attachments.load()))[2], 0));
  }

  TEST_CASE("a wrong word of a stripe or of a slab is seen") {
    const World world;
    Segment& segment = *world.room.segment();
    Stripe& stripe = segment.stripe(stripe_of_shard(world.dict.reference, 3));
    CHECK(sees(world, stripe.used_bytes, stripe.used_bytes.load() - 16));
    for (Word& list : stripe.slabs) {
      if (list.load() == 0) continue;
      PageInfo& info = segment.page(list.load() - 1);
      CHECK(sees(world, info.blocks, info.blocks.load() + (1 << 16)));
      CHECK(sees(world, info.blocks, info.blocks.load() & 0xffff0000));
      CHECK(sees(world, info.next, list.load()));
      CHECK(sees(world, info.previous, 7));
      CHECK(sees(world, info.owner, info.owner.load() ^ 0x100));
      CHECK(sees(world, list, 0));
    }
  }

  TEST_CASE("a wrong word of a dict is seen") {
    const World world;
    DictShard& shard = world.shard();
    CHECK(sees(world, shard.sequence, shard.sequence.load() + 1));
    CHECK(sees(world, shard.count, shard.count.load() + 1));
    CHECK(sees(world, shard.expiring, 1));
    CHECK(sees(world, shard.depth, shard.depth.load() + 1));
    CHECK(sees(world, shard.directory, 0));
    const Bucket bucket = world.bucket();
    const std::uint32_t place = world.place_in_use();
    CHECK(sees(world, bucket.head->used, bucket.head->used.load() + 1));
    CHECK(sees(world, bucket.head->depth, bucket.head->depth.load() + 1));
    CHECK(sees(world, bucket.head->size, bucket.size == 6 ? 14 : 6));
    CHECK(sees(world, bucket.hash(place), 0));
    CHECK(sees(world, bucket.hash(place), bucket.hash(place).load() ^ 1));
    CHECK(sees(world, bucket.node(place), 0));
    CHECK(sees(world, bucket.node(place), bucket.node(place).load() + 16));
    const Node node = checked_node(*world.room.segment(), bucket.node(place).load());
    CHECK(sees(world, node.head->shape, node.shape ^ 1));
    CHECK(sees(world, node.head->value_length, 1 << 20));
    CHECK(sees(world, world.header().seed[0], world.header().seed[0].load() + 1));
  }
}

TEST_SUITE("misuse") {
  TEST_CASE("a problem names the object") {
    Room room;
    const Dict users(room.open(Kind::kDict, 0, "users"));
    MUST(users.set("ann", "1") == Status::kOk);
    Word& count = shard_at(*users.reference.object, 0).count;
    count.store(count.load() + 7);
    const std::string text = verify(room.me()).text();
    CHECK_MESSAGE(text.find("SharedDict \"users\" at ") == 0, text);
    count.store(count.load() - 7);
    room.detach(users.reference);
  }

  TEST_CASE("a wrong word of memory is seen") {
    const World world;
    for (const OpenedMemory& memory : {world.memory, world.array}) {
      Word& place = memory.reference.word(0);
      CHECK(sees(world, place, 0));
      CHECK(sees(world, place, place.load() + kPage));
      Word& extent = memory.reference.word(1);
      CHECK(sees(world, extent, extent.load() * 2));
      CHECK(sees(world, extent, 0));
    }
    const Object& array = *world.array.reference.object;
    CHECK(sees(world, const_cast<Word&>(array.parameter), 0));
    CHECK(sees(world, const_cast<Word&>(array.partner), 0));
    CHECK(sees(world, const_cast<Word&>(array.partner), world.room.segment()->offset_of(world.lock.object)));
    PageInfo& info = world.room.segment()->page(page_of(*world.room.segment(), world.array.reference.word(0).load()));
    CHECK(sees(world, info.owner, static_cast<std::uint32_t>(PageOwner::kStripeRun)));
  }
}

TEST_SUITE("death") {
  TEST_CASE("what the dead had begun is undone first") {
    Room room;
    const Dict dict(room);
    Child victim(room, [&](Room& own) {
      const Dict mine(own, dict);
      StripeWork work(own.me(), stripe_of_shard(mine.reference, 0));
      work.shut(shard_at(*mine.reference.object, 0).sequence);
      MUST(take_block(work, 100) != 0 && take_block(work, 100000) != 0);
      ::kill(getpid(), SIGKILL);
    });
    CHECK(victim.join() == -SIGKILL);
    const VerifyReport report = verify(room.me());  // recovered or not
    CHECK_MESSAGE(report.is_sound(), report.text());
    check_sound(room);
  }
}

}  // namespace lockstep::test
