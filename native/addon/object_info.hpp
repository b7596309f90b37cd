// What functions that open objects tell of them.
#pragma once

#include "values.hpp"

namespace lockstep::addon {

Kind kind_argument(Napi::Value value, std::uint32_t least);
std::uint32_t parameter_argument(Napi::Value value, Kind kind);
/// Throws RangeError when it is too long.
std::string name_argument(Napi::Value value);

/// Keeps an object that was just attached, and gives what JavaScript has to know of it. Throws kTooMany.
Napi::Value describe(const Napi::CallbackInfo& call, const Participant& me, Object* object, bool created);
/// The error of a name that belongs to another object than what was asked for.
Napi::Error mismatch(Napi::Env env, const Object* existing);

}  // namespace lockstep::addon
