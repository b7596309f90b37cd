#include <algorithm>

#include "container_values.hpp"
#include "core/fresh_memory.hpp"

namespace lockstep::addon {

// Strings are copied to private memory all the same: JavaScript takes no memory of ours for them.
LargeBytes::LargeBytes(const Arguments& arguments) noexcept : arguments_(arguments) {
  const std::size_t room = arguments.isolate().scratch().size();
  const std::size_t most = room < kScratchBytes ? 0 : std::min(room - kScratchBytes, kMostBytes);
  arguments.isolate().value().leave_above(static_cast<std::uint32_t>(most));
}

LargeBytes::~LargeBytes() { arguments_.isolate().value().leave_above(UINT32_MAX); }

bool LargeBytes::makes_room(const ValueCopy& value) noexcept {
  ValueCopy& copy = arguments_.isolate().value();
  if (!value.is_left()) {
    if (!value.is_aimed()) buffer_ = nullptr;
    if (buffer_ != nullptr) tell_bytes(arguments_, value);
    return false;
  }
  void* data = nullptr;
  buffer_ = nullptr;
  copy.leave_above(value.length);
  if (value.kind != ValueKind::kEncoded && value.kind != ValueKind::kBytes) return true;
  if (napi_create_arraybuffer(arguments_.env(), value.length, &data, &buffer_) != napi_ok) return false;
  populate({static_cast<char*>(data), value.length});
  copy.aim({static_cast<char*>(data), value.length});
  return true;
}

}  // namespace lockstep::addon
