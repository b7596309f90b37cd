// Death at every shared write of what makes, names, opens and gives back memory; and kills while views are in use.
#include "core/verify.hpp"
#include "crash_enumeration.hpp"
#include "memory_harness.hpp"

namespace lockstep::test {
namespace {

constexpr const char* kName = "memory";

void remove(const Room& room, Object* object) {
  unname_object(room.me(), object);
  room.detach({room.me(), object});
}

bool has_name(const Room& room) {
  return std::ranges::any_of(room.header().names, [](const Word& bucket) { return bucket.load() != 0; });
}

OpenOptions small_options() {
  OpenOptions options = fresh_options();
  options.capacity = kMinCapacity;
  return options;
}

/// Afterwards there is none of that name, or one whose bytes are all as they should be; without it the books are as
/// before.
void enumerate_memory(const MemoryRecipe& recipe, const std::function<void(Room&)>& run) {
  Room room(small_options());
  const OpenedMemory soiled = made(room, memory_of(400'000));
  soiled.fill('x');
  room.detach(soiled.reference);
  const Books before = audit(room);
  enumerate_once([&](std::uint32_t n) {
    Operation operation;
    operation.run = run;
    const int ended = run_until(room, operation, n);
    audit(room);
    if (has_name(room)) {
      const OpenedMemory found = made(room, recipe);
      CHECK_FALSE(found.created);
      const std::size_t given = recipe.contents.size();
      CHECK(std::ranges::equal(found.bytes().first(given), recipe.contents));
      CHECK(std::ranges::all_of(found.bytes().subspan(given), [](char byte) { return byte == 0; }));
      remove(room, found.reference.object);
    }
    CHECK(audit(room) == before);
    return ended;
  });
}

const std::string kContents(30'000, 'c');
const MemoryRecipe kRecipes[] = {memory_of(60, kName, "contents"),
                                 memory_of(400'000, kName, kContents),
                                 {{Kind::kArray, kU8, kName, nullptr, 40'000}, kContents},
                                 {{Kind::kArray, kF64, kName, nullptr, 7}, {}},
                                 {{Kind::kValue, kI32, kName, nullptr}, {}}};

}  // namespace

TEST_SUITE("memory") {
  TEST_CASE("memory: made with a name, whole or not at all") {
    for (const MemoryRecipe& recipe : kRecipes) {
      enumerate_memory(recipe, [&](Room& own) { made(own, recipe); });
    }
  }
  TEST_CASE("memory: made with a name, destroyed, detached") {
    for (const MemoryRecipe& recipe : kRecipes) {
      enumerate_memory(recipe, [&](Room& own) { remove(own, made(own, recipe).reference.object); });
    }
  }
  TEST_CASE("memory: made without a name, and detached") {
    for (MemoryRecipe recipe : kRecipes) {
      recipe.object.name = {};
      enumerate_memory(recipe, [&](Room& own) { own.detach(made(own, recipe).reference); });
    }
  }

  TEST_CASE("memory: found, looked at, its view dropped by the helper") {
    Room room;
    const OpenedMemory shared = made(room, memory_of(30'000, kName, kContents));
    const Books before = audit(room);
    for (const Victim victim : {Victim::kThisThread, Victim::kAnyThread}) {
      enumerate([&](std::uint32_t n) {
        Operation operation;
        operation.victim = victim;
        operation.run = [&](Room& own) {
          Object* const mine = made(own, memory_of(30'000, kName)).reference.object;
          retain_view(own.segment(), mine);
          own.detach({own.me(), mine});
          drop_view(own.segment(), mine);
          until([&] { return !has_views(own.segment()); });
        };
        const int ended = run_until(room, operation, n);
        CHECK(audit(room) == before);
        CHECK(shared.reference.object->references.load() == 2);
        CHECK(std::ranges::equal(shared.bytes(), kContents));
        return ended;
      });
    }
  }

  TEST_CASE("memory: another makes it at the same time") {
    Room room;
    const Books before = audit(room);
    enumerate([&](std::uint32_t n) {
      Operation operation;
      operation.run = [&](Room& own) { MUST(made(own, memory_of(500, kName, "child")).is_all(0) == false); };
      const int ended = run_until(room, operation, n, [&](Child& child) {
        const OpenedMemory mine = made(room, memory_of(500, kName, "parent"));
        until([&] { return is_gone(child); });
        CHECK(std::memcmp(mine.bytes().data(), mine.created ? "parent" : "child\0", 6) == 0);
        remove(room, mine.reference.object);
      });
      CHECK(audit(room) == before);
      return ended;
    });
  }
}

namespace {

/// Each view is filled with one byte, over and over: what is ever another byte was not kept.
void look_at_memory(Room& own, Random& random) {
  const std::string name = "memory " + std::to_string(random.below(6));
  const std::uint32_t size = random.below(2) == 0 ? 500 : 40'000;
  const OpenedMemory opened = open_memory_in(own.me(), memory_of(size, random.below(3) == 0 ? name : ""));
  MUST((opened.status == Status::kOk || opened.status == Status::kMismatch || opened.status == Status::kFull));
  if (opened.status != Status::kOk) return;
  Object* const object = opened.reference.object;
  const bool is_mine = opened.created && name_of(*own.segment(), *object).empty();
  if (is_mine) MUST(opened.is_all(0));
  retain_view(own.segment(), object);
  if (random.below(2) == 0) unname_object(own.me(), object);
  own.detach({own.me(), object});
  const auto byte = static_cast<char>('a' + random.below(26));
  for (int i = 0; i < 3 && is_mine; ++i) {
    opened.fill(byte);
    if (random.below(4) == 0) usleep(100);
    MUST(opened.is_all(byte));
  }
  drop_view(own.segment(), object);
}

}  // namespace

TEST_SUITE("storm") {
  TEST_CASE("memory is opened, looked at and destroyed by processes that are killed") {
    Room room;
    Random random(static_cast<std::uint64_t>(Deadline::now_ns()));
    for (int round = 0; round < 12; ++round) {
      start_watchdog();
      std::vector<Child> players;
      for (int i = 0; i < 4; ++i) {
        players.emplace_back(room, [](Room& own) {
          stretch_windows();
          Random mine(static_cast<std::uint64_t>(getpid()));
          for (;;) look_at_memory(own, mine);
        });
      }
      while (!players.empty()) {
        usleep(2000 + random.below(20'000));
        players.erase(players.begin() + random.below(static_cast<std::uint32_t>(players.size())));  // kills it
      }
      for (int i = 0; i < 6; ++i) {
        for (const std::uint32_t size : {500u, 40'000u}) {
          const OpenedMemory found = open_memory_in(room.me(), memory_of(size, "memory " + std::to_string(i)));
          if (found.status == Status::kOk) remove(room, found.reference.object);
        }
      }
      CHECK(audit(room) == Books{0, 0, 1});
    }
  }
}

}  // namespace lockstep::test
