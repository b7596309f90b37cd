#include "core/child.hpp"

#include "functions.hpp"
#include "slice.hpp"
#include "values.hpp"

namespace lockstep::addon {
namespace {

Napi::Value open_child(const Napi::CallbackInfo& call) {
  HandleTable<Child>& children = isolate_of(call).children();
  Child child;
  const Status opened = child_open(static_cast<pid_t>(word_of(call[0])), &child);
  if (opened != Status::kOk) throw failure(call.Env(), "watch process", opened);
  const double handle = children.add(child);
  if (handle == 0) {
    child_close(child);
    throw failure(call.Env(), "watch process", Status::kTooMany);
  }
  return Napi::Number::New(call.Env(), handle);
}

Napi::Value close_child(const Napi::CallbackInfo& call) {
  HandleTable<Child>& children = isolate_of(call).children();
  const double handle = number_of(call[0]);
  if (const Child* const child = children.find(handle)) {
    child_close(*child);
    children.remove(handle);
  }
  return call.Env().Undefined();
}

napi_value wait_for_child(napi_env env, napi_callback_info info) noexcept {
  const Arguments arguments(env, info);
  const Child* const child = arguments.isolate().children().find(arguments.number(0));
  if (child == nullptr) return to_value(env, Status::kGone);
  const auto wait = [&](Deadline deadline) { return child_wait(*child, deadline); };
  return to_value(env, wait_slice(arguments.time_ns(1), wait));
}

Napi::Value outcome_of_child(const Napi::CallbackInfo& call) {
  const Child* const child = isolate_of(call).children().find(number_of(call[0]));
  int outcome = 0;
  if (child == nullptr || child_outcome(*child, &outcome) != Status::kOk) return call.Env().Undefined();
  return Napi::Number::New(call.Env(), outcome);
}

Napi::Value end_with_parent_process(const Napi::CallbackInfo& call) {
  return Napi::Boolean::New(call.Env(), end_with_parent(static_cast<pid_t>(word_of(call[0]))));
}

constexpr Function kFunctions[] = {
    {"childOpen", set_up_call<open_child>},
    {"childClose", set_up_call<close_child>},
    {"childWait", wait_for_child},
    {"childOutcome", set_up_call<outcome_of_child>},
    {"endWithParent", set_up_call<end_with_parent_process>},
};

}  // namespace

std::span<const Function> child_functions() noexcept { return kFunctions; }

}  // namespace lockstep::addon
