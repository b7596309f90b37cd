#include "string_argument.hpp"

#include <cstring>
#include <new>

namespace lockstep::addon {
namespace {

constexpr std::uint32_t bytes_of(std::uint64_t units) noexcept {
  const std::uint64_t pairs = (units | units >> 8) & 0x0000ffff0000ffff;
  return static_cast<std::uint32_t>(pairs | pairs >> 16);
}

}  // namespace

std::uint64_t StringArgument::four_at(std::size_t index) const noexcept {
  std::uint64_t units;
  std::memcpy(&units, units_ + index * 4, sizeof units);
  return units;
}

bool StringArgument::read(napi_env env, napi_value string) noexcept {
  std::size_t length = 0;
  if (napi_get_value_string_utf16(env, string, inline_, kInline + 1, &length) != napi_ok) return false;
  if (length < kInline) return narrow(length);
  if (napi_get_value_string_utf16(env, string, nullptr, 0, &length) != napi_ok) return false;
  large_.reset(new (std::nothrow) char16_t[length + kSpare]);
  if (large_ == nullptr) return false;
  units_ = large_.get();
  return napi_get_value_string_utf16(env, string, units_, length + 1, &length) == napi_ok && narrow(length);
}

// Four units at a time; those behind the last one are zero, and so is then the padding.
bool StringArgument::narrow(std::size_t length) noexcept {
  std::memset(units_ + length, 0, kSpare * sizeof(char16_t));
  const std::size_t fours = (length + 3) / 4;
  std::uint64_t all = 0;
  for (std::size_t i = 0; i < fours; ++i) all |= four_at(i);
  is_latin1_ = (all & 0xff00ff00ff00ff00) == 0;
  bytes_ = is_latin1_ ? length : length * sizeof(char16_t);
  if (bytes_ > UINT32_MAX) return false;
  for (std::size_t i = 0; is_latin1_ && i < fours + fours % 2; ++i) {
    const std::uint32_t bytes = i < fours ? bytes_of(four_at(i)) : 0;
    std::memcpy(reinterpret_cast<char*>(units_) + i * sizeof bytes, &bytes, sizeof bytes);
  }
  return true;
}

}  // namespace lockstep::addon
