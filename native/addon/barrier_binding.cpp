#include "core/barrier.hpp"

#include "functions.hpp"
#include "slice.hpp"

namespace lockstep::addon {
namespace {

// An array that is no Uint32Array of two elements is kMismatch.
Status arrive(AttachedObject& barrier, const Arguments& arguments) {
  const std::span<std::uint32_t> result = arguments.words(1, 2);
  if (result.size() != 2) return Status::kMismatch;
  Arrival arrival{};
  const Status arrived = barrier_arrive(barrier, &arrival);
  result[0] = arrival.generation;
  result[1] = arrival.index;
  return arrived;
}

Status await_reset(AttachedObject& barrier, const Arguments& arguments) {
  return wait_slice(arguments.time_ns(1), [&](Deadline deadline) { return barrier_await_reset(barrier, deadline); });
}

Arrival arrival_of(const Arguments& arguments) { return {arguments.word(1), arguments.word(2)}; }

Status trip(AttachedObject& barrier, const Arguments& arguments) {
  return barrier_trip(barrier, arrival_of(arguments));
}

Status wait(AttachedObject& barrier, const Arguments& arguments) {
  const Arrival arrival = arrival_of(arguments);
  return wait_slice(arguments.time_ns(3), [&](Deadline deadline) { return barrier_wait(barrier, arrival, deadline); });
}

Status poll(AttachedObject& barrier, const Arguments& arguments) {
  return barrier_poll(barrier, arrival_of(arguments));
}

Status break_round(AttachedObject& barrier, const Arguments& arguments) {
  return barrier_break(barrier, arrival_of(arguments));
}

void abort(AttachedObject& barrier, const Arguments&) { barrier_abort(barrier); }

void reset(AttachedObject& barrier, const Arguments&) { barrier_reset(barrier); }

void disarm(AttachedObject& barrier, const Arguments&) { barrier_disarm(barrier); }

std::uint32_t waiting(AttachedObject& barrier, const Arguments&) { return barrier_waiting(barrier); }

constexpr Kinds kThis = only(Kind::kBarrier);
constexpr Function kFunctions[] = {
    {"barrierArrive", object_call<kThis, arrive>}, {"barrierAwaitReset", object_call<kThis, await_reset>},
    {"barrierTrip", object_call<kThis, trip>},     {"barrierWait", object_call<kThis, wait>},
    {"barrierPoll", object_call<kThis, poll>},     {"barrierBreak", object_call<kThis, break_round>},
    {"barrierAbort", object_call<kThis, abort>},   {"barrierReset", object_call<kThis, reset>},
    {"barrierDisarm", object_call<kThis, disarm>}, {"barrierWaiting", object_call<kThis, waiting>},
};

}  // namespace

std::span<const Function> barrier_functions() noexcept { return kFunctions; }

}  // namespace lockstep::addon
