// Memory as tests use it.
#pragma once

#include <cstring>

#include "core/memory.hpp"
#include "harness.hpp"

namespace lockstep::test {

constexpr std::uint32_t kU8 = 1, kI32 = 4, kF64 = 9;  // as kElementBytes counts them

inline MemoryRecipe memory_of(std::uint32_t bytes, std::string_view name = {}, std::string_view contents = {}) {
  return {{Kind::kMemory, 0, name, nullptr, bytes}, contents};
}
inline MemoryRecipe array_of(std::uint32_t type, std::uint32_t length, std::string_view name = {}) {
  return {{Kind::kArray, type, name, nullptr, length}, {}};
}

struct OpenedMemory {
  Status status;
  Reference reference;
  bool created;

  std::span<char> bytes() const { return bytes_of(*reference.me.segment, *reference.object); }
  bool is_all(char byte) const {
    return std::ranges::all_of(bytes(), [byte](char found) { return found == byte; });
  }
  void fill(char byte) const { std::memset(bytes().data(), byte, bytes().size()); }
};

inline OpenedMemory open_memory_in(const Participant& me, const MemoryRecipe& recipe) {
  OpenedMemory opened{Status::kOk, {me, nullptr}, false};
  opened.status = open_memory(me, recipe, &opened.reference.object, &opened.created);
  return opened;
}
inline OpenedMemory made(const Room& room, const MemoryRecipe& recipe) {
  const OpenedMemory opened = open_memory_in(room.me(), recipe);
  MUST(opened.status == Status::kOk);
  return opened;
}

}  // namespace lockstep::test
