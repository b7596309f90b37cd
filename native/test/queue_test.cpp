#include "core/queue.hpp"

#include <map>
#include <queue>
#include <set>

#include "queue_harness.hpp"

namespace lockstep::test {
namespace {

std::uint32_t size(const Reference& queue) { return queue_size(queue); }
Queue& words(const Reference& queue) { return words_of(*queue.object); }

/// Opens a queue and, at the end, checks that nothing of it is left.
class Opened {
 public:
  explicit Opened(Kind kind, std::uint32_t max_size = 0, bool redelivers = false)
      : before_(used_by_stripes(room_)), queue_(room_.open(kind, queue_parameter(max_size, redelivers))) {}
  ~Opened() {
    until_recovered(room_);
    check_queue(queue_);
    room_.detach(queue_);
    CHECK(used_by_stripes(room_) == before_);
    CHECK(room_.header().first_dead.load() == 0);
  }
  Opened(const Opened&) = delete;
  Opened& operator=(const Opened&) = delete;
  operator const Reference&() const { return queue_; }
  const Reference* operator->() const { return &queue_; }
  Room& room() { return room_; }

 private:
  Room room_;
  std::uint64_t before_;
  Reference queue_;
};

}  // namespace

TEST_SUITE("contract") {
  TEST_CASE("each kind has its order") {
    const std::map<Kind, std::string> orders = {
        {Kind::kQueue, "1 3 2 2b 0 "}, {Kind::kLifoQueue, "0 2b 2 3 1 "}, {Kind::kPriorityQueue, "0 1 2 2b 3 "}};
    for (const auto& [kind, order] : orders) {
      Opened queue(kind);
      for (const char* text : {"1", "3", "2", "2b", "0"}) CHECK(try_put(queue, text, text[0]) == Status::kOk);
      CHECK(size(queue) == 5);
      std::string got;
      for (int i = 0; i < 5; ++i) got += get(queue).text + " ";
      CHECK(got == order);
      CHECK(try_get(queue) == Status::kUnavailable);
      CHECK(size(queue) == 0);
      CHECK(queue_unfinished(queue) == 5);
    }
  }

  TEST_CASE("a queue with a largest size is full at it, whoever puts and however") {
    for (const Kind kind : kQueueKinds) {
      Opened queue(kind, 2);
      Loop loop(queue->me);
      for (int round = 0; round < 2; ++round) {
        CHECK(try_put(queue, "a") == Status::kOk);
        CHECK(put_promised(queue, loop, "b") == Status::kOk);
        CHECK(try_put(queue, "c") == Status::kUnavailable);
        CHECK(put(queue, "c", 0, Deadline::in_ms(5)) == Status::kTimedOut);
        CHECK(try_get(queue).status == Status::kOk);
        CHECK(get_promised(queue, loop).status == Status::kOk);
        CHECK(try_get(queue) == Status::kUnavailable);
        CHECK(get(queue, Deadline::in_ms(5)) == Status::kTimedOut);
      }
      CHECK((queue->object->bells.load() | queue->object->drain_bells.load()) == 0);
    }
  }

  TEST_CASE("any of them is like one of the standard library, however many items there are") {
    for (const Kind kind : kQueueKinds) {
      for (const bool redelivers : {false, true}) {
        Opened queue(kind, 0, redelivers);
        std::deque<std::string> list;
        std::set<std::tuple<double, int, std::string>> ranked;
        Random random(7);
        int made = 0;
        for (int i = 0; i < 30000; ++i) {
          if (random.below(10) < (i < 15000 ? 6u : 3u)) {
            const double priority = random.below(50);
            const std::string text = std::to_string(made) + std::string(random.below(40), 'x');
            REQUIRE(try_put(queue, text, priority) == Status::kOk);
            kind == Kind::kLifoQueue ? list.push_front(text) : list.push_back(text);
            ranked.insert({priority, made++, text});
            continue;
          }
          const Got got = try_get(queue);
          REQUIRE((got.status == Status::kOk) == !list.empty());
          if (list.empty()) continue;
          const bool is_ranked = kind == Kind::kPriorityQueue;
          CHECK(got.text == (is_ranked ? std::get<2>(*ranked.begin()) : list.front()));
          ranked.erase(ranked.begin());
          list.pop_front();
          if (random.below(2) == 0) CHECK(queue_task_done(queue, 1) == Status::kOk);
        }
        CHECK(size(queue) == list.size());
        check_queue(queue);
      }
    }
  }

  TEST_CASE("the places of a heap come back as it shrinks") {
    Opened queue(Kind::kPriorityQueue);
    for (int i = 0; i < 10000; ++i) REQUIRE(try_put(queue, "x", -i) == Status::kOk);
    const std::uint64_t full = used_by_stripes(queue.room());
    for (int i = 0; i < 10000; ++i) REQUIRE(try_get(queue) == "x");
    CHECK(used_by_stripes(queue.room()) < full / 100);
    CHECK(queue_task_done(queue, 10000) == Status::kOk);
  }

  TEST_CASE("values of every kind and size come out as they went in") {
    OpenOptions options = fresh_options();
    options.capacity = 256 << 20;
    Room room(options);
    const Reference queue = room.open(Kind::kQueue);
    const double number = 3.25;
    const QueueItem items[] = {{{ValueKind::kUndefined, 0, nullptr}},
                               {{ValueKind::kNumber, sizeof number, &number}},
                               {{ValueKind::kBytes, 3, "abc"}}};
    QueuePut some{items, 3};
    CHECK(queue_try_put(queue, some) == Status::kOk);
    ValueCopy copies[3];
    CopyGet all(copies, 3);
    CHECK(queue_try_get(queue, all) == Status::kOk);
    CHECK(copies[0].kind == ValueKind::kUndefined);
    CHECK(copies[1].number() == 3.25);
    CHECK(copies[2].kind == ValueKind::kBytes);
    CHECK(text_of(copies[2]) == "abc");
    for (const std::size_t size : {0u, 1u, 7u, 8u, 4080u, 4096u, 16384u, 1u << 20, 64u << 20}) {
      const std::string value(size, static_cast<char>('a' + size % 26));
      REQUIRE(put(queue, value) == Status::kOk);
      CHECK((get(queue).text == value));
    }
  }

  TEST_CASE("many are put and got at once, in order, as many as there is room for") {
    Opened queue(Kind::kQueue, 1000);
    std::vector<std::string> texts;
    for (int i = 0; i < 1500; ++i) texts.push_back(std::to_string(i));
    std::vector<QueueItem> items;
    for (const std::string& text : texts) items.push_back(item_of(text));
    QueuePut all{items.data(), 1500};
    CHECK(queue_try_put(queue, all) == Status::kUnavailable);
    CHECK(all.done == 1000);
    std::vector<ValueCopy> copies(1200);
    CopyGet some(copies.data(), 600);
    CHECK(queue_try_get(queue, some) == Status::kOk);
    CHECK(some.done == 600);
    CHECK(queue_try_put(queue, all) == Status::kOk);
    some.count = 1200;
    CHECK(queue_get(queue, some, Deadline::never()) == Status::kOk);
    CHECK(some.done == 1200);
    for (int i = 0; i < 1200; ++i) CHECK(text_of(copies[i]) == std::to_string(i));
    CopyGet rest(copies.data(), 1200);
    CHECK(queue_try_get(queue, rest) == Status::kOk);
    CHECK(rest.done == 300);
    CopyGet none(copies.data(), 0);
    CHECK(queue_try_get(queue, none) == Status::kOk);
    CHECK(queue_task_done(queue, 1500) == Status::kOk);
    CHECK(queue_try_join(queue) == Status::kOk);
  }

  TEST_CASE("a getter that sleeps, and one that waits by promise, get what is put") {
    for (const Kind kind : kQueueKinds) {
      Opened queue(kind);
      const Participant first = queue.room().join(), second = queue.room().join();
      std::atomic<int> got{0};
      Sleeper sleeper([&] { got += get(as(first, queue)).status == Status::kOk; });
      Sleeper promise([&] {
        Loop loop(second);
        got += get_promised(as(second, queue), loop).status == Status::kOk;
      });
      sleeper.until_asleep();
      promise.until_asleep();
      CHECK(try_put(queue, "a") == Status::kOk);
      CHECK(try_put(queue, "b") == Status::kOk);
      sleeper.join();
      promise.join();
      CHECK(got.load() == 2);
      CHECK(queue->object->bells.load() == 0);
    }
  }

  TEST_CASE("two putters that wait both go on when two are got at once") {
    Opened queue(Kind::kQueue, 2);
    const Participant first = queue.room().join(), second = queue.room().join();
    for (const char* text : {"a", "b"}) CHECK(try_put(queue, text) == Status::kOk);
    Sleeper sleeper([&] { MUST(put(as(first, queue), "c") == Status::kOk); });
    Sleeper promise([&] {
      Loop loop(second);
      MUST(put_promised(as(second, queue), loop, "d") == Status::kOk);
    });
    sleeper.until_asleep();
    promise.until_asleep();
    ValueCopy copies[2];
    CopyGet both(copies, 2);
    CHECK(queue_try_get(queue, both) == Status::kOk);
    sleeper.join();
    promise.join();
    CHECK(size(queue) == 2);
  }

  TEST_CASE("one that waits for an item hands on the news of another one") {
    Opened queue(Kind::kQueue);
    const Participant first = queue.room().join(), second = queue.room().join();
    Sleeper one([&] { MUST(get(as(first, queue)).status == Status::kOk); });
    one.until_asleep();
    Sleeper other([&] { MUST(get(as(second, queue)).status == Status::kOk); });
    other.until_asleep();
    const std::string text = "x";
    const QueueItem items[] = {item_of(text), item_of(text)};
    QueuePut both{items, 2};
    CHECK(queue_try_put(queue, both) == Status::kOk);
    one.join();
    other.join();
  }

  TEST_CASE("an isolate that was rung for an item, or a place, and gives up lets the next one know") {
    for (const bool is_get : {true, false}) {
      Opened queue(Kind::kQueue, 1);
      const Participant isolates[] = {queue.room().join(), queue.room().join()};
      Loop first(isolates[0]), second(isolates[1]);
      const std::string late = "late";  // an item only points to it
      const QueueItem item = item_of(late);
      const auto arm = [&](const Participant& me) {
        QueuePut put{&item, 1};
        ValueCopy copy;
        CopyGet get(&copy, 1);
        return is_get ? queue_arm_get(as(me, queue), get) : queue_arm_put(as(me, queue), put);
      };
      if (!is_get) CHECK(try_put(queue, "x") == Status::kOk);
      for (const Participant& me : isolates) CHECK(arm(me) == Status::kUnavailable);
      CHECK((is_get ? try_put(queue, "x") : try_get(queue).status) == Status::kOk);
      std::uint32_t rung[2] = {0, 0};
      const auto look = [&] {
        for (int i = 0; i < 2; ++i) rung[i] |= take_rings(isolates[i]);
        return rung[0] != 0 || rung[1] != 0;
      };
      until(look);
      const int heard = rung[0] != 0 ? 0 : 1;
      const Reference gives_up = as(isolates[heard], queue);
      is_get ? queue_disarm_get(gives_up) : queue_disarm_put(gives_up);
      until([&] { return look() && rung[1 - heard] != 0; });
      CHECK(arm(isolates[1 - heard]) == Status::kOk);
    }
  }

  TEST_CASE("join waits until every item is done") {
    Opened queue(Kind::kQueue);
    const Participant first = queue.room().join(), second = queue.room().join();
    CHECK(queue_try_join(queue) == Status::kOk);
    for (const char* text : {"a", "b"}) CHECK(try_put(queue, text) == Status::kOk);
    CHECK(queue_join(queue, Deadline::in_ms(5)) == Status::kTimedOut);
    Sleeper sleeper([&] { MUST(queue_join(as(first, queue), Deadline::never()) == Status::kOk); });
    Sleeper promise([&] {
      Loop loop(second);
      loop.run([&] { return queue_arm_join(as(second, queue)) == Status::kOk; });
    });
    sleeper.until_asleep();
    promise.until_asleep();
    CHECK(get(queue) == "a");
    CHECK(queue_task_done(queue, 1) == Status::kOk);
    CHECK(get(queue) == "b");
    CHECK(!sleeper.has_ended());
    CHECK(queue_task_done(queue, 1) == Status::kOk);
    sleeper.join();
    promise.join();
    CHECK(words(queue).join_bells.load() == 0);
  }

  TEST_CASE("a loop ends its item and gets the next one, and then others go on") {
    for (const Kind kind : kQueueKinds) {
      for (const bool redelivers : {false, true}) {
        Opened queue(kind, 2, redelivers);
        const Participant putter = queue.room().join(), joiner = queue.room().join();
        const Offset none = 0xfffffff8u;
        Offset item = none;
        const auto next = [&] {
          return get_by([&](CopyGet& one) {
            const Status status = queue_end_and_try_get(queue, item, one);
            if (status == Status::kOk) item = one.last;
            return status;
          });
        };
        CHECK(next() == Status::kUnavailable);
        for (int i = 0; i < 2; ++i) CHECK(try_put(queue, "a", 1) == Status::kOk);
        Sleeper put_one([&] { MUST(put(as(putter, queue), "a", 1) == Status::kOk); });
        Sleeper join([&] { MUST(queue_join(as(joiner, queue), Deadline::never()) == Status::kOk); });
        put_one.until_asleep();
        join.until_asleep();
        CHECK(next() == "a");
        put_one.join();
        for (std::uint32_t unfinished : {2u, 1u}) {
          CHECK(next() == "a");
          CHECK(check_queue(queue) == unfinished);
        }
        CHECK(!join.has_ended());
        CHECK(next() == Status::kUnavailable);
        join.join();
        CHECK(try_put(queue, "b") == Status::kOk);
        CHECK(next() == "b");
        CHECK(queue_end(queue, item) == Status::kOk);
        queue_shut_down(queue, false);
        CHECK(next() == Status::kBroken);
        CHECK(check_queue(queue) == 0);
      }
    }
  }

  TEST_CASE("whoever did not get an item may say that it is done") {
    Opened queue(Kind::kQueue);
    const Reference other = as(queue.room().join(), queue);
    for (const char* text : {"a", "b"}) CHECK(try_put(queue, text) == Status::kOk);
    CHECK(get(queue) == "a");
    CHECK(queue_task_done(other, 1) == Status::kOk);
    CHECK(queue_task_done(other, 1) == Status::kBound);
    CHECK(get(other) == "b");
    CHECK(queue_task_done(queue, 1) == Status::kOk);
    CHECK(queue_try_join(queue) == Status::kOk);
  }

  TEST_CASE("shut down, it takes nothing more and gives what it has") {
    for (const Kind kind : kQueueKinds) {
      Opened queue(kind, 2);
      for (const char* text : {"a", "b"}) CHECK(try_put(queue, text) == Status::kOk);
      CHECK(!queue_is_shut_down(queue));
      queue_shut_down(queue, false);
      CHECK(queue_is_shut_down(queue));
      CHECK(try_put(queue, "c") == Status::kBroken);
      CHECK(put(queue, "c", 0, Deadline::in_ms(0)) == Status::kBroken);
      for (int i = 0; i < 2; ++i) {
        CHECK(get(queue).status == Status::kOk);
        CHECK(queue_task_done(queue, 1) == Status::kOk);
      }
      CHECK(queue_join(queue, Deadline::never()) == Status::kOk);
      CHECK(get(queue) == Status::kBroken);
      CHECK(try_get(queue) == Status::kBroken);
      queue_shut_down(queue, true);
      queue_shut_down(queue, false);
      CHECK(words(queue).state.load() == static_cast<std::uint32_t>(QueueState::kDiscarded));
    }
  }

  TEST_CASE("shut down at once, it gives nothing either, and its items are done and freed") {
    for (const Kind kind : kQueueKinds) {
      for (const bool redelivers : {false, true}) {
        Opened queue(kind, 0, redelivers);
        for (int i = 0; i < 1000; ++i) CHECK(try_put(queue, "some text", i) == Status::kOk);
        CHECK(get(queue).status == Status::kOk);
        CHECK(get(queue).status == Status::kOk);
        queue_shut_down(queue, true);
        CHECK(size(queue) == 0);
        CHECK(queue_unfinished(queue) == 2);
        CHECK(try_put(queue, "c") == Status::kBroken);
        CHECK(get(queue) == Status::kBroken);
        CHECK(queue_task_done(queue, 2) == Status::kOk);
        CHECK(queue_task_done(queue, 1) == Status::kBound);
        CHECK(queue_join(queue, Deadline::never()) == Status::kOk);
        CHECK(used_by_stripes(queue.room()) == 0);
      }
    }
  }

  TEST_CASE("a shut down tells everybody who waits") {
    for (const bool at_once : {false, true}) {
      Opened full(Kind::kQueue, 1), empty(Kind::kQueue);
      CHECK(try_put(full, "a") == Status::kOk);
      std::vector<std::unique_ptr<Sleeper>> waiting;
      const auto wait = [&](std::function<void()> body) {
        waiting.push_back(std::make_unique<Sleeper>(std::move(body)));
        waiting.back()->until_asleep();
      };
      for (int i = 0; i < 2; ++i) {
        const Participant me = full.room().join(), other = empty.room().join();
        wait([&full, me] { MUST(put(as(me, full), "b") == Status::kBroken); });
        wait([&empty, other] { MUST(get(as(other, empty)) == Status::kBroken); });
        const Participant mine = full.room().join(), others = empty.room().join();
        wait([&full, mine] {
          Loop loop(mine);
          MUST(put_promised(as(mine, full), loop, "b") == Status::kBroken);
        });
        wait([&empty, others] {
          Loop loop(others);
          MUST(get_promised(as(others, empty), loop) == Status::kBroken);
        });
        if (!at_once) continue;
        const Participant joiner = full.room().join();
        wait([&full, joiner] { MUST(queue_join(as(joiner, full), Deadline::never()) == Status::kOk); });
      }
      queue_shut_down(full, at_once);
      queue_shut_down(empty, at_once);
      for (const auto& sleeper : waiting) sleeper->join();
    }
  }

  TEST_CASE("of three getters of a full queue of two that is shut down, one is told so") {
    Opened queue(Kind::kQueue, 2);
    for (const char* text : {"a", "b"}) CHECK(try_put(queue, text) == Status::kOk);
    queue_shut_down(queue, false);
    std::atomic<int> got{0}, told{0};
    in_threads(3, [&](int) {
      const Got mine = get(as(queue.room().join(), queue));
      got += mine.status == Status::kOk;
      told += mine == Status::kBroken;
    });
    CHECK(got.load() == 2);
    CHECK(told.load() == 1);
  }

  TEST_CASE("an item that may come back is with its consumer until that one says done, the oldest first") {
    for (const Kind kind : kQueueKinds) {
      Opened queue(kind, 0, true);
      const Reference other = as(queue.room().join(), queue);
      for (const char* text : {"a", "b", "c"}) CHECK(try_put(queue, text) == Status::kOk);
      CHECK(get(queue).status == Status::kOk);
      CHECK(get(queue).status == Status::kOk);
      CHECK(get(other).status == Status::kOk);
      CHECK(check_queue(queue) == 3);
      CHECK(queue_task_done(other, 2) == Status::kNotHeld);
      CHECK(queue_task_done(other, 1) == Status::kOk);
      CHECK(queue_task_done(other, 1) == Status::kNotHeld);
      CHECK(queue_task_done(queue, 2) == Status::kOk);
      CHECK(queue_task_done(queue, 1) == Status::kBound);
      CHECK(check_queue(queue) == 0);
      CHECK(used_by_stripes(queue.room()) <= 256);  // places of the heap
    }
  }

  TEST_CASE("of several items that a consumer has it ends each by itself, once") {
    for (const Kind kind : kQueueKinds) {
      for (const bool redelivers : {false, true}) {
        Opened queue(kind, 0, redelivers);
        const Reference other = as(queue.room().join(), queue);
        Offset items[4];
        for (int i = 0; i < 4; ++i) CHECK(try_put(queue, std::to_string(i), i) == Status::kOk);
        ValueCopy copy;
        for (Offset& item : items) {
          CopyGet one(&copy, 1);
          CHECK(queue_try_get(queue, one) == Status::kOk);
          item = one.last;
        }
        CHECK(queue_end(other, items[0]) == Status::kNotFound);
        for (const int i : {1, 3, 0}) {
          CHECK(queue_end(queue, items[i]) == Status::kOk);
          if (redelivers) CHECK(queue_end(queue, items[i]) == Status::kNotFound);
        }
        if (redelivers) {
          for (const Offset none : {0u, 64u, 12345u, 0xfffffff8u}) CHECK(queue_end(queue, none) == Status::kNotFound);
        }
        CHECK(check_queue(queue) == 1);
        CHECK(queue_end(queue, items[2]) == Status::kOk);
        CHECK(queue_end(queue, items[2]) == Status::kNotFound);
        CHECK(check_queue(queue) == 0);
        CHECK(queue_try_join(queue) == Status::kOk);
      }
    }
  }
}

TEST_SUITE("misuse") {
  TEST_CASE("done is said for what was got, not for more") {
    Opened queue(Kind::kQueue);
    CHECK(queue_task_done(queue, 1) == Status::kBound);
    CHECK(try_put(queue, "a") == Status::kOk);
    CHECK(queue_task_done(queue, 1) == Status::kBound);
    CHECK(get(queue) == "a");
    CHECK(queue_task_done(queue, 2) == Status::kBound);
    CHECK(queue_task_done(queue, UINT32_MAX) == Status::kBound);
    CHECK(queue_unfinished(queue) == 1);
    CHECK(queue_task_done(queue, 1) == Status::kOk);
  }

  TEST_CASE("a full segment changes nothing, and works again when something was got") {
    for (const Kind kind : kQueueKinds) {
      OpenOptions options = fresh_options();
      options.capacity = kMinCapacity;
      Room room(options);
      const Reference queue = room.open(kind, queue_parameter(0, true));
      std::uint32_t count = 0;
      while (try_put(queue, std::string(1000, 'x')) == Status::kOk) ++count;
      CHECK(count > 500);
      CHECK(size(queue) == count);
      CHECK(try_put(queue, std::string(kMaxItemBytes, 'x')) == Status::kFull);
      CHECK(put(queue, std::string(1000, 'x')) == Status::kFull);
      CHECK(check_queue(queue) == count);
      for (std::uint32_t i = 0; i < count; ++i) REQUIRE(get(queue).text.size() == 1000);
      CHECK(queue_task_done(queue, count) == Status::kOk);
      CHECK(try_put(queue, std::string(1 << 19, 'y')) == Status::kOk);
      check_queue(queue);
    }
  }

  TEST_CASE("items whose priority is no number come last") {
    Opened queue(Kind::kPriorityQueue);
    CHECK(try_put(queue, "nan", __builtin_nan("")) == Status::kOk);
    CHECK(try_put(queue, "high", 1e300) == Status::kOk);
    CHECK(try_put(queue, "low", -1e300) == Status::kOk);
    CHECK(get(queue) == "low");
    CHECK(get(queue) == "high");
    CHECK(get(queue) == "nan");
  }

  TEST_CASE("opened with another size or another kind, it is another") {
    Room room;
    room.open(Kind::kQueue, queue_parameter(3, false), "q");
    Object* object = nullptr;
    bool created = false;
    for (const Recipe& recipe : {Recipe{Kind::kQueue, queue_parameter(4, false), "q", nullptr},
                                 Recipe{Kind::kQueue, queue_parameter(3, true), "q", nullptr},
                                 Recipe{Kind::kLifoQueue, queue_parameter(3, false), "q", nullptr}}) {
      CHECK(open_object(room.me(), recipe, &object, &created) == Status::kMismatch);
    }
  }

  TEST_CASE("an item that breaks the rules is an error, and not followed") {
    Room room;
    const Reference queue = room.open(Kind::kQueue);
    CHECK(try_put(queue, "a") == Status::kOk);
    words(queue).front.store(room.header().heap_end.load() - 4);
    CHECK(try_get(queue) == Status::kCorrupt);
    words(queue).front.store(12345);
    CHECK(try_get(queue) == Status::kCorrupt);
  }
}

namespace {

constexpr int kHands = 3;
constexpr int kEach = 3000;

/// What each item says of itself: who put it, and how many he had put before.
struct Label {
  int putter, number;
};
Label label_of(const std::string& text) { return {std::stoi(text), std::stoi(text.substr(text.find(' ') + 1))}; }

void put_all(const Reference& queue, int putter, bool by_promise) {
  std::unique_ptr<Loop> loop;
  if (by_promise) loop = std::make_unique<Loop>(queue.me);
  for (int i = 0; i < kEach; ++i) {
    const std::string text = std::to_string(putter) + " " + std::to_string(i);
    MUST((loop ? put_promised(queue, *loop, text, i % 7) : put(queue, text, i % 7)) == Status::kOk);
  }
}

/// Gets until the shut down; each item once, those of one putter in their order.
void get_all(const Reference& queue, std::atomic<std::uint32_t>* seen, bool by_promise) {
  std::unique_ptr<Loop> loop;
  if (by_promise) loop = std::make_unique<Loop>(queue.me);
  const bool is_ordered = queue.object->kind.load() == static_cast<std::uint32_t>(Kind::kQueue);
  int last[kHands] = {-1, -1, -1};
  for (;;) {
    const Got got = loop ? get_promised(queue, *loop) : get(queue);
    if (got == Status::kBroken) return;
    MUST(got.status == Status::kOk);
    const Label label = label_of(got.text);
    MUST(!is_ordered || label.number > last[label.putter]);
    last[label.putter] = label.number;
    MUST(seen[label.putter * kEach + label.number].fetch_add(1) == 0);
    MUST(queue_task_done(queue, 1) == Status::kOk);
  }
}

struct Seen {
  std::atomic<std::uint32_t> items[kHands * kEach];
};

}  // namespace

TEST_SUITE("hammer") {
  TEST_CASE("threads that put and get, asleep and by promise, lose and double nothing") {
    for (const Kind kind : kQueueKinds) {
      for (const std::uint32_t parameter : {queue_parameter(1, false), queue_parameter(5, true), 0u}) {
        Opened queue(kind, queue_max_size(parameter), queue_redelivers(parameter));
        Shared<Seen> seen;
        std::atomic<int> putting{kHands};
        in_threads(2 * kHands, [&](int index) {
          const Reference mine = as(queue.room().join(), queue);
          const int hand = index / 2;
          if (index % 2 == 1) return get_all(mine, seen->items, hand == 1);
          put_all(mine, hand, hand == 1);
          if (putting.fetch_sub(1) != 1) return;
          MUST(queue_join(mine, Deadline::never()) == Status::kOk);
          queue_shut_down(mine, false);
        });
        for (const auto& one : seen->items) CHECK(one.load() == 1);
      }
    }
  }

  TEST_CASE("processes that put and get, asleep and by promise, lose and double nothing") {
    for (const Kind kind : kQueueKinds) {
      Opened queue(kind, 10);
      Shared<Seen> seen;
      Shared<std::atomic<int>> putting;
      putting->store(kHands);
      in_processes(queue.room(), 2 * kHands, [&](Room& room, int index) {
        const Reference mine = room.attach(queue);
        const int hand = index / 2;
        if (index % 2 == 1) return get_all(mine, seen->items, hand == 1);
        put_all(mine, hand, hand == 1);
        if (putting->fetch_sub(1) != 1) return;
        MUST(queue_join(mine, Deadline::never()) == Status::kOk);
        queue_shut_down(mine, false);
      });
      for (const auto& one : seen->items) CHECK(one.load() == 1);
    }
  }
}

TEST_SUITE("death") {
  TEST_CASE("what a consumer had got and not done counts as done when it dies, and those who join go on") {
    for (const Kind kind : kQueueKinds) {
      Opened queue(kind);
      for (const char* text : {"a", "b", "c"}) CHECK(try_put(queue, text) == Status::kOk);
      Child child(queue.room(), [&](Room& own) {
        const Reference mine = own.attach(queue);
        MUST(get(mine).status == Status::kOk);
        MUST(get(mine).status == Status::kOk);
        sleep_until_killed();
      });
      until([&] { return size(queue) == 1; });
      CHECK(get(queue).status == Status::kOk);
      CHECK(queue_task_done(queue, 1) == Status::kOk);
      const Participant joiner = queue.room().join();
      Sleeper sleeper([&] { MUST(queue_join(as(joiner, queue), Deadline::never()) == Status::kOk); });
      sleeper.until_asleep();
      child.kill();
      sleeper.join();
      until_recovered(queue.room());
      CHECK(check_queue(queue) == 0);
    }
  }

  TEST_CASE("what may come back comes back in front and in order, and wakes who waits for it") {
    const std::map<Kind, std::string> orders = {
        {Kind::kQueue, "b c d e "}, {Kind::kLifoQueue, "d c e b "}, {Kind::kPriorityQueue, "b c d e "}};
    for (const auto& [kind, order] : orders) {
      Opened queue(kind, 0, true);
      for (const char* text : {"a", "b", "c", "d", "e"}) CHECK(try_put(queue, text, text[0]) == Status::kOk);
      Child child(queue.room(), [&](Room& own) {
        const Reference mine = own.attach(queue);
        for (int i = 0; i < 3; ++i) MUST(get(mine).status == Status::kOk);
        MUST(queue_task_done(mine, 1) == Status::kOk);
        sleep_until_killed();
      });
      until([&] { return queue_unfinished(queue) == 4; });
      std::string got;
      if (kind == Kind::kLifoQueue) {  // a and b are left; the child had e, and has d and c
        child.kill();
        until_recovered(queue.room());
        CHECK(try_put(queue, "e") == Status::kOk);
        CHECK(get(queue) == "e");
        CHECK(get(queue) == "d");
        CHECK(get(queue) == "c");
        CHECK(get(queue) == "b");
        CHECK(get(queue) == "a");
        CHECK(queue_task_done(queue, 5) == Status::kOk);
        continue;
      }
      CHECK(get(queue) == "d");
      CHECK(get(queue) == "e");
      const Participant waiter = queue.room().join();
      Sleeper sleeper([&] {
        const Reference mine = as(waiter, queue);
        MUST(get(mine) == "b");
        MUST(get(mine) == "c");
        MUST(queue_task_done(mine, 2) == Status::kOk);
      });
      sleeper.until_asleep();
      child.kill();
      sleeper.join();
      CHECK(queue_task_done(queue, 2) == Status::kOk);
    }
  }

  TEST_CASE("an isolate that ends gives back what may come back, and a slot above the first chunk does too") {
    for (const Kind kind : kQueueKinds) {
      Opened queue(kind, 0, true);
      for (const char* text : {"a", "b", "c"}) CHECK(try_put(queue, text, text[0]) == Status::kOk);
      std::vector<Participant> others;
      while (others.empty() || slot_of(others.back().id) < 130) others.push_back(queue.room().join());
      const Reference far = as(others.back(), queue);
      CHECK(get(far).status == Status::kOk);
      CHECK(get(far).status == Status::kOk);
      leave_isolate(others.back());
      until([&] { return size(queue) == 3; });
      for (int i = 0; i < 3; ++i) CHECK(get(queue).status == Status::kOk);
      CHECK(try_get(queue) == Status::kUnavailable);
      CHECK(queue_task_done(queue, 3) == Status::kOk);
    }
  }

  TEST_CASE("what would come back to a queue that was shut down at once is freed") {
    for (const Kind kind : kQueueKinds) {
      Opened queue(kind, 0, true);
      for (const char* text : {"a", "b", "c"}) CHECK(try_put(queue, text) == Status::kOk);
      const Participant other = queue.room().join();
      CHECK(get(as(other, queue)).status == Status::kOk);
      CHECK(get(as(other, queue)).status == Status::kOk);
      queue_shut_down(queue, true);
      leave_isolate(other);
      CHECK(queue_join(queue, Deadline::never()) == Status::kOk);
      until([&] { return used_by_stripes(queue.room()) == 0; });
    }
  }

  TEST_CASE("a getter that dies asleep takes no item and no news with it") {
    Opened queue(Kind::kQueue);
    for (int round = 0; round < 30; ++round) {
      const Participant waiter = queue.room().join();
      Child child(queue.room(), [&](Room& own) {
        get(own.attach(queue));
        sleep_until_killed();
      });
      until([&] { return child.is_asleep() && has_waiter(words(queue).getters); });
      Sleeper sleeper([&] { MUST(get(as(waiter, queue)).status == Status::kOk); });
      sleeper.until_asleep();
      child.send(SIGSTOP);
      CHECK(try_put(queue, "x") == Status::kOk);
      child.kill();
      sleeper.join();
      leave_isolate(waiter);
      until_recovered(queue.room());
    }
  }
}

}  // namespace lockstep::test
