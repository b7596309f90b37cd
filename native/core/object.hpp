// A checked reference to one shared object, and the sites of its words.
#pragma once

#include "event_count.hpp"
#include "lock_word.hpp"
#include "transaction.hpp"

namespace lockstep {

/// An object that this process has attached; valid until it is detached.
struct Reference {
  Participant me;
  Object* object = nullptr;

  Word& word(std::uint32_t index) const noexcept {
    return reinterpret_cast<Word*>(reinterpret_cast<char*>(object) + kObjectHead)[index];
  }
  WaitSite waiting() const noexcept { return wait_site_of(*me.segment, *object); }
  LockSite lock() const noexcept { return {word(0), waiting()}; }
};

/// Bytes that an object of this kind and parameter takes, head included.
std::uint64_t object_size(Kind kind, std::uint32_t parameter) noexcept;
/// Lowest and highest parameter of a kind.
struct ParameterRange {
  std::uint32_t least, most;
};
ParameterRange parameter_range(Kind kind) noexcept;
/// First contents of a new object, all other words being 0.
void initialize_object(Object& object, Kind kind, std::uint32_t parameter) noexcept;
/// Containers hold memory of stripes, which is freed after the object has left the directory (reap.hpp).
constexpr bool is_container(Kind kind) noexcept { return kind >= Kind::kDict && kind < Kind::kMemory; }
/// Frees a part of what a container without references holds; false when nothing is left.
bool reap_object(const Reference& reference) noexcept;
/// Frees what hangs off an object, piece by piece, each committed: for its last user, before the object itself goes.
void free_extras(Transaction& transaction, Object& object) noexcept;
/// What the death of `dead` means for this object.
void give_back_object(const Reference& reference, OwnerId dead) noexcept;

}  // namespace lockstep
