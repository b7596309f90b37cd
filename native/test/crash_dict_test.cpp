// Death at every shared write of a dict. Whoever looks afterwards finds the operation done or not begun, all other
// entries as they were, and every byte accounted for.
#include "core/dict_bucket.hpp"
#include "core/futex.hpp"
#include "crash_enumeration.hpp"
#include "dict_harness.hpp"

namespace lockstep::test {
namespace {

constexpr std::uint32_t kOneShard = dict_parameter(60000, false);
constexpr std::uint32_t kStride = 8;  // where hundreds of writes fill a bucket or a large value

struct Case {
  std::uint32_t parameter = kOneShard;
  std::function<void(const Dict&)> prepare = [](const Dict&) {};
  std::function<void(const Dict&)> run;
  std::function<void(const Dict&, bool is_done)> check = [](const Dict&, bool) {};
  std::uint32_t stride = 1;
};

OpenOptions options_of(std::uint64_t capacity) {
  OpenOptions options = fresh_options();
  options.capacity = capacity;
  return options;
}

/// One case, in a dict that is made and filled anew for each death.
void enumerate_dict(const Case& one) {
  Room room(options_of(kMinCapacity));
  {
    const Dict first(room, one.parameter);
    one.prepare(first);
  }
  trim_stripes(room.me());
  const Books before = audit(room);
  enumerate_some(one.stride, [&](std::uint32_t n) {
    int ended = 0;
    {
      const Dict dict(room, one.parameter);
      one.prepare(dict);
      std::unique_ptr<Dict> mine;
      const Operation operation{[&](Room& own) { mine = std::make_unique<Dict>(own, dict); },
                                [&](Room&) { one.run(*mine); }};
      ended = run_until(room, operation, n);
      check_sound(room);
      one.check(dict, ended == kCompleted);
    }
    trim_stripes(room.me());
    CHECK(audit(room) == before);
    CHECK(used_by_stripes(room) == 0);
    return ended;
  });
}

std::string key_of(int i) { return "key " + std::to_string(i); }

void fill(const Dict& dict, int count) {
  for (int i = 0; i < count; ++i) MUST(dict.set(key_of(i), "value " + std::to_string(i)) == Status::kOk);
}
void check_filled(const Dict& dict, int count) {
  for (int i = 0; i < count; ++i) CHECK(dict.get(key_of(i)) == "value " + std::to_string(i));
}

/// Setting a key beside others: there or not, and the others as before.
Case setting(int others, const std::string& key, const std::string& value) {
  Case one;
  one.stride = value.size() > 1000 ? kStride : 1;
  one.prepare = [=](const Dict& dict) { fill(dict, others); };
  one.run = [=](const Dict& dict) { MUST(dict.set(key, value) == Status::kOk); };
  one.check = [=](const Dict& dict, bool is_done) {
    const auto found = dict.get(key);
    CHECK((found == value || (!is_done && found == std::nullopt)));
    CHECK(dict.size() == static_cast<std::uint64_t>(others) + found.has_value());
    check_filled(dict, others);
  };
  return one;
}

/// Replacing one value by another: old or new.
Case replacing(const std::string& old, const std::string& value) {
  Case one;
  one.stride = value.size() > 1000 ? kStride : 1;
  one.prepare = [=](const Dict& dict) {
    fill(dict, 3);
    MUST(dict.set("k", old) == Status::kOk);
  };
  one.run = [=](const Dict& dict) { MUST(dict.set("k", value) == Status::kOk); };
  one.check = [=](const Dict& dict, bool is_done) {
    const auto found = dict.get("k");
    CHECK((found == value || (!is_done && found == old)));
    CHECK(dict.size() == 4);
    check_filled(dict, 3);
  };
  return one;
}

struct Shape {
  std::uint32_t depth, size, bucket_depth;
};

// Of the bucket in which the key is, or would be.
Shape shape_at(const Dict& dict, const std::string& text) {
  std::vector<std::uint64_t> bytes(text.size() / 8 + 1);
  std::memcpy(bytes.data(), text.data(), text.size());
  const Segment& segment = *dict.reference.me.segment;
  const Key key = make_key(segment, KeyKind::kLatin1, bytes.data(), static_cast<std::uint32_t>(text.size()));
  DictShard& shard = shard_at(*dict.reference.object, 0);
  const Found found = find_key(segment, shard, key);
  return {shard.depth.load(), found.bucket.size, found.bucket ? found.bucket.depth() : 0};
}

using Change = std::function<bool(const Shape& before, const Shape& after)>;

/// A key of keys_[count], which is set after the others before it, makes the index change in the way that is wanted.
/// The seed of the hash is of the segment, so keys are chosen anew for each.
class Growth {
 public:
  Growth(const Room& room, const Change& wanted, std::uint32_t zero_bits = 0) {
    const Dict dict(room, kOneShard);
    for (int i = 0;; ++i) {
      const std::string key = "g" + std::to_string(i);
      if (!begins_with_zeros(dict, key, zero_bits)) continue;
      const Shape before = shape_at(dict, key);
      MUST(dict.set(key, "x") == Status::kOk);
      if (wanted(before, shape_at(dict, key))) {
        last_ = key;
        return;
      }
      keys_.push_back(key);
    }
  }
  void prepare(const Dict& dict) const {
    for (const std::string& key : keys_) MUST(dict.set(key, "x") == Status::kOk);
  }
  void run(const Dict& dict) const { MUST(dict.set(last_, "new") == Status::kOk); }
  void check(const Dict& dict, bool is_done) const {
    const auto found = dict.get(last_);
    CHECK((found == "new" || (!is_done && found == std::nullopt)));
    CHECK(dict.size() == keys_.size() + found.has_value());
    for (const std::string& key : keys_) CHECK(dict.get(key) == "x");
  }

 private:
  static bool begins_with_zeros(const Dict& dict, const std::string& text, std::uint32_t bits) {
    std::vector<std::uint64_t> bytes(text.size() / 8 + 1);
    std::memcpy(bytes.data(), text.data(), text.size());
    const Segment& segment = *dict.reference.me.segment;
    const Key key = make_key(segment, KeyKind::kLatin1, bytes.data(), static_cast<std::uint32_t>(text.size()));
    return entry_of(tag_of(key.hash), bits) == 0;
  }

  std::vector<std::string> keys_;
  std::string last_;
};

void enumerate_growth(const Change& wanted) {
  Room room(options_of(kMinCapacity));
  const Growth growth(room, wanted);
  trim_stripes(room.me());
  const Books before = audit(room);
  enumerate_some(kStride, [&](std::uint32_t n) {
    int ended = 0;
    {
      const Dict dict(room, kOneShard);
      growth.prepare(dict);
      std::unique_ptr<Dict> mine;
      const Operation operation{[&](Room& own) { mine = std::make_unique<Dict>(own, dict); },
                                [&](Room&) { growth.run(*mine); }};
      ended = run_until(room, operation, n);
      check_sound(room);
      growth.check(dict, ended == kCompleted);
    }
    trim_stripes(room.me());
    CHECK(audit(room) == before);
    return ended;
  });
}

}  // namespace

TEST_SUITE("dict") {
  TEST_CASE("dict: set the first key of all") { enumerate_dict(setting(0, "k", "value")); }
  TEST_CASE("dict: set one more") { enumerate_dict(setting(3, "k", "value")); }
  TEST_CASE("dict: set a large one") { enumerate_dict(setting(2, "k", std::string(5000, 'v'))); }
  TEST_CASE("dict: replace a value by one as long, and by a longer one") {
    enumerate_dict(replacing("old", "new"));
    enumerate_dict(replacing("old", std::string(200, 'n')));
  }
  TEST_CASE("dict: replace a large value by a small one, and by a large one") {
    enumerate_dict(replacing(std::string(9000, 'o'), "new"));
    enumerate_dict(replacing(std::string(9000, 'o'), std::string(5000, 'n')));
  }
  TEST_CASE("dict: a bucket grows") {
    enumerate_growth([](const Shape& before, const Shape& after) { return before.size == 14 && after.size == 30; });
  }
  TEST_CASE("dict: a bucket is split and the directory made") {
    enumerate_growth([](const Shape& before, const Shape& after) { return before.depth == 0 && after.depth == 1; });
  }
  TEST_CASE("dict: a bucket is split within the directory") {
    enumerate_growth([](const Shape& before, const Shape& after) {
      return before.depth == after.depth && before.bucket_depth < after.bucket_depth;
    });
  }

  TEST_CASE("dict: a number is set in place, and added to") {
    const auto number = [](const Dict& dict, const std::string& key, double by) { return dict.add(key, by); };
    Case one;
    one.prepare = [=](const Dict& dict) { number(dict, "n", 1); };
    one.run = [=](const Dict& dict) {
      number(dict, "n", 2);
      number(dict, "n", 4);
      number(dict, "new", 8);
    };
    one.check = [=](const Dict& dict, bool is_done) {
      const double n = *number(dict, "n", 0), fresh = *number(dict, "new", 0);
      CHECK((n == 1 || n == 3 || n == 7));
      CHECK((fresh == 8 || (fresh == 0 && !is_done)));
      CHECK((fresh == 0 || n == 7));
    };
    enumerate_dict(one);
  }

  TEST_CASE("dict: take one, and one of many") {
    Case one;
    one.prepare = [](const Dict& dict) {
      fill(dict, 4);
      MUST(dict.set("large", std::string(6000, 'l')) == Status::kOk);
    };
    one.run = [](const Dict& dict) {
      MUST(dict.take("large").has_value());
      MUST(dict.take(key_of(0)) == "value 0");
      KeyCopy key;
      ValueCopy value;
      MUST(dict_take_any(dict.reference, &key, &value) == Status::kOk);
    };
    one.check = [](const Dict& dict, bool is_done) {
      const std::uint64_t size = dict.size();
      CHECK((size == 2 || (!is_done && size >= 2 && size <= 5)));
      CHECK(dict.get("large").has_value() == (size == 5));
      CHECK(dict.get(key_of(0)).has_value() == (size >= 4));
    };
    enumerate_dict(one);
  }

  TEST_CASE("dict: clear") {
    Case one;
    one.stride = 2;
    one.prepare = [](const Dict& dict) {
      fill(dict, 20);
      for (const char* key : {"a", "b", "c"}) MUST(dict.set(key, std::string(5000, 'l')) == Status::kOk);
    };
    one.run = [](const Dict& dict) { dict_clear(dict.reference); };
    one.check = [](const Dict& dict, bool is_done) {
      const std::uint64_t size = dict.size();
      CHECK((size == 0 || (!is_done && size == 23)));
      if (size == 23) check_filled(dict, 20);
      MUST(dict.set("k", "again") == Status::kOk);
    };
    enumerate_dict(one);
  }

  TEST_CASE("dict: clear one with several parts and a directory") {
    Case one;
    one.parameter = 0;
    one.stride = kStride;
    one.prepare = [](const Dict& dict) { fill(dict, 60); };
    one.run = [](const Dict& dict) { dict_clear(dict.reference); };
    one.check = [](const Dict& dict, bool is_done) { CHECK((!is_done || dict.size() == 0)); };
    enumerate_dict(one);
  }

  TEST_CASE("dict: what is over is freed by the next write, and by who counts") {
    Case one;
    one.prepare = [](const Dict& dict) {
      DictStore brief;
      brief.ttl_ns = 1;
      fill(dict, 2);
      for (int i = 0; i < 6; ++i) MUST(dict.set("brief " + std::to_string(i), "x", brief) == Status::kOk);
    };
    one.run = [](const Dict& dict) {
      MUST(dict.set(key_of(0), "value 0") == Status::kOk);
      MUST(dict.set("brief 0", "back", for_ms(600'000)) == Status::kOk);
      MUST(dict.size() == 3);
    };
    one.check = [](const Dict& dict, bool is_done) {
      check_filled(dict, 2);
      CHECK((dict.get("brief 0") == "back" || !is_done));
      CHECK(dict.get("brief 1") == std::nullopt);
    };
    enumerate_dict(one);
  }

  TEST_CASE("dict: at its limit, the least recently used goes") {
    Case one;
    one.parameter = dict_parameter(4, true);
    one.prepare = [](const Dict& dict) { fill(dict, 4); };
    one.run = [](const Dict& dict) {
      MUST(dict.get(key_of(0)) == "value 0");
      MUST(dict.set("k", "v") == Status::kOk);
    };
    one.check = [](const Dict& dict, bool is_done) {
      const bool is_there = dict.get("k") == "v";
      CHECK((is_there || !is_done));
      CHECK(dict.get(key_of(0)) == "value 0");
      CHECK((dict.size() == 4 || (dict.size() == 3 && !is_there)));
    };
    enumerate_dict(one);
  }

  TEST_CASE("dict: a segment that is full: nothing is changed, and no run is lost on the way") {
    Case one;
    one.prepare = [](const Dict& dict) {
      fill(dict, 2);
      MUST(dict.set("stays", std::string(500'000, 's')) == Status::kOk);
      MUST(dict.set("goes", std::string(3000, 'g')) == Status::kOk);
      MUST(dict.take("goes").has_value());
    };
    one.run = [](const Dict& dict) { MUST(dict.set("stays", std::string(900'000, 'n')) == Status::kFull); };
    one.stride = kStride;
    one.check = [](const Dict& dict, bool) {
      check_filled(dict, 2);
      CHECK((dict.get("stays") == std::string(500'000, 's')));
    };
    enumerate_dict(one);
  }
}

TEST_SUITE("dict") {
  TEST_CASE("dict: made in a fresh segment, and given up by its only user with all that it holds") {
    enumerate_some(kStride, [](std::uint32_t n) {
      Room room(options_of(kMinCapacity));
      Operation operation;
      operation.run = [](Room& own) {
        const Dict dict(own, kOneShard);
        fill(dict, 12);
        MUST(dict.set("large", std::string(5000, 'l')) == Status::kOk);
      };
      const int ended = run_until(room, operation, n);
      audit(room);
      until([&] { return room.header().first_dead.load() == 0; });
      CHECK(used_by_stripes(room) == 0);
      CHECK(audit(room).bytes == 0);
      return ended;
    });
  }

  TEST_CASE("dict: attached and given up beside others") {
    Room room(options_of(kMinCapacity));
    const Dict dict(room, kOneShard);
    fill(dict, 5);
    const Books before = audit(room);
    enumerate_once([&](std::uint32_t n) {
      Operation operation;
      operation.run = [&](Room& own) { const Dict mine(own, dict); };
      const int ended = run_until(room, operation, n);
      CHECK(audit(room) == before);
      check_filled(dict, 5);
      return ended;
    });
  }
}

namespace {

constexpr const char* kName = "dict";

/// Dies in the middle of an operation that takes and gives runs, at the n-th write; its segment has nobody else.
void die_busy(const OpenOptions& options, std::uint32_t n) {
  Child child([=] {
    Room own(options);
    const Reference named = own.open(Kind::kDict, kOneShard, kName);
    const Dict dict(named);
    fill(dict, 10);
    MUST(dict.set("k", std::string(9000, 'o')) == Status::kOk);
    arm_crash(Victim::kThisThread, n);
    MUST(dict.set("k", std::string(5000, 'n')) == Status::kOk);
    MUST(dict.set("m", std::string(300, 'm')) == Status::kOk);
    MUST(dict.take("k").has_value());
    dict_clear(dict.reference);
    ::kill(getpid(), SIGKILL);
  });
  CHECK(child.join() == -SIGKILL);
}

void check_after_death(const Room& room) {
  const Reference named = room.open(Kind::kDict, kOneShard, kName);
  const Dict dict(named);
  check_sound(room);
  const std::uint64_t size = dict.size();
  CHECK((size <= 1 || (size >= 10 && size <= 12)));  // after a clear perhaps what the heir has set
  if (size > 1) check_filled(dict, 10);
  const auto k = dict.get("k");
  CHECK((k == std::nullopt || k == std::string(9000, 'o') || k == std::string(5000, 'n')));
  CHECK(unname_object(room.me(), named.object));
  room.detach(named);
  CHECK(audit(room).objects == 0);
  CHECK(audit(room).bytes == 0);
  CHECK(used_by_stripes(room) == 0);
}

}  // namespace

TEST_SUITE("recovery") {
  TEST_CASE("recovery: of one who died in a dict, killed at each of its writes, and again, it is done in the end") {
    Random random(29);
    enumerate([&](std::uint32_t n) {
      const OpenOptions options = options_of(kMinCapacity);
      die_busy(options, 600 + random.below(700));
      const auto recover = [&](Victim victim, std::uint32_t at) {
        Child recoverer([=] {
          arm_crash(victim, at);
          Room own(options);
          until_recovered(own);
          arm_crash(victim, 0);
          _exit(kCompleted);
        });
        return recoverer.join();
      };
      const int ended = recover(Victim::kOtherThreads, n);
      if (random.below(2) == 0) recover(Victim::kOtherThreads, 1 + random.below(n + 50));
      Room room(options);
      check_after_death(room);
      return ended;
    });
  }

  TEST_CASE("recovery: who inherits a stripe in an operation of his own dies in it as well") {
    Random random(31);
    enumerate_some(3 * kStride, [&](std::uint32_t n) {
      const OpenOptions options = options_of(kMinCapacity);
      die_busy(options, 600 + random.below(700));
      Child heir([=] {
        Room own(options);
        const Reference named = own.open(Kind::kDict, kOneShard, kName);
        const Dict dict(named);
        arm_crash(Victim::kAnyThread, n);
        for (int i = 0; i < 3; ++i) {
          MUST(dict.set("m", std::string(7000, 'i')) == Status::kOk);
          MUST(dict.take("m").has_value());
        }
        arm_crash(Victim::kAnyThread, 0);
        _exit(kCompleted);
      });
      const int ended = heir.join();
      Room room(options);
      check_after_death(room);
      return ended;
    });
  }
}

}  // namespace lockstep::test
