#include "directory_names.hpp"

#include <cstring>

#include "directory.hpp"
#include "heap.hpp"

namespace lockstep {
namespace {

std::uint32_t hash_of(std::string_view name) noexcept {  // FNV-1a
  std::uint32_t hash = 2166136261u;
  for (const char byte : name) hash = (hash ^ static_cast<unsigned char>(byte)) * 16777619u;
  return hash;
}

}  // namespace

Word& name_bucket(const Segment& segment, std::string_view name) noexcept {
  return segment.header().names[hash_of(name) % kNameBuckets];
}

std::string_view name_of(const Segment& segment, const Object& object) noexcept {
  const Offset offset = object.name.load();
  const Name* const name = offset == 0 ? nullptr : segment.checked<Name>(offset);
  if (name == nullptr) return {};
  const std::uint32_t length = name->length.load();
  if (length > kMaxName || segment.checked<Name>(offset, sizeof(Word) + length) == nullptr) return {};
  return {name->bytes, length};
}

Object* find_named(Segment& segment, std::string_view name) noexcept {
  Offset next = name_bucket(segment, name).load();
  for (std::uint32_t i = 0, n = most_objects(segment); next != 0 && i < n; ++i) {
    Object* const object = checked_object(segment, next);
    if (object == nullptr) return nullptr;
    if (name_of(segment, *object) == name) return object;
    next = object->next_in_bucket.load();
  }
  return nullptr;
}

Status set_name(Transaction& transaction, Object& object, std::string_view name) noexcept {
  Segment& segment = transaction.segment();
  auto* const block = reinterpret_cast<Name*>(allocate(transaction, sizeof(Word) + name.size()));
  if (block == nullptr) return Status::kFull;
  transaction.set(block->length, static_cast<std::uint32_t>(name.size()));
  std::memcpy(block->bytes, name.data(), name.size());
  Word& bucket = name_bucket(segment, name);
  transaction.set(object.name, segment.offset_of(block));
  transaction.set(object.next_in_bucket, bucket.load());
  transaction.set(bucket, segment.offset_of(&object));
  add_reference(transaction, object);
  return Status::kOk;
}

}  // namespace lockstep
