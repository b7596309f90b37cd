#include "changes_harness.hpp"
#include "core/stripe.hpp"

namespace lockstep::test {
namespace {

using Keys = std::vector<std::string>;

std::string key_of(std::uint32_t i) { return "key " + std::to_string(i); }

}  // namespace

TEST_SUITE("contract") {
  TEST_CASE("each change of a key is told, and nothing else") {
    for (const std::uint32_t parameter : {0u, kOneShard}) {
      const Room room;
      const Dict dict(room, parameter);
      MUST(dict.set("before", "1") == Status::kOk);
      Watch watch(dict);
      CHECK(watch.take() == Status::kUnavailable);
      CHECK(watch.look() == Status::kUnavailable);
      MUST(dict.set("a", "1") == Status::kOk);
      CHECK(watch.look() == Status::kOk);
      CHECK(watch.take() == Status::kOk);
      CHECK(watch.keys() == Keys{"a"});
      MUST(dict.set("a", "2") == Status::kOk);
      MUST(dict.add("n", 1) == 1);
      MUST(dict.add("n", 1) == 2);
      MUST(dict.take("before") == "1");
      CHECK(dict.take("nothing") == std::nullopt);
      CHECK(dict.get("a") == "2");
      CHECK(watch.take() == Status::kOk);
      Keys told = watch.keys();
      std::sort(told.begin(), told.end());
      CHECK(told == Keys{"a", "before", "n", "n"});
      CHECK(watch.take() == Status::kUnavailable);
      check_sound(room);
    }
  }

  TEST_CASE("what is evicted or over is told when it goes") {
    const Room room;
    const Dict dict(room, dict_parameter(1, true));
    Watch watch(dict);
    MUST(dict.set("a", "1") == Status::kOk);
    MUST(dict.set("b", "1") == Status::kOk);
    MUST(watch.take() == Status::kOk);
    CHECK(watch.keys() == Keys{"a", "a", "b"});
    MUST(dict.set("b", "2", for_ms(1)) == Status::kOk);
    until([&] { return dict.get("b") == std::nullopt; });
    CHECK(dict.size() == 0);
    MUST(watch.take() == Status::kOk);
    CHECK(watch.keys() == Keys{"b", "b"});
  }

  TEST_CASE("clear() and a key that is too long say that each may have changed") {
    const Room room;
    const Dict dict(room, kOneShard);
    MUST(dict.set("a", "1") == Status::kOk);
    Watch watch(dict);
    dict_clear(dict.reference);
    CHECK(watch.take() == Status::kBound);
    CHECK(watch.take() == Status::kUnavailable);
    MUST(dict.set(std::string(504, 'k'), "1") == Status::kOk);
    CHECK(watch.take() == Status::kOk);
    MUST(dict.set(std::string(505, 'k'), "1") == Status::kOk);
    CHECK(watch.take() == Status::kBound);
  }

  TEST_CASE("round and round the ring, keys of all lengths are whole; who is too slow is told so") {
    const Room room;
    const Dict dict(room);
    Watch fast(dict), slow(dict);
    Random random(5);
    for (int i = 0; i < 20000; ++i) {
      const std::string key(1 + random.below(500), static_cast<char>('a' + i % 26));
      MUST(dict.set(key, "1") == Status::kOk);
      MUST(fast.take() == Status::kOk);
      MUST(fast.keys() == Keys{key});
      MUST(dict.take(key) == "1");
      MUST(fast.take() == Status::kOk);
    }
    CHECK(slow.take() == Status::kBound);
    CHECK(slow.take() == Status::kUnavailable);
  }

  TEST_CASE("as many as fit are kept") {
    const Room room;
    const Dict dict(room, kOneShard);
    Watch watch(dict);
    const auto set_some = [&](int count) {
      for (int i = 0; i < count; ++i) MUST(dict.set("k", "v") == Status::kOk);
    };
    const int most = (64 * 1024 - 16) / 8 / 2 - 64 / 2;
    set_some(most);
    CHECK(watch.take() == Status::kOk);
    CHECK(watch.keys().size() == static_cast<std::size_t>(most));
    set_some(most + 1);
    CHECK(watch.take() == Status::kBound);
  }

  TEST_CASE("for one key, its part of the dict is looked at") {
    const Room room;
    const Dict dict(room);
    ChangesSeen seen;
    const std::uint64_t bytes[2] = {'k', 0};
    const Key key = make_key(*room.segment(), KeyKind::kLatin1, bytes, 1);
    MUST(changes_begin(dict.reference, &key, &seen) == Status::kOk);
    std::uint32_t watched = 0;
    for (const std::uint64_t until : seen.until) watched += until != kNotWatched;
    CHECK(watched == 1);
    MUST(dict.set("k", "1") == Status::kOk);
    CHECK(changes_look(dict.reference, seen) == Status::kOk);
  }

  TEST_CASE("the bell rings for a change, once for each time that it is armed") {
    const Room room;
    const Dict dict(room);
    const Dict other(room.join(), dict);
    Loop loop(room.me());
    Watch watch(dict);
    CHECK(watch.arm() == Status::kUnavailable);
    CHECK(dict.reference.object->drain_bells.load() != 0);
    MUST(other.set("a", "1") == Status::kOk);
    loop.run([&] { return watch.arm() == Status::kOk; });
    CHECK(watch.is_told_of("a"));
    CHECK(dict.reference.object->drain_bells.load() == 0);
    CHECK(watch.arm() == Status::kUnavailable);
    watch.disarm();
    CHECK(dict.reference.object->drain_bells.load() == 0);
  }
}

TEST_SUITE("hammer") {
  TEST_CASE("a watcher that sleeps whenever it has seen all ends with what is there") {
    const Room room;
    const Dict dict(room);
    constexpr int kWriters = 2;
    constexpr std::uint32_t kChanges = 20000;
    std::atomic<int> running{kWriters};
    Watch watch(dict);
    std::vector<std::string> last(50);
    Sleeper watcher([&] {
      Loop loop(room.me());
      const auto read = [&](std::uint32_t i) { last[i] = dict.get(key_of(i)).value_or("none"); };
      for (;;) {
        const bool is_last = running.load() == 0;
        const Status taken = watch.take();
        for (std::uint32_t i = 0; i < last.size() && taken == Status::kBound; ++i) read(i);
        if (taken == Status::kOk) {
          for (const std::string& key : watch.keys()) {
            if (key != "end") read(static_cast<std::uint32_t>(std::stoul(key.substr(4))));
          }
        }
        if (is_last && taken == Status::kUnavailable) break;
        loop.run([&] { return watch.arm() == Status::kOk || running.load() == 0; });
      }
      watch.disarm();
    });
    in_threads(kWriters, [&](int index) {
      const Dict mine(room.join(), dict);
      Random random(static_cast<std::uint64_t>(index) + 1);
      for (std::uint32_t i = 0; i < kChanges; ++i) {
        const std::string key = key_of(random.below(50));
        random.below(4) == 0 ? static_cast<void>(mine.take(key))
                             : static_cast<void>(mine.set(key, std::to_string(random.below(1000))));
      }
      running.fetch_sub(1);
      MUST(mine.set("end", "1") == Status::kOk);
    });
    watcher.join();
    for (std::uint32_t i = 0; i < last.size(); ++i) {
      if (!last[i].empty()) CHECK(last[i] == dict.get(key_of(i)).value_or("none"));
    }
    check_sound(room);
  }
}

TEST_SUITE("misuse") {
  TEST_CASE("a segment without room for what changes are kept in is said to be full, and stays as it was") {
    const Room room;
    const Dict dict(room);
    fill_up(room);
    ChangesSeen seen;
    CHECK(changes_begin(dict.reference, nullptr, &seen) == Status::kFull);
    CHECK(used_by_stripes(room) == 0);
  }
}

TEST_SUITE("death") {
  TEST_CASE("a watcher that sleeps is told what somebody did before he was killed") {
    Room room;
    const Dict dict(room);
    Loop loop(room.me());
    Watch watch(dict);
    MUST(watch.arm() == Status::kUnavailable);
    Child victim(room, [&](Room& own) {
      const Dict mine(own, dict);
      MUST(mine.set("a", "1") == Status::kOk);
      ::kill(getpid(), SIGKILL);
    });
    CHECK(victim.join() == -SIGKILL);
    loop.run([&] { return watch.arm() == Status::kOk; });
    CHECK(watch.is_told_of("a"));
    check_sound(room);
  }
}

}  // namespace lockstep::test
