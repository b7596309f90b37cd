#include <algorithm>

#include "functions.hpp"
#include "slice.hpp"

namespace lockstep::addon {
namespace {

Status try_acquire(AttachedObject& lock, const Arguments&) { return lock_try(lock.me, lock.lock()); }

Status acquire(AttachedObject& lock, const Arguments& arguments) {
  const std::int64_t since_ns = arguments.time_ns(2);
  return wait_slice(arguments.time_ns(1), [&](Deadline deadline) {
    return lock_acquire(lock.me, lock.lock(), {deadline, since_ns});
  });
}

Status arm(AttachedObject& lock, const Arguments& arguments) {
  const std::uint32_t urgency = std::min(arguments.word(1), static_cast<std::uint32_t>(Urgency::kStarving));
  return lock_arm(lock.me, lock.lock(), static_cast<Urgency>(urgency));
}

void disarm(AttachedObject& lock, const Arguments&) { lock_disarm(lock.me, lock.lock()); }

Status release(AttachedObject& lock, const Arguments&) { return lock_release(lock.me, lock.lock(), lock.me.id); }

Status release_any(AttachedObject& lock, const Arguments&) { return lock_release_any(lock.me, lock.lock()); }

constexpr Function kFunctions[] = {
    {"lockTry", object_call<kLockWords, try_acquire>}, {"lockAcquire", object_call<kLockWords, acquire>},
    {"lockArm", object_call<kLockWords, arm>},         {"lockDisarm", object_call<kLockWords, disarm>},
    {"lockRelease", object_call<kLockWords, release>}, {"lockReleaseAny", object_call<kLockWords, release_any>},
};

}  // namespace

std::span<const Function> lock_functions() noexcept { return kFunctions; }

}  // namespace lockstep::addon
