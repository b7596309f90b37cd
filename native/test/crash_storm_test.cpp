// All primitives at once, in processes that are killed from outside and that die at random shared writes, with windows
// stretched and waits without an end. After every few deaths all must come to rest within five seconds; at the end
// every account must be exact. LOCKSTEP_STORM_SECONDS says how long, 8 where it is not set.
#include <cstdio>

#include "core/barrier.hpp"
#include "core/bounded_semaphore.hpp"
#include "core/condition.hpp"
#include "core/event.hpp"
#include "core/rwlock.hpp"
#include "core/semaphore.hpp"
#include "crash_enumeration.hpp"

namespace lockstep::test {
namespace {

constexpr int kProcesses = 5;
constexpr int kThreads = 2;  // one sleeps, the other waits by promise
constexpr std::uint32_t kPermits = 2;
constexpr std::uint32_t kParties = 3;

/// What one thread says of itself. Begun and done differ by the unit that it may have died with.
struct Seat {
  std::atomic<std::uint32_t> is_resting;
  std::atomic<std::uint32_t> act;
  std::atomic<std::uint64_t> acts, gives_begun, gives_done, takes_begun, takes_done;
};

struct Table {
  std::atomic<std::uint32_t> rest, stop, deaths_told;
  Seat seats[kProcesses][kThreads];
  Guarded locks[2];
  std::atomic<OwnerId> permits[kPermits];
  std::atomic<OwnerId> writer;
  std::atomic<OwnerId> readers[64];
};

/// The objects, as one owner sees them.
struct Stage {
  Reference locks[2], bounded, semaphore, rwlock, condition_lock, condition, event, barrier;
};

Stage open_stage(const Room& room) {
  Stage stage{{room.open(Kind::kLock, 0, "lock 0"), room.open(Kind::kLock, 0, "lock 1")},
              room.open(Kind::kBoundedSemaphore, kPermits, "bounded"),
              room.open(Kind::kSemaphore, 0, "semaphore"),
              room.open(Kind::kRWLock, 0, "rwlock"),
              room.open(Kind::kLock, 0, "condition lock"),
              {},
              room.open(Kind::kEvent, 0, "event"),
              room.open(Kind::kBarrier, kParties, "barrier")};
  stage.condition.me = room.me();
  bool created = false;
  const Recipe recipe{Kind::kCondition, 0, "condition", stage.condition_lock.object};
  MUST(open_object(room.me(), recipe, &stage.condition.object, &created) == Status::kOk);
  return stage;
}

Stage as(const Participant& me, Stage stage) {
  for (Reference* reference : {&stage.locks[0], &stage.locks[1], &stage.bounded, &stage.semaphore, &stage.rwlock,
                               &stage.condition_lock, &stage.condition, &stage.event, &stage.barrier}) {
    reference->me = me;
  }
  return stage;
}

/// One thread of one process at its acts.
class Player {
 public:
  Player(const Participant& me, const Stage& stage, Table& table, Seat& seat, bool by_promise)
      : me_(me),
        stage_(as(me, stage)),
        table_(table),
        seat_(seat),
        random_(Deadline::now_ns() + me.id),
        loop_(me),
        by_promise_(by_promise) {
    MUST(rwlock_reader_word(stage_.rwlock, &reader_) == Status::kOk);
  }

  void play() {
    while (table_.stop.load() == 0) {
      seat_.is_resting.store(table_.rest.load());
      if (table_.rest.load() != 0) {
        usleep(50);
        continue;
      }
      const std::uint32_t act = random_.below(16);
      seat_.act.store(act);
      do_act(act);
      seat_.acts.fetch_add(1);
    }
    seat_.is_resting.store(1);
  }

 private:
  void do_act(std::uint32_t act) {
    if (act < 4) return use_lock(act % 2);
    if (act < 7) return use_permits(1 + act % 2);
    if (act < 9) return signal();
    if (act < 11) return read();
    if (act < 12) return write();
    if (act < 13) return notify_or_wait();
    if (act < 14) return raise_or_watch();
    if (act < 15) return meet();
    use_and_give_up();
  }

  void told(Status status) { table_.deaths_told.fetch_add(status == Status::kOwnerDied); }
  void dwell() {
    crash_point();
    if (random_.below(300) == 0) usleep(600);
  }

  template <typename Attempt>
  Status promise(Attempt attempt) {
    Status status = Status::kUnavailable;
    loop_.run([&] { return (status = attempt()) != Status::kUnavailable; });
    return status;
  }

  Status take_lock(const Reference& lock) {
    Urgency urgency = Urgency::kFresh;
    if (!by_promise_) return lock_acquire(me_, lock.lock(), Patience{});
    return promise([&] {
      const Status status = lock_arm(me_, lock.lock(), urgency);
      urgency = random_.below(4) == 0 ? Urgency::kStarving : Urgency::kRung;
      return status;
    });
  }
  void give_lock(const Reference& lock) { MUST(lock_release(me_, lock.lock(), me_.id) == Status::kOk); }

  void use_lock(std::uint32_t index) {
    const Status status = take_lock(stage_.locks[index]);
    told(status);
    table_.locks[index].enter(me_.id, status == Status::kOwnerDied);
    dwell();
    table_.locks[index].leave(me_.id);
    give_lock(stage_.locks[index]);
  }

  void use_permits(std::uint32_t count) {
    std::uint32_t indexes[kPermits];
    const Permits permits{indexes, count};
    const Status status = by_promise_ ? promise([&] { return bounded_arm(stage_.bounded, permits); })
                                      : bounded_acquire(stage_.bounded, permits, Deadline::never());
    MUST(is_acquired(status));
    told(status);
    for (std::uint32_t i = 0; i < count; ++i) {
      const OwnerId before = table_.permits[indexes[i]].exchange(me_.id);
      MUST(before == 0 || is_dead(*me_.segment, before));
    }
    dwell();
    for (std::uint32_t i = 0; i < count; ++i) {
      MUST(table_.permits[indexes[i]].exchange(0) == me_.id);
      MUST(bounded_release(stage_.bounded, indexes[i]) == Status::kOk);
    }
  }

  // Everybody gives before he takes, so that there is always one for him.
  void signal() {
    const std::uint32_t count = 1 + random_.below(2);
    seat_.gives_begun.fetch_add(count);
    MUST(semaphore_release(stage_.semaphore, count) == Status::kOk);
    seat_.gives_done.fetch_add(count);
    for (std::uint32_t i = 0; i < count; ++i) {
      seat_.takes_begun.fetch_add(1);
      if (by_promise_) {
        promise([&] { return semaphore_arm(stage_.semaphore, 1); });
      } else {
        semaphore_acquire(stage_.semaphore, 1, Deadline::never());
      }
      seat_.takes_done.fetch_add(1);
    }
  }

  void read() {
    if (rwlock_try_read(stage_.rwlock, reader_) != Status::kOk) {
      told(take_lock(stage_.rwlock));
      rwlock_mark(stage_.rwlock, reader_);
      give_lock(stage_.rwlock);
    }
    watch_readers();
    rwlock_end_read(stage_.rwlock, reader_);
  }
  void watch_readers() {
    std::atomic<OwnerId>& mine = table_.readers[slot_of(me_.id) % 64];
    mine.store(me_.id);
    const OwnerId writer = table_.writer.load();
    MUST(writer == 0 || is_dead(*me_.segment, writer));
    dwell();
    mine.store(0);
  }
  void write() {
    told(take_lock(stage_.rwlock));
    if (by_promise_) {
      promise([&] { return rwlock_drain_arm(stage_.rwlock); });
    } else {
      rwlock_drain(stage_.rwlock, Deadline::never());
    }
    const OwnerId before = table_.writer.exchange(me_.id);
    MUST(before == 0 || is_dead(*me_.segment, before));
    for (const std::atomic<OwnerId>& reader : table_.readers) {
      const OwnerId id = reader.load();
      MUST(id == 0 || is_dead(*me_.segment, id));
    }
    dwell();
    MUST(table_.writer.exchange(0) == me_.id);
    const bool stays_reader = random_.below(2) == 0;
    if (stays_reader) rwlock_mark(stage_.rwlock, reader_);
    give_lock(stage_.rwlock);
    if (!stays_reader) return;
    watch_readers();
    rwlock_end_read(stage_.rwlock, reader_);
  }

  void notify_or_wait() {
    told(take_lock(stage_.condition_lock));
    if (random_.below(2) == 0) {
      condition_notify(stage_.condition, random_.below(2) == 0 ? 1 : UINT32_MAX);
      return give_lock(stage_.condition_lock);
    }
    Offset place = 0;
    MUST(condition_enter(stage_.condition, &place) == Status::kOk);
    give_lock(stage_.condition_lock);
    const Deadline soon = random_.below(4) == 0 ? Deadline::in_ms(1) : Deadline::never();
    const Status status = by_promise_ ? promise([&] { return condition_poll(stage_.condition, place); })
                                      : condition_wait(stage_.condition, place, soon);
    told(take_lock(stage_.condition_lock));
    MUST((condition_leave(stage_.condition, place) == Status::kOk || status == Status::kTimedOut));
    give_lock(stage_.condition_lock);
  }

  void raise_or_watch() {
    const std::uint32_t way = random_.below(4);
    if (way == 0) return event_set(stage_.event);
    if (way == 1) return event_clear(stage_.event);
    const std::uint32_t generation = event_generation(stage_.event);
    if (!by_promise_) return static_cast<void>(event_wait(stage_.event, generation, Deadline::never()));
    promise([&] { return event_arm(stage_.event, generation); });
  }

  void meet() {
    Arrival arrival;
    Status status = Status::kUnavailable;
    while (status == Status::kUnavailable) {
      status = by_promise_ ? promise([&] { return barrier_arrive(stage_.barrier, &arrival); })
                           : barrier_arrive(stage_.barrier, &arrival);
      if (status == Status::kUnavailable) barrier_await_reset(stage_.barrier, Deadline::never());
    }
    if (status == Status::kOk && arrival.index + 1 == kParties) {
      status = barrier_trip(stage_.barrier, arrival);
    } else if (status == Status::kOk) {
      status = by_promise_ ? promise([&] { return barrier_poll(stage_.barrier, arrival); })
                           : barrier_wait(stage_.barrier, arrival, Deadline::never());
    }
    barrier_disarm(stage_.barrier);
    if (status == Status::kBroken && random_.below(2) == 0) barrier_reset(stage_.barrier);
  }

  // A baton that reaches one who has had enough must go on.
  void use_and_give_up() {
    const std::uint32_t which = random_.below(2);
    const Reference& lock = stage_.locks[which];
    const Status status = lock_arm(me_, lock.lock(), Urgency::kFresh);
    if (is_acquired(status)) {
      told(status);
      table_.locks[which].enter(me_.id, status == Status::kOwnerDied);
      table_.locks[which].leave(me_.id);
      return give_lock(lock);
    }
    if (random_.below(2) == 0) usleep(random_.below(100));
    lock_disarm(me_, lock.lock());
    std::uint32_t index = 0;
    if (is_acquired(bounded_arm(stage_.bounded, {&index, 1}))) {
      return static_cast<void>(bounded_release(stage_.bounded, index));
    }
    if (random_.below(2) == 0) usleep(random_.below(100));
    bounded_disarm(stage_.bounded);
  }

  Participant me_;
  Stage stage_;
  Table& table_;
  Seat& seat_;
  Random random_;
  Loop loop_;
  bool by_promise_;
  Offset reader_ = 0;
};

/// A process of players. One in three dies at a write of its own choice.
void play_process(Room& own, Table& table, int index) {
  const Stage stage = open_stage(own);
  const Participant second = own.join();
  Random random(Deadline::now_ns());
  stretch_windows();
  if (random.below(3) == 0) arm_crash(Victim::kAnyThread, 200 + random.below(60000));
  std::thread other([&] { Player(second, stage, table, table.seats[index][1], true).play(); });
  Player(own.me(), stage, table, table.seats[index][0], false).play();
  other.join();
  arm_crash(Victim::kAnyThread, 0);
}

/// What those who died before have given and taken; of the last unit of each it is not known whether it counts.
struct Account {
  std::uint64_t least = 0, most = 0;  // permits that must, and may, be there

  void close(const Seat& seat) {
    least += seat.gives_done.load() - seat.takes_begun.load();
    most += seat.gives_begun.load() - seat.takes_done.load();
  }
};

class Storm {
 public:
  Storm() : stage_(open_stage(room_)) {}

  void run(std::int64_t seconds) {
    const Deadline end = Deadline::in_ms(seconds * 1000);
    while (!end.passed() && !hung_) {
      raise_the_dead();
      table_->rest.store(0);
      strike();
      come_to_rest();
    }
    if (!hung_) finish();
    std::printf(
        "storm: %u kills, %u deaths at a write of their own, %u rounds, %llu acts, %u deaths told, %u violations, %d "
        "hangs\n",
        kills_, suicides_, rounds_, static_cast<unsigned long long>(acts_), table_->deaths_told.load(), violations_,
        hung_);
    CHECK(violations_ == 0);
    CHECK_FALSE(hung_);
    CHECK(kills_ > 0);
  }

 private:
  void raise_the_dead() {
    for (int i = 0; i < kProcesses; ++i) {
      if (children_[i]) continue;
      for (Seat& seat : table_->seats[i]) {
        account_.close(seat);
        acts_ += seat.acts.load();
        seat.~Seat();
        new (&seat) Seat();
      }
      children_[i] = std::make_unique<Child>(room_, [this, i](Room& own) { play_process(own, *table_, i); });
    }
  }

  void strike() {
    for (std::uint32_t deaths = 1 + random_.below(3); deaths > 0; --deaths) {
      usleep(500 + random_.below(3500));
      const std::uint32_t index = random_.below(kProcesses);
      if (!children_[index]) continue;
      children_[index]->send(SIGKILL);
      ++kills_;
      if (random_.below(2) == 0) usleep(random_.below(500));
      note_end(index, children_[index]->join());
    }
  }

  void note_end(std::uint32_t index, int code) {
    children_[index].reset();
    if (code != -SIGKILL && code != 0) ++violations_;
  }

  void notice_ends() {
    for (std::uint32_t i = 0; i < kProcesses; ++i) {
      int code = 0;
      if (!children_[i] || !children_[i]->has_ended(&code)) continue;
      suicides_ += code == -SIGKILL;
      note_end(i, code);
    }
  }

  bool all_rest() const {
    for (int i = 0; i < kProcesses; ++i) {
      for (const Seat& seat : table_->seats[i]) {
        if (children_[i] && seat.is_resting.load() == 0) return false;
      }
    }
    return true;
  }

  // Whoever waits for something that nobody owes him is let go; who is owed something must get it by himself.
  void let_go() {
    MUST(is_acquired(lock_acquire(room_.me(), stage_.condition_lock.lock(), Patience{})));
    condition_notify(stage_.condition, UINT32_MAX);
    MUST(lock_release(room_.me(), stage_.condition_lock.lock(), room_.me().id) == Status::kOk);
    event_set(stage_.event);
    barrier_abort(stage_.barrier);
  }

  void come_to_rest() {
    table_->rest.store(1);
    ++rounds_;
    const Deadline limit = Deadline::in_ms(5000);
    while (!all_rest()) {
      notice_ends();
      let_go();
      if (limit.passed()) return tell_hang();
      usleep(100);
    }
    notice_ends();
    barrier_reset(stage_.barrier);
  }

  void tell_hang() {
    hung_ = true;
    std::printf("HANG in round %u:", rounds_);
    for (int i = 0; i < kProcesses; ++i) {
      for (const Seat& seat : table_->seats[i]) {
        std::printf(" [%d resting %u act %u]", children_[i] ? 1 : 0, seat.is_resting.load(), seat.act.load());
      }
    }
    std::printf("\n locks %08x %08x bounded %08x %08x %08x semaphore %u %08x rwlock %08x %08x transaction %08x\n",
                stage_.locks[0].word(0).load(), stage_.locks[1].word(0).load(), stage_.bounded.word(0).load(),
                stage_.bounded.word(kFirstPermit).load(), stage_.bounded.word(kFirstPermit + 1).load(),
                stage_.semaphore.word(0).load(), stage_.semaphore.word(1).load(), stage_.rwlock.word(0).load(),
                stage_.rwlock.word(1).load(), room_.header().transaction.word.load());
  }

  void finish() {
    table_->rest.store(0);
    table_->stop.store(1);
    while (
        std::any_of(std::begin(children_), std::end(children_), [](const auto& child) { return child != nullptr; })) {
      notice_ends();
      let_go();
      usleep(100);
    }
    for (auto& seats : table_->seats) {
      for (Seat& seat : seats) {
        account_.close(seat);
        acts_ += seat.acts.load();
      }
    }
    check_accounts();
  }

  void check_accounts() {
    const Books books = audit(room_);
    CHECK(books.objects == 9);
    CHECK(books.slots == 1);
    for (const Reference& lock : stage_.locks) CHECK(is_acquired(lock_try(room_.me(), lock.lock())));
    CHECK(is_acquired(lock_try(room_.me(), stage_.rwlock.lock())));
    CHECK_FALSE(rwlock_has_readers(stage_.rwlock));
    CHECK(bounded_value(stage_.bounded) == kPermits);
    CHECK(condition_waiting(stage_.condition) == 0);
    const std::uint64_t permits = stage_.semaphore.word(0).load();
    CHECK(permits >= account_.least);
    CHECK(permits <= account_.most);
  }

  Room room_;
  Stage stage_;
  Shared<Table> table_;
  std::unique_ptr<Child> children_[kProcesses];
  Random random_{static_cast<std::uint64_t>(Deadline::now_ns())};
  Account account_;
  std::uint32_t kills_ = 0, suicides_ = 0, rounds_ = 0, violations_ = 0;
  std::uint64_t acts_ = 0;
  bool hung_ = false;
};

}  // namespace

TEST_SUITE("storm") {
  TEST_CASE("storm: nothing is lost and nothing hangs, whoever dies when") {
    const char* const seconds = std::getenv("LOCKSTEP_STORM_SECONDS");
    const std::int64_t duration = seconds != nullptr ? std::atoi(seconds) : 8;
    alarm(static_cast<unsigned>(duration) + 60);
    Storm().run(duration);
  }
}

}  // namespace lockstep::test
