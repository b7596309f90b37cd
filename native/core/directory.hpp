// Objects of a segment: found by name or handle, created exactly once, given back when nobody uses them.
//
// Everything here runs under the segment's transaction lock (transaction.hpp), so each call happens whole or not at
// all, whoever dies in it. An object lives while a process has it attached or it has a name; `destroy` takes the name
// away.
#pragma once

#include <string_view>

#include "object.hpp"
#include "transaction.hpp"

namespace lockstep {

struct Recipe {
  Kind kind;
  std::uint32_t parameter = 0;
  std::string_view name;            // empty: anonymous
  const Object* partner = nullptr;  // Condition: its lock, attached by the caller
};

/// Creates the object, or opens the one of that name. `*created` tells which. kMismatch (kind, parameter or partner
/// differ; *result is then the existing object for the message, not attached), kFull, kCorrupt.
Status open_object(const Participant& me, const Recipe& recipe, Object** result, bool* created) noexcept;
/// Attaches the object that a handle names. kGone when it is not there any more, kMismatch for another kind
/// (Kind::kNone accepts any).
Status attach_object(const Participant& me, Offset offset, std::uint32_t serial, Kind kind, Object** result) noexcept;
/// Balances one open or attach. The last detach of the last process frees an anonymous object.
void detach_object(const Participant& me, Object* object) noexcept;
/// Removes the name; those who have the object go on using it. False when it has none.
bool unname_object(const Participant& me, Object* object) noexcept;

/// This process leaves the segment: its own count of attachments goes with it.
void forget_attachments(const Segment* segment) noexcept;
/// For a forked child, which has attached nothing.
void reset_attachments() noexcept;

/// Gives back what a process that died or leaves had attached.
void drop_attachments(Transaction& transaction, std::uint32_t process) noexcept;
/// Calls give_back_object for every object.
void give_back_objects(Transaction& transaction, OwnerId dead) noexcept;

}  // namespace lockstep
