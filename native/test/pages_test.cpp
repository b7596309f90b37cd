#include "core/pages.hpp"

#include "harness.hpp"

namespace lockstep::test {
namespace {

OpenOptions small_options() {
  OpenOptions options = fresh_options();
  options.capacity = kMinCapacity;
  return options;
}

Offset take(const Participant& me, const PageRun& run) {
  Transaction directory(me);
  const Offset taken = take_pages(directory, run);
  directory.commit();
  return taken;
}

bool give(const Participant& me, Offset run) {
  Transaction directory(me);
  const bool given = give_pages(directory, run);
  directory.commit();
  return given;
}

PageRun pages(std::uint32_t count, std::uint32_t alignment = 1) { return {count, PageOwner::kStripeRun, alignment}; }

/// Free runs, and the pages of the longest.
std::pair<std::uint32_t, std::uint32_t> free_runs(const Room& room) {
  std::uint32_t count = 0, longest = 0;
  const Segment& segment = *room.segment();
  for (std::uint32_t page = 0; page < page_count(segment); page += segment.page(page).length.load()) {
    if (segment.page(page).state.load() != kFree) continue;
    ++count;
    longest = std::max(longest, segment.page(page).length.load());
  }
  return {count, longest};
}

}  // namespace

TEST_SUITE("contract") {
  TEST_CASE("runs lie in the reserved heap, begin at a page and do not overlap") {
    Room room;
    std::vector<std::pair<Offset, Offset>> runs;
    for (const std::uint32_t count : {1u, 2u, 3u, 7u, 64u, 300u, 1u}) {
      const Offset run = take(room.me(), pages(count));
      REQUIRE(run != 0);
      CHECK(run % kPage == 0);
      CHECK(room.segment()->checked<Word>(run, count * kPage) != nullptr);
      runs.emplace_back(run, run + count * kPage);
    }
    std::sort(runs.begin(), runs.end());
    for (std::size_t i = 1; i < runs.size(); ++i) CHECK(runs[i - 1].second <= runs[i].first);
    for (const auto& [begin, end] : runs) CHECK(give(room.me(), begin));
    check_sound(room);
  }

  TEST_CASE("a run is aligned as it was asked for, counted from the start of the segment") {
    Room room;
    std::vector<Offset> runs;
    for (const std::uint32_t alignment : {1u, 2u, 16u, 256u, 2u}) {
      runs.push_back(take(room.me(), pages(alignment, alignment)));
      REQUIRE(runs.back() != 0);
      CHECK(runs.back() / kPage % alignment == 0);
      runs.push_back(take(room.me(), pages(1)));
    }
    for (const Offset run : runs) CHECK(give(room.me(), run));
    check_sound(room);
    CHECK(free_runs(room).first == 1);
  }

  TEST_CASE("what is given back merges with the free runs on both sides") {
    Room room;
    Offset runs[5];
    for (Offset& run : runs) run = take(room.me(), pages(2));
    const Offset wall = take(room.me(), pages(1));
    const std::uint32_t before = free_runs(room).first;
    CHECK(give(room.me(), runs[0]));
    CHECK(give(room.me(), runs[2]));
    CHECK(give(room.me(), runs[4]));
    CHECK(free_runs(room).first == before + 3);
    CHECK(give(room.me(), runs[1]));
    CHECK(free_runs(room).first == before + 2);
    CHECK(give(room.me(), runs[3]));
    CHECK(free_runs(room).first == before + 1);
    CHECK(take(room.me(), pages(10)) == runs[0]);
    CHECK(give(room.me(), runs[0]));
    CHECK(give(room.me(), wall));
    CHECK(free_runs(room).first == 1);
    check_sound(room);
  }

  TEST_CASE("rolled back, a run was never taken and never given back, and the heap never grew") {
    Room room;
    const Offset kept = take(room.me(), pages(5));
    const std::uint32_t end = room.header().heap_end.load();
    const auto before = free_runs(room);
    {
      Transaction directory(room.me());
      CHECK(take_pages(directory, pages(3)) != 0);
      CHECK(take_pages(directory, pages(600)) != 0);
      CHECK(give_pages(directory, kept));
    }
    CHECK(free_runs(room) == before);
    CHECK(room.header().heap_end.load() == end);
    CHECK(give(room.me(), kept));
    check_sound(room);
  }

  TEST_CASE("the whole capacity can be taken, and again when it was given back") {
    Room room(small_options());
    const std::uint64_t all = (room.segment()->capacity() - room.segment()->heap_start()) / kPage;
    for (int i = 0; i < 2; ++i) {
      const Offset run = take(room.me(), pages(static_cast<std::uint32_t>(all)));
      CHECK(run == room.segment()->heap_start());
      CHECK(take(room.me(), pages(1)) == 0);
      CHECK(give(room.me(), run));
    }
    check_sound(room);
  }
}

TEST_SUITE("misuse") {
  TEST_CASE("no pages, or more than there can be, are none") {
    Room room(small_options());
    CHECK(take(room.me(), pages(0)) == 0);
    CHECK(take(room.me(), pages(UINT32_MAX)) == 0);
    CHECK(take(room.me(), pages(600)) == 0);
    check_sound(room);
  }

  TEST_CASE("only what begins a taken run is given back, and once") {
    Room room;
    const Offset run = take(room.me(), pages(4));
    for (const Offset wrong : {Offset{0}, kPage, run + kPage, run + 16, room.header().heap_end.load(), 0xfffff000u}) {
      CHECK_FALSE(give(room.me(), wrong));
    }
    CHECK(give(room.me(), run));
    CHECK_FALSE(give(room.me(), run));
    check_sound(room);
  }

  TEST_CASE("full, it takes nothing, and every page of it serves again") {
    Room room(small_options());
    std::vector<Offset> runs;
    while (const Offset run = take(room.me(), pages(1))) runs.push_back(run);
    CHECK(runs.size() > 100);
    for (std::size_t i = 0; i < runs.size(); i += 2) CHECK(give(room.me(), runs[i]));
    CHECK(take(room.me(), pages(2)) == 0);
    for (std::size_t i = 1; i < runs.size(); i += 2) CHECK(give(room.me(), runs[i]));
    CHECK(free_runs(room) == std::pair{1u, static_cast<std::uint32_t>(runs.size())});
    check_sound(room);
  }
}

namespace {

// Runs carry the name of their holder in every page, so that two runs that overlap show.
void mark(const Participant& me, Offset run, std::uint32_t count) {
  for (std::uint32_t i = 0; i < count; ++i) {
    reinterpret_cast<Word*>(me.segment->bytes(run + i * kPage))[7].store(me.id);
  }
}
void check_mark(const Participant& me, Offset run, std::uint32_t count) {
  for (std::uint32_t i = 0; i < count; ++i) {
    MUST(reinterpret_cast<Word*>(me.segment->bytes(run + i * kPage))[7].load() == me.id);
  }
}

void churn(const Participant& me, int rounds) {
  Random random(me.id);
  std::vector<std::pair<Offset, std::uint32_t>> held;
  for (int i = 0; i < rounds || !held.empty(); ++i) {
    if (i < rounds && held.size() < 20 && random.below(2) == 0) {
      const std::uint32_t count = 1 + random.below(12);
      const Offset run = take(me, pages(count, 1u << random.below(4)));
      MUST(run != 0);
      held.emplace_back(run, count);
      mark(me, run, count);
    } else if (!held.empty()) {
      std::swap(held[random.below(static_cast<std::uint32_t>(held.size()))], held.back());
      check_mark(me, held.back().first, held.back().second);
      MUST(give(me, held.back().first));
      held.pop_back();
    }
  }
}

}  // namespace

TEST_SUITE("hammer") {
  TEST_CASE("threads: no two runs overlap, and all come back as one") {
    Room room;
    in_threads(4, [&](int) { churn(room.join(), 3000); });
    CHECK(free_runs(room).first == 1);
    check_sound(room);
  }

  TEST_CASE("processes: no two runs overlap, and all come back as one") {
    Room room;
    in_processes(room, 4, [](Room& own, int) { churn(own.me(), 3000); });
    check_sound(room);
  }
}

TEST_SUITE("death") {
  TEST_CASE("runs taken and given in a transaction that died are as before") {
    Room room;
    const Offset kept = take(room.me(), pages(5));
    const auto before = free_runs(room);
    Child victim(room, [&](Room& own) {
      Transaction directory(own.me());
      MUST(take_pages(directory, pages(700)) != 0);
      MUST(give_pages(directory, kept));
      ::kill(getpid(), SIGKILL);
    });
    CHECK(victim.join() == -SIGKILL);
    until_recovered(room);
    CHECK(give(room.me(), kept));
    CHECK(free_runs(room).second >= before.second);
    check_sound(room);
  }
}

}  // namespace lockstep::test
