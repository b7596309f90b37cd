#include "core/semaphore.hpp"

#include "functions.hpp"
#include "slice.hpp"

namespace lockstep::addon {
namespace {

Status try_acquire(AttachedObject& semaphore, const Arguments& arguments) {
  return semaphore_try(semaphore, arguments.count(1));
}

Status acquire(AttachedObject& semaphore, const Arguments& arguments) {
  const std::uint32_t count = arguments.count(1);
  return wait_slice(arguments.time_ns(2),
                    [&](Deadline deadline) { return semaphore_acquire(semaphore, count, deadline); });
}

Status arm(AttachedObject& semaphore, const Arguments& arguments) {
  return semaphore_arm(semaphore, arguments.count(1));
}

void disarm(AttachedObject& semaphore, const Arguments&) { semaphore_disarm(semaphore); }

Status release(AttachedObject& semaphore, const Arguments& arguments) {
  return semaphore_release(semaphore, arguments.count(1));
}

void wake(AttachedObject& semaphore, const Arguments& arguments) { semaphore_wake(semaphore, arguments.count(1)); }

constexpr Kinds kThis = only(Kind::kSemaphore);
constexpr Function kFunctions[] = {
    {"semaphoreTry", object_call<kThis, try_acquire>}, {"semaphoreAcquire", object_call<kThis, acquire>},
    {"semaphoreArm", object_call<kThis, arm>},         {"semaphoreDisarm", object_call<kThis, disarm>},
    {"semaphoreRelease", object_call<kThis, release>}, {"semaphoreWake", object_call<kThis, wake>},
};

}  // namespace

std::span<const Function> semaphore_functions() noexcept { return kFunctions; }

}  // namespace lockstep::addon
