// Private memory that is about to be filled.
#pragma once

#include <span>

namespace lockstep {

/// Has the kernel give it real memory now, in huge pages where it can, as whoever fills it may hold a lock: page by
/// page it can take ten times as long as the copy. What it contains stays.
void populate(std::span<char> memory) noexcept;

}  // namespace lockstep
