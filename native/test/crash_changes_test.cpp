// Death at every shared write of a change that is watched. Whatever has changed, who watches is told of it, and he is
// woken for it if he slept.
#include "changes_harness.hpp"
#include "crash_enumeration.hpp"

namespace lockstep::test {
namespace {

struct Case {
  std::function<void(const Dict&)> prepare;
  std::function<void(const Dict&)> run;
};

std::string state_of(const Dict& dict, const std::string& key) { return dict.get(key).value_or("none"); }

std::optional<double> number_at(const Dict& dict, const std::string& key) {
  ValueCopy value;
  return dict.get_versioned(key, value) == Status::kOk ? std::optional(value.number()) : std::nullopt;
}

// Whoever was rung looks; then he sleeps again, as does who was not, and is told of the next change.
void check_later(const Dict& dict, Watch& watch, const Loop& loop) {
  if (loop.heard() > 0) {
    watch.take();
    MUST(watch.arm() == Status::kUnavailable);
  }
  const std::uint32_t before = loop.heard();
  MUST(dict.set("later", "1") == Status::kOk);
  until([&] { return loop.heard() > before; });
  CHECK(watch.is_told_of("later"));
}

/// In a dict that is made anew for each death, watched by somebody who sleeps.
void enumerate_change(const Case& one, bool has_number = false) {
  Room room;
  enumerate_some(1, [&](std::uint32_t n) {
    int ended = 0;
    {
      const Dict dict(room, kOneShard);
      one.prepare(dict);
      Watch watch(dict);
      Loop loop(room.me());
      MUST(watch.arm() == Status::kUnavailable);
      const auto see = [&] {
        return has_number ? std::to_string(number_at(dict, "k").value_or(-1)) : state_of(dict, "k");
      };
      const std::string before = see();
      std::unique_ptr<Dict> mine;
      const Operation operation{[&](Room& own) { mine = std::make_unique<Dict>(own, dict); },
                                [&](Room&) { one.run(*mine); }};
      ended = run_until(room, operation, n);
      check_sound(room);
      const bool has_changed = see() != before;
      CHECK((has_changed || ended != kCompleted));
      if (has_changed) {
        until([&] { return loop.heard() > 0; });
        CHECK(watch.is_told_of("k"));
      }
      check_later(dict, watch, loop);
    }
    trim_stripes(room.me());
    CHECK(used_by_stripes(room) == 0);
    return ended;
  });
}

void set(const Dict& dict) { MUST(dict.set("k", "value") == Status::kOk); }
void add(const Dict& dict) { MUST(dict.add("k", 1).has_value()); }
void nothing(const Dict&) {}

/// So that the next note is written over the oldest ones, and around the end.
void fill_ring(const Dict& dict) {
  const Watch watch(dict);
  for (int i = 0; i < 4094; ++i) MUST(dict.set("o", "1") == Status::kOk);
}

}  // namespace

TEST_SUITE("death") {
  TEST_CASE("a key that is new") { enumerate_change({nothing, set}); }
  TEST_CASE("a value that is replaced") {
    enumerate_change({[](const Dict& dict) { MUST(dict.set("k", "old") == Status::kOk); }, set});
  }
  TEST_CASE("a number that is replaced in place") { enumerate_change({add, add}, true); }
  TEST_CASE("a key that goes") {
    enumerate_change({set, [](const Dict& dict) { MUST(dict.take("k") == "value"); }});
  }
  TEST_CASE("clear()") {
    enumerate_change({set, [](const Dict& dict) { dict_clear(dict.reference); }});
  }
  TEST_CASE("a note around the end of the ring") {
    enumerate_change({[](const Dict& dict) {
                        fill_ring(dict);
                        add(dict);
                      },
                      add},
                     true);
  }

  TEST_CASE("one that begins to sleep: no bell is left of it") {
    Room room;
    const Dict dict(room, kOneShard);
    const Watch first(dict);
    enumerate_once([&](std::uint32_t n) {
      std::unique_ptr<Dict> mine;
      const Operation operation{[&](Room& own) { mine = std::make_unique<Dict>(own, dict); },
                                [&](Room&) {
                                  const Watch watch(*mine);
                                  MUST(watch.arm() == Status::kUnavailable);
                                }};
      const int ended = run_until(room, operation, n);
      check_sound(room);
      const Word& bells = dict.reference.object->drain_bells;
      if (ended != kCompleted) until([&] { return bells.load() == 0; });
      return ended;
    });
  }

  TEST_CASE("the first one that watches") {
    Room room;
    enumerate_some(1, [&](std::uint32_t n) {
      int ended = 0;
      {
        const Dict dict(room, kOneShard);
        set(dict);
        std::unique_ptr<Dict> mine;
        const Operation operation{[&](Room& own) { mine = std::make_unique<Dict>(own, dict); },
                                  [&](Room&) { const Watch watch(*mine); }};
        ended = run_until(room, operation, n);
        check_sound(room);
        Watch watch(dict);
        MUST(dict.set("k", "new") == Status::kOk);
        CHECK(watch.is_told_of("k"));
      }
      trim_stripes(room.me());
      CHECK(used_by_stripes(room) == 0);
      return ended;
    });
  }
}

}  // namespace lockstep::test
