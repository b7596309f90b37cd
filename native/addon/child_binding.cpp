#include "core/child.hpp"

#include "core/parent.hpp"
#include "functions.hpp"
#include "slice.hpp"
#include "values.hpp"

namespace lockstep::addon {
namespace {

Napi::Value open_child(const Napi::CallbackInfo& call) {
  HandleTable<WatchedChild>& children = isolate_of(call).children();
  Child child;
  const Status opened = child_open(static_cast<pid_t>(word_of(call[0])), &child);
  if (opened != Status::kOk) throw failure(call.Env(), "watch process", opened);
  const double handle = children.add({child, call[1].ToBoolean()});
  if (handle == 0) {
    child_close(child);
    throw failure(call.Env(), "watch process", Status::kTooMany);
  }
  return Napi::Number::New(call.Env(), handle);
}

Napi::Value close_child(const Napi::CallbackInfo& call) {
  HandleTable<WatchedChild>& children = isolate_of(call).children();
  const double handle = number_of(call[0]);
  if (const WatchedChild* const watched = children.find(handle)) {
    child_close(watched->child);
    children.remove(handle);
  }
  return call.Env().Undefined();
}

napi_value wait_for_child(napi_env env, napi_callback_info info) noexcept {
  const Arguments arguments(env, info);
  const WatchedChild* const watched = arguments.isolate().children().find(arguments.number(0));
  if (watched == nullptr) return to_value(env, Status::kGone);
  const auto wait = [&](Deadline deadline) { return child_wait(watched->child, deadline); };
  return to_value(env, wait_slice(arguments.time_ns(1), wait));
}

Napi::Value outcome_of_child(const Napi::CallbackInfo& call) {
  const WatchedChild* const watched = isolate_of(call).children().find(number_of(call[0]));
  int outcome = 0;
  if (watched == nullptr || child_outcome(watched->child, &outcome) != Status::kOk) return call.Env().Undefined();
  return Napi::Number::New(call.Env(), outcome);
}

Napi::Value end_with_parent_process(const Napi::CallbackInfo& call) {
  const Status status = end_with_parent(static_cast<pid_t>(word_of(call[0])));
  if (status != Status::kOk && status != Status::kNotFound) throw failure(call.Env(), "watch parent process", status);
  return Napi::Boolean::New(call.Env(), status == Status::kOk);
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
