// A dict as the tests see it: strings in, strings out.
#pragma once

#include <cstring>
#include <optional>
#include <string>

#include "core/dict.hpp"
#include "core/heap.hpp"
#include "harness.hpp"

namespace lockstep::test {

inline Value latin1(const std::string& text) {
  return {ValueKind::kLatin1, static_cast<std::uint32_t>(text.size()), text.data()};
}

inline std::string text_of(const KeyCopy& key) {
  return std::string(static_cast<const char*>(key.bytes()), key.length);
}

inline DictStore for_ms(std::int64_t ms) {
  DictStore how;
  how.ttl_ns = ms * 1'000'000;
  return how;
}

/// Bytes that containers have in use.
inline std::uint64_t used_by_stripes(const Room& room) {
  std::uint64_t used = 0;
  for (std::uint32_t i = 0; i < kStripes; ++i) used += room.segment()->stripe(i).used_bytes.load();
  return used;
}

class Dict {
 public:
  Reference reference;

  explicit Dict(const Room& room, std::uint32_t parameter = 0)
      : reference(room.open(Kind::kDict, parameter)), room_(&room) {}
  /// The same dict, as another owner, or another process, has it.
  Dict(const Participant& me, const Dict& other) : reference(as(me, other.reference)) {}
  Dict(const Room& room, const Dict& other) : reference(room.attach(other.reference)), room_(&room) {}
  ~Dict() {
    if (room_ != nullptr) room_->detach(reference);
  }
  Dict(const Dict&) = delete;
  Dict& operator=(const Dict&) = delete;

  Status set(const std::string& key, const std::string& value, const DictStore& how = {},
             KeyKind kind = KeyKind::kLatin1) const {
    return with_key(key, kind, [&](const Key& k) { return dict_set(reference, {k, latin1(value)}, how, &copy_); });
  }
  /// What a set whose condition did not hold found.
  std::string present() const { return text(copy_); }
  std::optional<std::string> get(const std::string& key, KeyKind kind = KeyKind::kLatin1) const {
    const Status got = with_key(key, kind, [&](const Key& k) { return dict_get(reference, k, copy_); });
    MUST(got == Status::kOk || got == Status::kNotFound);
    return got == Status::kOk ? std::optional(text(copy_)) : std::nullopt;
  }
  Status get_versioned(const std::string& key, ValueCopy& value) const {
    return with_key(key, KeyKind::kLatin1, [&](const Key& k) { return dict_get_versioned(reference, k, value); });
  }
  std::optional<std::string> take(const std::string& key) const {
    const Status got =
        with_key(key, KeyKind::kLatin1, [&](const Key& k) { return dict_take(reference, k, 0, &copy_); });
    MUST(got == Status::kOk || got == Status::kNotFound);
    return got == Status::kOk ? std::optional(text(copy_)) : std::nullopt;
  }
  std::optional<double> add(const std::string& key, double by) const {
    const Status added = with_key(key, KeyKind::kLatin1, [&](const Key& k) { return dict_add(reference, k, &by, 0); });
    return added == Status::kOk ? std::optional(by) : std::nullopt;
  }
  std::uint64_t size() const { return dict_size(reference); }

 private:
  template <typename Use>
  Status with_key(const std::string& key, KeyKind kind, Use use) const {
    std::vector<std::uint64_t> bytes(key.size() / 8 + 1);
    std::memcpy(bytes.data(), key.data(), key.size());
    return use(make_key(*reference.me.segment, kind, bytes.data(), static_cast<std::uint32_t>(key.size())));
  }
  static std::string text(const ValueCopy& copy) { return std::string(copy.bytes(), copy.length); }

  const Room* room_ = nullptr;
  mutable ValueCopy copy_;
};

}  // namespace lockstep::test
