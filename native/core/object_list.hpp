// The list of all objects of a segment, and how long each stays in it: as long as it has references.
#pragma once

#include <algorithm>

#include "object.hpp"

namespace lockstep {

/// Null unless a whole object of valid kind and parameter lies there.
Object* checked_object(const Segment& segment, Offset offset) noexcept;
/// No list of objects is longer, whatever the segment says of their number.
inline std::uint32_t most_objects(const Segment& segment) noexcept {
  const auto fitting = static_cast<std::uint32_t>(segment.heap_end() / sizeof(Object));
  return std::min(segment.header().object_count.load(), fitting);
}
void link_object(Transaction& transaction, Object& object) noexcept;
void add_reference(Transaction& transaction, Object& object) noexcept;
/// The last one takes the object off the list and frees it; its extras are freed before (object.hpp). A container joins
/// the dead instead (reap.hpp).
void drop_reference(Transaction& transaction, Object& object) noexcept;
/// A value in a container names it; as long as one does, the object has a reference for it.
void keep_object(Transaction& transaction, Object& object) noexcept;
/// One less. If it was the last reference the object goes, and commits may come first: nothing else may be under way.
void let_go_of_object(Transaction& transaction, Object& object) noexcept;
/// No value keeps it any more, those included that name it later.
void forget_keepers(Transaction& transaction, Object& object) noexcept;
/// Calls give_back_object for every object.
void give_back_objects(Transaction& transaction, OwnerId dead) noexcept;

}  // namespace lockstep
