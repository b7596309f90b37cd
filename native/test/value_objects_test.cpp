#include "core/value_objects.hpp"

#include "core/verify.hpp"
#include "list_harness.hpp"
#include "objects_harness.hpp"
#include "queue_harness.hpp"

namespace lockstep::test {
namespace {

constexpr Kind kOfQueues[] = {Kind::kQueue, Kind::kLifoQueue, Kind::kPriorityQueue};
constexpr std::uint32_t kOneShard = dict_parameter(60000, false);
constexpr std::uint32_t kRedelivering = queue_parameter(0, true);

/// A new lock that only a value names: what is to become of it, and whether it is there.
class Inner {
 public:
  explicit Inner(const Room& room, Kind kind = Kind::kLock) : room_(room), made_(room.open(kind)), id_(id_of(made_)) {}
  const Reference& reference() const { return made_; }
  void let_go() const { room_.detach(made_); }
  bool is_there() const {
    Object* object = nullptr;
    if (attach_object(room_.me(), id_, &object) != Status::kOk) return false;
    detach_object(room_.me(), object);
    return true;
  }

 private:
  const Room& room_;
  Reference made_;
  ObjectId id_;
};

/// A lock lies alone in a dict, as the value of "k".
Inner lying_in(const Room& room, const Reference& dict, const DictStore& how = {}) {
  const Inner inner(room);
  MUST(store(dict, "k", naming({inner.reference()}), how) == Status::kOk);
  inner.let_go();
  MUST(inner.is_there());
  return inner;
}

/// So many locks that lie alone in a list, each in an element of its own.
std::vector<Inner> lying_in_list(const Room& room, const Reference& list, int count) {
  std::vector<Inner> all;
  std::vector<std::string> values;
  for (int i = 0; i < count; ++i) values.push_back(naming({all.emplace_back(room).reference()}));
  MUST(splice(list, 0, 0, values) == Status::kOk);
  for (const Inner& inner : all) inner.let_go();
  return all;
}

std::uint32_t lying_in_queue(const Room& room, const Reference& queue, int count) {
  for (int i = 0; i < count; ++i) {
    const Inner inner(room);
    MUST(put_naming(queue, {inner.reference()}) == Status::kOk);
    inner.let_go();
  }
  return live_objects(room);
}

}  // namespace

TEST_SUITE("contract") {
  TEST_CASE("an object that a value names lives until the value is replaced, removed or taken") {
    Room room;
    const Reference dict = room.open(Kind::kDict);
    const Inner replaced = lying_in(room, dict);
    MUST(store(dict, "other", naming({as(room.me(), replaced.reference())})) == Status::kOk);
    check_sound(room);
    const Inner next = lying_in(room, dict);
    CHECK(replaced.is_there());  // the other value names it still
    CHECK(fetch_and_remove(dict, "other", nullptr) == Status::kOk);
    CHECK(!replaced.is_there());
    CHECK(next.is_there());
    ValueCopy taken;
    CHECK(fetch_and_remove(dict, "k", &taken) == Status::kOk);
    CHECK(next.is_there());  // held for the one who took it
    taken.held.let_go();
    CHECK(!next.is_there());
    CHECK(live_objects(room) == 1);
    check_sound(room);
  }

  TEST_CASE("one value may name many, and one of them twice") {
    Room room;
    const Reference dict = room.open(Kind::kDict);
    std::vector<Reference> locks;
    for (int i = 0; i < 300; ++i) locks.push_back(room.open(Kind::kLock));
    locks.push_back(locks[0]);
    REQUIRE(store(dict, "k", naming(locks)) == Status::kOk);
    CHECK(kept(locks[0]) == 2);
    locks.pop_back();
    for (const Reference& lock : locks) room.detach(lock);
    CHECK(live_objects(room) == 301);
    check_sound(room);
    ValueCopy value;
    CHECK(fetch(dict, "k", value) == Status::kOk);
    CHECK(fetch_and_remove(dict, "k", nullptr) == Status::kOk);
    CHECK(live_objects(room) == 301);
    value.held.let_go();
    CHECK(live_objects(room) == 1);
    check_sound(room);
  }

  TEST_CASE("an object goes when its entry is over, is evicted, or cleared with all others") {
    Room room;
    const Reference dict = room.open(Kind::kDict), cache = room.open(Kind::kDict, dict_parameter(1, true));
    DictStore brief;
    brief.ttl_ns = 1;
    const Inner expired = [&] {
      const Inner inner(room);
      MUST(store(dict, "k", naming({inner.reference()}), brief) == Status::kOk);
      inner.let_go();
      return inner;
    }();
    until([&] { return dict_size(dict) == 0; });
    CHECK(!expired.is_there());
    const Inner evicted = lying_in(room, cache);
    MUST(store(cache, "next", naming({dict})) == Status::kOk);
    CHECK(!evicted.is_there());
    const Inner cleared = lying_in(room, dict);
    dict_clear(dict);
    CHECK(!cleared.is_there());
    dict_clear(cache);
    CHECK(kept(dict) == 0);
    const Reference inner = room.open(Kind::kNamespace);
    MUST(store(inner, "k", naming({dict})) == Status::kOk);
    MUST(store(dict, "k", naming({inner})) == Status::kOk);
    room.detach(inner);
    dict_clear(dict);
    CHECK(kept(dict) == 0);
    CHECK(room.header().first_dead.load() == 0);
    check_sound(room);
  }

  TEST_CASE("a number in place of it, and a value that may not be stored, leave no reference") {
    Room room;
    const Reference dict = room.open(Kind::kDict);
    const Inner inner = lying_in(room, dict);
    const Reference lock = room.open(Kind::kLock);
    CHECK(store(dict, "k", naming({lock}), {DictStore::When::kIfAbsent}) == Status::kUnavailable);
    CHECK(kept(lock) == 0);
    const double number = 5;
    with_text(dict, "k", [&](const Key& key) {
      return dict_set(dict, {key, {ValueKind::kNumber, sizeof number, &number}}, {}, nullptr);
    });
    CHECK(!inner.is_there());
    check_sound(room);
  }

  TEST_CASE("what a condition was told is there is held for him") {
    Room room;
    const Reference dict = room.open(Kind::kDict);
    const Inner inner = lying_in(room, dict);
    ValueCopy present;
    const Status told = with_text(dict, "k", [&](const Key& key) {
      return dict_set(dict, {key, latin1("x")}, {DictStore::When::kIfAbsent}, &present);
    });
    CHECK(told == Status::kUnavailable);
    CHECK(fetch_and_remove(dict, "k", nullptr) == Status::kOk);
    CHECK(inner.is_there());
    present.held.let_go();
    CHECK(!inner.is_there());
    KeyCopy key;
    const Inner any = lying_in(room, dict);
    CHECK(dict_take_any(dict, &key, &present) == Status::kOk);
    CHECK(any.is_there());
    present.held.let_go();
    CHECK(!any.is_there());
  }

  TEST_CASE("a list takes all that lies in it with it, however many") {
    Room room;
    const Reference list = room.open(Kind::kList);
    const std::vector<Inner> inner = lying_in_list(room, list, 300);
    CHECK(live_objects(room) == 301);
    check_sound(room);
    room.detach(list);
    CHECK(live_objects(room) == 0);
    CHECK(room.header().first_dead.load() == 0);
    CHECK(used_by_stripes(room) == 0);
    check_sound(room);
  }

  TEST_CASE("a list in itself lives until it is destroyed, or the element is removed") {
    Room room;
    for (const bool destroys : {true, false}) {
      const Reference list = room.open(Kind::kList);
      MUST(push(list, naming({list})) == Status::kOk);
      const ObjectId id = id_of(list);
      room.detach(list);
      CHECK(live_objects(room) == 1);
      Reference again{room.me(), nullptr};
      REQUIRE(attach_object(room.me(), id, &again.object) == Status::kOk);
      if (destroys) {
        CHECK(!unname_object(room.me(), again.object));
      } else {
        ValueCopy taken;
        CHECK(list_take(again, 0, taken) == Status::kOk);
      }
      room.detach(again);
      CHECK(live_objects(room) == 0);
      CHECK(used_by_stripes(room) == 0);
      check_sound(room);
    }
  }

  TEST_CASE("an outer container takes all that lies in it with it, however deep") {
    Room room;
    const Reference outer = room.open(Kind::kDict);
    Reference last = outer;
    for (const Kind kind : {Kind::kNamespace, Kind::kDict, Kind::kDict}) {
      const Reference next = room.open(kind);
      MUST(store(last, "next", naming({next})) == Status::kOk);
      if (last.object != outer.object) room.detach(last);
      last = next;
    }
    const Reference lock = room.open(Kind::kLock), condition = room.open_condition(lock);
    MUST(store(last, "next", naming({condition})) == Status::kOk);
    for (const Reference& reference : {last, lock, condition}) room.detach(reference);
    CHECK(live_objects(room) == 6);
    check_sound(room);
    room.detach(outer);
    CHECK(live_objects(room) == 0);
    CHECK(room.header().first_dead.load() == 0);
    CHECK(used_by_stripes(room) == 0);
    check_sound(room);
  }

  TEST_CASE("a container in itself lives until it is destroyed, or its value is removed") {
    Room room;
    for (const bool destroys : {true, false}) {
      const Reference dict = room.open(Kind::kDict);
      MUST(store(dict, "itself", naming({dict})) == Status::kOk);
      const ObjectId id = id_of(dict);
      room.detach(dict);
      CHECK(live_objects(room) == 1);
      check_sound(room);
      Reference again{room.me(), nullptr};
      REQUIRE(attach_object(room.me(), id, &again.object) == Status::kOk);
      if (destroys) {
        CHECK(!unname_object(room.me(), again.object));
      } else {
        CHECK(fetch_and_remove(again, "itself", nullptr) == Status::kOk);
      }
      CHECK(live_objects(room) == 1);
      room.detach(again);
      CHECK(live_objects(room) == 0);
      CHECK(used_by_stripes(room) == 0);
      check_sound(room);
    }
  }

  TEST_CASE("a destroyed object is kept by no value, old or new") {
    Room room;
    const Reference dict = room.open(Kind::kDict), lock = room.open(Kind::kLock, 0, "lock");
    const ObjectId id = id_of(lock);
    MUST(store(dict, "old", naming({lock})) == Status::kOk);
    CHECK(unname_object(room.me(), lock.object));
    CHECK(!unname_object(room.me(), lock.object));
    MUST(store(dict, "new", naming({lock})) == Status::kOk);
    check_sound(room);
    room.detach(lock);
    Object* object = nullptr;
    CHECK(attach_object(room.me(), id, &object) == Status::kGone);
    ValueCopy value;
    CHECK(fetch(dict, "old", value) == Status::kOk);
    CHECK(value.held.is_empty());
    check_sound(room);
    dict_clear(dict);
    check_sound(room);
  }

  TEST_CASE("items of queues keep their objects until they are got, and for the one who got them") {
    Room room;
    for (const Kind kind : kOfQueues) {
      const Reference queue = room.open(kind);
      const Inner inner(room);
      REQUIRE(put_naming(queue, {inner.reference()}) == Status::kOk);
      inner.let_go();
      check_sound(room);
      ValueCopy item;
      CopyGet get(&item, 1);
      REQUIRE(queue_try_get(queue, get) == Status::kOk);
      CHECK(inner.is_there());
      item.held.let_go();
      CHECK(!inner.is_there());
      check_sound(room);
      room.detach(queue);
    }
  }

  TEST_CASE("items that may come back keep their objects until they are done") {
    Room room;
    for (const Kind kind : kOfQueues) {
      const Reference queue = room.open(kind, kRedelivering);
      CHECK(lying_in_queue(room, queue, 3) == 4);
      {
        ValueCopy items[2];
        CopyGet get(items, 2);
        REQUIRE(queue_try_get(queue, get) == Status::kOk);
      }
      CHECK(live_objects(room) == 4);
      check_sound(room);
      CHECK(queue_task_done(queue, 1) == Status::kOk);
      CHECK(live_objects(room) == 3);
      check_sound(room);
      room.detach(queue);
      CHECK(live_objects(room) == 0);
      CHECK(used_by_stripes(room) == 0);
    }
  }

  TEST_CASE("an object that an element of a list names lives until it is replaced, removed or taken") {
    Room room;
    const Reference list = room.open(Kind::kList);
    const std::vector<Inner> inner = lying_in_list(room, list, 6);
    check_sound(room);
    CHECK(list_set(list, 0, with_objects(naming({list}))) == Status::kOk);
    CHECK(!inner[0].is_there());
    CHECK(list_set(list, 0, latin1("no object any more")) == Status::kOk);
    CHECK(kept(list) == 0);
    check_sound(room);
    ValueCopy taken;
    CHECK(list_take(list, 1, taken) == Status::kOk);
    CHECK(inner[1].is_there());  // held for the one who took it
    taken.held.let_go();
    CHECK(!inner[1].is_there());
    CHECK(splice(list, 1, 1, {}) == Status::kOk);
    CHECK(!inner[2].is_there());
    ValueList removed;
    CHECK(splice(list, 1, 2, {naming({list})}, &removed) == Status::kOk);
    CHECK(removed.count() == 2);
    removed.clear_values();
    CHECK((inner[3].is_there() && inner[4].is_there()));
    CHECK(splice(list, 0, 0, {}, &removed) == Status::kOk);  // forgets what was in it
    CHECK(!(inner[3].is_there() || inner[4].is_there()));
    CHECK(list_remove(list, with_objects(naming({list}))) == Status::kOk);
    CHECK(list_reverse(list) == Status::kOk);
    CHECK(inner[5].is_there());
    check_sound(room);
    list_clear(list);
    CHECK(!inner[5].is_there());
    CHECK(live_objects(room) == 1);
    CHECK(used_by_stripes(room) == 0);
    check_sound(room);
  }

  TEST_CASE("who reads elements has their objects, whoever removes them meanwhile") {
    Room room;
    const Reference list = room.open(Kind::kList);
    const std::vector<Inner> inner = lying_in_list(room, list, 3);
    ValueCopy one;
    ValueList all;
    std::uint32_t position = 0;
    CHECK(list_at(list, -1, one) == Status::kOk);
    CHECK(list_find(list, one.value(), 0, &position) == Status::kOk);
    CHECK(position == 2);
    CHECK(list_copy(list, {0, 2}, all) == Status::kOk);
    list_clear(list);
    for (const Inner& each : inner) CHECK(each.is_there());
    one.held.let_go();
    CHECK(!inner[2].is_there());
    CHECK(list_copy(list, {}, all) == Status::kOk);  // forgets what was in it
    CHECK(live_objects(room) == 1);
    check_sound(room);
  }

  TEST_CASE("elements of a list of many nodes name objects, among those that do not, small and large") {
    OpenOptions options = fresh_options();
    options.capacity = 32 << 20;
    Room room(options);
    const Reference list = room.open(Kind::kList), lock = room.open(Kind::kRLock);
    Random random(53);
    std::uint32_t names = 0;
    for (int i = 0; i < 60; ++i) {
      ValueList values;
      for (std::uint32_t j = random.below(60); j > 0; --j) {
        const std::string bytes = naming({lock, list}, std::string(random.below(20) == 0 ? 5000 : 0, 'l'));
        const bool is_naming = random.below(2) == 0;
        names += is_naming;
        MUST(values.add(is_naming ? with_objects(bytes) : latin1(bytes.substr(0, random.below(40)))));
      }
      ListSplice change{random.below(500), 0, &values, nullptr, 0};
      MUST(list_splice(list, change) == Status::kOk);
      CHECK((kept(lock) == names && kept(list) == names));
    }
    check_sound(room);
    while (list_length(list) > 700) {
      ValueList removed;
      MUST(splice(list, random.below(700), random.below(100), {}, &removed) == Status::kOk);
      std::uint64_t cursor = 0;
      for (std::uint32_t i = 0; i < removed.count(); ++i) {
        names -= removed.next(&cursor).kind == ValueKind::kWithObjects;
      }
      CHECK((kept(lock) == names && kept(list) == names));
    }
    check_sound(room);
    const std::uint32_t most = used_journal(room, stripe_of(list, 0));
    MESSAGE("at most " << most << " words of a journal");
    CHECK(most < kJournalEntries);
    list_clear(list);
    CHECK((kept(lock) == 0 && kept(list) == 0));
    CHECK(used_by_stripes(room) == 0);
    check_sound(room);
  }

  TEST_CASE("a queue that is shut down at once lets go of all") {
    Room room;
    for (const Kind kind : kOfQueues) {
      const Reference queue = room.open(kind);
      CHECK(lying_in_queue(room, queue, 100) == 101);
      queue_shut_down(queue, true);
      CHECK(live_objects(room) == 1);
      check_sound(room);
      room.detach(queue);
    }
  }

  TEST_CASE("a chain of 20,000 dicts goes with its first, and needs no stack") {
    OpenOptions options = fresh_options();
    options.capacity = 128 << 20;
    Room room(options);
    constexpr int kLength = 20'000;
    const Reference outer = room.open(Kind::kDict, kOneShard);
    Reference last = outer;
    for (int i = 1; i < kLength; ++i) {
      const Reference next = room.open(Kind::kDict, kOneShard);
      MUST(store(last, "next", naming({next})) == Status::kOk);
      if (i > 1) room.detach(last);
      last = next;
    }
    room.detach(last);
    CHECK(live_objects(room) == kLength);
    room.detach(outer);
    CHECK(live_objects(room) == 0);
    CHECK(room.header().first_dead.load() == 0);
    CHECK(used_by_stripes(room) == 0);
    check_sound(room);
  }
}

TEST_SUITE("misuse") {
  TEST_CASE("an object that is gone, or never was, cannot be stored, and nothing is changed") {
    Room room;
    const Reference dict = room.open(Kind::kDict), queue = room.open(Kind::kPriorityQueue);
    const Inner inner = lying_in(room, dict);
    const Reference lock = room.open(Kind::kLock), gone = room.open(Kind::kLock);
    std::vector<Reference> many(40, lock);
    many.push_back(gone);
    const std::string bytes = naming(many), one = naming({gone});
    room.detach(gone);
    CHECK(store(dict, "k", bytes) == Status::kGone);
    CHECK(store(dict, "new", one) == Status::kGone);
    const QueueItem item{with_objects(bytes), 0};
    QueuePut put{&item, 1};
    CHECK(queue_try_put(queue, put) == Status::kGone);
    CHECK(kept(lock) == 0);
    CHECK(inner.is_there());
    CHECK(dict_size(dict) == 1);
    CHECK(queue_size(queue) == 0);
    check_sound(room);
  }

  TEST_CASE("a list takes none of many elements when one names an object that is gone") {
    Room room;
    const Reference list = room.open(Kind::kList), lock = room.open(Kind::kLock), gone = room.open(Kind::kLock);
    const std::vector<Inner> inner = lying_in_list(room, list, 2);
    const std::string wrong = naming({lock, gone});
    std::vector<std::string> values(100, naming({lock}));
    values[70] = wrong;
    room.detach(gone);
    const std::uint64_t used = used_by_stripes(room);
    CHECK(splice(list, 1, 1, values) == Status::kGone);
    CHECK(list_set(list, 0, with_objects(wrong)) == Status::kGone);
    CHECK(kept(lock) == 0);
    CHECK((inner[0].is_there() && inner[1].is_there()));
    CHECK(list_length(list) == 2);
    CHECK(used_by_stripes(room) == used);
    check_sound(room);
  }

  TEST_CASE("a table that is not whole is refused, and nothing is changed") {
    Room room;
    const Reference dict = room.open(Kind::kDict), list = room.open(Kind::kList);
    const std::string whole = naming({dict, dict});
    for (const std::string& bytes : {std::string(), whole.substr(0, 7), whole.substr(0, 16), naming({})}) {
      CHECK(!has_sound_table(with_objects(bytes)));
      CHECK(store(dict, "k", bytes) == Status::kMismatch);
      CHECK(push(list, bytes) == Status::kMismatch);
    }
    CHECK(list_length(list) == 0);
    CHECK(has_sound_table(with_objects(whole)));
    CHECK(kept(dict) == 0);
    check_sound(room);
  }

  TEST_CASE("verify() finds a reference too many, and one too few") {
    Room room;
    const Reference dict = room.open(Kind::kDict), lock = room.open(Kind::kLock);
    MUST(store(dict, "k", naming({lock})) == Status::kOk);
    for (const std::uint32_t wrong : {0u, 2u}) {
      lock.object->kept.store(wrong);
      CHECK(!verify(room.me()).is_sound());
    }
    lock.object->kept.store(1);
    check_sound(room);
  }

  TEST_CASE("a segment without room for an attachment keeps the value") {
    OpenOptions options = fresh_options();
    options.capacity = kMinCapacity;
    Room room(options);
    const Reference dict = room.open(Kind::kDict), list = room.open(Kind::kList);
    const Inner inner = lying_in(room, dict);
    const std::vector<Inner> element = lying_in_list(room, list, 1);
    ValueList removed;
    std::vector<Offset> all;
    {
      Transaction directory(room.me());
      while (const Offset page = take_pages(directory, {1, PageOwner::kStripeRun}))
        all.push_back(page), directory.commit();
      while (allocate(directory, sizeof(Attachment)) != nullptr) directory.commit();
    }
    ValueCopy value;
    CHECK(fetch_and_remove(dict, "k", &value) == Status::kFull);
    CHECK(fetch(dict, "k", value) == Status::kFull);
    CHECK(list_at(list, 0, value) == Status::kFull);
    CHECK(list_take(list, 0, value) == Status::kFull);
    CHECK(splice(list, 0, 1, {}, &removed) == Status::kFull);
    CHECK(list_length(list) == 1);
    {
      Transaction directory(room.me());
      for (const Offset page : all) give_pages(directory, page), directory.commit();
    }
    CHECK(fetch_and_remove(dict, "k", &value) == Status::kOk);
    CHECK(inner.is_there());
    value.held.let_go();
    CHECK(!inner.is_there());
  }
}

TEST_SUITE("hammer") {
  TEST_CASE("of many who store, read and take what names the same objects, each reference is given back once") {
    Room room;
    const Reference dict = room.open(Kind::kDict);
    const Reference objects[] = {room.open(Kind::kDict), room.open(Kind::kRWLock), dict};
    in_threads(4, [&](int index) {
      const Participant me = room.join();
      const Reference own = as(me, dict);
      Random random(static_cast<std::uint64_t>(index));
      for (int i = 0; i < 3000; ++i) {
        const std::string key = std::to_string(random.below(8));
        ValueCopy value;
        const std::uint32_t choice = random.below(4);
        if (choice < 2) {
          Reference fresh{me, nullptr};
          bool created = false;
          MUST(open_object(me, {Kind::kLock, 0, {}, nullptr}, &fresh.object, &created) == Status::kOk);
          MUST(store(own, key, naming({as(me, objects[random.below(3)]), fresh})) == Status::kOk);
          detach_object(me, fresh.object);
        } else {
          const Status got = choice == 2 ? fetch(own, key, value) : fetch_and_remove(own, key, &value);
          MUST((got == Status::kOk || got == Status::kNotFound));
          MUST(value.held.is_empty() == (got == Status::kNotFound));
        }
      }
    });
    check_sound(room);
    dict_clear(dict);
    CHECK(live_objects(room) == 3);
    for (const Reference& object : objects) CHECK(kept(object) == 0);
    check_sound(room);
  }
}

TEST_SUITE("hammer") {
  TEST_CASE("of many who change and read a list of what names the same objects, each reference is given back once") {
    Room room;
    const Reference list = room.open(Kind::kList);
    const Reference objects[] = {room.open(Kind::kDict), list};
    in_threads(4, [&](int index) {
      const Participant me = room.join();
      const Reference own = as(me, list);
      Random random(static_cast<std::uint64_t>(index));
      for (int i = 0; i < 3000; ++i) {
        const std::uint32_t choice = random.below(6), length = list_length(own);
        ValueCopy value;
        ValueList values;
        if (choice < 2 && length < 100) {
          Reference fresh{me, nullptr};
          bool created = false;
          MUST(open_object(me, {Kind::kLock, 0, {}, nullptr}, &fresh.object, &created) == Status::kOk);
          const std::string bytes = naming({as(me, objects[random.below(2)]), fresh});
          MUST(splice(own, random.below(100), random.below(3), {bytes, bytes}, &values) == Status::kOk);
          detach_object(me, fresh.object);
        } else if (choice < 4) {
          const Status got = choice == 2 ? list_at(own, random.below(100), value) : list_take(own, -1, value);
          MUST((got == Status::kOk || got == Status::kNotFound));
          MUST(value.held.is_empty() == (got == Status::kNotFound));
        } else if (choice == 4) {
          MUST(list_copy(own, {random.below(100), INT64_MAX}, values) == Status::kOk);
          MUST(values.held.is_empty() == (values.count() == 0));
        } else {
          MUST(list_reverse(own) == Status::kOk);
        }
      }
    });
    check_sound(room);
    list_clear(list);
    CHECK(live_objects(room) == 2);
    for (const Reference& object : objects) CHECK(kept(object) == 0);
    CHECK(used_by_stripes(room) == 0);
    check_sound(room);
  }
}

TEST_SUITE("death") {
  TEST_CASE("what only a killed process had made stays as long as values name it") {
    Room room;
    const Reference dict = room.open(Kind::kDict), queue = room.open(Kind::kQueue, kRedelivering);
    Child child(room, [&](Room& own) {
      const Reference mine = own.attach(dict), its_queue = own.attach(queue);
      const Reference lock = own.open(Kind::kLock), inner = own.open(Kind::kDict);
      MUST(store(mine, "lock", naming({lock})) == Status::kOk);
      MUST(put_naming(its_queue, {inner, lock}) == Status::kOk);
      ValueCopy item;
      CopyGet get(&item, 1);
      MUST(queue_try_get(its_queue, get) == Status::kOk);
      ::kill(getpid(), SIGKILL);
    });
    CHECK(child.join() == -SIGKILL);
    until([&] { return queue_size(queue) == 1; });
    until([&] { return room.segment()->live_processes() == 1 && live_objects(room) == 4; });
    check_sound(room);
    {
      ValueCopy value, item;
      CHECK(fetch(dict, "lock", value) == Status::kOk);
      CHECK(!value.held.is_empty());
      CopyGet get(&item, 1);
      CHECK(queue_try_get(queue, get) == Status::kOk);
      CHECK(queue_task_done(queue, 1) == Status::kOk);
      CHECK(live_objects(room) == 4);
    }
    CHECK(live_objects(room) == 3);
    dict_clear(dict);
    CHECK(live_objects(room) == 2);
    check_sound(room);
  }
}

}  // namespace lockstep::test
