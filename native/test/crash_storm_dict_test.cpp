// Dicts in processes that are killed from outside and that die at random shared writes, with windows stretched and waits
// without an end. After every few deaths all come to rest; then every rule of the segment must hold, every value be
// whole and every account exact. LOCKSTEP_STORM_SECONDS says how long, 8 where it is not set.
#include <cstdio>
#include <cstdlib>

#include "core/verify.hpp"
#include "crash_enumeration.hpp"
#include "objects_harness.hpp"

namespace lockstep::test {
namespace {

constexpr int kProcesses = 4;
constexpr int kThreads = 2;
constexpr std::uint32_t kNames = 500;  // each claimed once

/// What one thread says of itself. Begun and done differ by the act that it may have died in.
struct Seat {
  std::atomic<std::uint32_t> is_resting;
  std::atomic<std::uint64_t> acts, adds_begun, adds_done;
};

struct Table {
  std::atomic<std::uint32_t> rest, stop, next_name;
  std::atomic<std::uint32_t> wins[kNames];
  Seat seats[kProcesses][kThreads];
};

/// The dicts that all share, as one owner sees them.
struct Shelf {
  Reference dict, cache, counters, nests;

  Shelf as(const Participant& me) const {
    return {test::as(me, dict), test::as(me, cache), test::as(me, counters), test::as(me, nests)};
  }
};
constexpr std::uint32_t kShelved = 4;

Shelf open_shelf(const Room& room) {
  return {room.open(Kind::kDict, 0, "dict"), room.open(Kind::kDict, dict_parameter(150, true), "cache"),
          room.open(Kind::kDict, dict_parameter(1000, false), "counters"),
          room.open(Kind::kDict, dict_parameter(60, true), "nests")};
}

/// One thread of one process at its acts.
class Player {
 public:
  Player(const Shelf& shelf, Table& table, Seat& seat)
      : dict_(shelf.dict),
        cache_(shelf.cache),
        counters_(shelf.counters),
        nests_(shelf.nests),
        table_(table),
        seat_(seat),
        random_(static_cast<std::uint64_t>(Deadline::now_ns()) + shelf.dict.me.id) {}

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
    if (choice < 24) return set(dict_, 500);
    if (choice < 30) return nest();
    if (choice < 33) return look_into();
    if (choice < 45) return look(dict_, 500);
    if (choice < 60) return take();
    if (choice < 70) return set(cache_, 400);
    if (choice < 78) return look(cache_, 400);
    if (choice < 90) return add();
    if (choice < 94) return claim();
    if (choice < 96) return take_any();
    if (choice < 98) return use_own();
    if (choice < 99) return walk();
    const Reference cleared[] = {dict_.reference, nests_, cache_.reference, cache_.reference};
    dict_clear(cleared[random_.below(4)]);
  }

  std::string key(std::uint32_t most) { return "key " + std::to_string(random_.below(most)); }

  void set(const Dict& dict, std::uint32_t keys) {
    const std::string name = key(keys);
    DictStore how;
    if (random_.below(10) == 0) how.ttl_ns = 1 + random_.below(3'000'000);
    const Status status = dict.set(name, made_value(name, random_.below(1 << 20)), how);
    MUST((status == Status::kOk || status == Status::kFull));
  }
  void look(const Dict& dict, std::uint32_t keys) {
    const std::string name = key(keys);
    const auto value = dict.get(name);
    MUST((!value || is_made(name, *value)));
  }
  void take() {
    const std::string name = key(500);
    const auto value = dict_.take(name);
    MUST((!value || is_made(name, *value)));
  }
  void take_any() {
    KeyCopy name;
    ValueCopy value;
    if (dict_take_any(dict_.reference, &name, &value) != Status::kOk) return;
    MUST(is_made(std::string(static_cast<const char*>(name.bytes()), name.length),
                 std::string(value.bytes(), value.length)));
  }
  void walk() {
    std::uint64_t cursor = 0;
    std::vector<KeyCopy> keys;
    while (dict_walk(dict_.reference, &cursor, keys)) {
    }
    for (const KeyCopy& copy : keys) {
      const auto value = dict_.get(text_of(copy));
      MUST((!value || is_made(text_of(copy), *value)));
    }
  }
  void add() {
    seat_.adds_begun.fetch_add(1);
    if (counters_.add("count " + std::to_string(random_.below(3)), 1)) seat_.adds_done.fetch_add(1);
  }
  void claim() {
    const std::uint32_t name = table_.next_name.load() % kNames;
    const Status status = counters_.set("name " + std::to_string(name), "mine", {DictStore::When::kIfAbsent});
    if (status == Status::kOk) table_.wins[name].fetch_add(1);
    if (random_.below(3) == 0) table_.next_name.fetch_add(1);
  }
  // A dict that goes with its only user, or with his death.
  void use_own() {
    Reference own{dict_.reference.me, nullptr};
    bool created = false;
    if (open_object(own.me, {Kind::kDict, 0, {}, nullptr}, &own.object, &created) != Status::kOk) return;
    const Dict dict(own);
    for (int i = 0; i < 40; ++i) dict.set(std::to_string(i), std::string(random_.below(600), 'o'));
    detach_object(own.me, own.object);
  }

  // A dict that only a value names, and a lock that only a value in it does.
  void nest() {
    const Participant& me = nests_.me;
    Reference inner{me, nullptr}, lock{me, nullptr};
    bool created = false;
    if (open_object(me, {Kind::kDict, 0, {}, nullptr}, &inner.object, &created) != Status::kOk) return;
    if (open_object(me, {Kind::kLock, 0, {}, nullptr}, &lock.object, &created) == Status::kOk) {
      const Status deep = store(inner, "lock", naming({lock, nests_}));
      const Status status = store(nests_, key(80), naming({inner}, std::string(random_.below(500), 'n')));
      MUST((deep == Status::kOk || deep == Status::kFull));
      MUST((status == Status::kOk || status == Status::kFull));
      detach_object(me, lock.object);
    }
    detach_object(me, inner.object);
  }
  void look_into() {
    ValueCopy value;
    const std::string name = key(80);
    const Status status = random_.below(2) == 0 ? fetch(nests_, name, value) : fetch_and_remove(nests_, name, &value);
    MUST((status == Status::kOk || status == Status::kNotFound || status == Status::kFull));
    MUST((status != Status::kOk || !value.held.is_empty()));
  }

  Dict dict_, cache_, counters_;
  Reference nests_;
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

class DictStorm {
 public:
  void run(std::int64_t seconds) {
    const Deadline end = Deadline::in_ms(seconds * 1000);
    while (!end.passed()) {
      start_watchdog();
      raise_the_dead();
      table_->rest.store(0);
      strike();
      come_to_rest();
      check_accounts();
      ++rounds_;
    }
    table_->stop.store(1);
    for (int i = 0; i < kProcesses; ++i) note_end(i, children_[i] ? children_[i]->join() : 0);
    for (auto& seats : table_->seats) {
      for (Seat& seat : seats) close(seat);
    }
    check_accounts();
    dict_clear(shelf_.nests);
    until([&] { return room_.header().first_dead.load() == 0; });
    CHECK(live_objects(room_) == kShelved);
    std::printf("dict storm: %u kills, %u deaths at a write of their own, %u rounds, %llu acts, %u violations\n",
                kills_, suicides_, rounds_, static_cast<unsigned long long>(acts_), violations_);
    CHECK(violations_ == 0);
    CHECK(kills_ > 0);
  }

 private:
  void close(Seat& seat) {
    least_ += seat.adds_done.load();
    most_ += seat.adds_begun.load();
    acts_ += seat.acts.load();
    seat.~Seat();
    new (&seat) Seat();
  }

  void raise_the_dead() {
    for (int i = 0; i < kProcesses; ++i) {
      if (children_[i]) continue;
      for (Seat& seat : table_->seats[i]) close(seat);
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

  void check_accounts() {
    look_again(room_);
    check_sound(room_);
    const Dict counters(shelf_.counters);
    double count = 0;
    for (int i = 0; i < 3; ++i) count += counters.add("count " + std::to_string(i), 0).value_or(0);
    std::uint64_t least = least_, most = most_;
    for (const auto& seats : table_->seats) {
      for (const Seat& seat : seats) {
        least += seat.adds_done.load();
        most += seat.adds_begun.load();
      }
    }
    CHECK(count >= static_cast<double>(least));
    CHECK(count <= static_cast<double>(most));
    for (const auto& won : table_->wins) CHECK(won.load() <= 1);
  }

  Room room_{storm_options()};
  Shelf shelf_ = open_shelf(room_);
  Shared<Table> table_;
  std::unique_ptr<Child> children_[kProcesses];
  Random random_{static_cast<std::uint64_t>(Deadline::now_ns())};
  std::uint64_t least_ = 0, most_ = 0, acts_ = 0;
  std::uint32_t kills_ = 0, suicides_ = 0, rounds_ = 0, violations_ = 0;
};

}  // namespace

TEST_SUITE("storm") {
  TEST_CASE("storm: dicts stay whole and every byte accounted for, whoever dies when") {
    const char* const seconds = std::getenv("LOCKSTEP_STORM_SECONDS");
    DictStorm().run(seconds != nullptr ? std::atoi(seconds) : 8);
  }
}

}  // namespace lockstep::test
