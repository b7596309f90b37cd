// What a process has of Lockstep: its mapped segments, its helper thread and its bell thread. One per process, whatever
// the number of isolates; allocated once and never freed, because threads outlive static destructors.
#pragma once

#include "bell.hpp"
#include "owner.hpp"

namespace lockstep {

/// Null when this machine can run Lockstep, else what is missing, in words for an error message.
const char* unsupported_reason() noexcept;

/// Maps and joins a segment, or finds it already joined; balanced by leave_segment. kForeign, kMismatch (format),
/// kNotFound, kFull, kTooMany, kUnsupported, kSystem.
Status join_segment(const OpenOptions& options, Segment** result);
/// The last leave makes the process leave, and removes the file of a private segment that nobody else uses. While the
/// process has views there it stays, and leaves when it joins or leaves any segment after they were dropped.
void leave_segment(Segment* segment) noexcept;

/// An owner id for the calling isolate. kTooMany, kFull.
Status join_isolate(Segment* segment, Participant* result) noexcept;
/// Its belongings are given back by the helper thread, at once and in the background.
void leave_isolate(const Participant& me) noexcept;

/// A view of an object that the caller has attached keeps the object, the mapping, and this process in the segment. Any
/// thread may drop it, and waits for nothing: the helper thread does the work.
void retain_view(Segment* segment, const Object* object) noexcept;
void drop_view(Segment* segment, Object* object) noexcept;

/// For a process that is about to end without leaving, as one does that runs no cleanup hooks: says so in a private
/// segment, and removes its file when all other live processes have said so too. So of several that end at once the
/// last one removes it, and none waits for another. What is mapped stays usable.
void unlink_if_last(Segment* segment) noexcept;
/// The same in all segments that this process has joined.
void unlink_all_if_last() noexcept;

}  // namespace lockstep
