#include "core/rwlock.hpp"

#include "harness.hpp"

namespace lockstep::test {
namespace {

/// A readers-writer lock as one isolate uses it.
struct ReadersWriter {
  Reference lock;
  Offset reader = 0;

  explicit ReadersWriter(const Reference& reference) : lock(reference) {
    MUST(rwlock_reader_word(lock, &reader) == Status::kOk);
  }

  Status lock_turnstile(Deadline deadline = Deadline::never()) const {
    return lock_acquire(lock.me, lock.lock(), {deadline, Deadline::now_ns()});
  }
  void unlock_turnstile() const { MUST(lock_release(lock.me, lock.lock(), lock.me.id) == Status::kOk); }

  bool try_read() const { return rwlock_try_read(lock, reader) == Status::kOk; }
  void read() const {
    if (try_read()) return;
    MUST(is_acquired(lock_turnstile()));
    rwlock_mark(lock, reader);
    unlock_turnstile();
  }
  void end_read() const { rwlock_end_read(lock, reader); }

  Status write(Deadline deadline = Deadline::never()) const {
    const Status status = lock_turnstile(deadline);
    if (!is_acquired(status)) return status;
    if (rwlock_drain(lock, deadline) == Status::kOk) return status;
    unlock_turnstile();
    return Status::kTimedOut;
  }
  void end_write() const { unlock_turnstile(); }

  /// As promises do it.
  void lock_turnstile_promised(Loop& loop) const {
    Urgency urgency = Urgency::kFresh;
    loop.run([&] {
      const Status status = lock_arm(lock.me, lock.lock(), urgency);
      urgency = Urgency::kRung;
      return is_acquired(status);
    });
  }
  void read_promised(Loop& loop) const {
    if (try_read()) return;
    lock_turnstile_promised(loop);
    rwlock_mark(lock, reader);
    unlock_turnstile();
  }
  void write_promised(Loop& loop) const {
    lock_turnstile_promised(loop);
    loop.run([&] { return rwlock_drain_arm(lock) == Status::kOk; });
    rwlock_drain_disarm(lock);
  }
};

}  // namespace

TEST_SUITE("contract") {
  TEST_CASE("readers share, a writer excludes") {
    Room room;
    const ReadersWriter first(room.open(Kind::kRWLock));
    const ReadersWriter second(as(room.join(), first.lock));
    CHECK(first.try_read());
    CHECK(second.try_read());
    CHECK(rwlock_has_readers(first.lock));
    CHECK(first.write(Deadline::at(1)) == Status::kTimedOut);
    first.end_read();
    second.end_read();
    CHECK_FALSE(rwlock_has_readers(first.lock));
    CHECK(first.write() == Status::kOk);
    CHECK_FALSE(second.try_read());
    CHECK(second.write(Deadline::at(1)) == Status::kTimedOut);
    first.end_write();
    CHECK(second.try_read());
  }

  TEST_CASE("a writer sleeps until the last reader ends, or until its deadline, not less") {
    Room room;
    const ReadersWriter reader(room.open(Kind::kRWLock));
    const ReadersWriter other(as(room.join(), reader.lock));
    REQUIRE(reader.try_read());
    REQUIRE(other.try_read());
    const std::int64_t start = Deadline::now_ns();
    CHECK(ReadersWriter(as(room.join(), reader.lock)).write(Deadline::in_ms(10)) == Status::kTimedOut);
    CHECK(Deadline::now_ns() - start >= 10'000'000);
    Sleeper writer([&] { MUST(ReadersWriter(as(room.join(), reader.lock)).write() == Status::kOk); });
    writer.until_asleep();
    reader.end_read();
    writer.until_asleep();
    CHECK_FALSE(writer.has_ended());
    other.end_read();
  }

  TEST_CASE("a waiting writer keeps later readers out") {
    Room room;
    const ReadersWriter reader(room.open(Kind::kRWLock));
    const ReadersWriter late(as(room.join(), reader.lock));
    REQUIRE(reader.try_read());
    Sleeper writer([&] {
      const ReadersWriter mine(as(room.join(), reader.lock));
      MUST(mine.write() == Status::kOk);
      mine.end_write();
    });
    writer.until_asleep();
    CHECK_FALSE(late.try_read());
    reader.end_read();
    late.read();
    CHECK(rwlock_has_readers(late.lock));
  }

  TEST_CASE("a writer becomes a reader without letting a writer in between") {
    Room room;
    const ReadersWriter first(room.open(Kind::kRWLock));
    const ReadersWriter second(as(room.join(), first.lock));
    REQUIRE(first.write() == Status::kOk);
    rwlock_mark(first.lock, first.reader);
    first.unlock_turnstile();
    CHECK(second.try_read());
    second.end_read();
    CHECK(second.write(Deadline::at(1)) == Status::kTimedOut);
    first.end_read();
    CHECK(second.write() == Status::kOk);
  }

  TEST_CASE("promises read and write") {
    Room room;
    const ReadersWriter first(room.open(Kind::kRWLock));
    REQUIRE(first.try_read());
    Sleeper writer([&] {
      const ReadersWriter mine(as(room.join(), first.lock));
      Loop loop(mine.lock.me);
      mine.write_promised(loop);
      mine.end_write();
    });
    writer.until_asleep();
    Sleeper reader([&] {
      const ReadersWriter mine(as(room.join(), first.lock));
      Loop loop(mine.lock.me);
      mine.read_promised(loop);
      mine.end_read();
    });
    reader.until_asleep();
    first.end_read();
    writer.join();
    reader.join();
    CHECK(first.lock.object->bells.load() == 0);
  }

  TEST_CASE("rwlock_wake_writer after a read that JavaScript ended") {
    Room room;
    const ReadersWriter reader(room.open(Kind::kRWLock));
    REQUIRE(reader.try_read());
    Sleeper writer([&] { MUST(ReadersWriter(as(room.join(), reader.lock)).write() == Status::kOk); });
    writer.until_asleep();
    CHECK(room.segment()->checked<Word>(reader.reader)->change(room.me().id, 0));
    rwlock_wake_writer(reader.lock);
  }

  TEST_CASE("each isolate has a reader word of its own") {
    Room room;
    const Reference lock = room.open(Kind::kRWLock);
    std::vector<Offset> words;
    for (int i = 0; i < 200; ++i) words.push_back(ReadersWriter(as(room.join(), lock)).reader);
    std::sort(words.begin(), words.end());
    CHECK(std::adjacent_find(words.begin(), words.end()) == words.end());
  }
}

TEST_SUITE("misuse") {
  TEST_CASE("a reader word that is not mine is refused or ignored") {
    Room room;
    const ReadersWriter first(room.open(Kind::kRWLock));
    const ReadersWriter second(as(room.join(), first.lock));
    REQUIRE(first.try_read());
    for (const Offset place : {0u, 4u, first.reader, room.segment()->heap_start(), 0xfffffffcu, 0xffffffffu}) {
      CHECK(is_failure(rwlock_try_read(second.lock, place)));
      rwlock_mark(second.lock, place);
      rwlock_end_read(second.lock, place);
    }
    CHECK(room.segment()->checked<Word>(first.reader)->load() == first.lock.me.id);
    CHECK(room.segment()->checked<Word>(second.reader)->load() == 0);
  }

  TEST_CASE("the end of a read that was not begun changes nothing") {
    Room room;
    const ReadersWriter first(room.open(Kind::kRWLock));
    first.end_read();
    CHECK_FALSE(rwlock_has_readers(first.lock));
    CHECK(first.write() == Status::kOk);
  }

  TEST_CASE("no room for a reader word is an error at the call") {
    OpenOptions options = fresh_options();
    options.capacity = kMinCapacity;
    Room room(options);
    const Reference lock = room.open(Kind::kRWLock);
    fill_up(room);
    Offset word = 0;
    CHECK(rwlock_reader_word(lock, &word) == Status::kFull);
  }
}

struct Page {
  std::atomic<int> readers, writers;
  std::uint64_t first, second;  // plain on purpose, as in Guarded
};

void read_page(Page& page) {
  page.readers.fetch_add(1);
  MUST(page.writers.load() == 0);
  MUST(page.first == page.second);
  page.readers.fetch_sub(1);
}

void write_page(Page& page) {
  MUST(page.writers.fetch_add(1) == 0);
  MUST(page.readers.load() == 0);
  ++page.first;
  ++page.second;
  page.writers.fetch_sub(1);
}

void hammer(const ReadersWriter& mine, Loop& loop, Page& page, Random& random) {
  const std::uint32_t way = random.below(12);
  if (way < 7) {
    if (way == 0) {
      if (!mine.try_read()) return;
    } else if (way == 1) {
      mine.read_promised(loop);
    } else {
      mine.read();
    }
    read_page(page);
    mine.end_read();
    return;
  }
  if (way == 7 && mine.write(Deadline::at(Deadline::now_ns() + random.below(100'000))) == Status::kTimedOut) return;
  if (way == 8) mine.write_promised(loop);
  if (way > 8) MUST(mine.write() == Status::kOk);
  write_page(page);
  if (way == 9) {
    rwlock_mark(mine.lock, mine.reader);
    mine.end_write();
    read_page(page);
    return mine.end_read();
  }
  mine.end_write();
}

TEST_SUITE("hammer") {
  TEST_CASE("threads read, write and downgrade") {
    Room room;
    const Reference lock = room.open(Kind::kRWLock);
    Shared<Page> page;
    in_threads(5, [&](int index) {
      const ReadersWriter mine(as(room.join(), lock));
      Loop loop(mine.lock.me);
      Random random(index + 1);
      for (int i = 0; i < 2000; ++i) hammer(mine, loop, *page, random);
    });
    CHECK_FALSE(rwlock_has_readers(lock));
    CHECK_FALSE(is_held(lock.word(0).load()));
  }

  TEST_CASE("processes read, write and downgrade") {
    Room room;
    const Reference lock = room.open(Kind::kRWLock);
    Shared<Page> page;
    in_processes(room, 5, [&](Room& own, int index) {
      const ReadersWriter mine(own.attach(lock));
      Loop loop(mine.lock.me);
      Random random(index + 1);
      for (int i = 0; i < 2000; ++i) hammer(mine, loop, *page, random);
    });
    CHECK_FALSE(rwlock_has_readers(lock));
    CHECK_FALSE(is_held(lock.word(0).load()));
  }
}

TEST_SUITE("death") {
  TEST_CASE("a killed reader frees its share") {
    Room room;
    const ReadersWriter mine(room.open(Kind::kRWLock));
    const auto read_for_ever = [&](Room& own) {
      ReadersWriter(own.attach(mine.lock)).read();
      sleep_until_killed();
    };
    {
      Child reader(room, read_for_ever);
      until([&] { return rwlock_has_readers(mine.lock); });
      Sleeper writer([&] {
        const ReadersWriter own(as(room.join(), mine.lock));
        MUST(own.write() == Status::kOk);
        own.end_write();
      });
      writer.until_asleep();
      reader.kill();
    }
    Child reader(room, read_for_ever);
    until([&] { return rwlock_has_readers(mine.lock); });
    Sleeper promised([&] {
      const ReadersWriter own(as(room.join(), mine.lock));
      Loop loop(own.lock.me);
      own.write_promised(loop);
      own.end_write();
    });
    promised.until_asleep();
    reader.kill();
    promised.join();
    CHECK(mine.try_read());
  }

  TEST_CASE("after a killed writer the next holder is told") {
    Room room;
    const ReadersWriter mine(room.open(Kind::kRWLock));
    Child writer(room, [&](Room& own) {
      MUST(ReadersWriter(own.attach(mine.lock)).write() == Status::kOk);
      sleep_until_killed();
    });
    until([&] { return is_held(mine.lock.word(0).load()); });
    Sleeper next([&] {
      const ReadersWriter own(as(room.join(), mine.lock));
      MUST(own.write() == Status::kOwnerDied);
      own.end_write();
    });
    next.until_asleep();
    writer.kill();
    next.join();
    CHECK(mine.try_read());
  }

  TEST_CASE("a writer killed while it waits for readers lets the later readers in") {
    Room room;
    const ReadersWriter mine(room.open(Kind::kRWLock));
    REQUIRE(mine.try_read());
    Child writer(room, [&](Room& own) { ReadersWriter(own.attach(mine.lock)).write(); });
    until([&] { return is_held(mine.lock.word(0).load()) && writer.is_asleep(); });
    Sleeper late([&] {
      const ReadersWriter own(as(room.join(), mine.lock));
      own.read();
      own.end_read();
    });
    late.until_asleep();
    writer.kill();
    late.join();
    mine.end_read();
  }
}

}  // namespace lockstep::test
