// The door between JavaScript and core: unwrap, call, wrap. Protocols live in core, checks for the user in TypeScript.
// What is exported, with its meaning: packages/native/src/native.ts.
#include "functions.hpp"

namespace lockstep::addon {
namespace {

using Room = std::span<const Function> (*)() noexcept;
constexpr Room kRooms[] = {
    process_functions, segment_functions,   object_functions,
    lock_functions,    semaphore_functions, bounded_semaphore_functions,
    event_functions,   condition_functions, barrier_functions,
    rwlock_functions,  bell_functions,      container_functions,
    dict_functions,    claim_functions,     changes_functions,
    queue_functions,   list_functions,      memory_functions,
    child_functions,
};

bool define(napi_env env, napi_value exports, const Function& function, Isolate* isolate) noexcept {
  napi_value made;
  return napi_create_function(env, function.name, NAPI_AUTO_LENGTH, function.callback, isolate, &made) == napi_ok &&
         napi_set_named_property(env, exports, function.name, made) == napi_ok;
}

napi_value initialize(napi_env env, napi_value exports) {
  auto* const isolate = new Isolate(env);
  for (const Room room : kRooms) {
    for (const Function& function : room()) {
      if (!define(env, exports, function, isolate)) return nullptr;  // only where the environment is ending
    }
  }
  return exports;
}

}  // namespace
}  // namespace lockstep::addon

NAPI_MODULE_INIT() { return lockstep::addon::initialize(env, exports); }
