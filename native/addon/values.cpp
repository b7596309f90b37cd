#include "values.hpp"

#include <cerrno>

namespace lockstep::addon {
namespace {

const char* reason_of(Status status) noexcept {
  switch (status) {
    case Status::kGone:
      return "it is gone";
    case Status::kCorrupt:
      return "its contents break their own rules";
    case Status::kFull:
      return "no space is left";
    case Status::kMismatch:
      return "it exists and is another";
    case Status::kNotFound:
      return "there is none";
    case Status::kForeign:
      return "it belongs to somebody else or is open to others";
    case Status::kTooMany:
      return "there are too many";
    case Status::kUnsupported:
      return "the kernel or the file system cannot do it";
    default:
      return "a system call failed";
  }
}

}  // namespace

std::string string_of(Napi::Value value) {
  if (!value.IsString()) throw Napi::TypeError::New(value.Env(), "Cannot call Lockstep: a string is missing");
  return value.As<Napi::String>().Utf8Value();
}

Napi::Error failure(Napi::Env env, const char* action, Status status) {
  const int kernel_error = status == Status::kSystem || status == Status::kUnsupported ? errno : 0;
  Napi::Error error = Napi::Error::New(env, std::string("Cannot ") + action + ": " + reason_of(status));
  error.Set("status", Napi::Number::New(env, static_cast<std::int32_t>(status)));
  if (kernel_error != 0) error.Set("errno", Napi::Number::New(env, kernel_error));
  return error;
}

Participant segment_argument(const Napi::CallbackInfo& call, const char* action) {
  const Participant* const me = isolate_of(call).segment(number_of(call[0]));
  if (me == nullptr) throw failure(call.Env(), action, Status::kGone);
  return *me;
}

}  // namespace lockstep::addon
