#include "harness.hpp"

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <iostream>

#include "core/heap.hpp"
#include "core/verify.hpp"

namespace lockstep::test {
namespace {

constexpr unsigned kWatchdogSeconds = 120;  // far above the slowest test: it ends what hangs, it judges no speed

char running[160] = "no test";

void on_alarm(int) {
  static const char start[] = "\nHANG: ";
  static const char end[] = "\n";
  // Nothing to do about a failing write: the exit code says it too.
  if (write(STDERR_FILENO, start, sizeof start - 1) < 0 || write(STDERR_FILENO, running, std::strlen(running)) < 0 ||
      write(STDERR_FILENO, end, 1) < 0) {
  }
  _exit(99);
}

struct Watchdog : doctest::IReporter {
  explicit Watchdog(const doctest::ContextOptions&) {}
  void test_case_start(const doctest::TestCaseData& data) override {
    std::snprintf(running, sizeof running, "%s (%s)", data.m_name, data.m_test_suite);
    start_watchdog();
  }
  void test_case_end(const doctest::CurrentTestCaseStats&) override { alarm(0); }
  void report_query(const doctest::QueryData&) override {}
  void test_run_start() override {}
  void test_run_end(const doctest::TestRunStats&) override {}
  void test_case_reenter(const doctest::TestCaseData&) override {}
  void test_case_exception(const doctest::TestCaseException&) override {}
  void subcase_start(const doctest::SubcaseSignature&) override {}
  void subcase_end() override {}
  void log_assert(const doctest::AssertData&) override {}
  void log_message(const doctest::MessageData&) override {}
  void test_case_skipped(const doctest::TestCaseData&) override {}
};
REGISTER_LISTENER("watchdog", 1, Watchdog);

// The allocator of AddressSanitizer and of ThreadSanitizer does not know of fork, unlike that of glibc: a child forked
// while a thread of ours, such as the one that hears the bells of the test before, is in malloc or free would wait for
// that thread's lock for ever.
void until_nobody_allocates() noexcept {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  until([] {
    bool all_asleep = true;
    for (const auto& task : std::filesystem::directory_iterator("/proc/self/task")) {
      const pid_t thread = std::atoi(task.path().filename().c_str());
      all_asleep = all_asleep && (thread == gettid() || is_asleep(getpid(), thread));
    }
    return all_asleep;
  });
#endif
}

pid_t fork_child(const std::function<void()>& body) {
  std::cout.flush();
  std::fflush(nullptr);
  until_nobody_allocates();
  const pid_t parent = getpid();
  const pid_t pid = fork();
  if (pid != 0) return pid;
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != parent) _exit(98);
  for (const int own : {SIGTERM, SIGSEGV, SIGABRT, SIGILL, SIGFPE, SIGINT})
    signal(own, SIG_DFL);  // doctest's are not ours
  start_watchdog();
  body();
  _exit(0);
}

int code_of(int status) noexcept { return WIFSIGNALED(status) ? -WTERMSIG(status) : WEXITSTATUS(status); }

}  // namespace

void fail(const char* file, int line, const char* what) noexcept {
  std::fprintf(stderr, "\n%s:%d: MUST( %s ) is false in process %d, test %s\n", file, line, what, getpid(), running);
  std::fflush(stderr);
  _exit(97);
}

void start_watchdog() noexcept {
  signal(SIGALRM, on_alarm);
  alarm(kWatchdogSeconds);
}

OpenOptions fresh_options() {
  static int count = 0;
  OpenOptions options;
  options.name = "test-" + std::to_string(getpid()) + "-" + std::to_string(++count);
  options.capacity = 16 << 20;
  return options;
}

Room::Room(const OpenOptions& options) : options_(options) {
  MUST(join_segment(options_, &segment_) == Status::kOk);
  me_ = join();
}

Room::~Room() {
  leave_isolate(me_);
  leave_segment(segment_);
  const bool is_ours = options_.name.starts_with("test-" + std::to_string(getpid()) + "-");
  if (is_ours) Segment::unlink(options_.directory, options_.name);
}

Participant Room::join() const {
  Participant result;
  MUST(join_isolate(segment_, &result) == Status::kOk);
  return result;
}

Reference Room::open(Kind kind, std::uint32_t parameter, std::string_view name) const {
  Reference result{me_, nullptr};
  bool created = false;
  const Recipe recipe{kind, parameter, name, nullptr};
  MUST(open_object(me_, recipe, &result.object, &created) == Status::kOk);
  return result;
}

Reference Room::open_condition(const Reference& lock) const {
  Reference result{me_, nullptr};
  bool created = false;
  const Recipe recipe{Kind::kCondition, 0, {}, lock.object};
  MUST(open_object(me_, recipe, &result.object, &created) == Status::kOk);
  return result;
}

Reference Room::attach(const Reference& other) const {
  Reference result{me_, nullptr};
  const Offset offset = other.me.segment->offset_of(other.object);
  const auto kind = static_cast<Kind>(other.object->kind.load());
  MUST(attach_object(me_, {offset, other.object->serial.load(), kind}, &result.object) == Status::kOk);
  return result;
}

void Room::detach(const Reference& reference) const { detach_object(me_, reference.object); }

bool is_asleep(pid_t process, pid_t thread) noexcept {
  char path[64];
  std::snprintf(path, sizeof path, "/proc/%d/task/%d/stat", process, thread);
  const int fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return false;
  char text[512];
  const ssize_t length = read(fd, text, sizeof text - 1);
  close(fd);
  if (length <= 0) return false;
  text[length] = 0;
  const char* const name_end = std::strrchr(text, ')');
  return name_end != nullptr && name_end[1] == ' ' && name_end[2] == 'S';
}

Child::Child(const std::function<void()>& body) : pid_(fork_child(body)) {}

Child::Child(const Room& room, const std::function<void(Room&)>& body)
    : pid_(fork_child([&] {
        Room own(room.options());
        body(own);
      })) {}

Child::~Child() {
  if (pid_ > 0) kill();
}

void Child::kill() noexcept {
  send(SIGKILL);
  join();
}

int Child::join() noexcept {
  int status = 0;
  while (waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
  }
  pid_ = 0;
  return code_of(status);
}

bool Child::has_ended(int* code) noexcept {
  int status = 0;
  if (waitpid(pid_, &status, WNOHANG) != pid_) return false;
  pid_ = 0;
  *code = code_of(status);
  return true;
}

int run_again(const char* filter, const char* variable) {
  Child child([&] {
    alarm(0);  // the program that follows has watchdogs of its own
    if (variable != nullptr) setenv(variable, "1", 1);
    execl("/proc/self/exe", "core_tests", "--no-colors", "--minimal", filter, nullptr);
    _exit(96);
  });
  return child.join();
}

void in_threads(int count, const std::function<void(int)>& body) {
  std::vector<std::thread> threads;
  for (int i = 0; i < count; ++i) threads.emplace_back(body, i);
  for (std::thread& thread : threads) thread.join();
}

void in_processes(const Room& room, int count, const std::function<void(Room&, int)>& body) {
  std::vector<Child> children;
  for (int i = 0; i < count; ++i) {
    children.emplace_back(room, [&, i](Room& own) { body(own, i); });
  }
  for (Child& child : children) CHECK(child.join() == 0);
}

Sleeper::Sleeper(std::function<void()> body)
    : thread_([this, run = std::move(body)] {
        id_.store(static_cast<pid_t>(syscall(SYS_gettid)));
        run();
        ended_.store(true);
      }) {}

void Sleeper::until_asleep() const noexcept {
  until([this] { return has_ended() || (id_.load() != 0 && is_asleep(getpid(), id_.load())); });
}

void fill_up(const Room& room) noexcept {
  const Recipe recipe{Kind::kEvent, 0, {}, nullptr};
  Object* object = nullptr;
  bool created = false;
  Status status = Status::kOk;
  while (status == Status::kOk) status = open_object(room.me(), recipe, &object, &created);
  MUST(status == Status::kFull);
  Transaction transaction(room.me());
  for (std::uint64_t size = 2048; size >= 16; size /= 2) {
    while (allocate(transaction, size) != nullptr) transaction.commit();
  }
}

bool is_recovered(const Room& room) noexcept {
  const Segment& segment = *room.segment();
  const std::uint32_t processes = segment.header().process_limit.load();
  for (std::uint32_t i = 0; i < processes; ++i) {
    if (is_process_dead(segment.process(i))) return false;
  }
  const std::uint32_t slots = segment.header().slot_limit.load();
  for (std::uint32_t i = 1; i <= slots; ++i) {
    const std::uint32_t id = segment.slot(i).id.load();
    if (id != 0 && ((id & kDying) || is_dead(segment, id))) return false;
  }
  return true;
}

void until_recovered(const Room& room) noexcept {
  until([&] { return is_recovered(room); });
}

void check_sound(const Room& room) {
  until_recovered(room);
  const VerifyReport report = verify(room.me());
  CHECK_MESSAGE(report.is_sound(), report.text());
}

std::uint32_t taken_slots(const Room& room) noexcept {
  const Segment& segment = *room.segment();
  const std::uint32_t slots = segment.header().slot_limit.load();
  std::uint32_t taken = 0;
  for (std::uint32_t i = 1; i <= slots; ++i) taken += segment.slot(i).id.load() != 0;
  return taken;
}

}  // namespace lockstep::test
