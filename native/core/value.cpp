#include "value.hpp"

#include <cstring>
#include <new>

namespace lockstep {

void copy_in(Word64* to, const void* from, std::uint64_t length) noexcept {
  const char* at = static_cast<const char*>(from);
  std::uint64_t word = 0;
  for (; length >= sizeof word; length -= sizeof word, at += sizeof word) {
    std::memcpy(&word, at, sizeof word);
    (to++)->store_release(word);
  }
  if (length == 0) return;
  word = 0;
  std::memcpy(&word, at, length);
  to->store_release(word);
}

void copy_out(const Word64* from, void* to, std::uint64_t length) noexcept {
  char* at = static_cast<char*>(to);
  std::uint64_t word = 0;
  for (; length >= sizeof word; length -= sizeof word, at += sizeof word) {
    word = (from++)->load();
    std::memcpy(at, &word, sizeof word);
  }
  if (length == 0) return;
  word = from->load();
  std::memcpy(at, &word, length);
}

bool is_same(const Word64* shared, const void* bytes, std::uint64_t length) noexcept {
  const char* at = static_cast<const char*>(bytes);
  std::uint64_t word = 0;
  for (; length >= sizeof word; length -= sizeof word, at += sizeof word) {
    std::memcpy(&word, at, sizeof word);
    if ((shared++)->load() != word) return false;
  }
  if (length == 0) return true;
  word = 0;
  std::memcpy(&word, at, length);
  return shared->load() == word;
}

double ValueCopy::number() const noexcept {
  double number;
  std::memcpy(&number, words_.get(), sizeof number);
  return number;
}

bool ValueCopy::make_room(std::uint64_t bytes) noexcept {
  const std::uint64_t needed = padded(bytes) + sizeof(std::uint64_t);  // never none
  if (needed <= capacity_) return true;
  const std::uint64_t generous = needed < 1 << 20 ? needed * 2 : needed;
  words_.reset(new (std::nothrow) std::uint64_t[generous / sizeof(std::uint64_t)]);
  capacity_ = words_ != nullptr ? generous : 0;
  return words_ != nullptr;
}

bool ValueCopy::take(ValueKind new_kind, const Word64* from, std::uint32_t new_length) noexcept {
  kind = new_kind;
  length = new_length;
  is_left_ = leaves(new_length);
  const std::span<char> target = target_;
  target_ = {};
  is_aimed_ = target.size() == new_length && new_length > 0;
  if (is_left_) return true;
  if (!is_aimed_ && !make_room(new_length)) return false;
  copy_out(from, is_aimed_ ? target.data() : reinterpret_cast<char*>(words_.get()), new_length);
  return true;
}

}  // namespace lockstep
