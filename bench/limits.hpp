// What the reference program shares between its threads and processes: their memory, their clock, their start.
#pragma once

#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <atomic>
#include <cstdint>
#include <functional>
#include <thread>
#include <vector>

using Word = std::atomic<std::uint32_t>;

constexpr std::uint64_t kSecond = 1'000'000'000;

using Crowd = void(unsigned count, const std::function<void(unsigned)>& work);

struct Shared {
  pthread_mutex_t mutex;
  pthread_cond_t condition;
  pthread_barrier_t barrier;
  sem_t semaphore;
  alignas(64) Word ping;
  alignas(64) Word pong;
  alignas(64) std::atomic<std::uint64_t> result;
  std::uint64_t counter;
};

inline std::uint64_t now_ns() {
  timespec time{};
  clock_gettime(CLOCK_MONOTONIC, &time);
  return std::uint64_t(time.tv_sec) * kSecond + std::uint64_t(time.tv_nsec);
}

inline Shared& make_shared_state(unsigned parties) {
  static void* const memory = mmap(nullptr, sizeof(Shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  auto& shared = *new (memory) Shared{};
  pthread_mutexattr_t mutex_attributes;
  pthread_mutexattr_init(&mutex_attributes);
  pthread_mutexattr_setpshared(&mutex_attributes, PTHREAD_PROCESS_SHARED);
  pthread_mutexattr_setrobust(&mutex_attributes, PTHREAD_MUTEX_ROBUST);
  pthread_mutex_init(&shared.mutex, &mutex_attributes);
  pthread_condattr_t condition_attributes;
  pthread_condattr_init(&condition_attributes);
  pthread_condattr_setpshared(&condition_attributes, PTHREAD_PROCESS_SHARED);
  pthread_cond_init(&shared.condition, &condition_attributes);
  pthread_barrierattr_t barrier_attributes;
  pthread_barrierattr_init(&barrier_attributes);
  pthread_barrierattr_setpshared(&barrier_attributes, PTHREAD_PROCESS_SHARED);
  pthread_barrier_init(&shared.barrier, &barrier_attributes, parties);
  sem_init(&shared.semaphore, 1, 1);
  return shared;
}

inline void pin(int cpu) {
  cpu_set_t set;
  CPU_ZERO(&set);
  CPU_SET(cpu, &set);
  sched_setaffinity(0, sizeof set, &set);
}

inline void in_processes(unsigned count, const std::function<void(unsigned)>& work) {
  for (unsigned index = 0; index < count; ++index) {
    if (fork() == 0) {
      work(index);
      _exit(0);
    }
  }
  while (wait(nullptr) > 0) {
  }
}

inline void in_threads(unsigned count, const std::function<void(unsigned)>& work) {
  std::vector<std::thread> threads;
  for (unsigned index = 0; index < count; ++index) threads.emplace_back(work, index);
  for (auto& thread : threads) thread.join();
}
