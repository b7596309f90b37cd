// Processes that this one has started: child.cpp.
#include "core/child.hpp"

#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

#include <cerrno>
#include <cstddef>
#include <iterator>

#include "harness.hpp"

namespace lockstep::test {
namespace {

constexpr std::int64_t kShortMs = 20;

/// As Linux before 5.3 does, and a seccomp profile may.
void refuse_descriptors(std::uint32_t error) {
  sock_filter rules[] = {BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
                         BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_pidfd_open, 0, 1),
                         BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | error),
                         BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)};
  sock_fprog program{std::size(rules), rules};
  MUST(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0);
  MUST(prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0);
}

/// Closed with the test.
class Watched {
 public:
  explicit Watched(const Child& child) { MUST(child_open(child.pid(), &watched_) == Status::kOk); }
  ~Watched() { child_close(watched_); }
  Watched(const Watched&) = delete;
  Watched& operator=(const Watched&) = delete;

  lockstep::Child operator*() const noexcept { return watched_; }

 private:
  lockstep::Child watched_;
};

}  // namespace

TEST_SUITE("contract") {
  TEST_CASE("child_wait() returns when the process has ended, as often as it is asked") {
    Shared<std::atomic<bool>> go_on;
    Child child([&] { until([&] { return go_on->load(); }); });
    const Watched watched(child);
    CHECK(child_wait(*watched, Deadline::in_ms(0)) == Status::kTimedOut);
    Sleeper sleeper([&] { MUST(child_wait(*watched, Deadline::never()) == Status::kOk); });
    sleeper.until_asleep();
    CHECK_FALSE(sleeper.has_ended());
    go_on->store(true);
    sleeper.join();
    CHECK(child_wait(*watched, Deadline::in_ms(0)) == Status::kOk);
    CHECK(child.join() == 0);
    CHECK(child_wait(*watched, Deadline::never()) == Status::kOk);  // reaped meanwhile
  }

  TEST_CASE("child_wait() waits as long as it is told") {
    Child child([] { sleep_until_killed(); });
    const Watched watched(child);
    const std::int64_t begun = Deadline::now_ns();
    CHECK(child_wait(*watched, Deadline::in_ms(kShortMs)) == Status::kTimedOut);
    CHECK(Deadline::now_ns() - begun >= kShortMs * 1'000'000);
  }

  TEST_CASE("child_outcome() tells how it has ended, until it is reaped") {
    Shared<std::atomic<bool>> go_on;
    Child child([&] {
      until([&] { return go_on->load(); });
      _exit(7);
    });
    const Watched watched(child);
    int outcome = 99;
    CHECK(child_outcome(*watched, &outcome) == Status::kUnavailable);
    go_on->store(true);
    CHECK(child_wait(*watched, Deadline::never()) == Status::kOk);
    for (int look = 0; look < 2; ++look) {
      CHECK(child_outcome(*watched, &outcome) == Status::kOk);
      CHECK(outcome == 7);
    }
    CHECK(child.join() == 7);
    CHECK(child_outcome(*watched, &outcome) == Status::kNotFound);
  }

  TEST_CASE("a descriptor is closed on exec") {
    Child child([] { sleep_until_killed(); });
    const Watched watched(child);
    CHECK((fcntl((*watched).fd, F_GETFD) & FD_CLOEXEC) != 0);
  }
}

TEST_SUITE("misuse") {
  TEST_CASE("numbers of no process are not found") {
    lockstep::Child child;
    for (const pid_t pid : {0, -1, 0x7fffffff}) CHECK(child_open(pid, &child) == Status::kNotFound);
    CHECK(child.fd == -1);
  }

  TEST_CASE("a kernel that has no such descriptors, or gives none, is unsupported") {
    for (const std::uint32_t error : {ENOSYS, EPERM}) {
      Child child([&] {
        refuse_descriptors(error);
        lockstep::Child self;
        MUST(child_open(getpid(), &self) == Status::kUnsupported);
      });
      CHECK(child.join() == 0);
    }
  }
}

TEST_SUITE("death") {
  TEST_CASE("child_outcome() of a process that a signal has ended is its negative number") {
    for (const int signal : {SIGKILL, SIGUSR1}) {
      Child child([] { sleep_until_killed(); });
      const Watched watched(child);
      child.send(signal);
      CHECK(child_wait(*watched, Deadline::never()) == Status::kOk);
      int outcome = 0;
      CHECK(child_outcome(*watched, &outcome) == Status::kOk);
      CHECK(outcome == -signal);
    }
  }

  TEST_CASE("child_kill() ends it, and does nothing when that is over") {
    Child child([] { sleep_until_killed(); });
    const Watched watched(child);
    child_kill(*watched);
    CHECK(child_wait(*watched, Deadline::never()) == Status::kOk);
    child_kill(*watched);
    CHECK(child.join() == -SIGKILL);
    child_kill(*watched);
  }
}

}  // namespace lockstep::test
