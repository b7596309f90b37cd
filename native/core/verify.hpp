// Whether a segment keeps all the rules that its parts have: for tests, and for people who look at one. See verify.cpp.
#pragma once

#include <string>
#include <vector>

#include "owner.hpp"

namespace lockstep {

struct VerifyReport {
  std::vector<std::string> problems;  // in words, the first kMostProblems
  std::uint64_t objects = 0;
  std::uint64_t containers = 0;  // of the objects
  std::uint64_t entries = 0;     // of all containers
  std::uint64_t blocks = 0;      // in use, of the object heap and of the stripes
  // Sum of the next three: bytes_reserved.
  std::uint64_t bytes_in_use = 0;  // in those blocks
  std::uint64_t bytes_free = 0;    // in pages and blocks
  std::uint64_t bytes_tables = 0;  // before the heap, and what is lost at the ends of slabs
  std::uint64_t bytes_reserved = 0;

  bool is_sound() const noexcept { return problems.empty(); }
  /// The problems, a line each.
  std::string text() const;
};
constexpr std::size_t kMostProblems = 64;

/// Looks at all of a live segment. The caller has no stripe and no transaction; whoever wants one waits for as long as
/// this takes. Whatever lies in the segment, it returns.
VerifyReport verify(const Participant& me);

}  // namespace lockstep
