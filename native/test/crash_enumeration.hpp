// Every operation of every object is run in a child once for each of its shared writes and killed there; then those who
// are left check that nothing is lost, nothing hangs and nothing is half done.
#pragma once

#include "crash_point.hpp"
#include "harness.hpp"

namespace lockstep::test {

/// What a killed child tells about how far it was, by facts that a test can rely on.
struct Progress {
  std::atomic<std::uint32_t> begun, done;
};

/// One operation, as the child runs it: first what leads up to it, then the part in which it is killed.
struct Operation {
  std::function<void(Room&)> prepare = [](Room&) {};
  std::function<void(Room&)> run;
  Victim victim = Victim::kThisThread;
};

constexpr int kCompleted = 42;

/// Runs `round` for n = 1, 2, ... until it returns kCompleted: the operation had fewer than n writes. With
/// LOCKSTEP_EVERY_WRITE in the environment all of it several times, because who comes first beside it is chance. The
/// points are summed and printed at the end of the program.
void enumerate(const std::function<int(std::uint32_t n)>& round);
/// The same once, for an operation that nobody else is beside.
void enumerate_once(const std::function<int(std::uint32_t n)>& round);
/// For operations that fill a lot of memory which nobody sees yet: one write in about `stride` of them, others each
/// time; with LOCKSTEP_EVERY_WRITE in the environment each.
void enumerate_some(std::uint32_t stride, const std::function<int(std::uint32_t n)>& round);

/// Runs the operation in a child that dies at its n-th write, and `meanwhile` beside it. Returns how the child ended.
int run_until(const Room& room, const Operation& operation, std::uint32_t n,
              const std::function<void(Child&)>& meanwhile = {});

/// True when the child of run_until sleeps in its operation, or has ended.
bool is_quiet(const Child& child) noexcept;
/// True when it has ended, and waits to be joined.
bool is_gone(const Child& child) noexcept;

/// Makes everybody look, as the next process that joins would: one that dies before it has announced itself holds
/// nothing, and is noticed only then.
void look_again(const Room& room);

/// What must hold whenever nobody is at work: no journal, no transaction, no dead owner, whole lists, exact accounts.
struct Books {
  std::uint32_t objects, bytes, slots;
  bool operator==(const Books&) const = default;
};
Books audit(const Room& room);

}  // namespace lockstep::test
