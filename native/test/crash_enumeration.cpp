#include "crash_enumeration.hpp"

#include <cstdio>
#include <cstdlib>

#include "core/futex.hpp"

namespace lockstep::test {
namespace {

constexpr int kRepetitions = 3;
std::uint32_t points = 0;

struct PointCounter : doctest::IReporter {
  explicit PointCounter(const doctest::ContextOptions&) {}
  void test_run_end(const doctest::TestRunStats&) override { std::printf("crash points enumerated: %u\n", points); }
  void report_query(const doctest::QueryData&) override {}
  void test_run_start() override {}
  void test_case_start(const doctest::TestCaseData&) override {}
  void test_case_reenter(const doctest::TestCaseData&) override {}
  void test_case_end(const doctest::CurrentTestCaseStats&) override {}
  void test_case_exception(const doctest::TestCaseException&) override {}
  void subcase_start(const doctest::SubcaseSignature&) override {}
  void subcase_end() override {}
  void log_assert(const doctest::AssertData&) override {}
  void log_message(const doctest::MessageData&) override {}
  void test_case_skipped(const doctest::TestCaseData&) override {}
};
REGISTER_LISTENER("points", 1, PointCounter);

// As in ps(1); Z when it is gone altogether.
char state_of(pid_t pid) noexcept {
  char path[64];
  std::snprintf(path, sizeof path, "/proc/%d/stat", pid);
  FILE* const file = std::fopen(path, "re");
  if (file == nullptr) return 'Z';
  char state = 'Z';
  const int found = std::fscanf(file, "%*d (%*[^)]) %c", &state);
  std::fclose(file);
  return found == 1 ? state : 'Z';
}

bool is_thorough() noexcept { return std::getenv("LOCKSTEP_EVERY_WRITE") != nullptr; }

std::atomic<bool>& is_armed() noexcept {
  static const Shared<std::atomic<bool>> armed;
  return *armed;
}

}  // namespace

void enumerate_some(std::uint32_t stride, const std::function<int(std::uint32_t)>& round) {
  if (is_thorough()) stride = 1;
  Random random(static_cast<std::uint64_t>(Deadline::now_ns()));
  std::uint32_t n = 0;
  int ended = -SIGKILL;
  while (ended == -SIGKILL) {
    n += stride == 1 ? 1 : 1 + random.below(2 * stride - 1);
    start_watchdog();  // anew, as there may be thousands
    CAPTURE(n);
    ended = round(n);
    ++points;
  }
  CHECK(ended == kCompleted);
  CHECK(n > 1);
}

void enumerate_once(const std::function<int(std::uint32_t)>& round) { enumerate_some(1, round); }

void enumerate(const std::function<int(std::uint32_t)>& round) {
  for (int repetition = 0; repetition < (is_thorough() ? kRepetitions : 1); ++repetition) enumerate_once(round);
}

int run_until(const Room& room, const Operation& operation, std::uint32_t n,
              const std::function<void(Child&)>& meanwhile) {
  is_armed().store(false);
  Child child(room, [&](Room& own) {
    operation.prepare(own);
    is_armed().store(true);
    arm_crash(operation.victim, n);
    operation.run(own);
    arm_crash(operation.victim, 0);
    _exit(kCompleted);
  });
  if (meanwhile) meanwhile(child);
  return child.join();
}

bool is_gone(const Child& child) noexcept { return state_of(child.pid()) == 'Z'; }

bool is_quiet(const Child& child) noexcept {
  return is_gone(child) || (is_armed().load() && state_of(child.pid()) == 'S');
}

void look_again(const Room& room) {
  room.header().registry.fetch_add(1);
  futex_wake(room.header().registry, kWakeAll);
}

Books audit(const Room& room) {
  check_sound(room);
  const Header& header = room.header();
  std::uint32_t entries = 0;
  for (std::uint32_t i = 0; i < header.process_limit.load(); ++i) {
    entries += room.segment()->process(i).presence.load() != 0;
  }
  CHECK(entries == 1);
  return {header.object_count.load(), header.bytes_in_use.load(), taken_slots(room)};
}

}  // namespace lockstep::test
