// Values as containers hold them: a kind and bytes, copied into shared memory and out of it.
//
// Bytes in shared memory change under the eyes of readers, who find out afterwards (stripe.cpp). So they are moved word
// by word, with the orders that a sequence asks for; what lies behind the last byte is zero.
#pragma once

#include <memory>
#include <span>

#include "held_objects.hpp"

namespace lockstep {

enum class ValueKind : std::uint32_t {
  kUndefined = 0,
  kNull = 1,
  kFalse = 2,
  kTrue = 3,
  kNumber = 4,       // 8 bytes, a double
  kLatin1 = 5,       // a string, one byte for each UTF-16 unit
  kTwoByte = 6,      // a string, UTF-16LE
  kEncoded = 7,      // made by packages/codec
  kBytes = 8,        // a Uint8Array
  kWithObjects = 9,  // an ObjectTable (value_objects.hpp), then as kEncoded
};
constexpr std::uint32_t kValueKinds = 10;

/// A value in private memory.
struct Value {
  ValueKind kind;
  std::uint32_t length;  // in bytes
  const void* bytes;
};

/// A value where it lies in shared memory.
struct StoredValue {
  ValueKind kind;
  std::uint32_t length;
  Word64* bytes;
};

constexpr std::uint64_t padded(std::uint64_t length) noexcept { return (length + 7) & ~std::uint64_t{7}; }

void copy_in(Word64* to, const void* from, std::uint64_t length) noexcept;
void copy_out(const Word64* from, void* to, std::uint64_t length) noexcept;
bool is_same(const Word64* shared, const void* bytes, std::uint64_t length) noexcept;

/// Where a value is copied to; keeps its memory for the next one.
class ValueCopy {
 public:
  ValueKind kind = ValueKind::kUndefined;
  std::uint32_t length = 0;
  std::uint32_t version = 0;
  HeldObjects held;  // those that it names, and those of values before it that nobody has let go of

  const char* bytes() const noexcept { return reinterpret_cast<const char*>(words_.get()); }
  double number() const noexcept;
  /// False when there is no memory.
  bool take(ValueKind new_kind, const Word64* from, std::uint32_t new_length) noexcept;

  /// Values of more bytes are not copied: is_left() then, and kind and length are known.
  void leave_above(std::uint32_t most) noexcept { most_ = most; }
  bool is_left() const noexcept { return is_left_; }
  /// The next take() of so many bytes does so.
  bool leaves(std::uint32_t bytes) const noexcept { return target_.size() != bytes && bytes > most_; }
  /// A value of exactly so many bytes is copied to there instead; for the next take() only.
  void aim(std::span<char> target) noexcept { target_ = target; }
  /// The last take() did so.
  bool is_aimed() const noexcept { return is_aimed_; }
  Value value() const noexcept { return {kind, length, bytes()}; }

 private:
  bool make_room(std::uint64_t bytes) noexcept;

  std::unique_ptr<std::uint64_t[]> words_;
  std::span<char> target_;
  std::uint32_t most_ = UINT32_MAX;
  bool is_left_ = false;
  bool is_aimed_ = false;
  std::uint64_t capacity_ = 0;  // in bytes
};

}  // namespace lockstep
