#include "core/transaction.hpp"

#include "core/heap.hpp"
#include "harness.hpp"

namespace lockstep::test {
namespace {

constexpr std::uint32_t kAccounts = 8;

/// Words of the heap that only transactions change.
Word* make_accounts(const Room& room) {
  Transaction transaction(room.me());
  char* const block = allocate(transaction, kAccounts * sizeof(Word));
  MUST(block != nullptr);
  transaction.commit();
  return reinterpret_cast<Word*>(block);
}

void transfer(const Participant& me, Word* accounts, Random& random) {
  Transaction transaction(me);
  Word& from = accounts[random.below(kAccounts)];
  Word& to = accounts[random.below(kAccounts)];
  transaction.set(from, from.load() - 1);
  if (random.below(50) == 0) usleep(200);
  transaction.set(to, to.load() + 1);
  if (random.below(10) == 0) return transaction.rollback();
  if (random.below(10) > 0) transaction.commit();
}

std::uint32_t sum(const Word* accounts) {
  std::uint32_t total = 0;
  for (std::uint32_t i = 0; i < kAccounts; ++i) total += accounts[i].load();
  return total;
}

bool is_idle(const Room& room) {
  return room.header().transaction.entries.load() == 0 && !is_held(room.header().transaction.word.load());
}

}  // namespace

TEST_SUITE("contract") {
  TEST_CASE("what was committed stands, what was not is taken back") {
    Room room;
    Word* const accounts = make_accounts(room);
    {
      Transaction transaction(room.me());
      transaction.set(accounts[0], 1);
      transaction.set(accounts[1], 2);
      transaction.commit();
      transaction.set(accounts[0], 10);
      transaction.set(accounts[0], 11);
      transaction.set(accounts[2], 12);
    }
    CHECK(accounts[0].load() == 1);
    CHECK(accounts[1].load() == 2);
    CHECK(accounts[2].load() == 0);
    CHECK(is_idle(room));
  }

  TEST_CASE("rollback takes back everything since the last commit, and the transaction goes on") {
    Room room;
    Word* const accounts = make_accounts(room);
    {
      Transaction transaction(room.me());
      transaction.set(accounts[0], 1);
      transaction.rollback();
      CHECK(accounts[0].load() == 0);
      transaction.set(accounts[0], 2);
      transaction.commit();
    }
    CHECK(accounts[0].load() == 2);
  }

  TEST_CASE("the journal holds as many words as it says") {
    Room room;
    Word* const accounts = make_accounts(room);
    {
      Transaction transaction(room.me());
      for (std::uint32_t i = 0; i < kJournalEntries; ++i) transaction.set(accounts[i % kAccounts], i + 1);
    }
    CHECK(sum(accounts) == 0);
    CHECK(is_idle(room));
  }

  TEST_CASE("a second transaction waits for the first") {
    Room room;
    Word* const accounts = make_accounts(room);
    std::atomic<bool> begun{false};
    const Participant other = room.join();
    auto first = std::make_unique<Transaction>(room.me());
    Sleeper second([&] {
      Transaction transaction(other);
      begun.store(true);
      MUST(accounts[0].load() == 5);
    });
    second.until_asleep();
    CHECK_FALSE(begun.load());
    first->set(accounts[0], 5);
    first->commit();
    first.reset();
    second.join();
    CHECK(begun.load());
  }
}

TEST_SUITE("misuse") {
  TEST_CASE("commit and rollback of nothing change nothing") {
    Room room;
    Word* const accounts = make_accounts(room);
    {
      Transaction transaction(room.me());
      transaction.rollback();
      transaction.commit();
      transaction.commit();
      transaction.rollback();
    }
    CHECK(sum(accounts) == 0);
    CHECK(is_idle(room));
  }

  TEST_CASE("a journal that points outside is not followed") {
    Room room;
    make_accounts(room);
    TransactionLock& lock = room.header().transaction;
    const Offset outside[] = {0, 8, kPage - 4, room.segment()->heap_start() + 1, 0xfffffffcu, 0xffffffffu};
    for (std::uint32_t i = 0; i < 6; ++i) {
      lock.journal[i].offset.store(outside[i]);
      lock.journal[i].old.store(0xdeadbeef);
    }
    const std::uint64_t magic = room.header().magic;
    const std::uint64_t capacity = room.header().capacity;
    lock.entries.store(6);
    { Transaction(room.me()).rollback(); }
    CHECK(room.header().magic == magic);
    CHECK(room.header().capacity == capacity);
    lock.entries.store(0xffffffff);
    { Transaction(room.me()).rollback(); }
    CHECK(is_idle(room));
  }
}

TEST_SUITE("hammer") {
  TEST_CASE("threads move units between accounts, and none is lost") {
    Room room;
    Word* const accounts = make_accounts(room);
    in_threads(4, [&](int index) {
      const Participant me = room.join();
      Random random(index + 1);
      for (int i = 0; i < 3000; ++i) transfer(me, accounts, random);
    });
    CHECK(sum(accounts) == 0);
    CHECK(is_idle(room));
  }

  TEST_CASE("processes move units between accounts, and none is lost") {
    Room room;
    const Offset place = room.segment()->offset_of(make_accounts(room));
    in_processes(room, 4, [&](Room& own, int index) {
      Random random(index + 1);
      for (int i = 0; i < 3000; ++i) transfer(own.me(), own.segment()->checked<Word>(place), random);
    });
    CHECK(sum(room.segment()->checked<Word>(place)) == 0);
    CHECK(is_idle(room));
  }
}

TEST_SUITE("death") {
  TEST_CASE("what a killed process had begun is undone, and the others go on") {
    Room room;
    Word* const accounts = make_accounts(room);
    const Offset place = room.segment()->offset_of(accounts);
    Shared<std::atomic<bool>> begun;
    Child victim(room, [&](Room& own) {
      Word* const theirs = own.segment()->checked<Word>(place);
      Transaction transaction(own.me());
      transaction.set(theirs[0], 7);
      transaction.set(theirs[1], 8);
      begun->store(true);
      sleep_until_killed();
    });
    until([&] { return begun->load(); });
    CHECK(accounts[0].load() == 7);
    Sleeper next([&] {
      Transaction transaction(room.me());
      MUST(accounts[0].load() == 0);
      MUST(accounts[1].load() == 0);
    });
    next.until_asleep();
    victim.kill();
    next.join();
    CHECK(is_idle(room));
  }

  TEST_CASE("processes killed anywhere lose no unit") {
    Room room;
    Word* const accounts = make_accounts(room);
    const Offset place = room.segment()->offset_of(accounts);
    Random random(1);
    for (int round = 0; round < 60; ++round) {
      Child victim(room, [&](Room& own) {
        Random random(round + 1);
        for (;;) transfer(own.me(), own.segment()->checked<Word>(place), random);
      });
      until([&] { return is_recovered(room) && taken_slots(room) == 2; });
      usleep(random.below(3000));
      victim.kill();
      Transaction transaction(room.me());
      CHECK(sum(accounts) == 0);
    }
    until_recovered(room);
    CHECK(is_idle(room));
  }
}

}  // namespace lockstep::test
