// Death at every shared write of what changes a queue, with others waiting for its outcome, and of recovery itself.
#include <set>

#include "crash_enumeration.hpp"
#include "queue_harness.hpp"

namespace lockstep::test {
namespace {

const std::string kText = "a text that is as long as an item may well be, so that it fills a block of its size";
const std::string kB = "b";  // an item only points to it
const std::string kChild = "child";

/// What others want of the queue while the child dies; each of them sleeps or waits by promise, and ends in time.
class Others {
 public:
  using Want = std::function<void(const Participant&, Loop*)>;
  Others(const Room& room, Want want) : sleeper_(room.join()), promise_(room.join()), want_(std::move(want)) {}

  void start() {
    threads_.push_back(std::make_unique<Sleeper>([this] { want_(sleeper_, nullptr); }));
    threads_.push_back(std::make_unique<Sleeper>([this] {
      Loop loop(promise_);
      want_(promise_, &loop);
    }));
    for (const auto& thread : threads_) thread->until_asleep();
  }
  int ended() const {
    return static_cast<int>(
        std::count_if(threads_.begin(), threads_.end(), [](const auto& thread) { return thread->has_ended(); }));
  }
  void finish() { threads_.clear(); }

 private:
  Participant sleeper_, promise_;
  Want want_;
  std::vector<std::unique_ptr<Sleeper>> threads_;
};

Got get_as(const Reference& queue, Loop* loop) { return loop != nullptr ? get_promised(queue, *loop) : get(queue); }
// Behind all others.
Status put_as(const Reference& queue, Loop* loop, const std::string& text) {
  return loop != nullptr ? put_promised(queue, *loop, text, 1000) : put(queue, text, 1000);
}
void join_as(const Reference& queue, Loop* loop) {
  if (loop != nullptr) return loop->run([&] { return queue_arm_join(queue) == Status::kOk; });
  MUST(queue_join(queue, Deadline::never()) == Status::kOk);
}

/// The memory of the dead is sound: blocks of all sizes are handed out once, and hold what was put into them.
void use_memory(const Reference& queue) {
  const std::uint32_t most = queue_max_size(queue.object->parameter.load());
  const int items = most == 0 ? 40 : static_cast<int>(most);
  for (std::size_t length : {std::size_t{1}, kText.size()}) {
    const auto text = [&](int i) { return kText.substr(0, length) + std::to_string(i); };
    for (int i = 0; i < items; ++i) MUST(try_put(queue, text(i), i) == Status::kOk);
    std::set<std::string> seen;
    for (int i = 0; i < items; ++i) seen.insert(get(queue).text);
    for (int i = 0; i < items; ++i) CHECK(seen.count(text(i)) == 1);
    CHECK(queue_task_done(queue, static_cast<std::uint32_t>(items)) == Status::kOk);
  }
}

/// Everything that is left, of this consumer.
std::vector<std::string> drain(const Reference& queue) {
  std::vector<std::string> texts;
  for (Got got = try_get(queue); got.status == Status::kOk; got = try_get(queue)) {
    texts.push_back(got.text);
    MUST(queue_task_done(queue, 1) == Status::kOk);
  }
  return texts;
}

/// A queue, and a child that has it.
struct Scene {
  Kind kind;
  std::uint32_t parameter;
  Room room;
  Reference queue = room.open(kind, parameter);
  std::unique_ptr<Reference> mine;
  std::uint64_t memory = used_by_stripes(room);

  Scene(Kind kind, std::uint32_t parameter) : kind(kind), parameter(parameter) {}

  Operation operation(const std::function<void(const Reference&)>& prepare,
                      const std::function<void(const Reference&)>& run) {
    return {[this, prepare](Room& own) {
              mine = std::make_unique<Reference>(own.attach(queue));
              prepare(*mine);
            },
            [this, run](Room&) { run(*mine); }, Victim::kThisThread};
  }
  void settle() {
    until_recovered(room);
    check_queue(queue);
    check_slabs(room);
  }
  /// Places of a heap stay.
  void check_all_free() {
    drain(queue);
    use_memory(queue);
    CHECK(check_queue(queue) == 0);
    CHECK(used_by_stripes(room) <= memory + 256);
    CHECK((queue.object->bells.load() | queue.object->drain_bells.load()) == 0);
    CHECK(words_of(*queue.object).join_bells.load() == 0);
  }
};

void for_each_queue(const std::function<void(Kind, std::uint32_t, bool)>& body) {
  const std::pair<Kind, bool> queues[] = {
      {Kind::kQueue, false}, {Kind::kLifoQueue, true}, {Kind::kPriorityQueue, false}, {Kind::kPriorityQueue, true}};
  for (const auto& [kind, redelivers] : queues) {
    CAPTURE(static_cast<int>(kind));
    CAPTURE(redelivers);
    body(kind, queue_parameter(0, redelivers), redelivers);
  }
}

void nothing(const Reference&) {}

/// What queue_end() knows it by.
Offset get_item(const Reference& queue) {
  ValueCopy copy;
  CopyGet one(&copy, 1);
  MUST(queue_try_get(queue, one) == Status::kOk);
  return one.last;
}

}  // namespace

TEST_SUITE("queue") {
  TEST_CASE("queue: put one and then two at once, while others wait for items") {
    for_each_queue([](Kind kind, std::uint32_t parameter, bool) {
      Scene scene(kind, parameter);
      Others others(scene.room, [&](const Participant& me, Loop* loop) {
        const Reference mine = as(me, scene.queue);
        MUST(get_as(mine, loop).status == Status::kOk);
        MUST(queue_task_done(mine, 1) == Status::kOk);
      });
      const Books before = audit(scene.room);
      enumerate([&](std::uint32_t n) {
        others.start();
        const int ended = run_until(scene.room,
                                    scene.operation(nothing,
                                                    [](const Reference& mine) {
                                                      MUST(try_put(mine, kText, 2) == Status::kOk);
                                                      const QueueItem items[] = {item_of(kB, 1), item_of(kText, 3)};
                                                      QueuePut two{items, 2};
                                                      MUST(queue_try_put(mine, two) == Status::kOk);
                                                    }),
                                    n);
        // No item lies about while somebody waits for it.
        until([&] { return others.ended() == 2 || (queue_size(scene.queue) == 0 && is_recovered(scene.room)); });
        scene.settle();
        const std::uint32_t left = queue_size(scene.queue);
        if (ended == kCompleted) CHECK(left == 1);
        for (int i = others.ended(); i < 2; ++i) CHECK(try_put(scene.queue, "x") == Status::kOk);
        others.finish();
        scene.settle();
        scene.check_all_free();
        CHECK(audit(scene.room) == before);
        return ended;
      });
    });
  }

  TEST_CASE("queue: get one and then two at once, while others wait for places") {
    for_each_queue([](Kind kind, std::uint32_t, bool redelivers) {
      Scene scene(kind, queue_parameter(3, redelivers));
      Others others(scene.room, [&](const Participant& me, Loop* loop) {
        MUST(put_as(as(me, scene.queue), loop, "late") == Status::kOk);
      });
      enumerate([&](std::uint32_t n) {
        const char* const texts[] = {"a", "b", "c"};
        for (const char* text : texts) REQUIRE(try_put(scene.queue, text, text[0]) == Status::kOk);
        others.start();
        const auto take = [](const Reference& mine) {
          MUST(try_get(mine).status == Status::kOk);
          ValueCopy copies[2];
          CopyGet two(copies, 2);
          MUST(queue_try_get(mine, two) == Status::kOk);
        };
        const int ended = run_until(scene.room, scene.operation(nothing, take), n);
        until_recovered(scene.room);
        // No place stays free while somebody waits for it.
        until([&] { return others.ended() == 2 || queue_size(scene.queue) >= 3; });
        scene.settle();
        std::multiset<std::string> seen;
        for (int i = 0; i < 3 || others.ended() < 2 || queue_size(scene.queue) > 0; ++i) {
          const Got got = try_get(scene.queue);
          if (got.status != Status::kOk) {
            if (others.ended() == 2 && queue_size(scene.queue) == 0) break;
            continue;
          }
          seen.insert(got.text);
          CHECK(queue_task_done(scene.queue, 1) == Status::kOk);
        }
        others.finish();
        for (const std::string& text : drain(scene.queue)) seen.insert(text);
        CHECK(seen.count("late") == 2);
        for (const char* text : texts) CHECK(seen.count(text) <= 1);
        if (redelivers) CHECK(seen.size() == 5);
        if (n == 1) CHECK(seen.size() == 5);
        if (ended == kCompleted && !redelivers) CHECK(seen.size() <= 4);
        scene.settle();
        scene.check_all_free();
        return ended;
      });
    });
  }

  TEST_CASE("queue: wait for an item and for a place beside others, asleep and by promise, and give up") {
    for (const Kind kind : kQueueKinds) {
      Scene scene(kind, queue_parameter(1, true));
      Others others(scene.room, [&](const Participant& me, Loop* loop) {
        const Reference mine = as(me, scene.queue);
        MUST(get_as(mine, loop).status == Status::kOk);
        MUST(queue_task_done(mine, 1) == Status::kOk);
      });
      enumerate([&](std::uint32_t n) {
        others.start();
        const auto run = [](const Reference& mine) {
          if (get(mine, Deadline::in_ms(2)).status == Status::kOk) MUST(queue_task_done(mine, 1) == Status::kOk);
          ValueCopy copy;
          CopyGet one(&copy, 1);
          if (queue_arm_get(mine, one) == Status::kUnavailable) queue_disarm_get(mine);
          if (one.done == 1) MUST(queue_task_done(mine, 1) == Status::kOk);
          put(mine, "child", 0, Deadline::in_ms(1));
          put(mine, "child", 0, Deadline::in_ms(1));
          const QueueItem item = item_of(kChild);
          QueuePut again{&item, 1};
          if (queue_arm_put(mine, again) == Status::kUnavailable) queue_disarm_put(mine);
        };
        const int ended = run_until(scene.room, scene.operation(nothing, run), n, [&](Child& child) {
          until([&] { return is_quiet(child) || others.ended() > 0; });
          MUST(put(scene.queue, "parent") == Status::kOk);
        });
        while (others.ended() < 2) {
          try_put(scene.queue, "parent");
          usleep(100);
        }
        others.finish();
        scene.settle();
        scene.check_all_free();
        return ended;
      });
    }
  }

  TEST_CASE("queue: say done, while others wait for the end of all items") {
    for_each_queue([](Kind kind, std::uint32_t parameter, bool redelivers) {
      Scene scene(kind, parameter);
      Others others(scene.room, [&](const Participant& me, Loop* loop) { join_as(as(me, scene.queue), loop); });
      Shared<Progress> progress;
      enumerate([&](std::uint32_t n) {
        for (int i = 0; i < 4; ++i) REQUIRE(try_put(scene.queue, kText, i) == Status::kOk);
        progress->begun.store(0);
        Offset items[4];
        const auto prepare = [&](const Reference& mine) {
          for (Offset& item : items) item = get_item(mine);
          progress->begun.store(1);
          until([&] { return progress->begun.load() == 2; });
        };
        const auto run = [&](const Reference& mine) {
          for (const int middle : {1, 2}) MUST(queue_end(mine, items[middle]) == Status::kOk);
          MUST(queue_task_done(mine, 1) == Status::kOk);
          MUST(queue_end(mine, items[3]) == Status::kOk);
        };
        const int ended = run_until(scene.room, scene.operation(prepare, run), n, [&](Child&) {
          until([&] { return progress->begun.load() == 1; });
          others.start();
          progress->begun.store(2);
        });
        until_recovered(scene.room);
        if (redelivers) drain(scene.queue);
        others.finish();
        scene.settle();
        scene.check_all_free();
        return ended;
      });
    });
  }

  TEST_CASE("queue: end an item and get the next one in one step, while others wait for the end of all items") {
    for_each_queue([](Kind kind, std::uint32_t parameter, bool) {
      Scene scene(kind, parameter);
      Others others(scene.room, [&](const Participant& me, Loop* loop) { join_as(as(me, scene.queue), loop); });
      enumerate([&](std::uint32_t n) {
        for (int i = 0; i < 3; ++i) REQUIRE(try_put(scene.queue, kText, i) == Status::kOk);
        others.start();
        const auto run = [](const Reference& mine) {
          Offset item = get_item(mine);
          for (int left = 2; left >= 0; --left) {
            ValueCopy copy;
            CopyGet one(&copy, 1);
            MUST(queue_end_and_try_get(mine, item, one) == (left > 0 ? Status::kOk : Status::kUnavailable));
            item = one.last;
          }
        };
        const int ended = run_until(scene.room, scene.operation(nothing, run), n);
        until_recovered(scene.room);
        const std::uint32_t left = static_cast<std::uint32_t>(drain(scene.queue).size());
        if (n == 1) CHECK(left == 3);
        if (ended == kCompleted) CHECK(left == 0);
        others.finish();
        CHECK(queue_unfinished(scene.queue) == 0);
        scene.settle();
        scene.check_all_free();
        return ended;
      });
    });
  }

  TEST_CASE("queue: shut down, and then at once, while others wait for everything") {
    for_each_queue([](Kind kind, std::uint32_t, bool redelivers) {
      enumerate([&](std::uint32_t n) {
        Scene scene(kind, queue_parameter(2, redelivers)), empty(kind, queue_parameter(2, redelivers));
        Others putters(scene.room, [&](const Participant& me, Loop* loop) {
          MUST(put_as(as(me, scene.queue), loop, "late") == Status::kBroken);
        });
        Others joiners(scene.room, [&](const Participant& me, Loop* loop) { join_as(as(me, scene.queue), loop); });
        for (int i = 0; i < 2; ++i) REQUIRE(try_put(scene.queue, kText, i) == Status::kOk);
        putters.start();
        joiners.start();
        const auto run = [](const Reference& mine) {
          queue_shut_down(mine, false);
          queue_shut_down(mine, true);
        };
        const int ended = run_until(scene.room, scene.operation(nothing, run), n);
        until_recovered(scene.room);
        if (!queue_is_shut_down(scene.queue)) queue_shut_down(scene.queue, false);
        putters.finish();
        const Got got = try_get(scene.queue);
        if (got.status == Status::kOk) {
          while (try_get(scene.queue).status == Status::kOk) {
          }
          CHECK(queue_task_done(scene.queue, 2) == Status::kOk);
        } else {
          CHECK(got == Status::kBroken);
        }
        joiners.finish();
        CHECK(queue_unfinished(scene.queue) == 0);
        scene.room.detach(scene.queue);
        CHECK(used_by_stripes(scene.room) == 0);
        audit(scene.room);
        return ended;
      });
    });
  }

  TEST_CASE("queue: getters are told of a shut down whose author dies") {
    for (const Kind kind : kQueueKinds) {
      enumerate([&](std::uint32_t n) {
        Scene scene(kind, 0);
        Others getters(scene.room, [&](const Participant& me, Loop* loop) {
          MUST(get_as(as(me, scene.queue), loop) == Status::kBroken);
        });
        getters.start();
        const auto run = [](const Reference& mine) { queue_shut_down(mine, false); };
        const int ended = run_until(scene.room, scene.operation(nothing, run), n);
        until_recovered(scene.room);
        if (!queue_is_shut_down(scene.queue)) queue_shut_down(scene.queue, false);
        getters.finish();
        return ended;
      });
    }
  }

  TEST_CASE("queue: the last user frees what is queued and what is held, and dies meanwhile") {
    for_each_queue([](Kind kind, std::uint32_t parameter, bool) {
      Room room;
      const Books before = audit(room);
      const std::uint64_t memory = used_by_stripes(room);
      enumerate([&](std::uint32_t n) {
        std::unique_ptr<Reference> mine;
        Operation operation;
        operation.prepare = [&](Room& own) {
          mine = std::make_unique<Reference>(own.open(kind, parameter));
          for (int i = 0; i < 6; ++i) MUST(try_put(*mine, kText, i) == Status::kOk);
          for (int i = 0; i < 2; ++i) MUST(try_get(*mine).status == Status::kOk);
        };
        operation.run = [&](Room& own) { own.detach(*mine); };
        const int ended = run_until(room, operation, n);
        until([&] { return is_recovered(room) && room.header().first_dead.load() == 0; });
        CHECK(audit(room) == before);
        CHECK(used_by_stripes(room) == memory);
        check_slabs(room);
        return ended;
      });
    });
  }
}

namespace {

void enumerate_recovery(Kind kind, bool redelivers) {
  Random random(23);
  const std::uint32_t parameter = queue_parameter(0, redelivers);
  enumerate([&](std::uint32_t n) {
    const OpenOptions options = fresh_options();
    Child rich([=] {
      Room own(options);
      const Reference mine = own.open(kind, parameter, "queue");
      for (const char* text : {"a", "b", "c", "d", "e"}) MUST(try_put(mine, text, text[0]) == Status::kOk);
      const Reference other = as(own.join(), mine);
      for (int i = 0; i < 3; ++i) MUST(try_get(mine).status == Status::kOk);
      MUST(try_get(other).status == Status::kOk);
      kill(getpid(), SIGKILL);
    });
    CHECK(rich.join() == -SIGKILL);
    const auto recover_until = [&](std::uint32_t last) {
      Child recoverer([=] {
        arm_crash(Victim::kOtherThreads, last);
        Room own(options);
        until_recovered(own);
        arm_crash(Victim::kOtherThreads, 0);
        _exit(kCompleted);
      });
      return recoverer.join();
    };
    const int ended = recover_until(n);
    if (random.below(2) == 0) recover_until(1 + random.below(n + 50));
    Room room(options);
    audit(room);
    const Reference queue = room.open(kind, parameter, "queue");
    CHECK(check_queue(queue) == (redelivers ? 5 : 1));
    CHECK(queue_size(queue) == (redelivers ? 5 : 1));
    check_slabs(room);
    std::string all;
    for (const std::string& text : drain(queue)) all += text;
    const bool is_stack = kind == Kind::kLifoQueue;
    if (!redelivers) {
      CHECK(all == (is_stack ? "a" : "e"));
    } else if (kind == Kind::kPriorityQueue) {
      CHECK(all == "abcde");
    } else {
      // Which of the two owners was given back first is the order of their slots.
      CHECK((is_stack ? all == "bedca" : all == "dabce"));
    }
    use_memory(queue);
    return ended;
  });
}

}  // namespace

TEST_SUITE("queue") {
  TEST_CASE("queue: recovery of a consumer, killed at each of its writes, and again, is done in the end") {
    enumerate_recovery(Kind::kQueue, false);
  }
  TEST_CASE("queue: so it is where items come back in front of the others") {
    enumerate_recovery(Kind::kQueue, true);
    enumerate_recovery(Kind::kLifoQueue, true);
  }
  TEST_CASE("queue: so it is where items come back to their places of a heap") {
    enumerate_recovery(Kind::kPriorityQueue, true);
  }
}

namespace {

constexpr int kStormProcesses = 5;
constexpr std::uint32_t kStormItems = 1 << 18;
constexpr int kStormKills = 250;

/// What a storm knows of each item and of each process.
struct Ledger {
  std::atomic<std::uint32_t> stop;
  std::atomic<std::uint8_t> put[kStormItems], got[kStormItems], done[kStormItems];
  std::atomic<std::uint32_t> next;
};

/// Two put items that nobody else puts, the others get what there is, asleep and by promise, until they are killed.
void play(Room& own, const Reference& queue, Ledger& ledger, int index) {
  const Reference mine = own.attach(queue);
  Loop loop(mine.me);
  while (ledger.stop.load() == 0) {
    if (index < 2) {
      const std::uint32_t number = ledger.next.fetch_add(1);
      if (number >= kStormItems) sleep_until_killed();
      const std::string text = std::to_string(number) + " " + kText.substr(0, number % 70);
      const Status status = index % 2 == 0 ? put(mine, text, number % 5) : put_promised(mine, loop, text, number % 5);
      if (status == Status::kBroken) return;
      MUST(status == Status::kOk);
      ledger.put[number].store(1);
      continue;
    }
    const Got got = index % 2 == 0 ? get(mine) : get_promised(mine, loop);
    if (got == Status::kBroken) return;
    MUST(got.status == Status::kOk);
    const std::uint32_t number = static_cast<std::uint32_t>(std::stoul(got.text));
    MUST(number < kStormItems && got.text.substr(got.text.find(' ') + 1) == kText.substr(0, number % 70));
    ledger.got[number].fetch_add(1);
    MUST(queue_task_done(mine, 1) == Status::kOk);
    ledger.done[number].fetch_add(1);
  }
}

void storm(Kind kind, bool redelivers) {
  Room room;
  const Reference queue = room.open(kind, queue_parameter(20, redelivers));
  const std::uint64_t memory = used_by_stripes(room);
  Shared<Ledger> ledger;
  Random random(static_cast<std::uint64_t>(kind) * 2 + redelivers);
  std::vector<Child> children;
  const auto start = [&](int index) {
    return Child(room, [&, index](Room& own) {
      stretch_windows();
      if (random.below(3) > 0) arm_crash(Victim::kAnyThread, 1 + getpid() * 7919u % 20000);
      play(own, queue, *ledger, index);
    });
  };
  for (int i = 0; i < kStormProcesses; ++i) children.push_back(start(i));
  std::uint32_t kills = 0;
  for (; kills < kStormKills; ++kills) {
    usleep(500 + random.below(6000));
    const int index = static_cast<int>(random.below(kStormProcesses));
    children[index].kill();
    children[index] = start(index);
  }
  ledger->stop.store(1);
  queue_shut_down(queue, false);
  for (Child& child : children) child.join();
  until_recovered(room);
  check_queue(queue);
  check_slabs(room);
  std::uint32_t lost = 0, doubled = 0;
  for (Got got = try_get(queue); got.status == Status::kOk; got = try_get(queue)) {
    const std::uint32_t number = static_cast<std::uint32_t>(std::stoul(got.text));
    ledger->got[number].fetch_add(1);
    ledger->done[number].fetch_add(1);
    MUST(queue_task_done(queue, 1) == Status::kOk);
  }
  for (std::uint32_t i = 0; i < kStormItems; ++i) {
    lost += ledger->put[i].load() == 1 && ledger->got[i].load() == 0;
    doubled += ledger->got[i].load() > 1;
  }
  CAPTURE(kills);
  MESSAGE("items ", ledger->next.load(), ", kills ", kills, ", lost ", lost, ", again ", doubled);
  CHECK(queue_try_join(queue) == Status::kOk);
  // Killed from outside, or by itself in between: each death loses one item at most, or brings one back.
  if (redelivers) CHECK(lost == 0);
  if (!redelivers) CHECK(doubled == 0);
  CHECK(lost + doubled <= kills + kStormProcesses);
  check_queue(queue);
  CHECK(used_by_stripes(room) <= memory + 256);
}

}  // namespace

TEST_SUITE("queue storm") {
  TEST_CASE("queue storm: what is put is got once, or again where it may come back") {
    for (const Kind kind : kQueueKinds) {
      for (const bool redelivers : {false, true}) storm(kind, redelivers);
    }
  }
}

}  // namespace lockstep::test
