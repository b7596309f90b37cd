// Objects of a segment: found by name or handle, created exactly once, given back when nobody uses them.
//
// Everything here runs under the segment's transaction lock (transaction.hpp), so each call happens whole or not at
// all, whoever dies in it. An object lives while a process has it attached, it has a name, or a value in a container
// names it; `destroy` ends the latter two.
#pragma once

#include <string_view>

#include "attachments.hpp"

namespace lockstep {

struct Recipe {
  Kind kind;
  std::uint32_t parameter = 0;
  std::string_view name;            // empty: anonymous
  const Object* partner = nullptr;  // Condition: its lock, attached by the caller
  std::uint32_t extent = 0;         // of memory in bytes, of an array in elements
};

/// What a handle says of an object.
struct ObjectId {
  Offset offset;
  std::uint32_t serial;  // 0: any
  Kind kind;             // Kind::kNone: any
};

/// Creates the object, or opens the one of that name. `*created` tells which. kMismatch (kind, parameter or partner
/// differ; *result is then the existing object for the message, not attached), kFull, kCorrupt.
Status open_object(const Participant& me, const Recipe& recipe, Object** result, bool* created) noexcept;
/// The same, where it has to exist: kNotFound. Nothing that has no name does.
Status find_object(const Participant& me, const Recipe& recipe, Object** result) noexcept;
/// The same, but gives that name to `nameless`, an object that has none, where it would be kNotFound. kFull.
Status find_or_name(const Participant& me, const Recipe& recipe, Object* nameless, Object** result) noexcept;
/// Attaches the object that a handle names. kGone when it is not there any more, kMismatch for another kind.
Status attach_object(const Participant& me, const ObjectId& id, Object** result) noexcept;
/// A part of open_object(): makes one that nobody refers to yet but by its name. kFull.
Status create_object(Transaction& transaction, const Recipe& recipe, Object** result) noexcept;
/// What an object is called; nothing when it has no name, or none that is sound.
std::string_view name_of(const Segment& segment, const Object& object) noexcept;
/// The chain in which an object of that name is.
Word& name_bucket(const Segment& segment, std::string_view name) noexcept;
/// Removes the name, and no value in a container keeps the object any more; those who have it attached, as the caller
/// has, go on using it. False when it had no name.
bool unname_object(const Participant& me, Object* object) noexcept;

}  // namespace lockstep
