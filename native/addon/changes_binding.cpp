#include <cstring>
#include <vector>

#include "container_values.hpp"
#include "core/dict_changes.hpp"

namespace lockstep::addon {
namespace {

constexpr std::size_t kSeenWords = sizeof(ChangesSeen) / sizeof(std::uint32_t);

/// What a watcher has seen, kept by JavaScript as 32 words that mean nothing to it. None: it is no such array.
class SeenArgument {
 public:
  explicit SeenArgument(const Arguments& arguments) noexcept : words_(arguments.words(1, kSeenWords)) {
    if (is_good()) std::memcpy(&seen, words_.data(), sizeof seen);
  }
  bool is_good() const noexcept { return words_.size() == kSeenWords; }
  void keep() const noexcept { std::memcpy(words_.data(), &seen, sizeof seen); }

  ChangesSeen seen{};

 private:
  std::span<std::uint32_t> words_;
};

Status begin(AttachedObject& dict, const Arguments& arguments) noexcept {
  SeenArgument argument(arguments);
  if (!argument.is_good()) return Status::kMismatch;
  KeyArgument key;
  napi_valuetype type = napi_undefined;
  napi_typeof(arguments.env(), arguments[2], &type);
  if (type != napi_undefined && !key.read(arguments, 2, *dict.me.segment)) return Status::kMismatch;
  const Status begun = changes_begin(dict, type == napi_undefined ? nullptr : &key.key(), &argument.seen);
  argument.keep();
  return begun;
}

// Appends the keys to an array.
Status take(AttachedObject& dict, const Arguments& arguments) {
  SeenArgument argument(arguments);
  if (!argument.is_good()) return Status::kMismatch;
  std::vector<KeyCopy> keys;  // as nothing may be made in JavaScript while core holds a lock
  const Status taken = changes_take(dict, &argument.seen, keys);
  argument.keep();
  std::uint32_t length = 0;
  napi_get_array_length(arguments.env(), arguments[2], &length);
  for (const KeyCopy& key : keys) {
    napi_set_element(arguments.env(), arguments[2], length++, to_javascript(arguments, key));
  }
  return taken;
}

template <auto operation>
Status with_seen(AttachedObject& dict, const Arguments& arguments) noexcept {
  const SeenArgument argument(arguments);
  return argument.is_good() ? operation(dict, argument.seen) : Status::kMismatch;
}

void disarm(AttachedObject& dict, const Arguments&) noexcept { changes_disarm(dict); }

constexpr Kinds kThis = only(Kind::kDict) | only(Kind::kNamespace);
constexpr Function kFunctions[] = {
    {"changesBegin", object_call<kThis, begin>},
    {"changesTake", object_call<kThis, take>},
    {"changesLook", object_call<kThis, with_seen<changes_look>>},
    {"changesArm", object_call<kThis, with_seen<changes_arm>>},
    {"changesDisarm", object_call<kThis, disarm>},
};

}  // namespace

std::span<const Function> changes_functions() noexcept { return kFunctions; }

}  // namespace lockstep::addon
