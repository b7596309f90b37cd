// The places of a barrier, an entry for each of its parties: generation:32 | owner:32. Protocol and proof: barrier.cpp.
#pragma once

#include "barrier.hpp"

namespace lockstep {

// The parameter was checked when the object was attached, so no index leaves the object.
inline std::uint32_t parties_of(const Reference& barrier) noexcept {
  const std::uint32_t parties = barrier.object->parameter.load();
  return parties >= 1 && parties <= kMaxParties ? parties : 1;
}
inline Word64& place_at(const Reference& barrier, std::uint32_t index) noexcept {
  return reinterpret_cast<Word64*>(&barrier.word(2))[index];
}

constexpr std::uint64_t taken_by(std::uint32_t generation, OwnerId id) noexcept {
  return std::uint64_t{generation} << 32 | id;
}
/// A place of a round that was broken or reset, in which nobody can arrive any more.
constexpr std::uint64_t closed(std::uint32_t generation) noexcept { return taken_by(generation, kAbandoned); }

bool is_taken(std::uint64_t seen, std::uint32_t generation) noexcept;
std::uint32_t taken_places(const Reference& barrier, std::uint32_t generation) noexcept;
/// Whether the last place is taken: all are, since they are taken in order.
bool is_full(const Reference& barrier, std::uint32_t generation) noexcept;

/// kFull: all places are taken. kStale: the generation is over, or its places are being closed.
enum class Claim { kTaken, kFull, kStale };
/// arrive: the first free place of arrival->generation, whose index goes to arrival->index.
Claim claim_place(const Reference& barrier, Arrival* arrival) noexcept;
/// leave: closes the place, unless that has been done.
void leave_place(const Reference& barrier, Arrival arrival) noexcept;
/// close. False when a party still has its place.
bool close_places(const Reference& barrier, std::uint32_t generation) noexcept;

}  // namespace lockstep
