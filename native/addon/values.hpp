// The arguments of functions that run once in a while, and the exceptions these throw. As in arguments.hpp, what makes
// no sense becomes something harmless.
#pragma once

#include <string>

#include "arguments.hpp"

namespace lockstep::addon {

/// The isolate that the called function belongs to.
inline Isolate& isolate_of(const Napi::CallbackInfo& call) noexcept { return *static_cast<Isolate*>(call.Data()); }

/// NaN unless it is a number.
inline double number_of(Napi::Value value) { return value.IsNumber() ? value.As<Napi::Number>().DoubleValue() : NAN; }

/// The number modulo 2^32; 0 unless it is one.
inline std::uint32_t word_of(Napi::Value value) {
  return value.IsNumber() ? value.As<Napi::Number>().Uint32Value() : 0;
}

inline bool is_true(Napi::Value value) { return value.IsBoolean() && value.As<Napi::Boolean>().Value(); }

/// Throws TypeError unless it is a string.
std::string string_of(Napi::Value value);

/// An Error with `status` and, for kSystem and kUnsupported, `errno` where the kernel gave one. To be made right after
/// the call of core, as it reads errno.
Napi::Error failure(Napi::Env env, const char* action, Status status);

/// What the first argument stands for. Throws kGone.
Participant segment_argument(const Napi::CallbackInfo& call, const char* action);

}  // namespace lockstep::addon
