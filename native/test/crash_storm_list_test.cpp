// Lists in processes that are killed from outside and that die at random shared writes, with windows stretched and waits
// without an end. What is spliced in together is found together, always; after every few deaths every rule of the
// segment must hold. LOCKSTEP_STORM_SECONDS says how long, 8 where it is not set.
#include <cstdio>
#include <cstdlib>

#include "core/verify.hpp"
#include "crash_enumeration.hpp"
#include "list_harness.hpp"

namespace lockstep::test {
namespace {

constexpr int kProcesses = 4;
constexpr int kThreads = 2;
constexpr std::size_t kGroup = 60;  // elements that come together, and go together

/// What one thread says of itself.
struct Seat {
  std::atomic<std::uint32_t> is_resting;
  std::atomic<std::uint64_t> acts;
};

struct Table {
  std::atomic<std::uint32_t> rest, stop;
  Seat seats[kProcesses][kThreads];
};

/// The lists that all share, as one owner sees them: one of groups of alike, one of values that say what they are.
struct Shelf {
  Reference groups, values;
  Shelf as(const Participant& me) const { return {test::as(me, groups), test::as(me, values)}; }
};

Shelf open_shelf(const Room& room) {
  return {room.open(Kind::kList, 0, "groups"), room.open(Kind::kList, 0, "values")};
}

void check_groups(const SharedTexts& groups) {
  const Texts all = groups.all();
  MUST(all.size() % kGroup == 0);
  for (std::size_t at = 0; at < all.size(); ++at) MUST(all[at] == all[at / kGroup * kGroup]);
}

/// One thread of one process at its acts.
class Player {
 public:
  Player(const Shelf& shelf, Table& table, Seat& seat)
      : groups_(shelf.groups),
        values_(shelf.values),
        table_(table),
        seat_(seat),
        random_(static_cast<std::uint64_t>(Deadline::now_ns()) + shelf.groups.me.id) {}

  void play() {
    while (table_.stop.load() == 0) {
      seat_.is_resting.store(table_.rest.load());
      if (table_.rest.load() != 0) {
        usleep(50);
        continue;
      }
      act();
      seat_.acts.fetch_add(1);
    }
    seat_.is_resting.store(1);
  }

 private:
  void act() {
    const std::uint32_t choice = random_.below(100);
    if (choice < 12) return put_group();
    if (choice < 20) return check_groups(groups_);
    if (choice < 24) return static_cast<void>(list_reverse(groups_.reference));
    if (choice < 45) return put();
    if (choice < 60) return take();
    if (choice < 80) return look();
    if (choice < 92) return set();
    if (choice < 95) return use_own();
    if (choice < 99) return static_cast<void>(values_.splice(position(), random_.below(150), {}));
    list_clear(random_.below(2) == 0 ? groups_.reference : values_.reference);
  }

  std::int64_t position() { return static_cast<std::int64_t>(random_.below(600)) - 300; }
  std::string text() { return made_value("v", random_.below(1 << 20)); }
  static void check(Status status) { MUST((status == Status::kOk || status == Status::kFull)); }

  // In front, at the end, or in place of all: the only places where it is sure that no group is broken.
  void put_group() {
    const std::string length(random_.below(2) * random_.below(400), 'g');
    const Texts group(kGroup, std::to_string(random_.below(1000)) + length);
    const std::uint32_t where = random_.below(20);
    if (where == 0) return check(groups_.splice(0, UINT64_MAX, group));
    if (where < 5) return check(groups_.splice(0, kGroup, {}));
    if (where < 9) return check(groups_.splice(-static_cast<std::int64_t>(kGroup), kGroup, {}));
    check(groups_.splice(where % 2 == 0 ? 0 : INT64_MAX, where < 14 ? kGroup : 0, group));
  }
  void put() {
    Texts texts;
    for (std::uint32_t i = random_.below(8) == 0 ? random_.below(100) : 1; i > 0; --i) texts.push_back(text());
    check(values_.splice(position(), random_.below(2), texts));
  }
  void take() {
    const auto taken = values_.take(position());
    MUST((!taken || is_made("v", *taken)));
  }
  void look() {
    const auto seen = values_.at(position());
    MUST((!seen || is_made("v", *seen)));
    MUST(groups_.length() % kGroup == 0);
  }
  void set() {
    const Status status = values_.set(position(), text());
    MUST((status == Status::kOk || status == Status::kNotFound || status == Status::kFull));
  }
  // A list that goes with its only user, or with his death.
  void use_own() {
    Reference own{groups_.reference.me, nullptr};
    bool created = false;
    if (open_object(own.me, {Kind::kList, 0, {}, nullptr}, &own.object, &created) != Status::kOk) return;
    SharedTexts(own).splice(0, 0, texts_from(0, 200));
    detach_object(own.me, own.object);
  }

  SharedTexts groups_, values_;
  Table& table_;
  Seat& seat_;
  Random random_;
};

/// A process of players. One in three dies at a write of its own choice.
void play_process(Room& own, Table& table, int index) {
  const Shelf shelf = open_shelf(own);
  const Participant second = own.join();
  Random random(static_cast<std::uint64_t>(Deadline::now_ns()));
  stretch_windows();
  if (random.below(3) == 0) arm_crash(Victim::kAnyThread, 200 + random.below(60000));
  std::thread other([&] { Player(shelf.as(second), table, table.seats[index][1]).play(); });
  Player(shelf, table, table.seats[index][0]).play();
  other.join();
  arm_crash(Victim::kAnyThread, 0);
}

OpenOptions storm_options() {
  OpenOptions options = fresh_options();
  options.capacity = 4 << 20;  // so that it is full now and then
  return options;
}

class ListStorm {
 public:
  void run(std::int64_t seconds) {
    const Deadline end = Deadline::in_ms(seconds * 1000);
    while (!end.passed()) {
      start_watchdog();
      raise_the_dead();
      table_->rest.store(0);
      strike();
      come_to_rest();
      check_all();
      ++rounds_;
    }
    table_->stop.store(1);
    for (std::uint32_t i = 0; i < kProcesses; ++i) note_end(i, children_[i] ? children_[i]->join() : 0);
    check_all();
    std::printf("list storm: %u kills, %u deaths at a write of their own, %u rounds, %llu acts, %u violations\n",
                kills_, suicides_, rounds_, static_cast<unsigned long long>(acts_), violations_);
    CHECK(violations_ == 0);
    CHECK(kills_ > 0);
  }

 private:
  void raise_the_dead() {
    for (int i = 0; i < kProcesses; ++i) {
      if (children_[i]) continue;
      for (Seat& seat : table_->seats[i]) {
        acts_ += seat.acts.exchange(0);
        seat.is_resting.store(0);
      }
      children_[i] = std::make_unique<Child>(room_, [this, i](Room& own) { play_process(own, *table_, i); });
    }
  }

  void strike() {
    for (std::uint32_t deaths = 1 + random_.below(3); deaths > 0; --deaths) {
      usleep(500 + random_.below(6000));
      const std::uint32_t index = random_.below(kProcesses);
      if (!children_[index]) continue;
      children_[index]->send(SIGKILL);
      ++kills_;
      note_end(index, children_[index]->join());
    }
  }

  void note_end(std::uint32_t index, int code) {
    children_[index].reset();
    if (code != -SIGKILL && code != 0) ++violations_;
  }

  bool all_rest() {
    bool all = true;
    for (std::uint32_t i = 0; i < kProcesses; ++i) {
      int code = 0;
      if (children_[i] && children_[i]->has_ended(&code)) suicides_ += code == -SIGKILL, note_end(i, code);
      for (const Seat& seat : table_->seats[i]) all = all && (!children_[i] || seat.is_resting.load() != 0);
    }
    return all;
  }

  void come_to_rest() {
    table_->rest.store(1);
    until([&] { return all_rest(); });
  }

  void check_all() {
    look_again(room_);
    check_sound(room_);
    check_groups(SharedTexts(shelf_.groups));
    for (const std::string& text : SharedTexts(shelf_.values).all()) CHECK(is_made("v", text));
  }

  Room room_{storm_options()};
  Shelf shelf_ = open_shelf(room_);
  Shared<Table> table_;
  std::unique_ptr<Child> children_[kProcesses];
  Random random_{static_cast<std::uint64_t>(Deadline::now_ns())};
  std::uint64_t acts_ = 0;
  std::uint32_t kills_ = 0, suicides_ = 0, rounds_ = 0, violations_ = 0;
};

}  // namespace

TEST_SUITE("storm") {
  TEST_CASE("storm: lists stay whole, and what came together is together, whoever dies when") {
    const char* const seconds = std::getenv("LOCKSTEP_STORM_SECONDS");
    ListStorm().run(seconds != nullptr ? std::atoi(seconds) : 8);
  }
}

}  // namespace lockstep::test
