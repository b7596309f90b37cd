// Memory of a stripe: blocks for what containers hold, from 16 bytes to as much as there is. Layout: blocks.cpp.
#pragma once

#include "stripe.hpp"

namespace lockstep {

/// At least `size` bytes, aligned to 16, with undefined contents; 0 when there is no room. It may be filled at once and
/// without a journal: rolled back, it was never taken.
Offset take_block(StripeWork& work, std::uint64_t size) noexcept;
/// Gives back what take_block() gave. Its contents stay readable, except the first word, until the commit. False, and
/// nothing happens, when no block in use begins there.
bool give_block(StripeWork& work, Offset block) noexcept;
/// Gives the free pages back that all stripes keep for their next blocks; false when there were none. The caller has no
/// stripe. For operations that found no room: try once more after it.
bool trim_stripes(const Participant& me) noexcept;
/// Bytes that a block of this size really takes.
std::uint64_t block_bytes(std::uint64_t size) noexcept;

}  // namespace lockstep
