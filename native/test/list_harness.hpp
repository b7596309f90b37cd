// A list as the tests see it: strings in, strings out. Texts that are numbers lie in it as numbers.
#pragma once

#include "core/list_plan.hpp"
#include "dict_harness.hpp"

namespace lockstep::test {

using Texts = std::vector<std::string>;

inline bool is_number(const std::string& text) {
  return !text.empty() && text.size() < 16 && text.find_first_not_of("0123456789") == std::string::npos;
}

/// A value that lives as long as this.
class Made {
 public:
  explicit Made(const std::string& text) : text_(text), number_(is_number(text) ? std::stod(text) : 0) {}
  Value value() const { return is_number(text_) ? Value{ValueKind::kNumber, sizeof number_, &number_} : latin1(text_); }

 private:
  std::string text_;
  double number_;
};

inline std::string text_of(const Value& value) {
  if (value.kind != ValueKind::kNumber) return std::string(static_cast<const char*>(value.bytes), value.length);
  double number;
  std::memcpy(&number, value.bytes, sizeof number);
  return std::to_string(static_cast<long>(number));
}
inline Texts texts_of(const ValueList& values) {
  Texts texts;
  std::uint64_t cursor = 0;
  for (std::uint32_t i = 0; i < values.count(); ++i) texts.push_back(text_of(values.next(&cursor)));
  return texts;
}

class SharedTexts {
 public:
  Reference reference;

  explicit SharedTexts(const Room& room) : reference(room.open(Kind::kList)), room_(&room) {}
  explicit SharedTexts(const Reference& attached) : reference(attached) {}
  SharedTexts(const Room& room, const SharedTexts& other) : reference(room.attach(other.reference)), room_(&room) {}
  ~SharedTexts() {
    if (room_ != nullptr) room_->detach(reference);
  }
  SharedTexts(const SharedTexts&) = delete;
  SharedTexts& operator=(const SharedTexts&) = delete;

  Status splice(std::int64_t start, std::uint64_t remove, const Texts& texts, Texts* removed = nullptr) const {
    ValueList values, gone;
    for (const std::string& text : texts) MUST(values.add(Made(text).value()));
    ListSplice splice{start, remove, &values, removed == nullptr ? nullptr : &gone, 0};
    const Status status = list_splice(reference, splice);
    if (removed != nullptr) *removed = texts_of(gone);
    return status;
  }
  Status push(const std::string& text) const { return splice(INT64_MAX, 0, {text}); }
  Status unshift(const std::string& text) const { return splice(0, 0, {text}); }
  Status set(std::int64_t position, const std::string& text) const {
    return list_set(reference, position, Made(text).value());
  }
  std::optional<std::string> at(std::int64_t position) const {
    ValueCopy copy;
    const Status got = list_at(reference, position, copy);
    MUST(got == Status::kOk || got == Status::kNotFound);
    return got == Status::kOk ? std::optional(text_of(copy.value())) : std::nullopt;
  }
  std::optional<std::string> take(std::int64_t position) const {
    ValueCopy copy;
    const Status got = list_take(reference, position, copy);
    MUST(got == Status::kOk || got == Status::kNotFound);
    return got == Status::kOk ? std::optional(text_of(copy.value())) : std::nullopt;
  }
  Texts all(const ListRange& range = {}) const {
    ValueList copies;
    MUST(list_copy(reference, range, copies) == Status::kOk);
    return texts_of(copies);
  }
  std::int64_t find(const std::string& text, std::int64_t start = 0) const {
    std::uint32_t position = 0;
    const Status found = list_find(reference, Made(text).value(), start, &position);
    MUST(found == Status::kOk || found == Status::kNotFound);
    return found == Status::kOk ? std::int64_t{position} : -1;
  }
  bool remove(const std::string& text) const { return list_remove(reference, Made(text).value()) == Status::kOk; }
  std::uint32_t length() const { return list_length(reference); }

 private:
  const Room* room_ = nullptr;
};

/// How many words of its journal a stripe has ever used.
inline std::uint32_t used_journal(const Room& room, std::uint32_t stripe) {
  std::uint32_t used = kJournalEntries;
  while (used > 0 && room.segment()->stripe(stripe).transaction.journal[used - 1].offset.load() == 0) --used;
  return used;
}

/// `count` texts from `first` on; each tenth one is long.
inline Texts texts_from(int first, int count) {
  Texts texts;
  for (int i = first; i < first + count; ++i) {
    texts.push_back(i % 10 == 3 ? "a longer text, number " + std::to_string(i) : std::to_string(i));
  }
  return texts;
}

}  // namespace lockstep::test
