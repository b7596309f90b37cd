// Hash of keys: SipHash-1-3 with the seed of the segment, so that nobody can choose keys that collide.
#pragma once

#include "segment.hpp"

namespace lockstep {

/// `bytes` are padded with zeros to a multiple of 8 and aligned to 8. `kind` keeps keys of different types apart.
std::uint64_t hash_of(const Segment& segment, std::uint32_t kind, const std::uint64_t* bytes,
                      std::uint32_t length) noexcept;

}  // namespace lockstep
