#include "core/event.hpp"

#include "functions.hpp"
#include "slice.hpp"

namespace lockstep::addon {
namespace {

void set(AttachedObject& event, const Arguments&) { event_set(event); }

void clear(AttachedObject& event, const Arguments&) { event_clear(event); }

Status wait(AttachedObject& event, const Arguments& arguments) {
  const std::uint32_t generation = arguments.word(1);
  return wait_slice(arguments.time_ns(2), [&](Deadline deadline) { return event_wait(event, generation, deadline); });
}

Status arm(AttachedObject& event, const Arguments& arguments) { return event_arm(event, arguments.word(1)); }

void disarm(AttachedObject& event, const Arguments&) { event_disarm(event); }

constexpr Kinds kThis = only(Kind::kEvent);
constexpr Function kFunctions[] = {
    {"eventSet", object_call<kThis, set>},       {"eventClear", object_call<kThis, clear>},
    {"eventWait", object_call<kThis, wait>},     {"eventArm", object_call<kThis, arm>},
    {"eventDisarm", object_call<kThis, disarm>},
};

}  // namespace

std::span<const Function> event_functions() noexcept { return kFunctions; }

}  // namespace lockstep::addon
