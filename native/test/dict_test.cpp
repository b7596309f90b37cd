#include "core/dict.hpp"

#include <cmath>
#include <cstring>
#include <map>
#include <set>

#include "core/dict_index.hpp"
#include "dict_harness.hpp"

namespace lockstep::test {
namespace {

std::set<std::string> keys_of(const Dict& dict) {
  std::set<std::string> keys;
  std::uint64_t cursor = 0;
  std::vector<KeyCopy> walked;
  while (dict_walk(dict.reference, &cursor, walked)) {
  }
  for (const KeyCopy& key : walked) CHECK(keys.insert(text_of(key)).second);
  return keys;
}

}  // namespace

TEST_SUITE("contract") {
  TEST_CASE("what was set is there, and nothing else") {
    Room room;
    const Dict dict(room);
    CHECK(dict.get("a") == std::nullopt);
    CHECK(dict.set("a", "one") == Status::kOk);
    CHECK(dict.set("b", "two") == Status::kOk);
    CHECK(dict.get("a") == "one");
    CHECK(dict.get("b") == "two");
    CHECK(dict.get("ab") == std::nullopt);
    CHECK(dict.size() == 2);
    CHECK(dict.set("a", "three, and longer than it was before") == Status::kOk);
    CHECK(dict.get("a") == "three, and longer than it was before");
    CHECK(dict.size() == 2);
    CHECK(dict.take("a") == "three, and longer than it was before");
    CHECK(dict.take("a") == std::nullopt);
    CHECK(dict.get("a") == std::nullopt);
    CHECK(dict.size() == 1);
    check_sound(room);
  }

  TEST_CASE("keys of different kinds are different, whatever their bytes") {
    Room room;
    const Dict dict(room);
    for (const KeyKind kind :
         {KeyKind::kNumber, KeyKind::kLatin1, KeyKind::kTwoByte, KeyKind::kBigInt, KeyKind::kBoolean}) {
      CHECK(dict.set("12345678", std::to_string(static_cast<int>(kind)), {}, kind) == Status::kOk);
    }
    CHECK(dict.size() == 5);
    for (const KeyKind kind :
         {KeyKind::kNumber, KeyKind::kLatin1, KeyKind::kTwoByte, KeyKind::kBigInt, KeyKind::kBoolean}) {
      CHECK(dict.get("12345678", kind) == std::to_string(static_cast<int>(kind)));
    }
    CHECK(dict.set(std::string("\0", 1), "one zero") == Status::kOk);
    CHECK(dict.set(std::string("\0\0", 2), "two zeros") == Status::kOk);
    CHECK(dict.set("", "none") == Status::kOk);
    CHECK(dict.get(std::string("\0", 1)) == "one zero");
    CHECK(dict.get("") == "none");
    check_sound(room);
  }

  TEST_CASE("it grows and shrinks, and is like a map all the while") {
    Room room;
    const Dict dict(room);
    std::map<std::string, std::string> model;
    Random random(1);
    for (int i = 0; i < 60000; ++i) {
      const std::string key = "key " + std::to_string(random.below(12000));
      const std::uint32_t choice = random.below(10);
      if (choice < 6) {
        const std::string value(random.below(60), static_cast<char>('a' + i % 26));
        REQUIRE(dict.set(key, value) == Status::kOk);
        model[key] = value;
      } else if (choice < 8) {
        const auto there = model.find(key);
        CHECK(dict.take(key) == (there == model.end() ? std::nullopt : std::optional(there->second)));
        model.erase(key);
      } else {
        const auto there = model.find(key);
        CHECK(dict.get(key) == (there == model.end() ? std::nullopt : std::optional(there->second)));
      }
    }
    CHECK(dict.size() == model.size());
    std::set<std::string> keys;
    for (const auto& [key, value] : model) {
      CHECK(dict.get(key) == value);
      keys.insert(key);
    }
    CHECK(keys_of(dict) == keys);
    check_sound(room);
  }

  TEST_CASE("a walk meets what is there all the while once, however much it grows meanwhile") {
    Room room;
    const Dict dict(room);
    for (int i = 0; i < 500; ++i) REQUIRE(dict.set("old " + std::to_string(i), "x") == Status::kOk);
    std::map<std::string, int> met;
    std::uint64_t cursor = 0;
    int made = 0;
    std::vector<KeyCopy> keys;
    while (dict_walk(dict.reference, &cursor, keys)) {
      for (int i = 0; i < 400; ++i) REQUIRE(dict.set("new " + std::to_string(made++), "y") == Status::kOk);
    }
    for (const KeyCopy& key : keys) ++met[text_of(key)];
    for (int i = 0; i < 500; ++i) CHECK(met["old " + std::to_string(i)] == 1);
    for (const auto& [key, times] : met) CHECK(times == 1);
    check_sound(room);
  }

  TEST_CASE("conditions: absent, version, same") {
    Room room;
    const Dict dict(room);
    CHECK(dict.set("k", "v", {DictStore::When::kIfAbsent}) == Status::kOk);
    CHECK(dict.set("k", "w", {DictStore::When::kIfAbsent}) == Status::kUnavailable);
    CHECK(dict.present() == "v");
    ValueCopy value;
    REQUIRE(dict.get_versioned("k", value) == Status::kOk);
    CHECK(dict.set("k", "w", {DictStore::When::kIfVersion, value.version}) == Status::kOk);
    CHECK(dict.set("k", "x", {DictStore::When::kIfVersion, value.version}) == Status::kUnavailable);
    CHECK(dict.set("new", "x", {DictStore::When::kIfVersion, 0}) == Status::kOk);
    CHECK(dict.set("new", "x", {DictStore::When::kIfVersion, 0}) == Status::kUnavailable);
    const std::string w = "w", other = "other";
    const Value same = latin1(w), different = latin1(other);
    CHECK(dict.set("k", "y", {DictStore::When::kIfSame, 0, &different}) == Status::kUnavailable);
    CHECK(dict.set("k", "y", {DictStore::When::kIfSame, 0, &same}) == Status::kOk);
    CHECK(dict.set("k", "z", {DictStore::When::kIfSame, 0, nullptr}) == Status::kUnavailable);
    CHECK(dict.set("gone", "z", {DictStore::When::kIfSame, 0, &same}) == Status::kNotFound);
    CHECK(dict.get("gone") == std::nullopt);
    CHECK(dict.get("k") == "y");
    check_sound(room);
  }

  TEST_CASE("numbers are added to") {
    Room room;
    const Dict dict(room);
    CHECK(dict.add("n", 2) == 2.0);
    CHECK(dict.add("n", 3) == 5.0);
    CHECK(dict.add("n", -10.5) == -5.5);
    CHECK(dict.set("s", "text") == Status::kOk);
    CHECK(dict.add("s", 1) == std::nullopt);
    CHECK(dict.get("s") == "text");
    check_sound(room);
  }

  TEST_CASE("an entry is not there from the end of its time on, and its memory comes back") {
    Room room;
    const Dict dict(room);
    for (int i = 0; i < 300; ++i) {
      REQUIRE(dict.set("brief " + std::to_string(i), "x", for_ms(i % 2 == 0 ? 1 : 600'000)) == Status::kOk);
    }
    until([&] { return dict.get("brief 298") == std::nullopt; });
    CHECK(dict.get("brief 299") == "x");
    CHECK(dict.size() == 150);
    std::uint32_t held = 0;
    for (std::uint32_t i = 0; i < kShards; ++i) held += shard_at(*dict.reference.object, i).count.load();
    CHECK(held == 150);
    CHECK(dict.set("brief 0", "again") == Status::kOk);
    CHECK(dict.get("brief 0") == "again");
    CHECK(dict.set("brief 1", "for ever") == Status::kOk);
    CHECK(keys_of(dict).size() == 151);
    check_sound(room);
  }

  TEST_CASE("clear removes all, and the memory of all") {
    Room room;
    const Dict dict(room);
    const std::uint64_t before = used_by_stripes(room);
    for (int i = 0; i < 20000; ++i) REQUIRE(dict.set("key " + std::to_string(i), "value") == Status::kOk);
    CHECK(used_by_stripes(room) > 20000 * 40);
    dict_clear(dict.reference);
    CHECK(dict.size() == 0);
    CHECK(dict.get("key 1") == std::nullopt);
    CHECK(used_by_stripes(room) == before);
    CHECK(dict.set("key 1", "again") == Status::kOk);
    CHECK(dict.get("key 1") == "again");
    check_sound(room);
  }

  TEST_CASE("a dict that nobody has any more gives all of it back") {
    Room room;
    const std::uint64_t before = used_by_stripes(room);
    const std::uint32_t bytes = room.header().bytes_in_use.load();
    {
      const Dict dict(room);
      for (int i = 0; i < 5000; ++i) REQUIRE(dict.set("key " + std::to_string(i), "value") == Status::kOk);
    }
    CHECK(used_by_stripes(room) == before);
    CHECK(room.header().bytes_in_use.load() == bytes);
    CHECK(room.header().first_dead.load() == 0);
    check_sound(room);
  }

  TEST_CASE("with a limit, it refuses, or lets the least recently used go") {
    Room room;
    const Dict strict(room, dict_parameter(3, false));
    for (const char* key : {"a", "b", "c"}) CHECK(strict.set(key, "x") == Status::kOk);
    CHECK(strict.set("d", "x") == Status::kBound);
    CHECK(strict.set("a", "y") == Status::kOk);
    CHECK(strict.size() == 3);
    const Dict cache(room, dict_parameter(3, true));
    for (const char* key : {"a", "b", "c"}) CHECK(cache.set(key, "x") == Status::kOk);
    CHECK(cache.get("a") == "x");
    CHECK(cache.set("d", "x") == Status::kOk);
    CHECK(cache.get("b") == std::nullopt);
    CHECK(cache.set("c", "y") == Status::kOk);
    CHECK(cache.set("e", "x") == Status::kOk);
    CHECK(cache.get("a") == std::nullopt);
    CHECK(cache.size() == 3);
    check_sound(room);
  }

  TEST_CASE("values of every size, up to what the segment has") {
    OpenOptions options = fresh_options();
    options.capacity = 256 << 20;
    Room room(options);
    const Dict dict(room);
    const std::uint64_t before = used_by_stripes(room);
    for (const std::size_t size : {0u, 1u, 7u, 8u, 9u, 4000u, 4096u, 5000u, 16384u, 16385u, 1u << 20, 64u << 20}) {
      const std::string value(size, static_cast<char>('a' + size % 26));
      REQUIRE(dict.set("v", value) == Status::kOk);
      CHECK((dict.get("v") == value));
    }
    CHECK(dict.take("v").has_value());
    dict_clear(dict.reference);
    CHECK(used_by_stripes(room) == before);
    check_sound(room);
  }

  TEST_CASE("take_any empties it") {
    Room room;
    const Dict dict(room);
    for (int i = 0; i < 100; ++i) REQUIRE(dict.set(std::to_string(i), "x") == Status::kOk);
    std::set<std::string> taken;
    KeyCopy key;
    ValueCopy value;
    while (dict_take_any(dict.reference, &key, &value) == Status::kOk) {
      CHECK(taken.insert(text_of(key)).second);
    }
    CHECK(taken.size() == 100);
    CHECK(dict.size() == 0);
    check_sound(room);
  }
}

TEST_SUITE("misuse") {
  TEST_CASE("a full segment changes nothing, and works again when something was deleted") {
    OpenOptions options = fresh_options();
    options.capacity = kMinCapacity;
    Room room(options);
    const Dict dict(room);
    int count = 0;
    while (dict.set("key " + std::to_string(count), std::string(1000, 'x')) == Status::kOk) ++count;
    CHECK(count > 500);
    CHECK(dict.size() == static_cast<std::uint64_t>(count));
    const std::uint64_t full = used_by_stripes(room);
    CHECK(dict.set("key 0", std::string(100000, 'y')) == Status::kFull);
    CHECK(dict.get("key 0") == std::string(1000, 'x'));
    CHECK(used_by_stripes(room) == full);
    for (int i = 0; i < count; i += 2) CHECK(dict.take("key " + std::to_string(i)).has_value());
    int stored = 0;
    for (int i = 0; i < count; i += 2) {
      stored += dict.set("new " + std::to_string(i), std::string(900, 'z')) == Status::kOk;
    }
    CHECK(stored > count * 2 / 5);  // not quite all: the index of a crowded bucket has to move as well
    CHECK(dict.set("large", std::string(1 << 19, 'y')) == Status::kFull);
    dict_clear(dict.reference);
    CHECK(dict.set("large", std::string(1 << 19, 'y')) == Status::kOk);
    check_sound(room);
  }
}

namespace {

std::string shared_key(Random& random) { return "shared " + std::to_string(random.below(200)); }

// What several do at once with the keys of all, and with one of their own that nobody else writes.
void write_all_over(const Dict& dict, std::uint32_t seed, int rounds) {
  Random random(seed);
  const std::string own = "own " + std::to_string(seed);
  for (int i = 0; i < rounds; ++i) {
    const std::string key = shared_key(random);
    const std::uint32_t choice = random.below(100);
    if (choice < 50) {
      MUST(dict.set(key, made_value(key, random.below(1 << 20))) == Status::kOk);
    } else if (choice < 60) {
      DictStore brief;
      brief.ttl_ns = 1 + random.below(200'000);
      MUST(dict.set(key, made_value(key, random.below(1 << 20)), brief) == Status::kOk);
    } else if (choice < 75) {
      const auto taken = dict.take(key);
      MUST((!taken || is_made(key, *taken)));
    } else if (choice < 98) {
      MUST(dict.add("count " + std::to_string(random.below(4)), 1).has_value());
      MUST(dict.add(own, 1).has_value());
    } else {
      const std::string fresh = "fresh " + std::to_string(seed) + " " + std::to_string(i);
      MUST(dict.set(fresh, made_value(fresh, i)) == Status::kOk);
    }
  }
}

// How many of `count` were there, each value whole.
int read_all(const Dict& dict, Random& random, int count) {
  int found = 0;
  for (int i = 0; i < count; ++i) {
    const std::string key = shared_key(random);
    const auto value = dict.get(key);
    MUST((!value || is_made(key, *value)));
    found += value.has_value();
  }
  std::uint64_t cursor = 0;
  std::vector<KeyCopy> keys;
  while (dict_walk(dict.reference, &cursor, keys)) {
  }
  for (const KeyCopy& copy : keys) {
    const std::string key = text_of(copy);
    const auto value = dict.get(key);
    MUST((!value || key.starts_with("count ") || key.starts_with("own ") || is_made(key, *value)));
  }
  return found;
}

// Every add counts once: the shared counters together as much as those of each alone.
void check_counters(const Dict& dict, std::uint32_t writers) {
  double shared = 0, own = 0;
  for (int i = 0; i < 4; ++i) shared += dict.add("count " + std::to_string(i), 0).value();
  for (std::uint32_t i = 0; i < writers; ++i) own += dict.add("own " + std::to_string(i), 0).value();
  CHECK(shared == own);
  CHECK(own > 0);
}

constexpr int kRounds = 4000;

// Each of `count` claims the same names; the winner of each says so in `wins`.
void claim_names(const Dict& dict, std::atomic<int>* wins) {
  for (int i = 0; i < 500; ++i) {
    const Status set = dict.set("name " + std::to_string(i), "mine", {DictStore::When::kIfAbsent});
    MUST((set == Status::kOk || set == Status::kUnavailable));
    wins[i].fetch_add(set == Status::kOk);
  }
}

void use_cache(const Dict& cache, std::uint32_t seed) {
  Random random(seed);
  for (int i = 0; i < kRounds; ++i) {
    const std::string key = std::to_string(random.below(400));
    if (random.below(2) == 0) {
      MUST(cache.set(key, made_value(key, random.below(10000))) == Status::kOk);
    } else {
      const auto value = cache.get(key);
      MUST((!value || is_made(key, *value)));
    }
  }
}

}  // namespace

TEST_SUITE("hammer") {
  TEST_CASE("threads: values are whole whoever writes, and no add is lost") {
    Room room;
    const Dict dict(room);
    std::atomic<int> writing{3};
    std::thread reader([&] {
      const Dict mine(room.join(), dict);
      Random random(77);
      while (writing.load() > 0) read_all(mine, random, 300);
    });
    in_threads(3, [&](int i) {
      write_all_over(Dict(room.join(), dict), static_cast<std::uint32_t>(i), kRounds);
      --writing;
    });
    reader.join();
    check_counters(dict, 3);
    check_sound(room);
  }

  TEST_CASE("processes: values are whole whoever writes, and no add is lost") {
    Room room;
    const Dict dict(room);
    const Shared<std::atomic<int>> writing;
    writing->store(3);
    in_processes(room, 4, [&](Room& own, int i) {
      const Dict mine(own, dict);
      if (i < 3) {
        write_all_over(mine, static_cast<std::uint32_t>(i), kRounds);
        writing->fetch_sub(1);
        return;
      }
      Random random(77);
      while (writing->load() > 0) read_all(mine, random, 300);
    });
    check_counters(dict, 3);
    check_sound(room);
  }

  TEST_CASE("threads: of several that set what is absent one wins") {
    Room room;
    const Dict dict(room);
    std::vector<std::atomic<int>> wins(500);
    in_threads(4, [&](int) { claim_names(Dict(room.join(), dict), wins.data()); });
    for (const auto& won : wins) CHECK(won.load() == 1);
    check_sound(room);
  }

  TEST_CASE("processes: of several that set what is absent one wins") {
    Room room;
    const Dict dict(room);
    struct Wins {
      std::atomic<int> of[500];
    };
    const Shared<Wins> wins;
    in_processes(room, 4, [&](Room& own, int) { claim_names(Dict(own, dict), wins->of); });
    for (const auto& won : wins->of) CHECK(won.load() == 1);
    check_sound(room);
  }

  TEST_CASE("threads: what was compared is what is replaced, so no increment of theirs is lost") {
    Room room;
    const Dict dict(room);
    REQUIRE(dict.set("n", "0") == Status::kOk);
    in_threads(3, [&](int) {
      const Dict mine(room.join(), dict);
      for (int i = 0; i < 500;) {
        ValueCopy seen;
        MUST(mine.get_versioned("n", seen) == Status::kOk);
        const int number = std::stoi(std::string(seen.bytes(), seen.length));
        i += mine.set("n", std::to_string(number + 1), {DictStore::When::kIfVersion, seen.version}) == Status::kOk;
      }
    });
    CHECK(dict.get("n") == "1500");
    check_sound(room);
  }

  TEST_CASE("threads: clear and grow under readers and writers") {
    Room room;
    const Dict dict(room);
    std::atomic<bool> stop{false};
    std::thread reader([&] {
      const Dict mine(room.join(), dict);
      Random random(5);
      while (!stop.load()) read_all(mine, random, 300);
    });
    in_threads(3, [&](int i) {
      const Dict mine(room.join(), dict);
      for (int round = 0; round < 8; ++round) {
        write_all_over(mine, static_cast<std::uint32_t>(i), 300);
        for (int k = 0; k < 300; ++k) {
          const std::string key = "grow " + std::to_string(i * 1000 + k);
          MUST(mine.set(key, made_value(key, static_cast<std::uint32_t>(k + round))) == Status::kOk);
        }
        dict_clear(mine.reference);
      }
    });
    stop.store(true);
    reader.join();
    dict_clear(dict.reference);
    CHECK(dict.size() == 0);
    CHECK(used_by_stripes(room) == 0);
    check_sound(room);
  }

  TEST_CASE("threads: a cache never holds more than it may, and its values are whole") {
    Room room;
    const Dict cache(room, dict_parameter(100, true));
    in_threads(4, [&](int i) { use_cache(Dict(room.join(), cache), static_cast<std::uint32_t>(i)); });
    CHECK(cache.size() == 100);
    check_sound(room);
  }

  TEST_CASE("processes: a cache without a number lets go of what a full segment has no room for") {
    OpenOptions options = fresh_options();
    options.capacity = kMinCapacity;
    Room room(options);
    const Dict cache(room, dict_parameter(0, true));
    in_processes(room, 3, [&](Room& own, int i) {
      const Dict mine(own, cache);
      for (int k = 0; k < 3000; ++k) {
        const std::string key = std::to_string(i * 10000 + k);
        MUST(mine.set(key, made_value(key, 350)) == Status::kOk);
        MUST(mine.get(key).value_or(made_value(key, 350)) == made_value(key, 350));
      }
    });
    CHECK(cache.size() > 500);
    check_sound(room);
  }

  TEST_CASE("threads: each entry is taken by one of those who take any") {
    Room room;
    const Dict dict(room);
    for (int i = 0; i < 2000; ++i) REQUIRE(dict.set(std::to_string(i), "x") == Status::kOk);
    std::vector<std::atomic<int>> taken(2000);
    in_threads(4, [&](int) {
      const Dict mine(room.join(), dict);
      KeyCopy key;
      ValueCopy value;
      while (dict_take_any(mine.reference, &key, &value) == Status::kOk) {
        taken[std::stoul(std::string(static_cast<const char*>(key.bytes()), key.length))].fetch_add(1);
      }
    });
    for (const auto& times : taken) CHECK(times.load() == 1);
    check_sound(room);
  }
}

TEST_SUITE("death") {
  TEST_CASE("one who dies in a change leaves it undone for readers, who wait for no one") {
    Room room;
    const Dict dict(room);
    REQUIRE(dict.set("k", "before") == Status::kOk);
    Child victim(room, [&](Room& own) {
      const Dict mine(own, dict);
      StripeWork work(own.me(), stripe_of_shard(mine.reference, 0));
      for (std::uint32_t i = 0; i < kShards; ++i) {
        DictShard& shard = shard_at(*mine.reference.object, i);
        if (stripe_of_shard(mine.reference, i) != work.index() || shard.count.load() == 0) continue;
        work.shut(shard.sequence);
        work.set(shard.directory, 0);
        work.set(shard.count, 0);
      }
      ::kill(getpid(), SIGKILL);
    });
    CHECK(victim.join() == -SIGKILL);
    CHECK(dict.get("k") == "before");
    check_sound(room);
  }

  TEST_CASE("the last user dies, and what the dict held is free") {
    Room room;
    Child victim(room, [&](Room& own) {
      const Dict dict(own);
      for (int i = 0; i < 3000; ++i) MUST(dict.set(std::to_string(i), std::string(i, 'v')) == Status::kOk);
      ::kill(getpid(), SIGKILL);
    });
    CHECK(victim.join() == -SIGKILL);
    until([&] { return is_recovered(room) && used_by_stripes(room) == 0 && room.header().first_dead.load() == 0; });
    check_sound(room);
    CHECK(room.header().bytes_in_use.load() == 0);
  }
}

}  // namespace lockstep::test
