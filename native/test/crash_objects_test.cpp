// Death at every shared write of what changes values that name objects. Whoever looks afterwards finds the operation
// done or not begun, and every reference counted exactly; in the end nothing of them is left.
#include "crash_enumeration.hpp"
#include "objects_harness.hpp"
#include "queue_harness.hpp"

namespace lockstep::test {
namespace {

constexpr std::uint32_t kOneShard = dict_parameter(60000, false);
constexpr std::uint32_t kStride = 4;
constexpr Kind kContainers[] = {Kind::kDict, Kind::kList, Kind::kQueue, Kind::kLifoQueue, Kind::kPriorityQueue};

/// One operation on a container, which is made and filled anew for each death. What others made is anonymous, and in
/// the container only.
struct Case {
  Kind kind = Kind::kDict;
  std::uint32_t parameter = kOneShard;
  std::function<void(const Room&, const Reference&)> prepare = [](const Room&, const Reference&) {};
  std::function<void(Room&, const Reference&)> run;
  std::uint32_t stride = 1;
  const char* stays = nullptr;  // a key whose value has its objects, whatever happens
};

OpenOptions small_options() {
  OpenOptions options = fresh_options();
  options.capacity = kMinCapacity;
  return options;
}

/// All that the value of the key names is there.
void check_there(const Room& room, const Reference& dict, const char* key) {
  ValueCopy value;
  REQUIRE(fetch(dict, key, value) == Status::kOk);
  value.held.let_go();
  const auto* const table = reinterpret_cast<const std::uint32_t*>(value.bytes());
  for (std::uint32_t i = 0; i < table[0]; ++i) {
    Object* object = nullptr;
    CHECK(attach_object(room.me(), {table[2 + 2 * i], table[3 + 2 * i], Kind::kNone}, &object) == Status::kOk);
    if (object != nullptr) detach_object(room.me(), object);
  }
}

void enumerate_objects(const Case& one) {
  Room room(small_options());
  { room.detach(room.open(one.kind, one.parameter)); }
  const Books before = audit(room);
  enumerate_some(one.stride, [&](std::uint32_t n) {
    const Reference container = room.open(one.kind, one.parameter);
    one.prepare(room, container);
    Reference mine{};
    const Operation operation{[&](Room& own) { mine = own.attach(container); }, [&](Room& own) { one.run(own, mine); }};
    const int ended = run_until(room, operation, n);
    check_sound(room);
    if (one.stays != nullptr) check_there(room, container, one.stays);
    room.detach(container);
    until([&] { return room.header().first_dead.load() == 0; });
    CHECK(audit(room) == before);
    CHECK(used_by_stripes(room) == 0);
    return ended;
  });
}

/// The same in a container that was destroyed, so that it may lie in itself.
Case destroyed(const Case& one) {
  Case result = one;
  result.prepare = [=](const Room& room, const Reference& container) {
    one.prepare(room, container);
    unname_object(room.me(), container.object);
  };
  return result;
}

/// What the test is about: objects of several kinds, one of which has a partner, one a chunk, and one others in it.
struct Inner {
  const Room& room;
  Reference lock, condition, dict;

  explicit Inner(const Room& of)
      : room(of), lock(of.open(Kind::kRLock)), condition(of.open_condition(lock)), dict(of.open(Kind::kDict)) {
    const Reference deep = of.open(Kind::kNamespace);
    MUST(store(dict, "deep", naming({deep, lock}), {}) == Status::kOk);
    of.detach(deep);
  }
  ~Inner() {
    for (const Reference& reference : {lock, condition, dict}) room.detach(reference);
  }
  Inner(const Inner&) = delete;
  Inner& operator=(const Inner&) = delete;
  std::string value(std::size_t length = 0) const { return naming({condition, dict}, std::string(length, 'v')); }
};

void store_inner(const Room& room, const Reference& dict, const std::string& key, std::size_t length = 0) {
  const Inner inner(room);
  MUST(store(dict, key, inner.value(length)) == Status::kOk);
}

void put_inner(const Room& room, const Reference& queue, double priority = 0) {
  const Inner inner(room);
  MUST(put_naming(queue, {inner.condition, inner.dict}, priority) == Status::kOk);
}

/// Many elements, of which so many name objects that nothing else names.
void push_inner(const Room& room, const Reference& list, int count, int others = 0) {
  ValueList plain;
  for (int i = 0; i < others; ++i) MUST(plain.add(latin1(i % 5 == 0 ? "an element that names nothing" : "small")));
  ListSplice change{0, 0, &plain, nullptr, 0};
  MUST(list_splice(list, change) == Status::kOk);
  for (int i = 0; i < count; ++i) {
    const Inner inner(room);
    MUST(splice(list, i * 7, 0, {inner.value(i == 1 ? 5000 : 0)}) == Status::kOk);
  }
}

Case in_list(int count, int others, std::uint32_t stride) {
  Case one;
  one.kind = Kind::kList;
  one.parameter = 0;
  one.stride = stride;
  one.prepare = [=](const Room& room, const Reference& list) { push_inner(room, list, count, others); };
  return one;
}

Status get_one(const Reference& queue) {
  ValueCopy item;
  CopyGet get(&item, 1);
  return queue_try_get(queue, get);
}

}  // namespace

TEST_SUITE("objects") {
  TEST_CASE("objects: a value that names some is stored, small and large") {
    for (const std::size_t length : {0u, 6000u}) {
      Case one;
      one.stride = kStride;
      one.run = [=](Room& own, const Reference& dict) { store_inner(own, dict, "k", length); };
      enumerate_objects(one);
    }
  }

  TEST_CASE("objects: it is replaced by another one, and by one that names the same") {
    Case one;
    one.stride = kStride;
    one.prepare = [](const Room& room, const Reference& dict) { store_inner(room, dict, "k", 5000); };
    one.run = [](Room& own, const Reference& dict) {
      store_inner(own, dict, "k");
      ValueCopy value;
      MUST(fetch(dict, "k", value) == Status::kOk);
      MUST(store(dict, "k", std::string(value.bytes(), value.length)) == Status::kOk);
    };
    one.stays = "k";
    enumerate_objects(one);
  }

  TEST_CASE("objects: a second value names what another one does, and is removed") {
    Case one;
    one.prepare = [](const Room& room, const Reference& dict) { store_inner(room, dict, "stays"); };
    one.run = [](Room&, const Reference& dict) {
      std::string bytes;
      {
        ValueCopy value;
        MUST(fetch(dict, "stays", value) == Status::kOk);
        bytes.assign(value.bytes(), value.length);
      }
      MUST(store(dict, "k", bytes) == Status::kOk);
      MUST(fetch_and_remove(dict, "k", nullptr) == Status::kOk);
    };
    one.stays = "stays";
    enumerate_objects(one);
  }

  TEST_CASE("objects: a value that names many is stored, and removed") {
    Case one;
    one.stride = kStride;
    one.run = [](Room& own, const Reference& dict) {
      std::vector<Reference> locks;
      for (int i = 0; i < 3; ++i) locks.push_back(own.open(Kind::kLock));
      std::vector<Reference> many(70, locks[0]);
      many.insert(many.end(), locks.begin(), locks.end());
      MUST(store(dict, "k", naming(many)) == Status::kOk);
      for (const Reference& lock : locks) own.detach(lock);
      MUST(fetch_and_remove(dict, "k", nullptr) == Status::kOk);
    };
    enumerate_objects(one);
  }

  TEST_CASE("objects: a value is refused, as the last of those that it names is gone") {
    Case one;
    one.run = [](Room& own, const Reference& dict) {
      const Reference gone = own.open(Kind::kLock);
      std::vector<Reference> many(33, dict);
      many.push_back(gone);
      const std::string bytes = naming(many);
      own.detach(gone);
      MUST(store(dict, "k", bytes) == Status::kGone);
    };
    enumerate_objects(one);
  }

  TEST_CASE("objects: values are read, taken and removed") {
    Case one;
    one.prepare = [](const Room& room, const Reference& dict) {
      for (const char* key : {"read", "taken", "removed"}) store_inner(room, dict, key);
    };
    one.run = [](Room&, const Reference& dict) {
      ValueCopy read, taken;
      MUST(fetch(dict, "read", read) == Status::kOk);
      MUST(fetch_and_remove(dict, "taken", &taken) == Status::kOk);
      MUST(fetch_and_remove(dict, "removed", nullptr) == Status::kOk);
      taken.held.let_go();
      MUST(fetch_and_remove(dict, "read", nullptr) == Status::kOk);
    };
    enumerate_objects(one);
  }

  TEST_CASE("objects: all values are cleared") {
    Case one;
    one.stride = kStride;
    one.prepare = [](const Room& room, const Reference& dict) {
      for (int i = 0; i < 8; ++i) store_inner(room, dict, std::to_string(i), i == 3 ? 5000 : 0);
      MUST(store(dict, "itself", naming({dict})) == Status::kOk);
    };
    one.run = [](Room&, const Reference& dict) { dict_clear(dict); };
    enumerate_objects(destroyed(one));
  }

  TEST_CASE("objects: an entry is over, and one is evicted") {
    Case over;
    over.stride = kStride;
    over.prepare = [](const Room& room, const Reference& dict) {
      for (int i = 0; i < 3; ++i) {
        const Inner inner(room);
        MUST(store(dict, std::to_string(i), inner.value(), for_ms(10)) == Status::kOk);
      }
      // Readers free nothing.
      until([&] { return !with_text(dict, "2", [&](const Key& key) { return dict_has(dict, key); }); });
    };
    over.run = [](Room&, const Reference& dict) { MUST(dict_size(dict) == 0); };
    enumerate_objects(over);
    Case evicts;
    evicts.stride = kStride;
    evicts.parameter = dict_parameter(1, true);
    evicts.prepare = [](const Room& room, const Reference& dict) { store_inner(room, dict, "k"); };
    evicts.run = [](Room& own, const Reference& dict) { store_inner(own, dict, "next"); };
    enumerate_objects(evicts);
  }

  TEST_CASE("objects: one is destroyed that values name, and that lies in itself") {
    Case one;
    one.prepare = [](const Room& room, const Reference& dict) {
      const Reference inner = room.open(Kind::kDict);
      MUST(store(inner, "itself", naming({inner})) == Status::kOk);
      MUST(store(dict, "k", naming({inner})) == Status::kOk);
      unname_object(room.me(), inner.object);
      room.detach(inner);
      const Reference cycle = room.open(Kind::kNamespace);
      MUST(store(dict, "k", naming({cycle, dict})) == Status::kOk);
      room.detach(cycle);
    };
    one.run = [](Room& own, const Reference& dict) {
      const Reference inner = own.open(Kind::kLock, 0, {});
      MUST(store(dict, "lock", naming({inner})) == Status::kOk);
      unname_object(own.me(), inner.object);
      own.detach(inner);
      MUST(fetch_and_remove(dict, "k", nullptr) == Status::kOk);
      MUST(fetch_and_remove(dict, "lock", nullptr) == Status::kOk);
    };
    enumerate_objects(destroyed(one));
  }

  TEST_CASE("objects: the last user of the outermost container lets go of it") {
    for (const Kind kind : kContainers) {
      Case one;
      one.stride = kStride;
      one.run = [=](Room& own, const Reference&) {
        const Reference outer = own.open(kind, kind == Kind::kDict ? kOneShard : 0);
        for (int i = 0; i < 2; ++i) {
          if (kind == Kind::kDict) store_inner(own, outer, std::to_string(i));
          if (kind == Kind::kList) push_inner(own, outer, 1);
          if (kind != Kind::kDict && kind != Kind::kList) put_inner(own, outer, i);
        }
        own.detach(outer);
      };
      enumerate_objects(one);
    }
  }

  TEST_CASE("objects: elements of a list are pushed, replaced, read, taken and removed") {
    Case one = in_list(2, 3, kStride);
    one.run = [](Room& own, const Reference& list) {
      const Inner inner(own);
      MUST(push(list, inner.value()) == Status::kOk);
      MUST(list_set(list, 0, with_objects(inner.value(6000))) == Status::kOk);
      MUST(list_set(list, 0, latin1("names nothing")) == Status::kOk);
      ValueCopy taken;
      MUST(list_at(list, -1, taken) == Status::kOk);
      MUST(list_take(list, -2, taken) == Status::kOk);
      taken.held.let_go();
      MUST(list_remove(list, with_objects(inner.value())) == Status::kOk);
    };
    enumerate_objects(one);
  }

  TEST_CASE("objects: elements of a list take the place of others, in several commits") {
    Case one = in_list(4, 38, 2 * kStride);
    one.run = [](Room& own, const Reference& list) {
      std::vector<std::string> values;
      for (int i = 0; i < 3; ++i) {
        const Inner inner(own);
        values.assign(static_cast<std::size_t>(i + 1), inner.value());
        MUST(splice(list, 3 + i, 8, values) == Status::kOk);
      }
      ValueList removed;
      MUST(splice(list, 2, 12, values, &removed) == Status::kOk);
    };
    enumerate_objects(one);
  }

  TEST_CASE("objects: a list refuses elements, as one of them names what is gone") {
    Case one = in_list(1, 3, kStride);
    one.run = [](Room& own, const Reference& list) {
      const Inner inner(own);
      const Reference gone = own.open(Kind::kLock);
      const std::string wrong = naming({list, gone});
      own.detach(gone);
      MUST(splice(list, 2, 1, {inner.value(), inner.value(5000), wrong, inner.value()}) == Status::kGone);
      MUST(list_set(list, 1, with_objects(wrong)) == Status::kGone);
    };
    enumerate_objects(one);
  }

  TEST_CASE("objects: a list is turned around, and cleared") {
    Case one = in_list(9, 45, 2 * kStride);
    one.run = [](Room&, const Reference& list) {
      MUST(list_reverse(list) == Status::kOk);
      list_clear(list);
    };
    enumerate_objects(one);
  }

  TEST_CASE("objects: items are put, and got") {
    for (const Kind kind : {Kind::kQueue, Kind::kLifoQueue, Kind::kPriorityQueue}) {
      Case one;
      one.kind = kind;
      one.parameter = 0;
      one.stride = kStride;
      one.prepare = [](const Room& room, const Reference& queue) { put_inner(room, queue, 2); };
      one.run = [](Room& own, const Reference& queue) {
        put_inner(own, queue, 1);
        MUST(get_one(queue) == Status::kOk);
        MUST(get_one(queue) == Status::kOk);
      };
      enumerate_objects(one);
    }
  }

  TEST_CASE("objects: items that may come back are got, done, and given up") {
    for (const Kind kind : {Kind::kQueue, Kind::kLifoQueue, Kind::kPriorityQueue}) {
      Case one;
      one.kind = kind;
      one.parameter = queue_parameter(0, true);
      one.stride = 2;
      one.prepare = [](const Room& room, const Reference& queue) {
        for (int i = 0; i < 4; ++i) put_inner(room, queue, i);
      };
      one.run = [](Room&, const Reference& queue) {
        for (int i = 0; i < 3; ++i) MUST(get_one(queue) == Status::kOk);
        MUST(queue_task_done(queue, 2) == Status::kOk);
        queue_shut_down(queue, true);
      };
      enumerate_objects(one);
    }
  }
}

namespace {

constexpr const char* kName = "outer";
constexpr const char* kListName = "list";

/// Dies in the middle of operations on values that name objects; its segment has nobody else.
void die_busy(const OpenOptions& options, std::uint32_t n) {
  Child child([=] {
    Room own(options);
    const Reference outer = own.open(Kind::kDict, kOneShard, kName);
    store_inner(own, outer, "k", 9000);
    for (const char* key : {"a", "b", "c"}) store_inner(own, outer, key);
    const Reference list = own.open(Kind::kList, 0, kListName);
    push_inner(own, list, 3, 5);
    const Inner inner(own);
    arm_crash(Victim::kThisThread, n);
    MUST(splice(list, 1, 4, {inner.value(), inner.value(5000)}) == Status::kOk);
    MUST(store(outer, "k", inner.value(5000)) == Status::kOk);
    MUST(fetch_and_remove(outer, "a", nullptr) == Status::kOk);
    MUST(store(outer, "m", inner.value()) == Status::kOk);
    list_clear(list);
    dict_clear(outer);
    ::kill(getpid(), SIGKILL);
  });
  CHECK(child.join() == -SIGKILL);
}

void check_after_death(const Room& room) {
  const Reference outer = room.open(Kind::kDict, kOneShard, kName);
  check_sound(room);
  const std::uint64_t size = dict_size(outer);
  CHECK((size <= 1 || (size >= 3 && size <= 5)));  // after a clear perhaps what the heir has set
  for (const char* key : {"k", "b", "c"}) {
    ValueCopy value;
    const Status found = fetch(outer, key, value);
    CHECK((found == Status::kOk) == (size > 1));
    CHECK(value.held.is_empty() == (size <= 1));
  }
  const Reference list = room.open(Kind::kList, 0, kListName);
  const std::uint32_t length = list_length(list);
  CHECK((length == 8 || length == 6 || length == 0));
  for (const Reference& container : {outer, list}) {
    CHECK(unname_object(room.me(), container.object));
    room.detach(container);
  }
  until([&] { return room.header().first_dead.load() == 0; });
  CHECK(audit(room).objects == 0);
  CHECK(audit(room).bytes == 0);
  CHECK(used_by_stripes(room) == 0);
}

}  // namespace

TEST_SUITE("recovery") {
  TEST_CASE(
      "objects: recovery of one who died among them, killed at each of its writes, and again, is done in the end") {
    Random random(37);
    enumerate([&](std::uint32_t n) {
      const OpenOptions options = small_options();
      die_busy(options, 1 + random.below(900));
      const auto recover = [&](Victim victim, std::uint32_t at) {
        Child recoverer([=] {
          arm_crash(victim, at);
          Room own(options);
          until_recovered(own);
          arm_crash(victim, 0);
          _exit(kCompleted);
        });
        return recoverer.join();
      };
      const int ended = recover(Victim::kOtherThreads, n);
      if (random.below(2) == 0) recover(Victim::kOtherThreads, 1 + random.below(n + 50));
      Room room(options);
      check_after_death(room);
      return ended;
    });
  }

  TEST_CASE("objects: who inherits a stripe in an operation of his own dies in it as well") {
    Random random(41);
    enumerate_some(3 * kStride, [&](std::uint32_t n) {
      const OpenOptions options = small_options();
      die_busy(options, 1 + random.below(900));
      Child heir([=] {
        Room own(options);
        const Reference outer = own.open(Kind::kDict, kOneShard, kName);
        arm_crash(Victim::kAnyThread, n);
        for (int i = 0; i < 3; ++i) {
          MUST(store(outer, "m", naming({outer}, std::string(7000, 'i'))) == Status::kOk);
          MUST(fetch_and_remove(outer, "m", nullptr) == Status::kOk);
        }
        arm_crash(Victim::kAnyThread, 0);
        _exit(kCompleted);
      });
      const int ended = heir.join();
      Room room(options);
      check_after_death(room);
      return ended;
    });
  }
}

}  // namespace lockstep::test
