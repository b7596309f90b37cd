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
  for (std::uint64_t done = 0; done < length; done += sizeof(std::uint64_t), at += sizeof(std::uint64_t)) {
    const std::uint64_t word = (from++)->load();
    std::memcpy(at, &word, sizeof word);
  }
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

bool ValueCopy::take(ValueKind new_kind, const Word64* from, std::uint32_t new_length) noexcept {
  const std::uint64_t needed = padded(new_length) + sizeof(std::uint64_t);  // never none
  if (needed > capacity_) {
    const std::uint64_t generous = needed < 1 << 20 ? needed * 2 : needed;
    words_.reset(new (std::nothrow) std::uint64_t[generous / sizeof(std::uint64_t)]);
    capacity_ = words_ != nullptr ? generous : 0;
    if (words_ == nullptr) return false;
  }
  kind = new_kind;
  length = new_length;
  copy_out(from, words_.get(), new_length);
  return true;
}

}  // namespace lockstep
