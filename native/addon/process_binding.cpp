#include <atomic>
#include <memory>
#include <string>

#include "core/barrier.hpp"
#include "core/bounded_semaphore.hpp"
#include "core/event.hpp"
#include "core/runtime.hpp"
#include "core/semaphore.hpp"
#include "functions.hpp"
#include "values.hpp"
#include "window.hpp"

namespace lockstep::addon {
namespace {

Napi::Value unsupported_reason(const Napi::CallbackInfo& call) {
  const char* const reason = lockstep::unsupported_reason();
  return reason != nullptr ? Napi::Value(Napi::String::New(call.Env(), reason)) : call.Env().Undefined();
}

napi_value now(napi_env env, napi_callback_info) noexcept {
  return to_value(env, static_cast<double>(Deadline::now_ns()) / 1e6);
}

Napi::Value layout(const Napi::CallbackInfo& call) {
  constexpr struct {
    const char* name;
    double value;
  } kConstants[] = {
      {"windowBytes", kWindowBytes},   {"minCapacity", kMinCapacity},
      {"maxCapacity", kMaxCapacity},   {"idMask", kIdMask},
      {"abandoned", kAbandoned},       {"starving", kStarving},
      {"countWaiters", kCountWaiters}, {"maxPermits", kMaxPermits},
      {"firstPermit", kFirstPermit},   {"maxBoundedPermits", kMaxBoundedPermits},
      {"eventSet", kEventSet},         {"barrierBroken", kBarrierBroken},
      {"maxParties", kMaxParties},     {"countMany", kCountMany},
      {"headWords", kObjectHead / 4},  {"bells", offsetof(Object, bells) / 4},
  };
  Napi::Object constants = Napi::Object::New(call.Env());
  for (const auto& [name, value] : kConstants) constants.Set(name, Napi::Number::New(call.Env(), value));
  return constants;
}

// One for all isolates of the process: the candidate of the first.
Napi::Value process_name(const Napi::CallbackInfo& call) {
  static constinit std::atomic<const std::string*> chosen{nullptr};
  auto candidate = std::make_unique<const std::string>(string_of(call[0]));
  const std::string* name = nullptr;
  if (chosen.compare_exchange_strong(name, candidate.get())) name = candidate.release();
  return Napi::String::New(call.Env(), *name);
}

constexpr Function kFunctions[] = {
    {"unsupportedReason", set_up_call<unsupported_reason>},
    {"now", now},
    {"layout", set_up_call<layout>},
    {"processName", set_up_call<process_name>},
};

}  // namespace

std::span<const Function> process_functions() noexcept { return kFunctions; }

}  // namespace lockstep::addon
