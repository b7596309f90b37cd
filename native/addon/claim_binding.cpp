#include "core/claim.hpp"

#include "container_values.hpp"
#include "slice.hpp"

namespace lockstep::addon {
namespace {

Purpose purpose_argument(const Arguments& arguments) noexcept {
  return arguments.word(2) == 0 ? Purpose::kCompute : Purpose::kModify;
}

template <auto operation>
Status on_claim(AttachedObject& dict, const Arguments& arguments) noexcept {
  return with_key(dict, arguments, [&](const Key& key) {
    return operation(Claim{dict, key, purpose_argument(arguments)});
  });
}

Status acquire(AttachedObject& dict, const Arguments& arguments) noexcept {
  return with_key(dict, arguments, [&](const Key& key) {
    const Claim claim{dict, key, purpose_argument(arguments)};
    return wait_slice(arguments.time_ns(3), [&](Deadline deadline) { return claim_acquire(claim, deadline); });
  });
}

void disarm(AttachedObject& dict, const Arguments&) noexcept { claim_disarm(dict); }

constexpr Kinds kThis = only(Kind::kDict) | only(Kind::kNamespace);
constexpr Function kFunctions[] = {
    {"claimTry", object_call<kThis, on_claim<claim_try>>},         {"claimAcquire", object_call<kThis, acquire>},
    {"claimArm", object_call<kThis, on_claim<claim_arm>>},         {"claimDisarm", object_call<kThis, disarm>},
    {"claimRelease", object_call<kThis, on_claim<claim_release>>},
};

}  // namespace

std::span<const Function> claim_functions() noexcept { return kFunctions; }

}  // namespace lockstep::addon
