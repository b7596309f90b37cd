#include "value_list.hpp"

#include <cstdlib>
#include <cstring>

namespace lockstep {
namespace {

constexpr std::uint64_t kKeptWords = 1 << 16;
constexpr std::uint64_t kFirstWords = 32;

}  // namespace

ValueList::~ValueList() { std::free(words_); }

void ValueList::clear() noexcept {
  held.let_go();
  clear_values();
}

void ValueList::clear_values() noexcept {
  used_ = 0;
  count_ = 0;
  if (capacity_ <= kKeptWords) return;
  std::free(words_);
  words_ = nullptr;
  capacity_ = 0;
}

bool ValueList::make_room(std::uint64_t words) noexcept {
  if (words <= capacity_) return true;
  const std::uint64_t generous = words < kFirstWords ? kFirstWords : words + words / 2;
  void* const grown = std::realloc(words_, generous * sizeof *words_);
  if (grown == nullptr) return false;
  words_ = static_cast<std::uint64_t*>(grown);
  capacity_ = generous;
  return true;
}

void* ValueList::add(ValueKind kind, std::uint32_t length) noexcept {
  const std::uint64_t words = 1 + padded(length) / sizeof *words_;
  if (count_ == UINT32_MAX || !make_room(used_ + words)) return nullptr;
  std::uint64_t* const at = words_ + used_;
  at[0] = std::uint64_t{length} << 32 | static_cast<std::uint32_t>(kind);
  if (words > 1) at[words - 1] = 0;  // what lies behind the last byte
  used_ += words;
  ++count_;
  return at + 1;
}

bool ValueList::add(const Value& value) noexcept {
  void* const to = add(value.kind, value.length);
  if (to != nullptr && value.length > 0) std::memcpy(to, value.bytes, value.length);
  return to != nullptr;
}

Value ValueList::next(std::uint64_t* cursor) const noexcept {
  const std::uint64_t* const at = words_ + *cursor;
  const auto length = static_cast<std::uint32_t>(at[0] >> 32);
  *cursor += 1 + padded(length) / sizeof *words_;
  return {static_cast<ValueKind>(at[0] & 0xff), length, at + 1};
}

}  // namespace lockstep
