#include "barrier_places.hpp"

namespace lockstep {
namespace {

bool is_newer(std::uint64_t seen, std::uint32_t generation) noexcept {
  if (static_cast<std::uint32_t>(seen) == 0) return false;
  const auto ahead = (static_cast<std::uint32_t>(seen >> 32) - generation) << 3;  // 29 bits, sign in the top one
  return ahead != 0 && static_cast<std::int32_t>(ahead) > 0;
}

}  // namespace

bool is_taken(std::uint64_t seen, std::uint32_t generation) noexcept {
  return static_cast<std::uint32_t>(seen) != 0 && seen >> 32 == generation && seen != closed(generation);
}

std::uint32_t taken_places(const Reference& barrier, std::uint32_t generation) noexcept {
  std::uint32_t taken = 0;
  for (std::uint32_t i = 0, n = parties_of(barrier); i < n; ++i)
    taken += is_taken(place_at(barrier, i).load(), generation);
  return taken;
}

bool is_full(const Reference& barrier, std::uint32_t generation) noexcept {
  return is_taken(place_at(barrier, parties_of(barrier) - 1).load(), generation);
}

Claim claim_place(const Reference& barrier, Arrival* arrival) noexcept {
  const std::uint32_t parties = parties_of(barrier);
  for (std::uint32_t i = 0; i < parties;) {
    std::uint64_t seen = place_at(barrier, i).load();
    if (is_newer(seen, arrival->generation) || seen == closed(arrival->generation)) return Claim::kStale;
    if (is_taken(seen, arrival->generation)) {
      ++i;
    } else if (place_at(barrier, i).compare_exchange(seen, taken_by(arrival->generation, barrier.me.id))) {
      arrival->index = i;
      return Claim::kTaken;
    }
  }
  return Claim::kFull;
}

void leave_place(const Reference& barrier, Arrival arrival) noexcept {
  if (arrival.index >= parties_of(barrier)) return;
  place_at(barrier, arrival.index).change(taken_by(arrival.generation, barrier.me.id), closed(arrival.generation));
}

bool close_places(const Reference& barrier, std::uint32_t generation) noexcept {
  for (std::uint32_t i = 0, n = parties_of(barrier); i < n;) {
    const std::uint64_t seen = place_at(barrier, i).load();
    if (is_taken(seen, generation) || is_newer(seen, generation)) return false;
    if (seen == closed(generation) || place_at(barrier, i).change(seen, closed(generation))) ++i;
  }
  return true;
}

}  // namespace lockstep
