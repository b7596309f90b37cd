// Keys and values between JavaScript and containers.
//
// A value is a number, string, boolean, null or undefined as it is; anything else comes and goes as bytes that
// packages/codec or the user made. Strings cross as their UTF-16 units, so that none is changed, and lie in shared
// memory with one byte for each unit where that is enough.
#pragma once

#include "string_argument.hpp"

namespace lockstep::addon {

/// A key from JavaScript; lives as long as the call.
class KeyArgument {
 public:
  /// False unless it is a number, string, bigint or boolean of at most kMaxKey bytes.
  bool read(const Arguments& arguments, unsigned index, const Segment& segment) noexcept;
  const Key& key() const noexcept { return key_; }

 private:
  static constexpr std::size_t kBigIntWords = 32;
  bool read_other(const Arguments& arguments, unsigned index) noexcept;
  bool read_number(const Arguments& arguments, unsigned index) noexcept;
  bool read_bigint(const Arguments& arguments, unsigned index) noexcept;

  Key key_{};
  std::uint64_t words_[kBigIntWords + 2];  // of a number, boolean or bigint, with its sign
  StringArgument string_;
};

/// Calls `operation(key)` with the second argument; kMismatch when that is no key.
template <typename Operation>
Status with_key(const AttachedObject& object, const Arguments& arguments, Operation operation) noexcept {
  KeyArgument key;
  return key.read(arguments, 1, *object.me.segment) ? operation(key.key()) : Status::kMismatch;
}

/// A value from JavaScript; lives as long as the call.
class ValueArgument {
 public:
  /// `kind_index` is that of the argument which says what the bytes of a Uint8Array are: kEncoded, kBytes or
  /// kWithObjects. False when it is something else, or there is no memory.
  bool read(const Arguments& arguments, unsigned index, unsigned kind_index) noexcept {
    return read_primitive(arguments.env(), arguments[index]) ||
           (!is_primitive_ &&
            read_bytes(arguments.env(), arguments[index], static_cast<ValueKind>(arguments.word(kind_index))));
  }
  bool read(napi_env env, napi_value from, ValueKind kind_of_bytes) noexcept {
    return read_primitive(env, from) || (!is_primitive_ && read_bytes(env, from, kind_of_bytes));
  }
  const Value& value() const noexcept { return value_; }

 private:
  bool read_primitive(napi_env env, napi_value from) noexcept;
  bool read_bytes(napi_env env, napi_value from, ValueKind kind) noexcept;

  bool is_primitive_ = true;
  Value value_{ValueKind::kUndefined, 0, nullptr};
  double number_ = 0;
  StringArgument string_;
};

/// The value for JavaScript. Bytes are in the scratch array, which is then the result: their length and kind in its
/// first two 32-bit words, they themselves from kScratchBytes on; those that do not fit are an ArrayBuffer.
/// The objects that it names stay attached until letGo().
napi_value to_javascript(const Arguments& arguments, const ValueCopy& value) noexcept;
napi_value to_javascript(const Arguments& arguments, const KeyCopy& key) noexcept;
/// The same for one that is no bytes; null for one that is.
napi_value to_javascript(napi_env env, const Value& value) noexcept;
constexpr std::size_t kScratchBytes = 16;
/// More bytes that JavaScript would copy again, or that can be read straight into an ArrayBuffer, do not go through the
/// scratch array.
constexpr std::size_t kMostBytes = 64 * 1024;
/// Tells length and kind of a value in its first two words.
void tell_bytes(const Arguments& arguments, const ValueCopy& value) noexcept;
/// Tells of an item in the third and fourth word of the scratch array.
void tell_item(const Arguments& arguments, Offset item, std::uint32_t left) noexcept;

/// Bytes that do not fit into the scratch array, read straight into an ArrayBuffer: it is made when their length is
/// known, and has its memory before they are read again; so nobody waits for more than the copy. Only for a
/// read that can be repeated.
class LargeBytes {
 public:
  explicit LargeBytes(const Arguments& arguments) noexcept;
  ~LargeBytes();
  LargeBytes(const LargeBytes&) = delete;
  LargeBytes& operator=(const LargeBytes&) = delete;

  /// After a read: true when it left the value where it is, so that it has to be repeated.
  bool makes_room(const ValueCopy& value) noexcept;
  bool is_made() const noexcept { return buffer_ != nullptr; }
  napi_value buffer() const noexcept { return buffer_; }

 private:
  const Arguments& arguments_;
  napi_value buffer_ = nullptr;
};

/// Throws an Error with `status`.
napi_value throw_status(napi_env env, Status status) noexcept;

}  // namespace lockstep::addon
