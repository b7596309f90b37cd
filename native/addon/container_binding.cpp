#include "container_values.hpp"

namespace lockstep::addon {
namespace {

napi_value keep_scratch(napi_env env, napi_callback_info info) noexcept {
  const Arguments arguments(env, info);
  return to_value(env, arguments.isolate().keep_scratch(arguments[0]));
}

napi_value last_value(napi_env env, napi_callback_info info) noexcept {
  const Arguments arguments(env, info);
  return to_javascript(arguments, arguments.isolate().value());
}

napi_value last_key(napi_env env, napi_callback_info info) noexcept {
  const Arguments arguments(env, info);
  return to_javascript(arguments, arguments.isolate().key());
}

napi_value let_go(napi_env env, napi_callback_info info) noexcept {
  const Arguments arguments(env, info);
  arguments.isolate().value().held.let_go();
  arguments.isolate().items().let_go();
  arguments.isolate().output().held.let_go();
  return nullptr;
}

constexpr Function kFunctions[] = {
    {"keepScratch", keep_scratch},
    {"lastValue", last_value},
    {"lastKey", last_key},
    {"letGo", let_go},
};

}  // namespace

std::span<const Function> container_functions() noexcept { return kFunctions; }

}  // namespace lockstep::addon
