// Values that name shared objects, as the tests make them.
#pragma once

#include "core/list.hpp"
#include "core/queue.hpp"
#include "core/value_objects.hpp"
#include "dict_harness.hpp"

namespace lockstep::test {

/// The bytes of a value: the table of objects, then the text.
inline std::string naming(const std::vector<Reference>& objects, const std::string& text = {}) {
  std::vector<std::uint32_t> table{static_cast<std::uint32_t>(objects.size()), 0};
  for (const Reference& object : objects) {
    table.push_back(object.me.segment->offset_of(object.object));
    table.push_back(object.object->serial.load());
  }
  return std::string(reinterpret_cast<const char*>(table.data()), table.size() * sizeof table[0]) + text;
}

inline Value with_objects(const std::string& bytes) {
  return {ValueKind::kWithObjects, static_cast<std::uint32_t>(bytes.size()), bytes.data()};
}

/// What names an object in a table.
inline ObjectId id_of(const Reference& object) {
  return {object.me.segment->offset_of(object.object), object.object->serial.load(), Kind::kNone};
}

inline std::uint32_t live_objects(const Room& room) { return room.header().object_count.load(); }
inline std::uint32_t kept(const Reference& object) { return object.object->kept.load(); }

/// Calls `use(key)` with the key of that text.
template <typename Use>
auto with_text(const Reference& dict, const std::string& text, Use use) {
  std::vector<std::uint64_t> bytes(text.size() / 8 + 1);
  std::memcpy(bytes.data(), text.data(), text.size());
  return use(make_key(*dict.me.segment, KeyKind::kLatin1, bytes.data(), static_cast<std::uint32_t>(text.size())));
}

inline Status store(const Reference& dict, const std::string& key, const std::string& bytes,
                    const DictStore& how = {}) {
  return with_text(dict, key, [&](const Key& k) { return dict_set(dict, {k, with_objects(bytes)}, how, nullptr); });
}
inline Status fetch(const Reference& dict, const std::string& key, ValueCopy& value) {
  return with_text(dict, key, [&](const Key& k) { return dict_get(dict, k, value); });
}
inline Status fetch_and_remove(const Reference& dict, const std::string& key, ValueCopy* value) {
  return with_text(dict, key, [&](const Key& k) { return dict_take(dict, k, 0, value); });
}

/// Puts values that name objects into a list, in place of others.
inline Status splice(const Reference& list, std::int64_t start, std::uint64_t remove,
                     const std::vector<std::string>& all, ValueList* removed = nullptr) {
  ValueList values;
  for (const std::string& bytes : all) MUST(values.add(with_objects(bytes)));
  ListSplice change{start, remove, &values, removed, 0};
  return list_splice(list, change);
}
inline Status push(const Reference& list, const std::string& bytes) { return splice(list, INT64_MAX, 0, {bytes}); }

/// Puts one item that names objects.
inline Status put_naming(const Reference& queue, const std::vector<Reference>& objects, double priority = 0) {
  const std::string bytes = naming(objects);
  const QueueItem item{with_objects(bytes), priority};
  QueuePut put{&item, 1};
  return queue_try_put(queue, put);
}

}  // namespace lockstep::test
