#include "core/futex.hpp"

#include "harness.hpp"

namespace lockstep::test {

struct Words {
  Word at[3];
};

TEST_SUITE("contract") {
  TEST_CASE("futex_wait returns at once when the word holds something else") {
    Shared<Word> word;
    word->store(1);
    futex_wait(*word, 0, Deadline::never());
    CHECK(word->load() == 1);
  }

  TEST_CASE("futex_wait sleeps until its deadline, not less") {
    Shared<Word> word;
    const std::int64_t start = Deadline::now_ns();
    const Deadline deadline = Deadline::in_ms(20);
    while (!deadline.passed()) futex_wait(*word, 0, deadline);
    CHECK(Deadline::now_ns() - start >= 20'000'000);
  }

  TEST_CASE("futex_wait with a deadline in the past does not sleep") {
    Shared<Word> word;
    futex_wait(*word, 0, Deadline::at(1));
    CHECK(word->load() == 0);
  }

  TEST_CASE("futex_wake wakes as many as asked and says how many there were") {
    Shared<Word> word;
    std::atomic<int> woken{0};
    const auto sleep = [&] {
      futex_wait(*word, 0, Deadline::never());
      woken.fetch_add(1);
    };
    Sleeper first(sleep), second(sleep), third(sleep);
    for (const Sleeper* sleeper : {&first, &second, &third}) sleeper->until_asleep();
    CHECK(futex_wake(*word, 1) == 1);
    until([&] { return woken.load() == 1; });
    CHECK(futex_wake(*word, kWakeAll) == 2);
    until([&] { return woken.load() == 3; });
    CHECK(futex_wake(*word, kWakeAll) == 0);
  }

  TEST_CASE("futex_wake reaches sleepers of another process, through another mapping") {
    Shared<Word> word;
    Child child([&] { futex_wait(*word, 0, Deadline::never()); });
    until([&] { return child.is_asleep() && futex_wake(*word, 1) == 1; });
    CHECK(child.join() == 0);
  }

  TEST_CASE("futex_wait_any ends with the wake of any of its words, or refuses") {
    Shared<Words> words;
    Sleeper sleeper([&] {
      const WaitEntry entries[] = {{&words->at[0], 0}, {&words->at[1], 0}, {&words->at[2], 0}};
      MUST(futex_wait_any(entries, 3, Deadline::never()) == has_futex_wait_any());
    });
    sleeper.until_asleep();
    CHECK(futex_wake(words->at[2], 1) == has_futex_wait_any());
  }

  TEST_CASE("futex_wait_any returns at once when a word holds something else") {
    Shared<Words> words;
    words->at[1].store(7);
    const WaitEntry entries[] = {{&words->at[0], 0}, {&words->at[1], 0}};
    CHECK(futex_wait_any(entries, 2, Deadline::never()) == has_futex_wait_any());
  }

  TEST_CASE("futex_wait_any sleeps until its deadline, not less, or refuses") {
    Shared<Word> word;
    const WaitEntry entry{&*word, 0};
    const std::int64_t start = Deadline::now_ns();
    const Deadline deadline = Deadline::in_ms(10);
    while (futex_wait_any(&entry, 1, deadline) && !deadline.passed()) {
    }
    CHECK((!has_futex_wait_any() || Deadline::now_ns() - start >= 10'000'000));
  }
}

TEST_SUITE("misuse") {
  TEST_CASE("futex_wait_any refuses more words than the kernel takes") {
    Shared<Word> word;
    const std::vector<WaitEntry> entries(kMaxWaitEntries + 1, WaitEntry{&*word, 0});
    CHECK_FALSE(futex_wait_any(entries.data(), kMaxWaitEntries + 1, Deadline::never()));
  }

  TEST_CASE("a signal ends futex_wait like any other stray return") {
    Shared<Word> word;
    struct sigaction action = {};
    action.sa_handler = [](int) {};
    sigaction(SIGUSR1, &action, nullptr);
    Child child([&] { futex_wait(*word, 0, Deadline::never()); });
    until([&] { return child.is_asleep(); });
    int code = -1;
    until([&] {
      child.send(SIGUSR1);
      return child.has_ended(&code);
    });
    CHECK(code == 0);
    signal(SIGUSR1, SIG_DFL);
  }

  TEST_CASE("futex_wait_any refuses where LOCKSTEP_NO_WAITV is set") {
    if (std::getenv("LOCKSTEP_NO_WAITV") == nullptr) {
      // A process asks only once, so it takes a fresh one.
      CHECK(run_again("--test-case=futex_wait_any refuses where*", "LOCKSTEP_NO_WAITV") == 0);
      return;
    }
    Shared<Word> word;
    const WaitEntry entry{&*word, 0};
    CHECK_FALSE(has_futex_wait_any());
    CHECK_FALSE(futex_wait_any(&entry, 1, Deadline::never()));
  }
}

struct PingPong {
  Word ball;

  void play(std::uint32_t me, std::uint32_t rounds) {
    for (std::uint32_t round = 0; round < rounds; ++round) {
      const std::uint32_t mine = round * 2 + me;
      for (std::uint32_t seen = ball.load(); seen != mine; seen = ball.load())
        futex_wait(ball, seen, Deadline::never());
      ball.store(mine + 1);
      futex_wake(ball, 1);
    }
  }
};

TEST_SUITE("hammer") {
  TEST_CASE("ping-pong between two threads") {
    Shared<PingPong> table;
    in_threads(2, [&](int index) { table->play(static_cast<std::uint32_t>(index), 5000); });
    CHECK(table->ball.load() == 10000);
  }

  TEST_CASE("ping-pong between two processes") {
    Shared<PingPong> table;
    Child other([&] { table->play(1, 5000); });
    table->play(0, 5000);
    CHECK(other.join() == 0);
    CHECK(table->ball.load() == 10000);
  }
}

TEST_SUITE("death") {
  TEST_CASE("a killed sleeper takes no wake-up with it") {
    Shared<Word> word;
    Child victim([&] { futex_wait(*word, 0, Deadline::never()); });
    Child survivor([&] { futex_wait(*word, 0, Deadline::never()); });
    until([&] { return victim.is_asleep() && survivor.is_asleep(); });
    victim.kill();
    until([&] { return futex_wake(*word, 1) == 1; });
    CHECK(survivor.join() == 0);
  }
}

}  // namespace lockstep::test
