// What plain C reaches on the same machine. Reads one command a line and prints one number a line:
//   robust_mutex N | sem N                        ns per lock and unlock that nobody contends
//   futex_ping_pong N A B P | spin_ping_pong N A B 0   ns per round trip of two processes on CPU A and B, which are
//                                                 busy for P microseconds before each answer
//   condition_ping_pong N                         ns per round trip of two processes through a pthread_cond
//   barrier_threads K N | barrier_processes K N   ns per round of K threads or processes at a pthread_barrier
//   wake_ups N MS                                 ns of CPU per wake-up of a thread that sleeps for MS, N times
//   mutex_threads K MS | mutex_processes K MS     lock and unlock per second of K threads or processes, robust mutex
#include "limits.hpp"

#include <linux/futex.h>
#include <sys/syscall.h>

#include <array>
#include <cstdlib>
#include <iostream>
#include <sstream>
#include <string>

namespace {

constexpr std::uint64_t kOperationsPerClock = 64;  // reading the clock each time would dominate

double uncontended(std::uint64_t count, const std::function<void(std::uint64_t)>& loop) {
  const auto start = now_ns();
  loop(count);
  return double(now_ns() - start) / double(count);
}

double robust_mutex(std::uint64_t count) {
  Shared& shared = make_shared_state(1);
  return uncontended(count, [&](std::uint64_t n) {
    for (std::uint64_t i = 0; i < n; ++i) pthread_mutex_lock(&shared.mutex), pthread_mutex_unlock(&shared.mutex);
  });
}

double semaphore(std::uint64_t count) {
  Shared& shared = make_shared_state(1);
  return uncontended(count, [&](std::uint64_t n) {
    for (std::uint64_t i = 0; i < n; ++i) sem_wait(&shared.semaphore), sem_post(&shared.semaphore);
  });
}

void contend(Shared& shared, std::uint64_t start, std::uint64_t stop) {
  const timespec begin{time_t(start / kSecond), long(start % kSecond)};
  clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &begin, nullptr);
  std::uint64_t done = 0;
  for (; now_ns() < stop; done += kOperationsPerClock) {
    for (std::uint64_t i = 0; i < kOperationsPerClock; ++i) {
      pthread_mutex_lock(&shared.mutex);
      ++shared.counter;
      pthread_mutex_unlock(&shared.mutex);
    }
  }
  shared.result += done;
}

double contended(unsigned parties, std::uint64_t milliseconds, Crowd& crowd) {
  Shared& shared = make_shared_state(1);
  const auto start = now_ns() + 5'000'000;
  crowd(parties, [&](unsigned) { contend(shared, start, start + milliseconds * 1'000'000); });
  return double(shared.result) * 1000 / double(milliseconds);
}

void pause_cpu() {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  asm volatile("yield");
#endif
}

/// How one side waits for its word and sets the word of the other.
struct Exchange {
  void (*wait)(Word&);
  void (*give)(Word&);
};

constexpr Exchange kSleeping{[](Word& word) {
                               while (word.exchange(0) == 0)
                                 syscall(SYS_futex, &word, FUTEX_WAIT, 0, nullptr, nullptr, 0);
                             },
                             [](Word& word) {
                               word.store(1);
                               syscall(SYS_futex, &word, FUTEX_WAKE, 1, nullptr, nullptr, 0);
                             }};

constexpr Exchange kSpinning{[](Word& word) {
                               while (word.load() == 0) pause_cpu();
                               word.store(0);
                             },
                             [](Word& word) { word.store(1); }};

void be_busy(std::uint64_t duration_ns) {
  if (duration_ns == 0) return;
  const auto end = now_ns() + duration_ns;
  while (now_ns() < end) {
  }
}

double ping_pong(const Exchange& exchange, std::uint64_t rounds, const int (&cpus)[2], std::uint64_t busy_ns) {
  Shared& shared = make_shared_state(1);
  in_processes(2, [&](unsigned index) {
    pin(cpus[index]);
    std::uint64_t start = 0;
    for (std::uint64_t i = 0; i <= rounds; ++i) {
      if (i == 1) start = now_ns();  // the first round waits for the other process to start
      if (index == 1) exchange.wait(shared.pong);
      be_busy(busy_ns);
      exchange.give(index == 0 ? shared.pong : shared.ping);
      if (index == 0) exchange.wait(shared.ping);
    }
    if (index == 0) shared.result = now_ns() - start;
  });
  return double(shared.result) / double(rounds);
}

double condition_ping_pong(std::uint64_t rounds) {
  Shared& shared = make_shared_state(1);
  in_processes(2, [&](unsigned index) {
    std::uint64_t start = 0;
    pthread_mutex_lock(&shared.mutex);
    for (std::uint64_t i = 0; i <= rounds; ++i) {
      if (i == 1) start = now_ns();
      while (shared.counter % 2 != index) pthread_cond_wait(&shared.condition, &shared.mutex);
      ++shared.counter;
      pthread_cond_signal(&shared.condition);
    }
    pthread_mutex_unlock(&shared.mutex);
    if (index == 1) shared.result = now_ns() - start;
  });
  return double(shared.result) / double(rounds);
}

double barrier(unsigned parties, std::uint64_t rounds, Crowd& crowd) {
  Shared& shared = make_shared_state(parties);
  crowd(parties, [&](unsigned index) {
    pthread_barrier_wait(&shared.barrier);
    const auto start = now_ns();
    for (std::uint64_t i = 0; i < rounds; ++i) pthread_barrier_wait(&shared.barrier);
    if (index == 0) shared.result = now_ns() - start;
  });
  return double(shared.result) / double(rounds);
}

double wake_ups(std::uint64_t count, long milliseconds) {
  const auto cpu_time = [] {
    timespec time{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return std::uint64_t(time.tv_sec) * kSecond + std::uint64_t(time.tv_nsec);
  };
  const timespec duration{milliseconds / 1000, milliseconds % 1000 * 1'000'000};
  const auto start = cpu_time();
  for (std::uint64_t i = 0; i < count; ++i) nanosleep(&duration, nullptr);
  return double(cpu_time() - start) / double(count);
}

double run(const std::string& name, const std::array<long, 4>& arguments) {
  const auto [a, b, c, d] = arguments;
  if (name == "robust_mutex") return robust_mutex(std::uint64_t(a));
  if (name == "sem") return semaphore(std::uint64_t(a));
  if (name == "futex_ping_pong")
    return ping_pong(kSleeping, std::uint64_t(a), {int(b), int(c)}, std::uint64_t(d) * 1000);
  if (name == "spin_ping_pong")
    return ping_pong(kSpinning, std::uint64_t(a), {int(b), int(c)}, std::uint64_t(d) * 1000);
  if (name == "condition_ping_pong") return condition_ping_pong(std::uint64_t(a));
  if (name == "barrier_threads") return barrier(unsigned(a), std::uint64_t(b), in_threads);
  if (name == "barrier_processes") return barrier(unsigned(a), std::uint64_t(b), in_processes);
  if (name == "wake_ups") return wake_ups(std::uint64_t(a), b);
  if (name == "mutex_threads") return contended(unsigned(a), std::uint64_t(b), in_threads);
  if (name == "mutex_processes") return contended(unsigned(a), std::uint64_t(b), in_processes);
  std::cerr << "limits: unknown command " << name << '\n';
  std::exit(2);
}

}  // namespace

int main() {
  std::string line;
  while (std::getline(std::cin, line)) {
    std::istringstream words(line);
    std::string name;
    std::array<long, 4> arguments{};
    words >> name;
    for (long& argument : arguments) words >> argument;
    std::cout << run(name, arguments) << std::endl;
  }
}
