#include "container_values.hpp"

#include <algorithm>
#include <cstring>
#include <new>

#include "core/fresh_memory.hpp"
#include "core/value_objects.hpp"

namespace lockstep::addon {

bool KeyArgument::read(const Arguments& arguments, unsigned index, const Segment& segment) noexcept {
  const bool is_string = string_.read(arguments.env(), arguments[index]);
  const KeyKind kind = string_.is_latin1() ? KeyKind::kLatin1 : KeyKind::kTwoByte;
  key_ = {kind, static_cast<std::uint32_t>(string_.byte_length()), string_.words(), 0};
  const bool is_read = is_string ? string_.byte_length() <= kMaxKey : read_other(arguments, index);
  if (is_read) key_ = make_key(segment, key_.kind, key_.bytes, key_.length);
  return is_read;
}

bool KeyArgument::read_other(const Arguments& arguments, unsigned index) noexcept {
  napi_valuetype type = napi_undefined;
  napi_typeof(arguments.env(), arguments[index], &type);
  key_ = {KeyKind::kBoolean, 1, words_, 0};
  if (type == napi_number) return read_number(arguments, index);
  if (type == napi_bigint) return read_bigint(arguments, index);
  words_[0] = arguments.flag(index);
  return type == napi_boolean;
}

// As Map has it: NaN is one key, and -0 is 0.
bool KeyArgument::read_number(const Arguments& arguments, unsigned index) noexcept {
  double number = arguments.number(index);
  if (std::isnan(number)) number = NAN;
  if (number == 0) number = 0;
  std::memcpy(words_, &number, sizeof number);
  key_ = {KeyKind::kNumber, sizeof number, words_, 0};
  return true;
}

// The sign, then as many words as there are.
bool KeyArgument::read_bigint(const Arguments& arguments, unsigned index) noexcept {
  int sign = 0;
  std::size_t count = kBigIntWords + 1;  // one more than there may be, as Deno tells of no more than it has room for
  const napi_status read = napi_get_value_bigint_words(arguments.env(), arguments[index], &sign, &count, words_ + 1);
  if (read != napi_ok || count > kBigIntWords) return false;
  words_[0] = static_cast<std::uint64_t>(sign);
  key_.kind = KeyKind::kBigInt;
  key_.length = static_cast<std::uint32_t>((count + 1) * sizeof(std::uint64_t));
  return true;
}

bool ValueArgument::read_primitive(napi_env env, napi_value from) noexcept {
  napi_valuetype type = napi_undefined;
  bool flag = false;
  napi_typeof(env, from, &type);
  switch (type) {
    case napi_number:
      napi_get_value_double(env, from, &number_);
      value_ = {ValueKind::kNumber, sizeof number_, &number_};
      return true;
    case napi_string:
      if (!string_.read(env, from)) return false;
      value_ = {string_.is_latin1() ? ValueKind::kLatin1 : ValueKind::kTwoByte,
                static_cast<std::uint32_t>(string_.byte_length()), string_.words()};
      return true;
    case napi_boolean:
      napi_get_value_bool(env, from, &flag);
      value_.kind = flag ? ValueKind::kTrue : ValueKind::kFalse;
      return true;
    case napi_undefined:
    case napi_null:
      value_.kind = type == napi_null ? ValueKind::kNull : ValueKind::kUndefined;
      return true;
    default:
      return is_primitive_ = false;
  }
}

bool ValueArgument::read_bytes(napi_env env, napi_value from, ValueKind kind) noexcept {
  napi_typedarray_type type;
  std::size_t length = 0;
  void* data = nullptr;
  const napi_status read = napi_get_typedarray_info(env, from, &type, &length, &data, nullptr, nullptr);
  if (read != napi_ok || type != napi_uint8_array || length > UINT32_MAX) return false;
  if (kind != ValueKind::kEncoded && kind != ValueKind::kBytes && kind != ValueKind::kWithObjects) return false;
  value_ = {kind, static_cast<std::uint32_t>(length), data};
  return has_sound_table(value_);
}

namespace {

napi_value bytes_to_javascript(const Arguments& arguments, const ValueCopy& value) noexcept {
  const std::span<char> scratch = arguments.isolate().scratch();
  if (scratch.size() < kScratchBytes) return nullptr;
  tell_bytes(arguments, value);
  const std::size_t room = scratch.size() - kScratchBytes;
  if (value.length <= (value.kind == ValueKind::kBytes ? std::min(room, kMostBytes) : room)) {
    std::memcpy(scratch.data() + kScratchBytes, value.bytes(), value.length);
    return arguments.isolate().scratch_array();
  }
  napi_value buffer = nullptr;
  void* data = nullptr;
  if (napi_create_arraybuffer(arguments.env(), value.length, &data, &buffer) != napi_ok) return nullptr;
  populate({static_cast<char*>(data), value.length});
  std::memcpy(data, value.bytes(), value.length);
  return buffer;
}

napi_value string_to_javascript(napi_env env, bool is_latin1, const char* bytes, std::size_t length) noexcept {
  napi_value string = nullptr;
  if (is_latin1) {
    napi_create_string_latin1(env, bytes, length, &string);
  } else {
    napi_create_string_utf16(env, reinterpret_cast<const char16_t*>(bytes), length / sizeof(char16_t), &string);
  }
  return string;
}

}  // namespace

void tell_bytes(const Arguments& arguments, const ValueCopy& value) noexcept {
  const std::span<char> scratch = arguments.isolate().scratch();
  const std::uint32_t head[] = {value.length, static_cast<std::uint32_t>(value.kind)};
  if (scratch.size() >= kScratchBytes) std::memcpy(scratch.data(), head, sizeof head);
}

void tell_item(const Arguments& arguments, Offset item, std::uint32_t left) noexcept {
  const std::span<char> scratch = arguments.isolate().scratch();
  const std::uint32_t words[] = {item, left};
  if (scratch.size() >= kScratchBytes) std::memcpy(scratch.data() + sizeof words, words, sizeof words);
}

napi_value to_javascript(const Arguments& arguments, const ValueCopy& value) noexcept {
  const bool is_bytes = value.kind >= ValueKind::kEncoded;
  return is_bytes ? bytes_to_javascript(arguments, value) : to_javascript(arguments.env(), value.value());
}

napi_value to_javascript(napi_env env, const Value& value) noexcept {
  napi_value result = nullptr;
  double number = NAN;
  switch (value.kind) {
    case ValueKind::kUndefined:
      napi_get_undefined(env, &result);
      break;
    case ValueKind::kNull:
      napi_get_null(env, &result);
      break;
    case ValueKind::kFalse:
    case ValueKind::kTrue:
      napi_get_boolean(env, value.kind == ValueKind::kTrue, &result);
      break;
    case ValueKind::kNumber:
      if (value.length == sizeof number) std::memcpy(&number, value.bytes, sizeof number);
      napi_create_double(env, number, &result);
      break;
    case ValueKind::kLatin1:
    case ValueKind::kTwoByte:
      return string_to_javascript(env, value.kind == ValueKind::kLatin1, static_cast<const char*>(value.bytes),
                                  value.length);
    case ValueKind::kEncoded:
    case ValueKind::kBytes:
    case ValueKind::kWithObjects:
      break;
  }
  return result;
}

napi_value to_javascript(const Arguments& arguments, const KeyCopy& key) noexcept {
  const napi_env env = arguments.env();
  const auto* const words = static_cast<const std::uint64_t*>(key.bytes());
  napi_value result = nullptr;
  double number = 0;
  switch (key.kind) {
    case KeyKind::kNumber:
      std::memcpy(&number, words, sizeof number);
      napi_create_double(env, number, &result);
      break;
    case KeyKind::kBoolean:
      napi_get_boolean(env, *static_cast<const char*>(key.bytes()) != 0, &result);
      break;
    case KeyKind::kBigInt:
      napi_create_bigint_words(env, words[0] & 1, key.length / sizeof(std::uint64_t) - (key.length >= 8), words + 1,
                               &result);
      break;
    case KeyKind::kClaim:
      break;
    case KeyKind::kLatin1:
    case KeyKind::kTwoByte:
      return string_to_javascript(env, key.kind == KeyKind::kLatin1, static_cast<const char*>(key.bytes()), key.length);
  }
  return result;
}

napi_value throw_status(napi_env env, Status status) noexcept {
  napi_value message = nullptr, error = nullptr;
  napi_create_string_utf8(env, "Cannot use container", NAPI_AUTO_LENGTH, &message);
  napi_create_error(env, nullptr, message, &error);
  napi_set_named_property(env, error, "status", to_value(env, status));
  napi_throw(env, error);
  return nullptr;
}

}  // namespace lockstep::addon
