#include "child.hpp"

#include <poll.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>

#ifndef SYS_pidfd_open
#define SYS_pidfd_open 434
#endif
#ifndef SYS_pidfd_send_signal
#define SYS_pidfd_send_signal 424
#endif

namespace lockstep {
namespace {

constexpr auto kPidFd = static_cast<idtype_t>(3);  // P_PIDFD; not in the headers of every system we build on

}  // namespace

Status child_open(pid_t pid, Child* child) noexcept {
  if (pid <= 0) return Status::kNotFound;
  const long fd = syscall(SYS_pidfd_open, pid, 0);  // closed on exec
  if (fd < 0) {
    if (errno == ESRCH) return Status::kNotFound;
    return errno == ENOSYS || errno == EPERM ? Status::kUnsupported : Status::kSystem;
  }
  child->fd = static_cast<int>(fd);
  return Status::kOk;
}

void child_close(Child child) noexcept { close(child.fd); }

Status child_wait(Child child, Deadline deadline) noexcept {
  for (;;) {
    const std::int64_t left_ns = deadline.is_never() ? 0 : deadline.to_ns() - Deadline::now_ns();
    const timespec left = {left_ns > 0 ? left_ns / 1'000'000'000 : 0, left_ns > 0 ? left_ns % 1'000'000'000 : 0};
    pollfd poll = {child.fd, POLLIN, 0};
    if (ppoll(&poll, 1, deadline.is_never() ? nullptr : &left, nullptr) > 0) return Status::kOk;
    if (deadline.passed()) return Status::kTimedOut;
  }
}

Status child_outcome(Child child, int* outcome) noexcept {
  siginfo_t info = {};
  int waited = 0;
  do {
    waited = waitid(kPidFd, static_cast<id_t>(child.fd), &info, WEXITED | WNOHANG | WNOWAIT);
  } while (waited != 0 && errno == EINTR);
  if (waited != 0) return Status::kNotFound;
  if (info.si_pid == 0) return Status::kUnavailable;
  *outcome = info.si_code == CLD_EXITED ? info.si_status : -info.si_status;
  return Status::kOk;
}

void child_kill(Child child) noexcept { syscall(SYS_pidfd_send_signal, child.fd, SIGKILL, nullptr, 0); }

}  // namespace lockstep
