#include "core/list.hpp"

#include <cstring>

#include "container_values.hpp"

namespace lockstep::addon {
namespace {

constexpr double kMostPosition = 0x1p53;

// What is no number is 0, as with Array.
std::int64_t position_of(double number) noexcept {
  if (std::isnan(number)) return 0;
  return static_cast<std::int64_t>(std::clamp(number, -kMostPosition, kMostPosition));
}

// An element among others: nothing of it is in the scratch array. What the codec has made is an ArrayBuffer, and if it
// names objects a DataView.
napi_value element_to_javascript(napi_env env, const Value& value) noexcept {
  if (value.kind < ValueKind::kEncoded) return to_javascript(env, value);
  napi_value buffer = nullptr, array = nullptr;
  void* data = nullptr;
  if (napi_create_arraybuffer(env, value.length, &data, &buffer) != napi_ok) return nullptr;
  if (value.length > 0) std::memcpy(data, value.bytes, value.length);
  if (value.kind == ValueKind::kEncoded) return buffer;
  const napi_status made = value.kind == ValueKind::kBytes
                               ? napi_create_typedarray(env, napi_uint8_array, value.length, buffer, 0, &array)
                               : napi_create_dataview(env, value.length, buffer, 0, &array);
  return made == napi_ok ? array : nullptr;
}

// Appends all to an array. False when JavaScript has no memory.
bool append(napi_env env, const ValueList& values, napi_value array) noexcept {
  std::uint32_t length = 0;
  std::uint64_t cursor = 0;
  if (napi_get_array_length(env, array, &length) != napi_ok) return false;
  for (std::uint32_t i = 0; i < values.count(); ++i) {
    napi_handle_scope scope = nullptr;
    if (napi_open_handle_scope(env, &scope) != napi_ok) return false;
    const napi_value made = element_to_javascript(env, values.next(&cursor));
    const bool is_set = made != nullptr && napi_set_element(env, array, length + i, made) == napi_ok;
    napi_close_handle_scope(env, scope);
    if (!is_set) return false;
  }
  return true;
}

// Appends what a call has copied out to an array, unless it has failed. Its objects stay attached until letGo() then.
Status hand_out(const Arguments& arguments, unsigned array, Status status) noexcept {
  ValueList& output = arguments.isolate().output();
  if (status == Status::kOk && !append(arguments.env(), output, arguments[array])) status = Status::kFull;
  status == Status::kOk ? output.clear_values() : output.clear();
  return status;
}

bool read_input(const Arguments& arguments, ValueList& input, unsigned values, unsigned kinds) noexcept {
  const napi_env env = arguments.env();
  napi_typedarray_type type;
  std::uint32_t length = 0;
  std::size_t kind_count = 0;
  void* kind_of = nullptr;
  input.clear();
  if (napi_get_array_length(env, arguments[values], &length) != napi_ok) return false;
  if (length == 0) return true;
  const napi_status read =
      napi_get_typedarray_info(env, arguments[kinds], &type, &kind_count, &kind_of, nullptr, nullptr);
  if (read != napi_ok || type != napi_uint8_array || kind_count < length) return false;
  for (std::uint32_t i = 0; i < length; ++i) {
    napi_handle_scope scope = nullptr;
    napi_value element = nullptr;
    ValueArgument value;
    if (napi_open_handle_scope(env, &scope) != napi_ok) return false;
    const auto kind = static_cast<ValueKind>(static_cast<std::uint8_t*>(kind_of)[i]);
    const bool is_read = napi_get_element(env, arguments[values], i, &element) == napi_ok &&
                         value.read(env, element, kind) && input.add(value.value());
    napi_close_handle_scope(env, scope);
    if (!is_read) return false;
  }
  return true;
}

double outcome(Status status, const ListSplice& splice) noexcept {
  return status == Status::kOk ? splice.length : static_cast<double>(status);
}

napi_value at(AttachedObject& list, const Arguments& arguments) noexcept {
  ValueCopy& value = arguments.isolate().value();
  LargeBytes bytes(arguments);
  Status got = Status::kOk;
  do {
    got = list_at(list, position_of(arguments.number(1)), value);
  } while (got == Status::kOk && bytes.makes_room(value));
  if (got == Status::kOk) return bytes.is_made() ? bytes.buffer() : to_javascript(arguments, value);
  return got == Status::kNotFound ? nullptr : throw_status(arguments.env(), got);
}

double length(AttachedObject& list, const Arguments&) noexcept { return list_length(list); }

Status set(AttachedObject& list, const Arguments& arguments) noexcept {
  ValueArgument value;
  if (!value.read(arguments, 2, 3)) return Status::kMismatch;
  return list_set(list, position_of(arguments.number(1)), value.value());
}

double insert(AttachedObject& list, const Arguments& arguments) noexcept {
  ValueArgument value;
  ValueList& input = arguments.isolate().input();
  input.clear();
  if (!value.read(arguments, 2, 3) || !input.add(value.value())) return static_cast<double>(Status::kMismatch);
  ListSplice splice{position_of(arguments.number(1)), 0, &input, nullptr, 0};
  const Status status = list_splice(list, splice);
  return outcome(status, splice);
}

double splice(AttachedObject& list, const Arguments& arguments) noexcept {
  ValueList& input = arguments.isolate().input();
  ValueList& output = arguments.isolate().output();
  napi_valuetype type = napi_undefined;
  if (!read_input(arguments, input, 3, 4)) return static_cast<double>(Status::kMismatch);
  napi_typeof(arguments.env(), arguments[5], &type);
  const bool is_wanted = type == napi_object;
  const std::int64_t remove = position_of(arguments.number(2));
  ListSplice splice{position_of(arguments.number(1)), remove > 0 ? static_cast<std::uint64_t>(remove) : 0, &input,
                    is_wanted ? &output : nullptr, 0};
  Status status = list_splice(list, splice);
  if (is_wanted) status = hand_out(arguments, 5, status);
  input.clear();
  return outcome(status, splice);
}

Status take(AttachedObject& list, const Arguments& arguments) noexcept {
  return list_take(list, position_of(arguments.number(1)), arguments.isolate().value());
}

Status slice(AttachedObject& list, const Arguments& arguments) noexcept {
  const ListRange range{position_of(arguments.number(1)), position_of(arguments.number(2))};
  return hand_out(arguments, 3, list_copy(list, range, arguments.isolate().output()));
}

double find(AttachedObject& list, const Arguments& arguments) noexcept {
  ValueArgument value;
  std::uint32_t position = 0;
  if (!value.read(arguments, 1, 2)) return static_cast<double>(Status::kMismatch);
  const Status found = list_find(list, value.value(), position_of(arguments.number(3)), &position);
  return found == Status::kOk ? position : static_cast<double>(found);
}

Status remove(AttachedObject& list, const Arguments& arguments) noexcept {
  ValueArgument value;
  return value.read(arguments, 1, 2) ? list_remove(list, value.value()) : Status::kMismatch;
}

Status reverse(AttachedObject& list, const Arguments&) noexcept { return list_reverse(list); }

void clear(AttachedObject& list, const Arguments&) noexcept { list_clear(list); }

constexpr Kinds kThis = only(Kind::kList);
constexpr Function kFunctions[] = {
    {"listAt", object_call<kThis, at>},         {"listLength", object_call<kThis, length>},
    {"listSet", object_call<kThis, set>},       {"listInsert", object_call<kThis, insert>},
    {"listSplice", object_call<kThis, splice>}, {"listTake", object_call<kThis, take>},
    {"listSlice", object_call<kThis, slice>},   {"listFind", object_call<kThis, find>},
    {"listRemove", object_call<kThis, remove>}, {"listReverse", object_call<kThis, reverse>},
    {"listClear", object_call<kThis, clear>},
};

}  // namespace

std::span<const Function> list_functions() noexcept { return kFunctions; }

}  // namespace lockstep::addon
