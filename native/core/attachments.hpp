// Who uses which object. The segment knows which processes do, each process how often.
#pragma once

#include <mutex>

#include "object_list.hpp"

namespace lockstep {

/// Guards this process' own counts. Taken before the transaction lock.
std::mutex& attachments_mutex() noexcept;
/// Counts one use by this process, the first one in the segment too; under attachments_mutex(). kFull.
Status attach_locally(Transaction& transaction, Object& object) noexcept;
/// Balances one open or attach. The last detach of the last process frees an anonymous object.
void detach_object(const Participant& me, Object* object) noexcept;

/// A view, such as an ArrayBuffer, keeps an object that this process has attached, and the process in the segment,
/// whatever becomes of its isolate, until the program has forgotten it.
void keep_view(const Segment& segment, const Object* object) noexcept;
/// The same for views as detach_object(), for a helper thread: false when another thread is at the counts, which may
/// itself wait for a helper.
bool try_detach_view(const Participant& me, Object* object) noexcept;
bool has_views(const Segment* segment) noexcept;

/// This process leaves the segment: its own count of attachments goes with it.
void forget_attachments(const Segment* segment) noexcept;
/// For a forked child, which has attached nothing.
void reset_attachments() noexcept;

/// Gives back what a process that died or leaves had attached.
void drop_attachments(Transaction& transaction, std::uint32_t process) noexcept;

}  // namespace lockstep
