// The way from the bell thread into the event loop of one isolate.
#pragma once

#include <mutex>

#include "core/bell.hpp"
#include "node_api.hpp"

namespace lockstep::addon {

/// Calls a JavaScript function on its event loop after rings: any number of rings before it runs make one call.
/// Never freed: Deno may still deliver a call when the environment is gone, and never says that there will be no more.
class Dispatcher final : public Listener {
 public:
  /// Null when the runtime refuses. Does not keep the event loop alive until ref().
  static Dispatcher* start(napi_env env, napi_value function);

  /// Bell thread.
  void hear() noexcept override;

  // The rest on the JavaScript thread.
  void ref(napi_env env) noexcept { napi_ref_threadsafe_function(env, function_); }
  void unref(napi_env env) noexcept { napi_unref_threadsafe_function(env, function_); }
  /// No call is made afterwards.
  void stop() noexcept;

 private:
  Dispatcher() = default;
  static void run(napi_env env, napi_value function, void* self, void* nothing);

  std::mutex mutex_;
  napi_threadsafe_function function_ = nullptr;
  bool stopped_ = false;   // under mutex_: function_ must not be touched any more
  bool notified_ = false;  // under mutex_: a call is on its way
};

}  // namespace lockstep::addon
