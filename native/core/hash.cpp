// SipHash-1-3: J.-P. Aumasson, D. J. Bernstein, "SipHash: a fast short-input PRF", 2012; one round for each word and
// three at the end, as hash tables use it. The last word holds kind and length, so padding is no ambiguity.
#include "hash.hpp"

#include <bit>

namespace lockstep {
namespace {

struct State {
  std::uint64_t v0, v1, v2, v3;

  void round() noexcept {
    v0 += v1;
    v1 = std::rotl(v1, 13) ^ v0;
    v0 = std::rotl(v0, 32);
    v2 += v3;
    v3 = std::rotl(v3, 16) ^ v2;
    v0 += v3;
    v3 = std::rotl(v3, 21) ^ v0;
    v2 += v1;
    v1 = std::rotl(v1, 17) ^ v2;
    v2 = std::rotl(v2, 32);
  }

  void add(std::uint64_t word) noexcept {
    v3 ^= word;
    round();
    v0 ^= word;
  }
};

std::uint64_t seed_of(const Segment& segment, int half) noexcept {
  const Word* const words = segment.header().seed + half * 2;
  return words[0].load() | std::uint64_t{words[1].load()} << 32;
}

}  // namespace

std::uint64_t hash_of(const Segment& segment, std::uint32_t kind, const std::uint64_t* bytes,
                      std::uint32_t length) noexcept {
  const std::uint64_t k0 = seed_of(segment, 0);
  const std::uint64_t k1 = seed_of(segment, 1);
  State state{k0 ^ 0x736f6d6570736575, k1 ^ 0x646f72616e646f6d, k0 ^ 0x6c7967656e657261, k1 ^ 0x7465646279746573};
  for (std::uint32_t i = 0; i < (length + 7) / 8; ++i) state.add(bytes[i]);
  state.add(std::uint64_t{kind} << 32 | length);
  state.v2 ^= 0xff;
  state.round();
  state.round();
  state.round();
  return state.v0 ^ state.v1 ^ state.v2 ^ state.v3;
}

}  // namespace lockstep
