#include "core/dict.hpp"

#include <vector>

#include "container_values.hpp"

namespace lockstep::addon {
namespace {

// Calls `operation(key, value)` with the second and third argument; what the bytes of the latter are is in the fourth.
template <typename Operation>
Status with_entry(const AttachedObject& dict, const Arguments& arguments, Operation operation) noexcept {
  return with_key(dict, arguments, [&](const Key& key) {
    ValueArgument value;
    return value.read(arguments, 2, 3) ? operation(key, value.value()) : Status::kMismatch;
  });
}

napi_value get(AttachedObject& dict, const Arguments& arguments) noexcept {
  ValueCopy& value = arguments.isolate().value();
  LargeBytes bytes(arguments);
  const Status got = with_key(dict, arguments, [&](const Key& key) {
    Status read = Status::kOk;
    do {
      read = dict_get(dict, key, value);
    } while (read == Status::kOk && bytes.makes_room(value));
    return read;
  });
  if (got == Status::kOk) return bytes.is_made() ? bytes.buffer() : to_javascript(arguments, value);
  return got == Status::kNotFound ? nullptr : throw_status(arguments.env(), got);
}

double read(AttachedObject& dict, const Arguments& arguments) noexcept {
  ValueCopy& value = arguments.isolate().value();
  const Status got = with_key(dict, arguments, [&](const Key& key) { return dict_get_versioned(dict, key, value); });
  return got == Status::kOk ? value.version : static_cast<double>(got);
}

bool has(AttachedObject& dict, const Arguments& arguments) noexcept {
  return with_key(dict, arguments,
                  [&](const Key& key) { return dict_has(dict, key) ? Status::kOk : Status::kNotFound; }) == Status::kOk;
}

Status set(AttachedObject& dict, const Arguments& arguments) noexcept {
  DictStore how;
  how.ttl_ns = arguments.time_ns(4);
  return with_entry(dict, arguments, [&](const Key& key, const Value& value) {
    return dict_set(dict, {key, value}, how, nullptr);
  });
}

Status insert(AttachedObject& dict, const Arguments& arguments) noexcept {
  DictStore how;
  how.when = DictStore::When::kIfAbsent;
  how.ttl_ns = arguments.time_ns(4);
  ValueCopy& present = arguments.isolate().value();
  return with_entry(dict, arguments, [&](const Key& key, const Value& value) {
    return dict_set(dict, {key, value}, how, &present);
  });
}

Status replace(AttachedObject& dict, const Arguments& arguments) noexcept {
  DictStore how;
  how.when = DictStore::When::kIfVersion;
  how.version = arguments.word(4);
  how.keeps_time = true;
  return with_entry(dict, arguments, [&](const Key& key, const Value& value) {
    return dict_set(dict, {key, value}, how, nullptr);
  });
}

Status compare_and_set(AttachedObject& dict, const Arguments& arguments) noexcept {
  ValueArgument expected;
  if (!expected.read(arguments, 4, 5)) return Status::kMismatch;
  DictStore how;
  how.when = DictStore::When::kIfSame;
  how.expected = &expected.value();
  how.keeps_time = true;
  return with_entry(dict, arguments, [&](const Key& key, const Value& value) {
    return dict_set(dict, {key, value}, how, nullptr);
  });
}

napi_value add(AttachedObject& dict, const Arguments& arguments) noexcept {
  double number = arguments.number(2);
  const std::int64_t ttl_ns = arguments.time_ns(3);
  const Status added = with_key(dict, arguments, [&](const Key& key) { return dict_add(dict, key, &number, ttl_ns); });
  return added == Status::kOk ? to_value(arguments.env(), number) : throw_status(arguments.env(), added);
}

Status remove(AttachedObject& dict, const Arguments& arguments) noexcept {
  const std::uint32_t version = arguments.word(2);
  return with_key(dict, arguments, [&](const Key& key) { return dict_take(dict, key, version, nullptr); });
}

Status take(AttachedObject& dict, const Arguments& arguments) noexcept {
  ValueCopy& taken = arguments.isolate().value();
  return with_key(dict, arguments, [&](const Key& key) { return dict_take(dict, key, 0, &taken); });
}

Status take_any(AttachedObject& dict, const Arguments& arguments) noexcept {
  return dict_take_any(dict, &arguments.isolate().key(), &arguments.isolate().value());
}

void clear(AttachedObject& dict, const Arguments&) noexcept { dict_clear(dict); }

double size(AttachedObject& dict, const Arguments&) noexcept { return static_cast<double>(dict_size(dict)); }

// Appends the keys of the next part to an array, and returns where the walk goes on; -1 at its end.
double walk(AttachedObject& dict, const Arguments& arguments) {
  std::vector<KeyCopy> keys;  // as nothing may be made in JavaScript while core holds a lock
  const double start = arguments.number(1);
  std::uint64_t cursor = start >= 0 && start < 0x1p53 ? static_cast<std::uint64_t>(start) : 0;
  if (!dict_walk(dict, &cursor, keys)) return -1;
  std::uint32_t length = 0;
  napi_get_array_length(arguments.env(), arguments[2], &length);
  for (const KeyCopy& key : keys)
    napi_set_element(arguments.env(), arguments[2], length++, to_javascript(arguments, key));
  return static_cast<double>(cursor);
}

constexpr Kinds kThis = only(Kind::kDict) | only(Kind::kNamespace);
constexpr Function kFunctions[] = {
    {"dictGet", object_call<kThis, get>},          {"dictRead", object_call<kThis, read>},
    {"dictHas", object_call<kThis, has>},          {"dictSet", object_call<kThis, set>},
    {"dictInsert", object_call<kThis, insert>},    {"dictReplace", object_call<kThis, replace>},
    {"dictTake", object_call<kThis, take>},        {"dictCompareAndSet", object_call<kThis, compare_and_set>},
    {"dictDelete", object_call<kThis, remove>},    {"dictAdd", object_call<kThis, add>},
    {"dictTakeAny", object_call<kThis, take_any>}, {"dictClear", object_call<kThis, clear>},
    {"dictSize", object_call<kThis, size>},        {"dictWalk", object_call<kThis, walk>},
};

}  // namespace

std::span<const Function> dict_functions() noexcept { return kFunctions; }

}  // namespace lockstep::addon
