// Processes that end with the one that has started them: parent.cpp.
#include "core/parent.hpp"

#include <sys/prctl.h>

#include "core/child.hpp"
#include "harness.hpp"

namespace lockstep::test {
namespace {

constexpr int kFamily = 3;

OpenOptions private_options() {
  OpenOptions options = fresh_options();
  options.is_private = true;
  return options;
}

bool exists(const OpenOptions& options) {
  return access(Segment::path_of(options.directory, options.name).c_str(), F_OK) == 0;
}

[[noreturn]] void spin() noexcept {
  for (std::atomic<std::uint32_t> turns{0};; ++turns) {
  }
}

struct Family {
  std::atomic<pid_t> children[kFamily];

  bool is_there() const noexcept {
    return std::all_of(std::begin(children), std::end(children), [](const auto& pid) { return pid.load() != 0; });
  }
};

/// A parent with children of that behaviour in a segment of their own, which the test has no part in. Everybody is there
/// when it returns.
Child start_family(const OpenOptions& options, Shared<Family>& family, const std::function<void(Room&, int)>& body) {
  Child parent([&] {
    Room room(options);
    std::vector<Child> children;
    for (int i = 0; i < kFamily; ++i) {
      children.emplace_back(room, [&, i](Room& own) {
        body(own, i);
        family->children[i].store(getpid());
        spin();
      });
    }
    sleep_until_killed();
  });
  until([&] { return family->is_there(); });
  return parent;
}

/// In place of the kernel, which ends the children of tests.
void end_with(pid_t parent) {
  MUST(prctl(PR_SET_PDEATHSIG, 0) == 0);
  MUST(end_with_parent(parent) == Status::kOk);
}

/// Watches a grandchild, which the test cannot reap.
lockstep::Child watch(pid_t pid) {
  lockstep::Child watched;
  MUST(child_open(pid, &watched) == Status::kOk);
  return watched;
}

bool ends(lockstep::Child watched, Deadline deadline) { return child_wait(watched, deadline) == Status::kOk; }

}  // namespace

TEST_SUITE("contract") {
  TEST_CASE("a process goes on as long as its parent does, and ends by itself as ever") {
    const pid_t parent = getpid();
    Child child([&] {
      end_with(parent);
      end_with(parent);  // a second watch does no harm
      usleep(1000);
      _exit(7);
    });
    CHECK(child.join() == 7);
  }
}

TEST_SUITE("misuse") {
  TEST_CASE("of what is not its parent it hears at once") {
    Child gone([] {});
    CHECK(gone.join() == 0);
    for (const pid_t other : {gone.pid(), getpid(), 0, -1}) CHECK(end_with_parent(other) == Status::kNotFound);
  }
}

TEST_SUITE("death") {
  TEST_CASE("with a parent that is killed its children end, in endless loops, and the private segment goes") {
    const OpenOptions options = private_options();
    Shared<Family> family;
    Child parent = start_family(options, family, [](Room&, int) { end_with(getppid()); });
    std::vector<lockstep::Child> watched;
    for (const auto& pid : family->children) watched.push_back(watch(pid.load()));
    CHECK(exists(options));
    CHECK_FALSE(ends(watched[0], Deadline::in_ms(1)));
    parent.kill();
    for (const lockstep::Child child : watched) {
      CHECK(ends(child, Deadline::never()));
      child_close(child);
    }
    CHECK_FALSE(exists(options));
  }

  TEST_CASE("a child that goes on keeps the private segment, which goes with it") {
    const OpenOptions options = private_options();
    Shared<Family> family;
    Shared<std::atomic<bool>> go_on;
    Child parent = start_family(options, family, [&](Room& own, int index) {
      if (index > 0) return end_with(getppid());
      MUST(prctl(PR_SET_PDEATHSIG, 0) == 0);
      family->children[0].store(getpid());
      until([&] { return go_on->load(); });
      unlink_if_last(own.segment());
      _exit(0);
    });
    std::vector<lockstep::Child> watched;
    for (const auto& pid : family->children) watched.push_back(watch(pid.load()));
    parent.kill();
    for (int i = 1; i < kFamily; ++i) CHECK(ends(watched[static_cast<std::size_t>(i)], Deadline::never()));
    CHECK(exists(options));
    go_on->store(true);
    CHECK(ends(watched[0], Deadline::never()));
    CHECK_FALSE(exists(options));
    for (const lockstep::Child child : watched) child_close(child);
  }

  TEST_CASE("a lock that is held for ever does not keep it alive") {
    const OpenOptions options = private_options();
    Shared<Family> family;
    Child parent = start_family(options, family, [](Room&, int) { end_with(getppid()); });
    const lockstep::Child watched = watch(family->children[0].load());
    Shared<std::atomic<bool>> has_locked;
    Child holder([&] {
      Room own(options);
      own.segment()->lock_file();
      has_locked->store(true);
      sleep_until_killed();
    });
    until([&] { return has_locked->load(); });
    parent.kill();
    CHECK(ends(watched, Deadline::never()));
    child_close(watched);
    CHECK(exists(options));
    holder.kill();
    until([&] { return Segment::sweep(options.directory), !exists(options); });
  }
}

}  // namespace lockstep::test
