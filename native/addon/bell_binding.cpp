#include "core/bell.hpp"

#include "functions.hpp"
#include "values.hpp"

namespace lockstep::addon {
namespace {

napi_value take(napi_env env, napi_callback_info info) noexcept {
  const Arguments arguments(env, info);
  const Participant* const me = arguments.isolate().segment(arguments.number(0));
  return to_value(env, me != nullptr ? take_rings(*me) : 0u);
}

napi_value set_any_pending(napi_env env, napi_callback_info info) noexcept {
  const Arguments arguments(env, info);
  const Participant* const me = arguments.isolate().segment(arguments.number(0));
  if (me != nullptr) set_pending(*me, arguments.flag(1));
  return nullptr;
}

napi_value ref_loop(napi_env env, napi_callback_info info) noexcept {
  Dispatcher* const dispatcher = Arguments(env, info).isolate().dispatcher();
  if (dispatcher != nullptr) dispatcher->ref(env);
  return nullptr;
}

napi_value unref_loop(napi_env env, napi_callback_info info) noexcept {
  Dispatcher* const dispatcher = Arguments(env, info).isolate().dispatcher();
  if (dispatcher != nullptr) dispatcher->unref(env);
  return nullptr;
}

Napi::Value start_listening(const Napi::CallbackInfo& call) {
  if (!call[0].IsFunction()) throw Napi::TypeError::New(call.Env(), "Cannot listen: dispatch must be a function");
  if (!isolate_of(call).listen(call[0])) throw Napi::Error::New(call.Env(), "Cannot wait: the system refuses a thread");
  return call.Env().Undefined();
}

constexpr Function kFunctions[] = {
    {"listen", set_up_call<start_listening>},
    {"takeRings", take},
    {"setPending", set_any_pending},
    {"refLoop", ref_loop},
    {"unrefLoop", unref_loop},
};

}  // namespace

std::span<const Function> bell_functions() noexcept { return kFunctions; }

}  // namespace lockstep::addon
