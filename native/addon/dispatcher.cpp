#include "dispatcher.hpp"

namespace lockstep::addon {

Dispatcher* Dispatcher::start(napi_env env, napi_value function) {
  auto* const dispatcher = new Dispatcher;
  napi_value name;
  const bool made = napi_create_string_utf8(env, "lockstep", NAPI_AUTO_LENGTH, &name) == napi_ok &&
                    napi_create_threadsafe_function(env, function, nullptr, name, 0, 1, nullptr, nullptr, dispatcher,
                                                    &Dispatcher::run, &dispatcher->function_) == napi_ok;
  if (!made) {
    delete dispatcher;
    return nullptr;
  }
  napi_unref_threadsafe_function(env, dispatcher->function_);
  return dispatcher;
}

void Dispatcher::hear() noexcept {
  const std::lock_guard<std::mutex> guard(mutex_);
  if (stopped_ || notified_) return;
  notified_ = napi_call_threadsafe_function(function_, nullptr, napi_tsfn_nonblocking) == napi_ok;
}

void Dispatcher::stop() noexcept {
  {
    const std::lock_guard<std::mutex> guard(mutex_);
    if (stopped_) return;
    stopped_ = true;
  }
  napi_release_threadsafe_function(function_, napi_tsfn_abort);
}

void Dispatcher::run(napi_env env, napi_value function, void* self, void*) {
  if (env == nullptr) return;  // the environment is being torn down
  auto* const dispatcher = static_cast<Dispatcher*>(self);
  {
    // Before the function takes the rings: one that comes after it took them makes another call.
    const std::lock_guard<std::mutex> guard(dispatcher->mutex_);
    if (dispatcher->stopped_) return;
    dispatcher->notified_ = false;
  }
  napi_value nothing;
  napi_get_undefined(env, &nothing);
  napi_call_function(env, nothing, function, 0, nullptr, nullptr);
}

}  // namespace lockstep::addon
