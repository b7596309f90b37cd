// Times at which entries end: nanoseconds of CLOCK_MONOTONIC, the same for all processes of a machine.
#pragma once

#include "deadline.hpp"
#include "dict_index.hpp"

namespace lockstep {

inline std::uint64_t end_of(std::int64_t ttl_ns) noexcept {
  return ttl_ns <= 0 ? 0 : static_cast<std::uint64_t>(Deadline::now_ns()) + static_cast<std::uint64_t>(ttl_ns);
}

/// From this moment on the entry is not there, whoever frees it.
inline bool is_over(const Node& node) noexcept {
  const std::uint64_t expires = node.expires();
  return expires != 0 && expires <= static_cast<std::uint64_t>(Deadline::now_ns());
}

}  // namespace lockstep
