#include "core/directory.hpp"
#include "core/storage.hpp"
#include "functions.hpp"
#include "object_info.hpp"
#include "window.hpp"

namespace lockstep::addon {

Kind kind_argument(Napi::Value value, std::uint32_t least) {
  const std::uint32_t kind = count_of(number_of(value));
  if (kind < least || kind >= kKinds)
    throw Napi::RangeError::New(value.Env(), "Cannot open object: there is no such kind");
  return static_cast<Kind>(kind);
}

std::uint32_t parameter_argument(Napi::Value value, Kind kind) {
  const std::uint32_t parameter = count_of(number_of(value));
  const ParameterRange range = parameter_range(kind);
  if (parameter >= range.least && parameter <= range.most) return parameter;
  throw Napi::RangeError::New(value.Env(), "Cannot open object: the parameter is out of range");
}

std::string name_argument(Napi::Value value) {
  const std::string name = string_of(value);
  if (name.size() <= kMaxName) return name;
  throw Napi::RangeError::New(value.Env(), "Cannot open object: the name is too long");
}

Napi::Error mismatch(Napi::Env env, const Object* existing) {
  const Napi::Error error = failure(env, "open object", Status::kMismatch);
  if (existing == nullptr) return error;
  Napi::Object description = Napi::Object::New(env);
  description.Set("kind", Napi::Number::New(env, existing->kind.load()));
  description.Set("parameter", Napi::Number::New(env, existing->parameter.load()));
  description.Set("partner", Napi::Number::New(env, existing->partner.load()));
  description.Set("extent", Napi::Number::New(env, extent_of(*existing)));
  error.Value().Set("existing", description);
  return error;
}

Napi::Value describe(const Napi::CallbackInfo& call, const Participant& me, Object* object, bool created) {
  const double handle = isolate_of(call).keep(me, object);
  if (handle == 0) throw failure(call.Env(), "open object", Status::kTooMany);
  const Offset offset = me.segment->offset_of(object);
  Napi::Object info = Napi::Object::New(call.Env());
  const auto set = [&](const char* name, double value) { info.Set(name, Napi::Number::New(call.Env(), value)); };
  set("handle", handle);
  set("kind", object->kind.load());
  info.Set("created", Napi::Boolean::New(call.Env(), created));
  set("offset", offset);
  set("serial", object->serial.load());
  set("parameter", object->parameter.load());
  set("partner", object->partner.load());
  set("extent", extent_of(*object));
  set("window", window_of(offset));
  set("index", index_of(offset + kObjectHead));
  set("bucket", bucket_of(offset));
  return info;
}

namespace {

// Only a condition has a partner: its lock, in the same segment.
const Object* partner_argument(const Napi::CallbackInfo& call, const Participant& me, Kind kind) {
  if (kind != Kind::kCondition) return nullptr;
  const AttachedObject* const lock = isolate_of(call).object(number_of(call[4]), kLockWords);
  if (lock == nullptr || lock->me.segment != me.segment) throw failure(call.Env(), "use partner", Status::kGone);
  return lock->object;
}

// Memory is made by a function of its own.
Kind kind_to_open(Napi::Value value) {
  const Kind kind = kind_argument(value, 1);
  if (kind < Kind::kMemory) return kind;
  throw Napi::RangeError::New(value.Env(), "Cannot open object: memory is opened by openMemory");
}

Napi::Value open_object(const Napi::CallbackInfo& call) {
  const Participant me = segment_argument(call, "open object");
  const Kind kind = kind_to_open(call[1]);
  const std::uint32_t parameter = parameter_argument(call[2], kind);
  const std::string name = name_argument(call[3]);
  Object* object = nullptr;
  bool created = false;
  const Recipe recipe{kind, parameter, name, partner_argument(call, me, kind)};
  const Status opened = lockstep::open_object(me, recipe, &object, &created);
  if (opened == Status::kMismatch) throw mismatch(call.Env(), object);
  if (opened != Status::kOk) throw failure(call.Env(), "open object", opened);
  return describe(call, me, object, created);
}

Napi::Value attach_object(const Napi::CallbackInfo& call) {
  const Participant me = segment_argument(call, "attach object");
  const ObjectId id{word_of(call[1]), word_of(call[2]), kind_argument(call[3], 0)};
  Object* object = nullptr;
  const Status attached = lockstep::attach_object(me, id, &object);
  if (attached == Status::kMismatch) throw mismatch(call.Env(), object);
  if (attached != Status::kOk) throw failure(call.Env(), "attach object", attached);
  return describe(call, me, object, false);
}

Napi::Value close_object(const Napi::CallbackInfo& call) {
  isolate_of(call).close_object(number_of(call[0]));
  return call.Env().Undefined();
}

Napi::Value unname_object(const Napi::CallbackInfo& call) {
  const AttachedObject* const found = isolate_of(call).object(number_of(call[0]), kAnyKind);
  return Napi::Boolean::New(call.Env(), found != nullptr && lockstep::unname_object(found->me, found->object));
}

double read_word(AttachedObject& object, const Arguments& arguments) {
  const std::uint32_t index = arguments.word(1);
  const std::uint64_t words = (object_size(object.kind, object.parameter) - kObjectHead) / sizeof(Word);
  if (index >= words) return static_cast<double>(Status::kGone);
  return object.word(index).load();
}

constexpr Function kFunctions[] = {
    {"openObject", set_up_call<open_object>},       {"attachObject", set_up_call<attach_object>},
    {"closeObject", set_up_call<close_object>},     {"unnameObject", set_up_call<unname_object>},
    {"readWord", object_call<kAnyKind, read_word>},
};

}  // namespace

std::span<const Function> object_functions() noexcept { return kFunctions; }

}  // namespace lockstep::addon
