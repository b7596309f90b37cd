// Memory that programs use as they like: SharedMemory, SharedArray and SharedValue. Protocol: memory.cpp.
#pragma once

#include "directory.hpp"
#include "storage.hpp"

namespace lockstep {

/// What memory is made as.
struct MemoryRecipe {
  Recipe object;                   // of kind kMemory, kArray or kValue; the last two get a lock of their own
  std::span<const char> contents;  // of a new one; what is not given is 0
};

/// As open_object(). Whoever finds it finds its first contents whole.
Status open_memory(const Participant& me, const MemoryRecipe& recipe, Object** result, bool* created) noexcept;

}  // namespace lockstep
