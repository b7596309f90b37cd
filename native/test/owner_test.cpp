// Owners, the runtime that makes them, and the recovery of those that died: owner.cpp, runtime.cpp, watcher.cpp,
// recovery.cpp.
#include "core/owner.hpp"

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <cerrno>
#include <cstddef>
#include <iterator>

#include "core/lock_word.hpp"
#include "harness.hpp"

namespace lockstep::test {
namespace {

bool exists(const Room& room) { return access(room.segment()->path().c_str(), F_OK) == 0; }

std::uint32_t taken_entries(const Room& room) {
  std::uint32_t taken = 0;
  for (std::uint32_t i = 0; i < room.header().process_limit.load(); ++i) {
    taken += room.segment()->process(i).presence.load() != 0;
  }
  return taken;
}

OpenOptions private_options() {
  OpenOptions options = fresh_options();
  options.is_private = true;
  return options;
}

/// As a seccomp profile may.
void refuse_robust_lists() {
  sock_filter rules[] = {BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
                         BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_set_robust_list, 0, 1),
                         BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
                         BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)};
  sock_fprog program{std::size(rules), rules};
  MUST(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0);
  MUST(prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0);
}

/// Holds the lock, then ends as it is told to.
void hold_and_end(const Room& room, const Reference& lock, int expected, const std::function<void()>& end) {
  Child child(room, [&](Room& own) {
    const Reference mine = own.attach(lock);
    MUST(is_acquired(lock_acquire(mine.me, mine.lock(), Patience{})));
    end();
    sleep_until_killed();
  });
  CHECK(child.join() == expected);
  CHECK(lock_acquire(lock.me, lock.lock(), Patience{}) == Status::kOwnerDied);
  CHECK(lock_release(lock.me, lock.lock(), lock.me.id) == Status::kOk);
  until_recovered(room);
  CHECK(taken_entries(room) == 1);
  CHECK(taken_slots(room) == 1);
}

}  // namespace

TEST_SUITE("contract") {
  TEST_CASE("this machine can run the library") { CHECK(unsupported_reason() == nullptr); }

  TEST_CASE("each owner has a living id of its own") {
    Room room;
    const Participant other = room.join();
    CHECK(room.me().id != other.id);
    for (const Participant& owner : {room.me(), other}) {
      CHECK((owner.id & ~kIdMask) == 0);
      CHECK(slot_of(owner.id) >= 1);
      CHECK(slot_of(owner.id) <= kIsolateSlots);
      CHECK_FALSE(is_dead(*room.segment(), owner.id));
      CHECK(is_process_alive(room.segment()->process(process_of(owner))));
    }
    CHECK(process_of(room.me()) == process_of(other));
  }

  TEST_CASE("an id is dead as soon as its isolate has left, and its slot comes back under another id") {
    Room room;
    const Participant gone = room.join();
    leave_isolate(gone);
    CHECK(is_dead(*room.segment(), gone.id));
    until([&] { return room.segment()->slot(slot_of(gone.id)).id.load() == 0; });
    const Participant next = room.join();
    CHECK(slot_of(next.id) == slot_of(gone.id));
    CHECK(next.id != gone.id);
    CHECK(is_dead(*room.segment(), gone.id));
    CHECK_FALSE(is_dead(*room.segment(), next.id));
  }

  TEST_CASE("joining a segment twice gives the same one, and each join is balanced by a leave") {
    Room room;
    Segment* again = nullptr;
    REQUIRE(join_segment(room.options(), &again) == Status::kOk);
    CHECK(again == room.segment());
    CHECK(room.segment()->live_processes() == 1);
    leave_segment(again);
    CHECK_FALSE(is_dead(*room.segment(), room.me().id));
  }

  TEST_CASE("another process is another entry, gone when it has left") {
    Room room;
    Shared<std::atomic<std::uint32_t>> entry;
    Shared<std::atomic<bool>> go_on;
    Child child(room, [&](Room& own) {
      entry->store(process_of(own.me()) + 1);
      until([&] { return go_on->load(); });
    });
    until([&] { return entry->load() != 0; });
    CHECK(entry->load() - 1 != process_of(room.me()));
    CHECK(room.segment()->live_processes() == 2);
    go_on->store(true);
    CHECK(child.join() == 0);
    CHECK(room.segment()->live_processes() == 1);
    CHECK(taken_slots(room) == 1);
  }

  TEST_CASE("a process that leaves gives back what its isolates still held") {
    Room room;
    const Reference lock = room.open(Kind::kLock);
    Child child(room, [&](Room& own) {
      const Reference mine = as(own.join(), own.attach(lock));
      MUST(is_acquired(lock_try(mine.me, mine.lock())));
    });
    CHECK(child.join() == 0);
    CHECK(taken_slots(room) == 1);
    CHECK(lock_try(lock.me, lock.lock()) == Status::kOwnerDied);
  }

  TEST_CASE("a private segment goes with its last process, another one stays") {
    OpenOptions options = private_options();
    {
      Room room(options);
      const std::string path = room.segment()->path();
      Child child(room, [](Room&) {});
      CHECK(child.join() == 0);
      CHECK(exists(room));
    }
    CHECK(access(Segment::path_of(options.directory, options.name).c_str(), F_OK) != 0);
    options = fresh_options();
    Child child([&] { Room room(options); });
    CHECK(child.join() == 0);
    CHECK(access(Segment::path_of(options.directory, options.name).c_str(), F_OK) == 0);
    CHECK(Segment::unlink(options.directory, options.name));
  }

  TEST_CASE("unlink_if_last removes the file of a private segment for its last process only") {
    Room room(private_options());
    Child child(room, [](Room& own) { unlink_if_last(own.segment()); });
    CHECK(child.join() == 0);
    CHECK(exists(room));
    unlink_if_last(room.segment());
    CHECK_FALSE(exists(room));
    Room other;
    unlink_if_last(other.segment());
    CHECK(exists(other));
  }

  TEST_CASE("unlink_if_last by several that end at once removes the file for the last one to say so") {
    Room room(private_options());
    Shared<std::atomic<bool>> has_said;
    Child child(room, [&](Room& own) {
      unlink_if_last(own.segment());
      has_said->store(true);
      sleep_until_killed();
    });
    until([&] { return has_said->load(); });
    CHECK(exists(room));
    unlink_if_last(room.segment());
    CHECK_FALSE(exists(room));
  }

  TEST_CASE("what a process has said of its end is not believed of the next one in its place") {
    Room room(private_options());
    Child first(room, [&](Room& own) { unlink_if_last(own.segment()); });
    CHECK(first.join() == 0);
    Shared<std::atomic<bool>> is_there;
    Child second(room, [&](Room&) {
      is_there->store(true);
      sleep_until_killed();
    });
    until([&] { return is_there->load(); });
    unlink_all_if_last();
    CHECK(exists(room));
  }

  TEST_CASE("who joins after the file was removed makes a new one") {
    Room room;
    CHECK(Segment::unlink(room.options().directory, room.options().name));
    Child child([&] {
      Room own(room.options());
      MUST(own.segment()->live_processes() == 1);
      Segment::unlink(own.options().directory, own.options().name);
    });
    CHECK(child.join() == 0);
    CHECK_FALSE(is_dead(*room.segment(), room.me().id));
  }

  TEST_CASE("a forked child is nobody until it joins, and its end is not its parent's") {
    Room room;
    const Reference lock = room.open(Kind::kLock);
    REQUIRE(lock_try(lock.me, lock.lock()) == Status::kOk);
    Child child([] {});
    CHECK(child.join() == 0);
    Child other(room, [&](Room& own) { MUST(own.me().id != room.me().id); });
    CHECK(other.join() == 0);
    until_recovered(room);
    CHECK(holder_of(lock.word(0).load()) == lock.me.id);
    CHECK_FALSE(is_dead(*room.segment(), lock.me.id));
  }
}

// What a process has is made at its first use; a fork in the middle of that must not leave the child waiting for a
// thread that it does not have. Only a fresh program uses everything for the first time.
TEST_SUITE("hammer") {
  TEST_CASE("children that are forked during a first use end") {
    const OpenOptions options = fresh_options();
    std::atomic<bool> used{false};
    std::thread user([&] {
      Room room(options);
      const Reference semaphore = room.open(Kind::kSemaphore);
      Loop loop(room.me());
      ring_everybody(*room.segment());
      room.detach(semaphore);
      used.store(true);
    });
    while (!used.load()) CHECK(Child([] {}).join() == 0);
    user.join();
  }

  TEST_CASE("of many programs") {
    for (int i = 0; i < 50; ++i) CHECK(run_again("--test-case=children that are forked during a first use end") == 0);
  }
}

TEST_SUITE("misuse") {
  TEST_CASE("ids that nobody can have are dead") {
    Room room;
    for (const OwnerId id : {0u, kGrant, kAbandoned, kIdMask, kHelperBase + kProcesses, kHelperBase + 77u, 4000u,
                             room.me().id + (1u << kSlotBits), 0xffffffffu}) {
      CHECK(is_dead(*room.segment(), id));
    }
  }

  TEST_CASE("a process word that was scribbled over makes its owners dead, not the reader a victim") {
    Room room;
    const Participant owner = room.join();
    Word& process = room.segment()->slot(slot_of(owner.id)).process;
    const std::uint32_t before = process.load();
    process.store(0xfffffff0);
    CHECK(is_dead(*room.segment(), owner.id));
    process.store(before);
    CHECK_FALSE(is_dead(*room.segment(), owner.id));
  }

  TEST_CASE("links that were scribbled over are not followed") {
    Child child([] {
      auto first = std::make_unique<Room>(), second = std::make_unique<Room>();
      second->segment()->process(process_of(second->me())).robust_next = 0xdead0001;
      first.reset();
      second.reset();
      Room third;
    });
    CHECK(child.join() == 0);
  }

  TEST_CASE("where the kernel refuses robust lists, every use is refused, not only the first") {
    Child child([] {
      refuse_robust_lists();
      MUST(unsupported_reason() != nullptr);
      MUST(unsupported_reason() != nullptr);
      Segment* segment = nullptr;
      MUST(join_segment(fresh_options(), &segment) == Status::kUnsupported);
    });
    CHECK(child.join() == 0);
  }

  TEST_CASE("more isolates than there are slots are refused") {
    Room room;
    Participant last;
    std::uint32_t joined = 1;
    while (join_isolate(room.segment(), &last) == Status::kOk) ++joined;
    CHECK(joined == kIsolateSlots);
    CHECK(join_isolate(room.segment(), &last) == Status::kTooMany);
    leave_isolate(room.me());
    until([&] { return room.segment()->slot(slot_of(room.me().id)).id.load() == 0; });
    CHECK(join_isolate(room.segment(), &last) == Status::kOk);
  }

  TEST_CASE("a leave too many is ignored") {
    Room room;
    Segment* const stranger = [] {
      Room other;
      return other.segment();
    }();
    leave_segment(stranger);
    Participant none;
    CHECK(join_isolate(stranger, &none) == Status::kGone);
    CHECK(room.segment()->live_processes() == 1);
  }
}

TEST_SUITE("hammer") {
  TEST_CASE("threads join and leave as isolates") {
    Room room;
    const Reference lock = room.open(Kind::kLock);
    in_threads(4, [&](int index) {
      Random random(index + 1);
      for (int i = 0; i < 500; ++i) {
        const Reference mine = as(room.join(), lock);
        MUST(is_acquired(lock_acquire(mine.me, mine.lock(), Patience{})));
        if (random.below(2) == 0) MUST(lock_release(mine.me, mine.lock(), mine.me.id) == Status::kOk);
        leave_isolate(mine.me);
      }
    });
    until([&] { return taken_slots(room) == 1; });
    CHECK(is_acquired(lock_acquire(lock.me, lock.lock(), Patience{})));
  }

  TEST_CASE("threads join and leave a segment") {
    const OpenOptions options = fresh_options();
    in_threads(4, [&](int) {
      for (int i = 0; i < 100; ++i) {
        Segment* segment = nullptr;
        MUST(join_segment(options, &segment) == Status::kOk);
        Participant me;
        MUST(join_isolate(segment, &me) == Status::kOk);
        MUST(!is_dead(*segment, me.id));
        leave_isolate(me);
        leave_segment(segment);
      }
    });
    Room room(options);
    CHECK(taken_slots(room) == 1);
    CHECK(taken_entries(room) == 1);
  }

  TEST_CASE("processes join and leave a segment that comes and goes") {
    const OpenOptions options = private_options();
    {
      Room room(options);
      in_processes(room, 4, [&](Room& own, int) {
        for (int i = 0; i < 50; ++i) {
          Child child(own, [](Room& inner) { MUST(!is_dead(*inner.segment(), inner.me().id)); });
          MUST(child.join() == 0);
        }
      });
      CHECK(taken_entries(room) == 1);
    }
    Segment::unlink(options.directory, options.name);
  }
}

TEST_SUITE("death") {
  TEST_CASE("every way to end gives back what was held") {
    Room room;
    const Reference lock = room.open(Kind::kLock);
    hold_and_end(room, lock, -SIGKILL, [] { ::kill(getpid(), SIGKILL); });
    hold_and_end(room, lock, -SIGTERM, [] { ::kill(getpid(), SIGTERM); });
    hold_and_end(room, lock, 3, [] { _exit(3); });
    hold_and_end(room, lock, 0, [] { execl("/bin/true", "true", nullptr); });
    hold_and_end(room, lock, 5, [] { std::thread([] { _exit(5); }).join(); });
    hold_and_end(room, lock, 1, [] { std::thread([] { execl("/bin/false", "false", nullptr); }).join(); });
    hold_and_end(room, lock, -SIGSEGV, [] { ::kill(getpid(), SIGSEGV); });
  }

  TEST_CASE("a stopped process keeps what it has until it is killed") {
    Room room;
    const Reference lock = room.open(Kind::kLock);
    Child holder(room, [&](Room& own) {
      const Reference mine = own.attach(lock);
      MUST(is_acquired(lock_try(mine.me, mine.lock())));
      raise(SIGSTOP);
    });
    int status = 0;
    CHECK(waitpid(holder.pid(), &status, WUNTRACED) == holder.pid());
    CHECK(lock_acquire(lock.me, lock.lock(), {Deadline::in_ms(5), Deadline::now_ns()}) == Status::kTimedOut);
    holder.kill();
    CHECK(lock_acquire(lock.me, lock.lock(), Patience{}) == Status::kOwnerDied);
  }

  TEST_CASE("many die at once") {
    Room room;
    const Reference semaphore = room.open(Kind::kBoundedSemaphore, 8);
    for (int round = 0; round < 5; ++round) {
      std::vector<Child> children;
      for (int i = 0; i < 8; ++i) {
        children.emplace_back(room, [&](Room& own) {
          own.attach(semaphore);
          own.open(Kind::kLock);
          sleep_until_killed();
        });
      }
      until([&] { return taken_slots(room) == 9 && room.header().object_count.load() == 9; });
      for (const Child& child : children) child.send(SIGKILL);
      for (Child& child : children) child.join();
      until_recovered(room);
      CHECK(taken_entries(room) == 1);
      CHECK(taken_slots(room) == 1);
      CHECK(room.header().object_count.load() == 1);
    }
  }

  TEST_CASE("who comes later recovers what died alone") {
    OpenOptions options = fresh_options();
    Shared<std::atomic<OwnerId>> dead;
    Child last([&] {
      Room own(options);
      const Reference lock = own.open(Kind::kLock, 0, "alone");
      MUST(is_acquired(lock_try(lock.me, lock.lock())));
      dead->store(own.me().id);
      ::kill(getpid(), SIGKILL);
    });
    CHECK(last.join() == -SIGKILL);
    Room room(options);
    CHECK(is_dead(*room.segment(), dead->load()));
    until_recovered(room);
    CHECK(taken_slots(room) == 1);
    const Reference lock = room.open(Kind::kLock, 0, "alone");
    CHECK(lock_try(lock.me, lock.lock()) == Status::kOwnerDied);
  }

  TEST_CASE("more processes than one wait can watch") {
    Room room;
    std::vector<Child> children;
    for (int i = 0; i < 135; ++i) {
      children.emplace_back(room, [&](Room&) { sleep_until_killed(); });
    }
    until([&] { return taken_slots(room) == 136; });
    Random random(3);
    while (!children.empty()) {
      std::vector<Child> dying;
      for (int i = 0; i < 45; ++i) {
        std::swap(children[random.below(static_cast<std::uint32_t>(children.size()))], children.back());
        dying.push_back(std::move(children.back()));
        children.pop_back();
      }
      for (const Child& child : dying) child.send(SIGKILL);
      dying.clear();
      until_recovered(room);
    }
    CHECK(taken_entries(room) == 1);
  }

  TEST_CASE("more segments than one wait can watch") {
    std::vector<std::unique_ptr<Room>> rooms;
    for (int i = 0; i < 140; ++i) rooms.push_back(std::make_unique<Room>());
    for (const Room* room : {rooms.front().get(), rooms[60].get(), rooms.back().get()}) {
      const Reference lock = room->open(Kind::kLock);
      Child holder(*room, [&](Room& own) {
        const Reference mine = own.attach(lock);
        lock_acquire(mine.me, mine.lock(), Patience{});
        sleep_until_killed();
      });
      until([&] { return is_held(lock.word(0).load()); });
      Sleeper waiter([&] { MUST(lock_acquire(lock.me, lock.lock(), Patience{}) == Status::kOwnerDied); });
      waiter.until_asleep();
      holder.kill();
      waiter.join();
    }
  }

  TEST_CASE("a recoverer that is killed is recovered, and its work done") {
    Room room;
    const Reference lock = room.open(Kind::kLock);
    Random random(11);
    for (int round = 0; round < 30; ++round) {
      std::vector<Child> helpers;
      for (int i = 0; i < 3; ++i) helpers.emplace_back(room, [](Room&) { sleep_until_killed(); });
      Child holder(room, [&](Room& own) {
        const Reference mine = own.attach(lock);
        lock_acquire(mine.me, mine.lock(), Patience{});
        sleep_until_killed();
      });
      until([&] { return taken_slots(room) == 5 && is_held(lock.word(0).load()); });
      holder.send(SIGKILL);
      usleep(random.below(300));
      for (const Child& helper : helpers) helper.send(SIGKILL);
      CHECK(lock_acquire(lock.me, lock.lock(), Patience{}) == Status::kOwnerDied);
      CHECK(lock_release(lock.me, lock.lock(), lock.me.id) == Status::kOk);
      holder.join();
      helpers.clear();
      until_recovered(room);
      CHECK(taken_entries(room) == 1);
    }
  }

  TEST_CASE("all of this holds without futex_waitv") {
    if (std::getenv("LOCKSTEP_NO_WAITV") != nullptr) return;  // this is that run
    CHECK(run_again("--test-suite=death", "LOCKSTEP_NO_WAITV") == 0);
  }
}

}  // namespace lockstep::test
