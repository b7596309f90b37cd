// How functions become exports: a table per room of { name, callback }, where the callback is made of a plain function.
#pragma once

#include <exception>
#include <type_traits>

#include "arguments.hpp"

namespace lockstep::addon {

struct Function {
  const char* name;
  napi_callback callback;
};

// The rooms.
std::span<const Function> process_functions() noexcept;
std::span<const Function> segment_functions() noexcept;
std::span<const Function> object_functions() noexcept;
std::span<const Function> lock_functions() noexcept;
std::span<const Function> semaphore_functions() noexcept;
std::span<const Function> bounded_semaphore_functions() noexcept;
std::span<const Function> event_functions() noexcept;
std::span<const Function> condition_functions() noexcept;
std::span<const Function> barrier_functions() noexcept;
std::span<const Function> rwlock_functions() noexcept;
std::span<const Function> bell_functions() noexcept;
std::span<const Function> container_functions() noexcept;
std::span<const Function> dict_functions() noexcept;
std::span<const Function> claim_functions() noexcept;
std::span<const Function> queue_functions() noexcept;
std::span<const Function> changes_functions() noexcept;
std::span<const Function> memory_functions() noexcept;
std::span<const Function> list_functions() noexcept;
std::span<const Function> child_functions() noexcept;

inline napi_value to_value(napi_env env, Status status) noexcept {
  napi_value value = nullptr;
  napi_create_int32(env, static_cast<std::int32_t>(status), &value);
  return value;
}

inline napi_value to_value(napi_env env, std::uint32_t number) noexcept {
  napi_value value = nullptr;
  napi_create_uint32(env, number, &value);
  return value;
}

inline napi_value to_value(napi_env env, bool flag) noexcept {
  napi_value value = nullptr;
  napi_get_boolean(env, flag, &value);
  return value;
}

/// What a function has made by itself.
inline napi_value to_value(napi_env, napi_value value) noexcept { return value; }

inline napi_value to_value(napi_env env, double number) noexcept {
  napi_value value = nullptr;
  napi_create_double(env, number, &value);
  return value;
}

/// Callback of a hot function whose first argument is the handle of an object: `operation(object, arguments)` runs when
/// the handle is good and of one of the kinds, else the result is GONE. Nothing means OK.
template <Kinds kinds, auto operation>
napi_value object_call(napi_env env, napi_callback_info info) noexcept {
  const Arguments arguments(env, info);
  AttachedObject* const object = arguments.isolate().object(arguments.number(0), kinds);
  if (object == nullptr) return to_value(env, Status::kGone);
  if constexpr (std::is_void_v<decltype(operation(*object, arguments))>) {
    operation(*object, arguments);
    return to_value(env, Status::kOk);
  } else {
    return to_value(env, operation(*object, arguments));
  }
}

/// Callback of a function that may throw.
template <Napi::Value (*function)(const Napi::CallbackInfo&)>
napi_value set_up_call(napi_env env, napi_callback_info info) {
  try {
    return function(Napi::CallbackInfo(env, info));
  } catch (const Napi::Error& error) {
    error.ThrowAsJavaScriptException();
  } catch (const std::exception& error) {
    napi_throw_error(env, nullptr, error.what());
  }
  return nullptr;
}

}  // namespace lockstep::addon
