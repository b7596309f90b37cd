#include "core/condition.hpp"

#include "functions.hpp"
#include "slice.hpp"

namespace lockstep::addon {
namespace {

double enter(AttachedObject& condition, const Arguments&) {
  Offset place = 0;
  const Status entered = condition_enter(condition, &place);
  return entered == Status::kOk ? static_cast<double>(place) : static_cast<double>(entered);
}

Status wait(AttachedObject& condition, const Arguments& arguments) {
  const Offset place = arguments.word(1);
  return wait_slice(arguments.time_ns(2),
                    [&](Deadline deadline) { return condition_wait(condition, place, deadline); });
}

Status poll(AttachedObject& condition, const Arguments& arguments) {
  return condition_poll(condition, arguments.word(1));
}

Status leave(AttachedObject& condition, const Arguments& arguments) {
  return condition_leave(condition, arguments.word(1));
}

std::uint32_t notify(AttachedObject& condition, const Arguments& arguments) {
  const std::uint32_t count = arguments.count(1);
  return condition_notify(condition, count == kMaxCount ? UINT32_MAX : count);
}

std::uint32_t waiting(AttachedObject& condition, const Arguments&) { return condition_waiting(condition); }

constexpr Kinds kThis = only(Kind::kCondition);
constexpr Function kFunctions[] = {
    {"conditionEnter", object_call<kThis, enter>},   {"conditionWait", object_call<kThis, wait>},
    {"conditionPoll", object_call<kThis, poll>},     {"conditionLeave", object_call<kThis, leave>},
    {"conditionNotify", object_call<kThis, notify>}, {"conditionWaiting", object_call<kThis, waiting>},
};

}  // namespace

std::span<const Function> condition_functions() noexcept { return kFunctions; }

}  // namespace lockstep::addon
