#include "string_argument.hpp"

#include <cstring>
#include <new>

namespace lockstep::addon {
namespace {

constexpr std::size_t kAtOnce = StringArgument::kAtOnce;
using Units [[gnu::vector_size(kAtOnce * sizeof(char16_t))]] = std::uint16_t;
using Bytes [[gnu::vector_size(kAtOnce)]] = std::uint8_t;

inline Units units_at(const char16_t* from) noexcept {
  Units units;
  std::memcpy(&units, from, sizeof units);
  return units;
}

bool are_bytes(const Units& any) noexcept {
  std::uint64_t words[sizeof any / sizeof(std::uint64_t)];
  std::memcpy(words, &any, sizeof words);
  std::uint64_t all = 0;
  for (const std::uint64_t word : words) all |= word;
  return (all & 0xff00ff00ff00ff00) == 0;
}

}  // namespace

bool StringArgument::read(napi_env env, napi_value string) noexcept {
  std::size_t length = 0;
  if (napi_get_value_string_utf16(env, string, inline_, kInline + 1, &length) != napi_ok) return false;
  if (length < kInline) return narrow(length);
  if (napi_get_value_string_utf16(env, string, nullptr, 0, &length) != napi_ok) return false;
  large_.reset(new (std::nothrow) char16_t[length + kAtOnce]);
  if (large_ == nullptr) return false;
  units_ = large_.get();
  return napi_get_value_string_utf16(env, string, units_, length + 1, &length) == napi_ok && narrow(length);
}

// The units that fill up the last eight are 0, so that nothing is left over that would have to be looked at or cleared.
bool StringArgument::narrow(std::size_t length) noexcept {
  std::memset(units_ + length, 0, kAtOnce * sizeof(char16_t));
  Units any{};
  for (std::size_t i = 0; i < length; i += kAtOnce) any |= units_at(units_ + i);
  is_latin1_ = are_bytes(any);
  bytes_ = is_latin1_ ? length : length * sizeof(char16_t);
  if (bytes_ > UINT32_MAX) return false;
  auto* const bytes = reinterpret_cast<unsigned char*>(units_);
  for (std::size_t i = 0; is_latin1_ && i < length; i += kAtOnce) {
    const auto narrowed = __builtin_convertvector(units_at(units_ + i), Bytes);
    std::memcpy(bytes + i, &narrowed, sizeof narrowed);
  }
  return true;
}

}  // namespace lockstep::addon
