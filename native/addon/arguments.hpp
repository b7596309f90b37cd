// The arguments of a hot function, read so that nothing JavaScript can pass does harm: what makes no sense becomes a
// handle that finds nothing, a time that has passed, or 0. TypeScript tells the user what is wrong, before it calls.
#pragma once

#include <cmath>
#include <span>

#include "isolate.hpp"

namespace lockstep::addon {

/// Nanoseconds on CLOCK_MONOTONIC; what is later than 285 years after boot is never.
inline std::int64_t ns_of_ms(double ms) noexcept {
  constexpr double kNeverMs = 9e12;
  if (!(ms > 0)) return 0;
  return ms < kNeverMs ? static_cast<std::int64_t>(ms * 1e6) : INT64_MAX;
}

/// As many as anybody can mean: core counts in `int` here and there.
constexpr std::uint32_t kMaxCount = INT32_MAX;

inline std::uint32_t count_of(double number) noexcept {
  if (!(number > 0)) return 0;
  return number < kMaxCount ? static_cast<std::uint32_t>(number) : kMaxCount;
}

class Arguments {
 public:
  Arguments(napi_env env, napi_callback_info info) noexcept : env_(env) {
    std::size_t count = kMost;
    napi_get_cb_info(env, info, &count, values_, nullptr, reinterpret_cast<void**>(&isolate_));
  }

  Isolate& isolate() const noexcept { return *isolate_; }
  napi_env env() const noexcept { return env_; }
  napi_value operator[](unsigned index) const noexcept { return values_[index]; }

  /// NaN unless it is a number.
  double number(unsigned index) const noexcept {
    double value;
    return napi_get_value_double(env_, values_[index], &value) == napi_ok ? value : NAN;
  }
  /// The number modulo 2^32.
  std::uint32_t word(unsigned index) const noexcept {
    std::uint32_t value = 0;
    return napi_get_value_uint32(env_, values_[index], &value) == napi_ok ? value : 0;
  }
  bool flag(unsigned index) const noexcept {
    bool value = false;
    return napi_get_value_bool(env_, values_[index], &value) == napi_ok && value;
  }
  std::uint32_t count(unsigned index) const noexcept { return count_of(number(index)); }
  std::int64_t time_ns(unsigned index) const noexcept { return ns_of_ms(number(index)); }

  /// Empty unless it is a Uint32Array of at most `most` elements. Valid until the function returns.
  std::span<std::uint32_t> words(unsigned index, std::size_t most) const noexcept {
    napi_typedarray_type type;
    std::size_t length = 0;
    void* data = nullptr;
    const napi_status read = napi_get_typedarray_info(env_, values_[index], &type, &length, &data, nullptr, nullptr);
    if (read != napi_ok || type != napi_uint32_array || data == nullptr || length > most) return {};
    return {static_cast<std::uint32_t*>(data), length};
  }

 private:
  static constexpr std::size_t kMost = 6;
  napi_env env_;
  napi_value values_[kMost] = {};
  Isolate* isolate_ = nullptr;
};

}  // namespace lockstep::addon
