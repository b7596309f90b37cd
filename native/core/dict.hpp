// Dict: keys and values that every process of a segment sees. Protocol and proof: dict.cpp; the index: dict_index.cpp.
//
// A key is a number, a string, a bigint or a boolean; a value is bytes of some kind (value.hpp). Each operation happens
// whole or not at all, whoever dies in it, and in an order that all agree on for each key. None sleeps longer than
// others hold one of 32 locks for the length of a copy.
#pragma once

#include <vector>

#include "object.hpp"
#include "value.hpp"

namespace lockstep {

enum class KeyKind : std::uint32_t { kNumber = 1, kLatin1 = 2, kTwoByte = 3, kBigInt = 4, kBoolean = 5, kClaim = 6 };
constexpr std::uint32_t kMaxKey = 0xffff;
constexpr std::uint32_t kMaxEntries = 1u << 29;
/// Up to here a limit is exact; of more each part of the dict counts its share.
constexpr std::uint32_t kMaxExactEntries = 1u << 16;

/// The parameter of a dict: its largest number of entries, 0 for as many as fit, and what goes when there are so many.
constexpr std::uint32_t dict_parameter(std::uint32_t max_entries, bool evicts) noexcept {
  return max_entries << 1 | (evicts ? 1 : 0);
}
constexpr std::uint32_t dict_max_entries(std::uint32_t parameter) noexcept { return parameter >> 1; }
constexpr bool dict_evicts(std::uint32_t parameter) noexcept { return parameter & 1; }

/// A key in private memory, padded with zeros to a multiple of 8 and aligned to 8.
struct Key {
  KeyKind kind;
  std::uint32_t length;  // in bytes, at most kMaxKey
  const std::uint64_t* bytes;
  std::uint64_t hash;
};
Key make_key(const Segment& segment, KeyKind kind, const std::uint64_t* bytes, std::uint32_t length) noexcept;

/// A key that is copied out.
class KeyCopy {
 public:
  KeyKind kind = KeyKind::kNumber;
  std::uint32_t length = 0;
  /// False when there is no memory.
  bool take(KeyKind new_kind, const Word64* from, std::uint32_t new_length) noexcept {
    kind = new_kind;
    length = new_length;
    return bytes_.take(ValueKind::kBytes, from, new_length);
  }
  const void* bytes() const noexcept { return bytes_.bytes(); }

 private:
  ValueCopy bytes_;
};

struct DictEntry {
  const Key& key;
  const Value& value;
};

/// When a value is stored, and for how long.
struct DictStore {
  enum class When { kAlways, kIfAbsent, kIfVersion, kIfSame };
  When when = When::kAlways;
  std::uint32_t version = 0;        // kIfVersion; 0: absent
  const Value* expected = nullptr;  // kIfSame; null: absent
  std::int64_t ttl_ns = 0;          // 0: for ever
  bool keeps_time = false;          // that of the value which it replaces, if there is one
};

/// kOk or kNotFound, kCorrupt. Readers of a dict that does not evict take no lock.
Status dict_get(const Reference& dict, const Key& key, ValueCopy& result) noexcept;
/// The same with the value's version, for kIfVersion.
Status dict_get_versioned(const Reference& dict, const Key& key, ValueCopy& result) noexcept;
bool dict_has(const Reference& dict, const Key& key) noexcept;
/// kOk; kUnavailable when the condition does not hold, and `*present` (if given) is then what is there, or kNotFound
/// when nothing is; kFull, kBound (as many entries as there may be), kGone (an object that the value names), kCorrupt.
/// Nothing is changed unless kOk.
Status dict_set(const Reference& dict, const DictEntry& entry, const DictStore& how, ValueCopy* present) noexcept;
/// Adds to a number; a key that is not there counts as 0 and gets the time. kMismatch when it holds something else.
Status dict_add(const Reference& dict, const Key& key, double* number, std::int64_t ttl_ns) noexcept;
/// kOk and what was there, kNotFound, kCorrupt. `version` 0: any.
Status dict_take(const Reference& dict, const Key& key, std::uint32_t version, ValueCopy* taken) noexcept;
/// Removes all entries, at one instant for each part of the dict.
void dict_clear(const Reference& dict) noexcept;
/// Entries whose time is not over.
std::uint64_t dict_size(const Reference& dict) noexcept;

/// Appends the keys of the next part of the dict, as it is at one instant, and moves the cursor on; false at the end. A
/// walk begins with 0. It meets every key that is there all the while exactly once, however much others change.
bool dict_walk(const Reference& dict, std::uint64_t* cursor, std::vector<KeyCopy>& keys);
/// Any one entry, removed. kOk, kNotFound, kCorrupt.
Status dict_take_any(const Reference& dict, KeyCopy* key, ValueCopy* value) noexcept;

/// Frees what the dict holds, for its last user, a piece at a time; false when nothing is left.
bool dict_reap(const Reference& dict) noexcept;

}  // namespace lockstep
