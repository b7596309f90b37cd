// JavaScript sees a segment through windows of 1 MiB, because an ArrayBuffer of Node 20 cannot span all of it.
#pragma once

#include "core/layout.hpp"

namespace lockstep::addon {

constexpr std::uint64_t kWindowBytes = 1 << 20;

constexpr std::uint32_t window_of(Offset offset) noexcept { return offset / kWindowBytes; }
/// In an Int32Array over the window.
constexpr std::uint32_t index_of(Offset offset) noexcept { return offset % kWindowBytes / sizeof(Word); }

}  // namespace lockstep::addon
