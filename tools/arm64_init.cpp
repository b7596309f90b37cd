// First process of the emulated arm64 machine that arm64_tests.sh boots: runs /tests with its own arguments, says how
// that ended, and turns the machine off.
#include <fcntl.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>

namespace {

void mount_file_systems() {
  mkdir("/proc", 0755);
  mkdir("/tmp", 01777);
  mount("proc", "/proc", "proc", 0, nullptr);
  mkdir("/dev", 0755);
  mount("devtmpfs", "/dev", "devtmpfs", 0, nullptr);
  mkdir("/dev/shm", 01777);
  mount("tmpfs", "/dev/shm", "tmpfs", MS_NOSUID | MS_NODEV, nullptr);
}

void use_console() {
  const int console = open("/dev/console", O_RDWR);
  for (int fd = 0; fd < 3; ++fd) dup2(console, fd);
}

int run_tests(char** arguments) {
  const pid_t child = fork();
  if (child == 0) {
    execv("/tests", arguments);
    _exit(127);
  }
  int status = 0;
  // The first process also inherits children whose parents died; they are not what is waited for.
  while (waitpid(-1, &status, 0) != child) continue;
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

}  // namespace

int main(int, char** arguments) {
  mount_file_systems();
  use_console();
  std::printf("tests ended with %d\n", run_tests(arguments));
  std::fflush(stdout);
  reboot(RB_POWER_OFF);
}
