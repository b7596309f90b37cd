#include "parent.hpp"

#include <sys/time.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>

#include "child.hpp"
#include "runtime.hpp"
#include "thread.hpp"

namespace lockstep {
namespace {

[[noreturn]] void end_now() noexcept {
  const itimerval limit = {{}, {0, kTidyMs * 1000}};
  signal(SIGALRM, SIG_DFL);
  setitimer(ITIMER_REAL, &limit, nullptr);
  unlink_all_if_last();
  for (;;) kill(getpid(), SIGKILL);
}

void* outlive(void* descriptor) noexcept {
  child_wait({static_cast<int>(reinterpret_cast<std::intptr_t>(descriptor))}, Deadline::never());
  end_now();
}

}  // namespace

Status end_with_parent(pid_t parent) noexcept {
  Child watched;
  const Status opened = child_open(parent, &watched);
  if (opened != Status::kOk) return opened;
  // Only now: the number is the parent's as long as that has not been reaped, and then this one has another parent.
  const bool is_parent = getppid() == parent;
  if (is_parent && start_thread(&outlive, reinterpret_cast<void*>(std::intptr_t{watched.fd}))) return Status::kOk;
  child_close(watched);
  return is_parent ? (errno = EAGAIN, Status::kSystem) : Status::kNotFound;
}

}  // namespace lockstep
