// Segments whose bytes are not what anybody wrote: flipped, zeroed, random, or copied from elsewhere, anywhere but in the
// words that are checked when a segment is opened. Whatever is in them, every operation returns, writes only within the
// file, and never dies.
//
// HOW MANY. The gate looks at a few hundred; LOCKSTEP_DAMAGED_SEGMENTS=100000 says how many, LOCKSTEP_DAMAGE_SEED where
// to begin: one that failed is looked at again with its number and 1 segment.
//
// WAITING. A lock word that names a live owner makes everybody wait, and rightly so. Such words are set to 0 after the
// damage was done. Should one come about later, by the undoing of a journal that was damaged, the watchdog of the child
// sees it and says so: those are counted apart, and must be rare.
#include <cstdio>
#include <cstdlib>

#include "core/claim.hpp"
#include "core/condition.hpp"
#include "core/dict_changes.hpp"
#include "core/list.hpp"
#include "core/rwlock.hpp"
#include "core/verify.hpp"
#include "memory_harness.hpp"
#include "objects_harness.hpp"
#include "queue_harness.hpp"

namespace lockstep::test {
namespace {

constexpr int kWaitsRightly = 95;
constexpr unsigned kSecondsForOne = 60;  // an operation over a damaged index may look at all of it, many times

struct Course {
  std::atomic<std::uint64_t> seed;
  std::atomic<std::uint32_t> step;
  std::atomic<std::uint32_t> problems;  // segments of which verify() had something to say
  char name[128];
};

Segment* under_test = nullptr;

bool names_live(const Segment& segment, const TransactionLock& lock) noexcept {
  const std::uint32_t seen = lock.word.load();
  return is_held(seen) && !is_dead(segment, holder_of(seen));
}

bool waits_rightly(const Segment& segment) noexcept {
  bool any = names_live(segment, segment.header().transaction);
  for (std::uint32_t i = 0; i < kStripes; ++i) any = any || names_live(segment, segment.stripe(i).transaction);
  return any;
}

void on_watchdog(int) { _exit(under_test != nullptr && waits_rightly(*under_test) ? kWaitsRightly : 99); }

constexpr bool is_queue(Kind kind) noexcept {
  return kind == Kind::kQueue || kind == Kind::kLifoQueue || kind == Kind::kPriorityQueue;
}

/// Changes bytes of a segment at random.
class Damage {
 public:
  Damage(Segment& segment, Random& random) : segment_(segment), random_(random) {}

  void inflict() {
    for (std::uint32_t i = 1 + random_.below(8); i > 0; --i) inflict_once();
    free_lock(segment_.header().transaction);
    for (std::uint32_t i = 0; i < kStripes; ++i) free_lock(segment_.stripe(i).transaction);
  }

 private:
  void free_lock(TransactionLock& lock) {
    if (names_live(segment_, lock)) lock.word.store(0);
  }

  std::uint32_t between(std::uint32_t low, std::uint32_t high) { return low + random_.below(high - low) / 4 * 4; }

  // A place that is in use, of any part, all parts being as likely.
  Offset place() {
    const std::uint32_t pages = page_count(segment_);
    switch (random_.below(8)) {
      case 0:
        return between(offsetof(Header, registry), offsetof(Header, transaction));
      case 1:
        return between(offsetof(Header, transaction), sizeof(Header));
      case 2:
        return between(kProcessTable, kProcessTable + kPage);
      case 3:
        return random_.below(2) == 0 ? between(kSlotTable, kSlotTable + 512)
                                     : between(kSlotTable + kHelperBase * 64, kSlotTable + kHelperBase * 64 + 512);
      case 4:
        return between(kStripeTable, kStripeTable + kStripeBytes * stripe_count(segment_));
      case 5:
        return between(kPageTable, kPageTable + std::max(pages, 1u) * 32);
      default:
        return pages == 0 ? Offset{kPageTable} : between(segment_.heap_start(), segment_.heap_start() + pages * kPage);
    }
  }

  std::uint32_t value(std::uint32_t old) {
    switch (random_.below(8)) {
      case 0:
        return 0;
      case 1:
        return UINT32_MAX - random_.below(3);
      case 2:
        return old ^ (1u << random_.below(32));
      case 3:
        return old + random_.below(9) - 4;
      case 4:
        return random_.below(64);
      case 5:
        return reinterpret_cast<Word*>(segment_.bytes(place()))->load();
      case 6:
        return segment_.heap_start() + random_.below(page_count(segment_) * kPage + 1) / 16 * 16;
      default:
        return random_.below(UINT32_MAX);
    }
  }

  // Never beyond the part, nor over the words that are checked.
  std::uint32_t length_at(Offset at) {
    const Offset end = at < kPage ? static_cast<Offset>(sizeof(Header)) : at / kPage * kPage + kPage;
    return std::min(end - at, 4 + random_.below(600) / 4 * 4);
  }

  void inflict_once() {
    const Offset at = place();
    auto* const word = reinterpret_cast<Word*>(segment_.bytes(at));
    const std::uint32_t choice = random_.below(10);
    if (choice < 7) return word->store(value(word->load()));
    const std::uint32_t count = length_at(at) / 4;
    const Offset from = place();
    for (std::uint32_t i = 0; i < count && choice == 7; ++i) word[i].store(0);
    for (std::uint32_t i = 0; i < count && choice == 8; ++i) word[i].store(random_.below(UINT32_MAX));
    const auto* const source = reinterpret_cast<Word*>(segment_.bytes(from));
    for (std::uint32_t i = 0; i < std::min(count, length_at(from) / 4) && choice == 9; ++i)
      word[i].store(source[i].load());
  }

  Segment& segment_;
  Random& random_;
};

/// Where there is nothing before and after the mapping, so that a step beyond it shows.
class Walls {
 public:
  explicit Walls(const Segment& segment) {
    char* const begin = segment.bytes(0);
    for (const std::size_t size : {std::size_t{1} << 30, std::size_t{1} << 24, std::size_t{kPage}}) {
      if (after_.at == nullptr) after_ = build(begin + segment.capacity(), size);
      if (before_.at == nullptr) before_ = build(begin - size, size);
    }
  }
  ~Walls() {
    if (before_.at != nullptr) munmap(before_.at, before_.size);
    if (after_.at != nullptr) munmap(after_.at, after_.size);
  }

 private:
  struct Wall {
    void* at = nullptr;
    std::size_t size = 0;
  };
  /// None beyond the end of the address space, where ThreadSanitizer would look for another place.
  static Wall build(char* at, std::size_t size) {
    constexpr std::uintptr_t kEnd = std::uintptr_t{1} << 47;
    if (reinterpret_cast<std::uintptr_t>(at) > kEnd - size) return {};
    constexpr int kFlags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED_NOREPLACE;
    void* const made = mmap(at, size, PROT_NONE, kFlags, -1, 0);
    return made == MAP_FAILED ? Wall{} : Wall{made, size};
  }
  Wall before_, after_;
};

/// Operations on containers, whose outcome does not matter.
class Visitor {
 public:
  Visitor(const Participant& me, Random& random, Course& course) : me_(me), random_(random), course_(course) {}

  void use(Kind kind, const Reference& object) {
    for (int i = 0; i < 25; ++i) {
      course_.step.fetch_add(1);
      if (kind == Kind::kDict || kind == Kind::kNamespace) use_dict(object);
      if (is_queue(kind)) use_queue(object);
    }
  }
  void use_list(const Reference& list) {
    for (int i = 0; i < 25; ++i) {
      course_.step.fetch_add(1);
      use_list_once(list);
    }
  }

 private:
  Key key() {
    const std::string text = random_.below(20) == 0 ? "new" : "key " + std::to_string(random_.below(120));
    std::memset(bytes_, 0, sizeof bytes_);
    std::memcpy(bytes_, text.data(), text.size());
    return make_key(*me_.segment, KeyKind::kLatin1, bytes_, static_cast<std::uint32_t>(text.size()));
  }
  Value value() {
    const std::uint32_t choice = random_.below(100);
    text_.assign(choice < 4 ? random_.below(30000) : choice == 4 ? 600'000 : random_.below(300), 'w');
    return latin1(text_);
  }
  DictStore how() {
    DictStore store;
    const std::uint32_t choice = random_.below(8);
    if (choice == 0) store.when = DictStore::When::kIfAbsent;
    if (choice == 1) store.when = DictStore::When::kIfVersion;
    if (choice == 2) store.when = DictStore::When::kIfSame;
    if (choice == 3) store.ttl_ns = 1 + random_.below(1000);
    return store;
  }
  void walk(const Reference& dict) {
    std::uint64_t cursor = 0;
    std::vector<KeyCopy> keys;
    for (int i = 0; i < 100000 && dict_walk(dict, &cursor, keys); ++i) {
    }
  }

  void claim(const Reference& dict) {
    const Key of = key();
    const Claim wanted{dict, of, random_.below(2) == 0 ? Purpose::kCompute : Purpose::kModify};
    claim_try(wanted);
    claim_acquire(wanted, Deadline::in_ms(0));
    if (random_.below(2) == 0) claim_release(wanted);  // else it goes with its owner
  }

  // From what it has seen of this dict, or of another.
  void watch(const Reference& dict) {
    std::vector<KeyCopy> keys;
    if (random_.below(2) == 0) changes_begin(dict, nullptr, &seen_);
    if (changes_arm(dict, seen_) == Status::kUnavailable) changes_disarm(dict);
    changes_take(dict, &seen_, keys);
  }

  // Names the dict itself, and what may be anything.
  std::string naming_some(const Reference& dict) {
    std::string bytes = naming({dict, dict}, "x");
    if (random_.below(4) == 0) bytes[random_.below(24)] = static_cast<char>(random_.below(256));
    return bytes;
  }

  void use_dict(const Reference& dict) {
    double number = 1;
    copy_.held.let_go();
    switch (random_.below(20)) {
      case 17:
        return watch(dict);
      case 16:
        return claim(dict);
      case 0:
        return dict_clear(dict);
      case 1:
        return walk(dict);
      case 2:
        return static_cast<void>(dict_take_any(dict, &key_copy_, &copy_));
      case 3:
        return static_cast<void>(dict_size(dict));
      case 4:
        return static_cast<void>(dict_add(dict, key(), &number, 0));
      case 5:
      case 6:
        return static_cast<void>(dict_take(dict, key(), 0, &copy_));
      case 7:
        return static_cast<void>(dict_get_versioned(dict, key(), copy_));
      case 8:
        return static_cast<void>(dict_has(dict, key()));
      case 9:
      case 10:
        return static_cast<void>(dict_get(dict, key(), copy_));
      case 11:
      case 12: {
        const std::string bytes = naming_some(dict);
        return static_cast<void>(dict_set(dict, {key(), with_objects(bytes)}, how(), &copy_));
      }
      default:
        return static_cast<void>(dict_set(dict, {key(), value()}, how(), &copy_));
    }
  }

  void use_queue(const Reference& queue) {
    const Value same = value();
    const QueueItem items[2] = {{same, static_cast<double>(random_.below(9))}, {same, 4}};
    ValueCopy copies[3];
    QueuePut put{items, 1 + random_.below(2)};
    CopyGet get(copies, 1 + random_.below(3));
    switch (random_.below(30)) {
      case 0:
        return queue_shut_down(queue, random_.below(2) == 0);
      case 1:
        return static_cast<void>(queue_size(queue) + queue_unfinished(queue));
      case 2:
      case 3:
      case 4:
        return static_cast<void>(queue_task_done(queue, 1 + random_.below(2)));
      case 5:
        return static_cast<void>(queue_try_join(queue));
      case 6:
        return static_cast<void>(queue_put(queue, put, Deadline::in_ms(0)));
      case 7:
        return static_cast<void>(queue_get(queue, get, Deadline::in_ms(0)));
      default:
        random_.below(2) == 0 ? queue_try_put(queue, put) : queue_try_get(queue, get);
    }
  }

  std::int64_t position() { return static_cast<std::int64_t>(random_.below(600)) - 300; }
  void splice(const Reference& list) {
    ValueList values, removed;
    for (std::uint32_t i = random_.below(4) == 0 ? random_.below(200) : random_.below(3); i > 0; --i) {
      MUST(values.add(value()));
    }
    ListSplice change{position(), random_.below(50), &values, &removed, 0};
    list_splice(list, change);
  }

  void use_list_once(const Reference& list) {
    std::uint32_t found = 0;
    switch (random_.below(16)) {
      case 0:
        return list_clear(list);
      case 1:
        return static_cast<void>(list_reverse(list));
      case 2:
        return static_cast<void>(list_find(list, value(), position(), &found));
      case 3:
        return static_cast<void>(list_remove(list, value()));
      case 4: {
        ValueList copies;
        return static_cast<void>(list_copy(list, {position(), position()}, copies));
      }
      case 5:
        return static_cast<void>(list_length(list));
      case 6:
      case 7:
        return static_cast<void>(list_at(list, position(), copy_));
      case 8:
      case 9:
        return static_cast<void>(list_take(list, position(), copy_));
      case 10:
      case 11:
        return static_cast<void>(list_set(list, position(), value()));
      default:
        return splice(list);
    }
  }

  Participant me_;
  Random& random_;
  Course& course_;
  ChangesSeen seen_{};
  std::uint64_t bytes_[4];
  std::string text_;
  ValueCopy copy_;
  KeyCopy key_copy_;
};

Object* open(const Participant& me, const Recipe& recipe) {
  Object* object = nullptr;
  bool created = false;
  return open_object(me, recipe, &object, &created) == Status::kOk ? object : nullptr;
}

constexpr Recipe kRecipes[] = {{Kind::kDict, 0, "plain"},
                               {Kind::kDict, dict_parameter(30, true), "cache"},
                               {Kind::kDict, dict_parameter(1000, false), "limited"},
                               {Kind::kNamespace, 0, "namespace"},
                               {Kind::kQueue, 0, "queue"},
                               {Kind::kLifoQueue, queue_parameter(50, false), "lifo queue"},
                               {Kind::kPriorityQueue, queue_parameter(0, true), "priority queue"},
                               {Kind::kLock, 0, "lock"},
                               {Kind::kRWLock, 0, "rwlock"},
                               {Kind::kBarrier, 50, "barrier"},
                               {Kind::kList, 0, "list"}};

const MemoryRecipe kMemories[] = {memory_of(300, "small memory"),
                                  memory_of(30'000, "large memory"),
                                  array_of(kF64, 5, "small array"),
                                  array_of(kU8, 20'000, "large array"),
                                  {{Kind::kValue, kI32, "value", nullptr}, {}}};

// Where there are bytes, all of them are there to be written; they are left as they are, since others may own them.
void use_memory(const OpenedMemory& memory) {
  const std::span<char> bytes = memory.bytes();
  for (std::size_t i = 0; bytes.data() != nullptr && i < bytes.size(); i += 1 + bytes.size() / 64) {
    std::atomic_ref<char>(bytes[i]).fetch_xor(0);
  }
}

void build_condition(const Reference& lock) {
  Object* const object = open(lock.me, {Kind::kCondition, 0, {}, lock.object});
  Offset place = 0;
  for (int i = 0; i < 30; ++i) MUST(condition_enter({lock.me, object}, &place) == Status::kOk);
}

void build_dict(const Dict& dict, Random& random) {
  for (std::uint32_t i = random.below(400); i > 0; --i) {
    const std::string value(random.below(100) == 0 ? 9000 : random.below(200), 'v');
    const std::int64_t brief = random.below(2);
    dict.set("key " + std::to_string(random.below(120)), value, random.below(5) == 0 ? for_ms(brief) : DictStore{});
  }
}

void build_queue(const Reference& queue, Random& random) {
  for (std::uint32_t i = random.below(100); i > 0; --i) try_put(queue, std::string(random.below(90), 'q'), i % 7);
  for (std::uint32_t i = random.below(20); i > 0; --i) try_get(queue);
}

// Some that only values name, one in the other.
void build_nested(const Reference& dict, Random& random) {
  for (std::uint32_t i = random.below(12); i > 0; --i) {
    const Reference inner{dict.me, open(dict.me, {Kind::kDict, 0, {}, nullptr})};
    const Reference lock{dict.me, open(dict.me, {Kind::kRWLock, 0, {}, nullptr})};
    MUST(inner.object != nullptr && lock.object != nullptr);
    store(inner, "lock", naming({lock, dict}));
    store(dict, "key " + std::to_string(random.below(120)),
          naming({inner, lock, inner}, std::string(random.below(2) * 5000, 'n')));
    detach_object(dict.me, inner.object);
    detach_object(dict.me, lock.object);
  }
}

void build_list(const Reference& list, Random& random) {
  const std::uint32_t most = random.below(4) == 0 ? 4000 : 300;
  const Reference inner{list.me, open(list.me, {Kind::kList, 0, {}, nullptr})};
  MUST(inner.object != nullptr);
  const std::string named = naming({inner, list});
  for (std::uint32_t i = random.below(20); i > 0; --i) {
    ValueList values;
    for (std::uint32_t j = random.below(most / 10); j > 0; --j) {
      const std::string text(random.below(3) == 0 ? random.below(100) : random.below(9), 'e');
      MUST(values.add(random.below(9) == 0 ? with_objects(named) : latin1(text)));
    }
    ListSplice change{static_cast<std::int64_t>(random.below(most)), random.below(most / 20), &values, nullptr, 0};
    list_splice(list, change);
  }
  detach_object(list.me, inner.object);
}

void build(const Participant& me, Random& random) {
  for (Word& word : me.segment->header().seed) word.store(random.below(UINT32_MAX));  // so that it can be had again
  for (const Recipe& recipe : kRecipes) {
    const Reference made{me, open(me, recipe)};
    MUST(made.object != nullptr);
    Offset place = 0;
    if (recipe.kind == Kind::kRWLock) MUST(rwlock_reader_word(made, &place) == Status::kOk);
    if (recipe.kind == Kind::kLock) build_condition(made);
    ChangesSeen seen;
    if (recipe.kind == Kind::kDict && random.below(2) == 0) changes_begin(made, nullptr, &seen);
    if (recipe.kind == Kind::kDict || recipe.kind == Kind::kNamespace) build_dict(Dict(made), random);
    if (is_queue(recipe.kind)) build_queue(made, random);
    if (recipe.kind == Kind::kDict) build_nested(made, random);
    if (recipe.kind == Kind::kList) build_list(made, random);
  }
  for (const MemoryRecipe& recipe : kMemories) MUST(open_memory_in(me, recipe).status == Status::kOk);
  open(me, {Kind::kDict, 0, {}, nullptr});
  if (random.below(4) == 0) dict_clear({me, open(me, kRecipes[0])});
}

void use_object(const Participant& me, Object* object, Random& random) {
  Object* attached = nullptr;
  const Status status = attach_object(me, {me.segment->offset_of(object), 0, Kind::kNone}, &attached);
  if (status == Status::kOk) detach_object(me, attached);
  if (random.below(2) == 0) unname_object(me, object);
  detach_object(me, object);
}

// All that a process does with a segment between joining and leaving it.
void visit(const Participant& me, Random& random, Course& course) {
  Visitor visitor(me, random, course);
  if (random.below(3) == 0) course.problems.fetch_add(!verify(me).is_sound());
  for (const Recipe& recipe : kRecipes) {
    course.step.fetch_add(1000);
    Object* const object = open(me, recipe);
    if (object == nullptr) continue;
    visitor.use(recipe.kind, {me, object});
    use_object(me, object, random);
  }
  for (const MemoryRecipe& recipe : kMemories) {
    course.step.fetch_add(100);
    const OpenedMemory memory = open_memory_in(me, recipe);
    if (memory.status != Status::kOk) continue;
    use_memory(memory);
    use_object(me, memory.reference.object, random);
  }
  course.step.store(10000);
  if (Object* const fresh = open(me, {Kind::kDict, 0, {}, nullptr})) {
    visitor.use(Kind::kDict, {me, fresh});
    detach_object(me, fresh);
  }
  course.step.store(15000);
  if (Object* const fresh = open(me, {Kind::kList, 0, {}, nullptr})) {
    visitor.use_list({me, fresh});
    detach_object(me, fresh);
  }
  course.step.store(20000);
  verify(me);
  course.step.store(30000);
}

/// Who joins a damaged segment may be refused.
class Guest {
 public:
  explicit Guest(const OpenOptions& options) {
    if (join_segment(options, &segment_) != Status::kOk) segment_ = nullptr;
    if (segment_ == nullptr) return;
    segment_->retain();
    under_test = segment_;
    if (join_isolate(segment_, &me_) != Status::kOk) me_ = {};
  }
  ~Guest() {
    if (segment_ == nullptr) return;
    if (me_.id != 0) leave_isolate(me_);
    leave_segment(segment_);
    under_test = nullptr;
    segment_->release();
  }
  Guest(const Guest&) = delete;
  Guest& operator=(const Guest&) = delete;

  bool is_in() const noexcept { return me_.id != 0; }
  const Participant& me() const noexcept { return me_; }

 private:
  Segment* segment_ = nullptr;
  Participant me_;
};

void try_segment(std::uint64_t seed, Course& course) {
  Random random(seed);
  OpenOptions options = fresh_options();
  options.capacity = random.below(16) == 0 ? 16 << 20 : kMinCapacity;
  std::snprintf(course.name, sizeof course.name, "%s", options.name.c_str());
  course.seed.store(seed);
  course.step.store(0);
  alarm(kSecondsForOne);
  for (int stay = 0; stay < 2; ++stay) {
    const Guest guest(options);
    if (!guest.is_in()) break;
    const Walls walls(*guest.me().segment);
    if (stay == 0) build(guest.me(), random);
    Damage(*guest.me().segment, random).inflict();
    visit(guest.me(), random, course);
  }
  Segment::unlink(options.directory, options.name);
}

std::uint64_t number_in_environment(const char* name, std::uint64_t otherwise) {
  const char* const text = std::getenv(name);
  return text != nullptr ? std::strtoull(text, nullptr, 10) : otherwise;
}

/// Looks at some in a child, from `first` on; returns the next number after those that were looked at.
std::uint64_t try_some(std::uint64_t first, std::uint64_t end, Course& course, std::uint32_t* waited) {
  Child child([&] {
    signal(SIGALRM, on_watchdog);
    for (std::uint64_t seed = first; seed < end; ++seed) try_segment(seed, course);
  });
  const int code = child.join();
  if (code == 0) return end;
  Segment::unlink(OpenOptions{}.directory, course.name);
  *waited += code == kWaitsRightly;
  if (code != kWaitsRightly) {
    FAIL_CHECK("segment " << course.seed.load() << " at step " << course.step.load() << " ended with " << code);
  }
  return course.seed.load() + 1;
}

}  // namespace

TEST_SUITE("misuse") {
  TEST_CASE("whatever lies in a segment, every operation returns and nobody dies of it") {
    const std::uint64_t count = number_in_environment("LOCKSTEP_DAMAGED_SEGMENTS", 300);
    const std::uint64_t first =
        number_in_environment("LOCKSTEP_DAMAGE_SEED", static_cast<std::uint64_t>(time(nullptr)) * 1000);
    if (count > 1000) alarm(0);  // the children have watchdogs of their own
    Shared<Course> course;
    std::uint32_t waited = 0;
    for (std::uint64_t next = first; next < first + count;) {
      next = try_some(next, std::min(next + 200, first + count), *course, &waited);
    }
    MESSAGE(count << " damaged segments: " << course->problems.load() << " noticed at the first look, " << waited
                  << " that wait for a live owner");
    CHECK(waited <= 1 + count / 1000);
    CHECK((course->problems.load() > 0 || count < 100));
  }
}

}  // namespace lockstep::test
