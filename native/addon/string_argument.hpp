// Strings of JavaScript as containers hold them.
#pragma once

#include <memory>

#include "functions.hpp"

namespace lockstep::addon {

/// The UTF-16 units of a string, narrowed where they fit into bytes; in memory that is padded for a key.
class StringArgument {
 public:
  static constexpr std::size_t kAtOnce = 8;  // units that are narrowed together

  /// False when it is no string, or there is no memory.
  bool read(napi_env env, napi_value string) noexcept;
  bool is_latin1() const noexcept { return is_latin1_; }
  std::size_t byte_length() const noexcept { return bytes_; }
  const std::uint64_t* words() const noexcept { return reinterpret_cast<const std::uint64_t*>(units_); }

 private:
  static constexpr std::size_t kInline = 128;  // units
  bool narrow(std::size_t length) noexcept;

  alignas(8) char16_t inline_[kInline + kAtOnce];
  std::unique_ptr<char16_t[]> large_;
  char16_t* units_ = inline_;
  std::size_t bytes_ = 0;
  bool is_latin1_ = true;
};

}  // namespace lockstep::addon
