#include "core/list.hpp"

#include <cmath>

#include "core/verify.hpp"
#include "list_harness.hpp"

namespace lockstep::test {
namespace {

/// Opens a list and, at the end, checks that nothing of it is left.
class OpenedList {
 public:
  explicit OpenedList(std::uint64_t capacity = kMinCapacity) : room_(options_of(capacity)) {
    list_ = std::make_unique<SharedTexts>(room_);
  }
  ~OpenedList() {
    check_sound(room_);
    list_.reset();
    CHECK(used_by_stripes(room_) == 0);
    CHECK(room_.header().first_dead.load() == 0);
    check_sound(room_);
  }
  OpenedList(const OpenedList&) = delete;
  OpenedList& operator=(const OpenedList&) = delete;
  const SharedTexts* operator->() const { return list_.get(); }
  const SharedTexts& operator*() const { return *list_; }
  Room& room() { return room_; }

 private:
  static OpenOptions options_of(std::uint64_t capacity) {
    OpenOptions options = fresh_options();
    options.capacity = capacity;
    return options;
  }
  Room room_;
  std::unique_ptr<SharedTexts> list_;
};

std::size_t within(std::int64_t position, std::size_t length) {
  if (position < 0) position += static_cast<std::int64_t>(length);
  return static_cast<std::size_t>(std::clamp<std::int64_t>(position, 0, static_cast<std::int64_t>(length)));
}

/// The same operations on a list and on an array.
class Twins {
 public:
  Twins(const SharedTexts& list, std::uint64_t seed) : list_(list), random_(seed) {}

  void act() {
    const auto length = static_cast<std::uint32_t>(array_.size());
    const std::uint32_t choice = random_.below(100);
    if (choice < 12) return splice(INT64_MAX, 0, 1);
    if (choice < 20) return splice(0, 0, 1);
    if (choice < 35) return splice(any(), 0, 1);
    if (choice < 50) return take(any());
    if (choice < 56) return take(0);
    if (choice < 62) return take(-1);
    if (choice < 72) return set();
    if (choice < 75) return splice(any(), random_.below(length + 2), random_.below(120));
    if (choice < 79) return splice(any(), random_.below(100), random_.below(10));
    if (choice < 84) return splice(any(), 0, random_.below(300));
    if (choice < 86) return reverse();
    if (choice < 90) return remove();
    if (choice < 92 && length > 2000) return splice(0, UINT64_MAX, 0);
    look();
  }
  void check() const {
    CHECK(list_.length() == array_.size());
    CHECK(list_.all() == Texts(array_.begin(), array_.end()));
  }

 private:
  std::int64_t any() { return static_cast<std::int64_t>(random_.below(2 * array_.size() + 8)) - array_.size() - 4; }
  std::string text() {
    const std::uint32_t choice = random_.below(40);
    if (choice == 0) return std::string(3000 + random_.below(3000), 'l');
    if (choice < 8) return "a text of some length, number " + std::to_string(random_.below(100));
    if (choice < 12) return "short";
    return std::to_string(random_.below(1000));
  }

  void splice(std::int64_t start, std::uint64_t remove, std::uint32_t insert) {
    Texts texts, removed;
    for (std::uint32_t i = 0; i < insert; ++i) texts.push_back(text());
    const std::size_t from = within(start, array_.size());
    const std::size_t to = from + std::min<std::uint64_t>(remove, array_.size() - from);
    const Status status = list_.splice(start, remove, texts, &removed);
    if (status == Status::kFull) return check();
    REQUIRE(status == Status::kOk);
    CHECK(removed == Texts(array_.begin() + from, array_.begin() + to));
    array_.erase(array_.begin() + from, array_.begin() + to);
    array_.insert(array_.begin() + from, texts.begin(), texts.end());
  }
  void take(std::int64_t position) {
    const auto taken = list_.take(position);
    if (position < 0) position += array_.size();
    const bool is_there = position >= 0 && position < static_cast<std::int64_t>(array_.size());
    REQUIRE(taken.has_value() == is_there);
    if (!is_there) return;
    CHECK(*taken == array_[position]);
    array_.erase(array_.begin() + position);
  }
  void set() {
    const std::int64_t position = any();
    const std::string value = text();
    const Status status = list_.set(position, value);
    const std::int64_t from = position < 0 ? position + array_.size() : position;
    const bool is_there = from >= 0 && from < static_cast<std::int64_t>(array_.size());
    CHECK((status == (is_there ? Status::kOk : Status::kNotFound) || status == Status::kFull));
    if (status == Status::kOk) array_[from] = value;
  }
  void remove() {
    const std::string value = text();
    const auto found = std::find(array_.begin(), array_.end(), value);
    CHECK(list_.find(value) == (found == array_.end() ? -1 : found - array_.begin()));
    CHECK(list_.remove(value) == (found != array_.end()));
    if (found != array_.end()) array_.erase(found);
  }
  void reverse() {
    CHECK(list_reverse(list_.reference) == Status::kOk);
    std::reverse(array_.begin(), array_.end());
  }
  void look() {
    const std::int64_t start = any(), end = any();
    const std::size_t from = within(start, array_.size()), to = std::max(from, within(end, array_.size()));
    CHECK(list_.all({start, end}) == Texts(array_.begin() + from, array_.begin() + to));
    const std::int64_t position = any();
    const std::int64_t wanted = position < 0 ? position + array_.size() : position;
    const auto got = list_.at(position);
    const bool is_there = wanted >= 0 && wanted < static_cast<std::int64_t>(array_.size());
    CHECK(got == (is_there ? std::optional(array_[wanted]) : std::nullopt));
    CHECK(list_.length() == array_.size());
  }

  const SharedTexts& list_;
  Random random_;
  Texts array_;
};

#ifdef __SANITIZE_THREAD__
constexpr int kMillions = 1'000'000;  // a shadow four times as large as all memory slows every later fork down
#else
constexpr int kMillions = 10'000'000;
#endif

}  // namespace

TEST_SUITE("contract") {
  TEST_CASE("a list is as an array, whatever is done to it, and sound all the while") {
    std::uint32_t most = 0;
    for (std::uint64_t seed = 1; seed <= 12; ++seed) {
      CAPTURE(seed);
      OpenedList list(seed % 3 == 0 ? kMinCapacity : 64 << 20);
      Twins twins(*list, seed);
      for (int i = 0; i < 3000; ++i) {
        twins.act();
        if (i % 500 != 0) continue;
        twins.check();
        REQUIRE(verify(list.room().me()).text() == "");
      }
      twins.check();
      most = std::max(most, used_journal(list.room(), stripe_of(list->reference, 0)));
    }
    MESSAGE("at most " << most << " words of a journal");
    CHECK(most < kJournalEntries);
  }

  TEST_CASE("pushed and shifted, unshifted and popped, a list stays small, and its order is right") {
    for (const bool is_front : {false, true}) {
      OpenedList list;
      for (int i = 0; i < 300; ++i) MUST(list->splice(is_front ? 0 : INT64_MAX, 0, {std::to_string(i)}) == Status::kOk);
      for (int i = 300; i < 20000; ++i) {
        MUST(list->splice(is_front ? 0 : INT64_MAX, 0, {std::to_string(i)}) == Status::kOk);
        MUST(list->take(is_front ? -1 : 0) == std::to_string(i - 300));
      }
      CHECK(list->length() == 300);
      CHECK(used_by_stripes(list.room()) < 300 * 40);
    }
  }

  TEST_CASE(
      "an element takes some 13 bytes in a list that grew at an end, and less than 40 in one that grew anywhere") {
    OpenedList list(64 << 20);
    ValueList values;
    for (int i = 0; i < 200'000; ++i) MUST(values.add(Made(std::to_string(i)).value()));
    ListSplice all{0, 0, &values, nullptr, 0};
    REQUIRE(list_splice(list->reference, all) == Status::kOk);
    CHECK(used_by_stripes(list.room()) < 200'000 * 14);
    list_clear(list->reference);
    CHECK(used_by_stripes(list.room()) == 0);
    Random random(7);
    for (int i = 0; i < 50'000; ++i) MUST(list->splice(random.below(i + 1), 0, {std::to_string(i)}) == Status::kOk);
    MESSAGE((used_by_stripes(list.room()) / 50'000) << " bytes for each of 50,000 that came anywhere");
    CHECK(used_by_stripes(list.room()) < 50'000 * 25);
    for (int i = 50'000; i > 500; --i) MUST(list->take(random.below(i)).has_value());
    MESSAGE((used_by_stripes(list.room()) / 500) << " bytes for each of the 500 that are left");
    CHECK(used_by_stripes(list.room()) < 500 * 60);
  }

  TEST_CASE("values are found by what they are: numbers as SameValueZero has it, others by kind and bytes") {
    OpenedList list;
    const double values[] = {1, -0.0, NAN};
    ValueList all;
    for (const double& value : values) MUST(all.add({ValueKind::kNumber, sizeof value, &value}));
    for (const ValueKind kind : {ValueKind::kUndefined, ValueKind::kNull, ValueKind::kTrue})
      MUST(all.add({kind, 0, {}}));
    MUST(all.add({ValueKind::kEncoded, 1, "1"}));
    MUST(all.add(latin1("1")));
    MUST(all.add(latin1("a text that is longer")));
    ListSplice splice{0, 0, &all, nullptr, 0};
    REQUIRE(list_splice(list->reference, splice) == Status::kOk);
    CHECK(splice.length == 9);
    std::uint32_t position = 0;
    const double zero = 0, another_nan = -NAN;
    CHECK(list_find(list->reference, {ValueKind::kNumber, 8, &zero}, 0, &position) == Status::kOk);
    CHECK(position == 1);
    CHECK(list_find(list->reference, {ValueKind::kNumber, 8, &another_nan}, 0, &position) == Status::kOk);
    CHECK(position == 2);
    CHECK(list_find(list->reference, {ValueKind::kTrue, 0, nullptr}, 0, &position) == Status::kOk);
    CHECK(position == 5);
    CHECK(list->find("a text that is longer") == 8);
    CHECK(list_find(list->reference, latin1("1"), 0, &position) == Status::kOk);
    CHECK(position == 7);
    CHECK(list->find("1", 1) == -1);
    CHECK(list_find(list->reference, {ValueKind::kFalse, 0, nullptr}, 0, &position) == Status::kNotFound);
  }

  TEST_CASE("a list that has no room for a splice is as it was, and so is the memory") {
    OpenedList list;
    REQUIRE(list->splice(0, 0, texts_from(0, 500)) == Status::kOk);
    const Texts before = list->all();
    for (const std::size_t length : {std::size_t{100}, std::size_t{3000}}) {
      Texts many(1000, std::string(length, 'm'));
      for (int i = 0; i < 20; ++i) many.insert(many.end(), 1000, std::string(length, 'n'));
      for (const std::int64_t start : {std::int64_t{0}, std::int64_t{250}, std::int64_t{-1}, INT64_MAX}) {
        const std::uint64_t used = used_by_stripes(list.room());
        CHECK(list->splice(start, 5, many) == Status::kFull);
        CHECK(list->all() == before);
        CHECK(used_by_stripes(list.room()) <= used + 4 * 512);  // a node that was split stays so
      }
      check_sound(list.room());
    }
    CHECK(list->set(3, std::string(3 << 20, 'x')) == Status::kFull);
    CHECK(list->push(std::string(3 << 20, 'x')) == Status::kFull);
    CHECK(list->all() == before);
  }

  TEST_CASE("millions of elements") {
    OpenedList list(512 << 20);
    ValueList values;
    for (int i = 0; i < kMillions; ++i) {
      const double number = i;
      MUST(values.add({ValueKind::kNumber, sizeof number, &number}));
    }
    ListSplice all{0, 0, &values, nullptr, 0};
    REQUIRE(list_splice(list->reference, all) == Status::kOk);
    CHECK(all.length == kMillions);
    for (int i = 1; i < kMillions; i += kMillions / 10 - 17) CHECK(list->at(i) == std::to_string(i));
    REQUIRE(list->splice(kMillions / 2, 1, {"7", "a text that is longer than eight bytes"}) == Status::kOk);
    CHECK(list->at(-1) == std::to_string(kMillions - 1));
    CHECK(list->length() == kMillions + 1);
    REQUIRE(list_reverse(list->reference) == Status::kOk);
    CHECK(list->at(0) == std::to_string(kMillions - 1));
    CHECK(list->at(-1) == "0");
    REQUIRE(list->splice(10, kMillions - 20, {}) == Status::kOk);
    CHECK(list->length() == 21);
    CHECK(list->at(10) == "10");
    CHECK(used_by_stripes(list.room()) < 10'000);
  }
}

TEST_SUITE("hammer") {
  TEST_CASE("what is spliced in together is seen together or not at all, by threads and by processes") {
    for (const bool are_processes : {false, true}) {
      OpenedList list(16 << 20);
      const auto work = [&](const Reference& mine, int index) {
        const SharedTexts texts(mine);
        Random random(index);
        for (int i = 0; i < 300; ++i) {
          if (index % 2 == 0) {
            // Always 100 alike, in front or at the end.
            const std::string text = std::to_string(random.below(1000));
            MUST(texts.splice(random.below(2) == 0 ? 0 : INT64_MAX, 0, Texts(100, text)) == Status::kOk);
            if (texts.length() > 2000) MUST(texts.splice(0, 500, {}) == Status::kOk);
            continue;
          }
          MUST(texts.length() % 100 == 0);
          const Texts all = texts.all();
          for (std::size_t at = 0; at < all.size(); at += 100) MUST(all[at] == all[at + 99]);
          const auto first = texts.at(0), last = texts.at(-1);
          MUST((!first || is_number(*first)) && (!last || is_number(*last)));
          if (i % 10 == 0) MUST(list_reverse(mine) == Status::kOk);
        }
      };
      if (are_processes) {
        in_processes(list.room(), 4, [&](Room& own, int index) {
          const Reference mine = own.attach(list->reference);
          work(mine, index);
          own.detach(mine);
        });
      } else {
        std::vector<Participant> owners;
        for (int i = 0; i < 4; ++i) owners.push_back(list.room().join());
        in_threads(4, [&](int index) { work(as(owners[index], list->reference), index); });
      }
      CHECK(list->length() % 100 == 0);
    }
  }

  TEST_CASE("each element that is pushed is taken once, whoever takes and from wherever") {
    OpenedList list(16 << 20);
    constexpr int kEach = 3000;
    std::vector<std::atomic<int>> seen(2 * kEach);
    std::vector<Participant> owners;
    for (int i = 0; i < 4; ++i) owners.push_back(list.room().join());
    std::atomic<int> taken{0};
    in_threads(4, [&](int index) {
      const SharedTexts mine(as(owners[index], list->reference));
      Random random(index);
      for (int i = 0; i < kEach && index < 2; ++i) {
        const std::string text = std::to_string(index * kEach + i);
        MUST(mine.splice(random.below(3) == 0 ? 0 : random.below(50), 0, {text}) == Status::kOk);
      }
      while (index >= 2 && taken.load() < 2 * kEach) {
        const auto text = mine.take(random.below(2) == 0 ? 0 : -1 - static_cast<int>(random.below(20)));
        if (text) taken.fetch_add(1), seen[std::stoi(*text)].fetch_add(1);
      }
    });
    for (const auto& count : seen) CHECK(count.load() == 1);
    CHECK(list->length() == 0);
  }

  TEST_CASE("a reader without the lock sees whole values only, while they are replaced") {
    OpenedList list;
    REQUIRE(list->splice(0, 0, Texts(100, made_value("k", 1))) == Status::kOk);
    std::vector<Participant> owners;
    for (int i = 0; i < 3; ++i) owners.push_back(list.room().join());
    std::atomic<bool> is_over{false};
    in_threads(3, [&](int index) {
      const SharedTexts mine(as(owners[index], list->reference));
      Random random(index);
      for (std::uint32_t i = 0; i < 4000 && index == 0; ++i) {
        const auto position = static_cast<std::int64_t>(random.below(100));
        MUST(mine.set(position, made_value("k", 1 + random.below(10000))) == Status::kOk);
        MUST(mine.splice(position, 1, {made_value("k", 1 + random.below(10000))}) == Status::kOk);
      }
      if (index == 0) is_over.store(true);
      while (!is_over.load()) {
        const auto text = mine.at(random.below(100));
        MUST((text && is_made("k", *text)));
        MUST(mine.length() >= 99);
      }
    });
  }
}

TEST_SUITE("death") {
  TEST_CASE("a list without a name goes with the last one that has it, however he goes") {
    Room room;
    const std::uint64_t before = used_by_stripes(room);
    Child child(room, [&](Room& own) {
      const SharedTexts list(own);
      MUST(list.splice(0, 0, texts_from(0, 2000)) == Status::kOk);
      sleep_until_killed();
    });
    until([&] { return used_by_stripes(room) > before + 2000 * 12; });
    child.kill();
    until([&] { return is_recovered(room) && used_by_stripes(room) == before; });
    check_sound(room);
  }
}

TEST_SUITE("misuse") {
  TEST_CASE("a position that is not there is one that is not found, and changes nothing") {
    OpenedList list;
    CHECK(list->at(0) == std::nullopt);
    CHECK(list->take(-1) == std::nullopt);
    CHECK(list->set(0, "x") == Status::kNotFound);
    REQUIRE(list->splice(-100, 7, {"a", "b"}) == Status::kOk);
    CHECK(list->at(2) == std::nullopt);
    CHECK(list->at(-3) == std::nullopt);
    CHECK(list->at(INT64_MIN) == std::nullopt);
    CHECK(list->at(INT64_MAX) == std::nullopt);
    CHECK(list->set(2, "x") == Status::kNotFound);
    CHECK(list->set(-3, "x") == Status::kNotFound);
    CHECK(list->all({INT64_MAX, INT64_MIN}).empty());
    CHECK(list->all({INT64_MIN, INT64_MAX}) == Texts{"a", "b"});
    CHECK(list->splice(INT64_MIN, 0, {}) == Status::kOk);
    CHECK(list->all() == Texts{"a", "b"});
  }
}

}  // namespace lockstep::test
