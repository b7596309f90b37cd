#include "core/bounded_semaphore.hpp"

#include "functions.hpp"
#include "slice.hpp"

namespace lockstep::addon {
namespace {

// An array that is no Uint32Array of 1..kMaxBoundedPermits elements is kMismatch.
template <typename Operation>
Status with_permits(const Arguments& arguments, Operation operation) {
  const std::span<std::uint32_t> indexes = arguments.words(1, kMaxBoundedPermits);
  if (indexes.empty()) return Status::kMismatch;
  return operation(Permits{indexes.data(), static_cast<std::uint32_t>(indexes.size())});
}

Status try_acquire(AttachedObject& semaphore, const Arguments& arguments) {
  return with_permits(arguments, [&](Permits permits) { return bounded_try(semaphore, permits); });
}

Status acquire(AttachedObject& semaphore, const Arguments& arguments) {
  return with_permits(arguments, [&](Permits permits) {
    return wait_slice(arguments.time_ns(2),
                      [&](Deadline deadline) { return bounded_acquire(semaphore, permits, deadline); });
  });
}

Status arm(AttachedObject& semaphore, const Arguments& arguments) {
  return with_permits(arguments, [&](Permits permits) { return bounded_arm(semaphore, permits); });
}

void disarm(AttachedObject& semaphore, const Arguments&) { bounded_disarm(semaphore); }

Status release(AttachedObject& semaphore, const Arguments& arguments) {
  return bounded_release(semaphore, arguments.word(1));
}

Status release_any(AttachedObject& semaphore, const Arguments& arguments) {
  return bounded_release_any(semaphore, arguments.count(1));
}

void wake(AttachedObject& semaphore, const Arguments& arguments) { bounded_wake(semaphore, arguments.count(1)); }

std::uint32_t value(AttachedObject& semaphore, const Arguments&) { return bounded_value(semaphore); }

constexpr Kinds kThis = only(Kind::kBoundedSemaphore);
constexpr Function kFunctions[] = {
    {"boundedTry", object_call<kThis, try_acquire>}, {"boundedAcquire", object_call<kThis, acquire>},
    {"boundedArm", object_call<kThis, arm>},         {"boundedDisarm", object_call<kThis, disarm>},
    {"boundedRelease", object_call<kThis, release>}, {"boundedReleaseAny", object_call<kThis, release_any>},
    {"boundedWake", object_call<kThis, wake>},       {"boundedValue", object_call<kThis, value>},
};

}  // namespace

std::span<const Function> bounded_semaphore_functions() noexcept { return kFunctions; }

}  // namespace lockstep::addon
