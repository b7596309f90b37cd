#include "string_argument.hpp"

#include <cstring>
#include <new>

namespace lockstep::addon {

bool StringArgument::read(napi_env env, napi_value string) noexcept {
  std::size_t length = 0;
  if (napi_get_value_string_utf16(env, string, inline_, kInline + 1, &length) != napi_ok) return false;
  if (length < kInline) return narrow(length);
  if (napi_get_value_string_utf16(env, string, nullptr, 0, &length) != napi_ok) return false;
  large_.reset(new (std::nothrow) char16_t[length + 8]);
  if (large_ == nullptr) return false;
  units_ = large_.get();
  return napi_get_value_string_utf16(env, string, units_, length + 1, &length) == napi_ok && narrow(length);
}

bool StringArgument::narrow(std::size_t length) noexcept {
  unsigned all = 0;
  for (std::size_t i = 0; i < length; ++i) all |= units_[i];
  is_latin1_ = all < 0x100;
  bytes_ = is_latin1_ ? length : length * sizeof(char16_t);
  if (bytes_ > UINT32_MAX) return false;
  auto* const bytes = reinterpret_cast<unsigned char*>(units_);
  if (is_latin1_) {
    for (std::size_t i = 0; i < length; ++i) bytes[i] = static_cast<unsigned char>(units_[i]);
  }
  std::memset(bytes + bytes_, 0, padded(bytes_) - bytes_);
  return true;
}

}  // namespace lockstep::addon
