// Death at every shared write of a list. Whoever looks afterwards finds the operation, of however many elements, done or
// not begun, and every byte accounted for.
#include "crash_enumeration.hpp"
#include "list_harness.hpp"

namespace lockstep::test {
namespace {

constexpr std::uint32_t kStride = 8;  // where hundreds of writes are of a kind

using Run = std::function<void(const SharedTexts&)>;

/// An operation, and which lists there may be: the first before it, the last after it.
struct Case {
  std::vector<Texts> states;
  Run run;
  std::uint32_t stride = 1;
  /// How the first one comes about; else it is pushed at once.
  Run prepare = {};
};

OpenOptions small_segment() {
  OpenOptions options = fresh_options();
  options.capacity = kMinCapacity;
  return options;
}

void prepare(const Case& one, const SharedTexts& list) {
  if (one.prepare) return one.prepare(list);
  MUST(list.splice(0, 0, one.states.front()) == Status::kOk);
}

/// In a list that is made and filled anew for each death. The list is looked at as soon as the child is dead, by one who
/// waits for no recovery, and once more after that.
void enumerate_list(const Case& one) {
  Room room(small_segment());
  {
    const SharedTexts first(room);
    prepare(one, first);
  }
  trim_stripes(room.me());
  const Books before = audit(room);
  enumerate_some(one.stride, [&](std::uint32_t n) {
    int ended = 0;
    {
      const SharedTexts list(room);
      prepare(one, list);
      std::unique_ptr<SharedTexts> mine;
      const Operation operation{[&](Room& own) { mine = std::make_unique<SharedTexts>(own, list); },
                                [&](Room&) { one.run(*mine); }};
      ended = run_until(room, operation, n);
      const std::uint32_t length = list.length();
      const auto last = list.at(-1);
      const Texts seen = list.all();
      CHECK(std::find(one.states.begin(), one.states.end(), seen) != one.states.end());
      if (ended == kCompleted) CHECK(seen == one.states.back());
      CHECK(length == seen.size());
      CHECK(last == (seen.empty() ? std::nullopt : std::optional(seen.back())));
      check_sound(room);
      CHECK(list.all() == seen);
    }
    trim_stripes(room.me());
    CHECK(audit(room) == before);
    CHECK(used_by_stripes(room) == 0);
    return ended;
  });
}

Texts spliced(Texts texts, std::size_t start, std::size_t remove, const Texts& others) {
  const auto from = texts.begin() + static_cast<std::ptrdiff_t>(start);
  const auto at = texts.erase(from, from + static_cast<std::ptrdiff_t>(remove));
  texts.insert(at, others.begin(), others.end());
  return texts;
}

/// One splice.
Case splicing(const Texts& before, std::size_t start, std::size_t remove, const Texts& others) {
  Case one;
  one.states = {before, spliced(before, start, remove, others)};
  one.run = [=](const SharedTexts& list) {
    MUST(list.splice(static_cast<std::int64_t>(start), remove, others) == Status::kOk);
  };
  one.stride = others.size() + remove > 20 ? kStride : 1;
  return one;
}

const std::string kLong = "a text that is longer than what has room in a slot";

}  // namespace

TEST_SUITE("list") {
  TEST_CASE("list: the first element, small and large") {
    enumerate_list(splicing({}, 0, 0, {"1"}));
    enumerate_list(splicing({}, 0, 0, {kLong}));
    enumerate_list(splicing({}, 0, 0, {std::string(5000, 'l'), "2"}));
  }
  TEST_CASE("list: one more at the end, in front, and between others") {
    const Texts before = texts_from(0, 12);
    for (const std::size_t start : {0, 3, 7, 12}) {
      enumerate_list(splicing(before, start, 0, {"1"}));
      enumerate_list(splicing(before, start, 0, {kLong}));
    }
  }
  TEST_CASE("list: a node is split, at its ends and in the middle, and the root grows") {
    const Texts before = texts_from(0, 40);
    for (const std::size_t start : {0, 20, 40}) enumerate_list(splicing(before, start, 0, {"1", "2", kLong}));
  }
  TEST_CASE("list: nodes of the second level are split") {
    Case one = splicing(texts_from(0, 40 * 41), 40 * 20 + 7, 0, texts_from(0, 30));
    one.stride = 4;
    enumerate_list(one);
    one = splicing(texts_from(0, 40 * 41), 40 * 41, 0, texts_from(0, 60));
    one.stride = 4;
    enumerate_list(one);
  }
  TEST_CASE("list: one is removed, at the ends and between others, and the last one of all") {
    const Texts before = texts_from(0, 12);
    for (const std::size_t start : {0, 3, 11}) enumerate_list(splicing(before, start, 1, {}));
    enumerate_list(splicing({kLong}, 0, 1, {}));
  }
  TEST_CASE("list: nodes go, are joined, and the root shrinks") {
    const Texts before = texts_from(0, 41);
    enumerate_list(splicing(before, 40, 1, {}));
    enumerate_list(splicing(before, 5, 30, {}));
    enumerate_list(splicing(texts_from(0, 200), 10, 180, {}));
    enumerate_list(splicing(texts_from(0, 200), 0, 199, {}));
  }
  TEST_CASE("list: nodes are joined where the first one has no room in front") {
    Case one;
    one.prepare = [](const SharedTexts& list) {
      MUST(list.splice(0, 0, texts_from(0, 60)) == Status::kOk);
      MUST(list.splice(0, 5, {}) == Status::kOk);
      MUST(list.splice(8, 27, {}) == Status::kOk);
    };
    const Texts before = spliced(texts_from(5, 55), 8, 27, {});
    one.states = {before, spliced(before, 12, 8, {})};
    one.run = [](const SharedTexts& list) { MUST(list.splice(12, 8, {}) == Status::kOk); };
    enumerate_list(one);
  }
  TEST_CASE("list: many come, many go, and many take the place of many, all at once") {
    const Texts before = texts_from(0, 150);
    enumerate_list(splicing(before, 60, 0, texts_from(1000, 130)));
    enumerate_list(splicing(before, 30, 100, {}));
    enumerate_list(splicing(before, 30, 100, texts_from(1000, 70)));
    enumerate_list(splicing(before, 149, 1, Texts(40, kLong)));
  }
  TEST_CASE("list: an element is replaced, small and large") {
    for (const auto& [old, value] : std::vector<std::pair<std::string, std::string>>{
             {"1", "2"}, {"1", kLong}, {kLong, "2"}, {kLong, kLong + kLong}, {std::string(9000, 'o'), "2"}}) {
      Case one;
      one.states = {{"a", old, "b"}, {"a", value, "b"}};
      one.run = [value = value](const SharedTexts& list) { MUST(list.set(1, value) == Status::kOk); };
      enumerate_list(one);
    }
  }
  TEST_CASE("list: popped, shifted, removed by its value") {
    Case one;
    one.states = {{"1", kLong, "2", "3"}, {kLong, "2", "3"}, {kLong, "2"}, {"2"}};
    one.run = [](const SharedTexts& list) {
      MUST(list.take(0) == "1");
      MUST(list.take(-1) == "3");
      MUST(list.remove(kLong));
    };
    enumerate_list(one);
  }
  TEST_CASE("list: turned around") {
    for (const int count : {5, 130}) {
      Case one;
      one.states = {texts_from(0, count), texts_from(0, count)};
      std::reverse(one.states[1].begin(), one.states[1].end());
      one.run = [](const SharedTexts& list) { MUST(list_reverse(list.reference) == Status::kOk); };
      one.stride = count > 100 ? kStride : 1;
      enumerate_list(one);
    }
  }
  TEST_CASE("list: cleared") {
    Case one;
    one.states = {texts_from(0, 300), {}};
    one.run = [](const SharedTexts& list) { list_clear(list.reference); };
    one.stride = kStride;
    enumerate_list(one);
  }
  TEST_CASE("list: a segment that is full: what was put in goes again") {
    Case one;
    one.states = {texts_from(0, 100)};
    one.run = [](const SharedTexts& list) {
      MUST(list.splice(50, 3, Texts(200, std::string(9000, 'f'))) == Status::kFull);
    };
    one.stride = 16 * kStride;
    enumerate_list(one);
  }
}

namespace {

constexpr const char* kName = "list";

/// Dies in the middle of operations of several commits, at the n-th write; its segment has nobody else.
void die_busy(const OpenOptions& options, std::uint32_t n) {
  Child child([=] {
    Room own(options);
    const SharedTexts list(own.open(Kind::kList, 0, kName));
    MUST(list.splice(0, 0, texts_from(0, 100)) == Status::kOk);
    arm_crash(Victim::kThisThread, n);
    MUST(list.splice(50, 40, texts_from(1000, 150)) == Status::kOk);
    MUST(list_reverse(list.reference) == Status::kOk);
    MUST(list.splice(10, 180, {std::string(5000, 'l')}) == Status::kOk);
    list_clear(list.reference);
    ::kill(getpid(), SIGKILL);
  });
  CHECK(child.join() == -SIGKILL);
}

std::vector<Texts> busy_states() {
  std::vector<Texts> states = {texts_from(0, 100)};
  states.push_back(spliced(states.back(), 50, 40, texts_from(1000, 150)));
  states.push_back(states.back());
  std::reverse(states.back().begin(), states.back().end());
  states.push_back(spliced(states.back(), 10, 180, {std::string(5000, 'l')}));
  states.push_back({});
  return states;
}

void check_after_death(const Room& room) {
  const Reference named = room.open(Kind::kList, 0, kName);
  const SharedTexts list(named);
  check_sound(room);
  Texts seen = list.all();
  while (!seen.empty() && seen.back() == "heir") seen.pop_back();
  const std::vector<Texts> states = busy_states();
  CHECK(std::find(states.begin(), states.end(), seen) != states.end());
  CHECK(unname_object(room.me(), named.object));
  room.detach(named);
  CHECK(audit(room).objects == 0);
  CHECK(audit(room).bytes == 0);
  CHECK(used_by_stripes(room) == 0);
}

}  // namespace

TEST_SUITE("recovery") {
  TEST_CASE("recovery: of one who died in a list, killed at each of its writes, and again, it is done in the end") {
    Random random(37);
    enumerate_some(4, [&](std::uint32_t n) {
      const OpenOptions options = small_segment();
      die_busy(options, 1 + random.below(9000));
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
      int ended = recover(Victim::kOtherThreads, n);
      if (random.below(2) == 0) recover(Victim::kOtherThreads, 1 + random.below(n + 50));
      Room room(options);
      check_after_death(room);
      if (ended == kCompleted && n < 1500) ended = -SIGKILL;  // that one had little to recover; others have more
      return ended;
    });
  }

  TEST_CASE("recovery: who inherits a plan in an operation of his own dies in it as well") {
    Random random(41);
    enumerate_some(3 * kStride, [&](std::uint32_t n) {
      const OpenOptions options = small_segment();
      die_busy(options, 1 + random.below(9000));
      Child heir([=] {
        Room own(options);
        const SharedTexts list(own.open(Kind::kList, 0, kName));
        arm_crash(Victim::kAnyThread, n);
        for (int i = 0; i < 3; ++i) MUST(list.push("heir") == Status::kOk);
        arm_crash(Victim::kAnyThread, 0);
        _exit(kCompleted);
      });
      int ended = heir.join();
      Room room(options);
      check_after_death(room);
      if (ended == kCompleted && n < 1500) ended = -SIGKILL;
      return ended;
    });
  }
}

}  // namespace lockstep::test
