#include "directory.hpp"

#include <cstring>
#include <mutex>

#include "heap.hpp"
#include "object_list.hpp"
#include "reap.hpp"
#include "stripe.hpp"

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

namespace {

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

bool matches(const Segment& segment, const Object& object, const Recipe& recipe) noexcept {
  const Offset partner = recipe.partner == nullptr ? object.partner.load() : segment.offset_of(recipe.partner);
  return object.kind.load() == static_cast<std::uint32_t>(recipe.kind) && object.parameter.load() == recipe.parameter &&
         object.partner.load() == partner;
}

}  // namespace

Status create_object(Transaction& transaction, const Recipe& recipe, Object** result) noexcept {
  Segment& segment = transaction.segment();
  auto* const object = reinterpret_cast<Object*>(allocate(transaction, object_size(recipe.kind, recipe.parameter)));
  if (object == nullptr) return Status::kFull;
  initialize_object(*object, recipe.kind, recipe.parameter);
  object->parameter.store(recipe.parameter);
  if (recipe.partner != nullptr) {
    object->partner.store(segment.offset_of(recipe.partner));
    add_reference(transaction, const_cast<Object&>(*recipe.partner));
  }
  Word& serial = segment.header().next_serial;
  object->serial.store(serial.load());
  transaction.set(serial, serial.load() == UINT32_MAX ? 1 : serial.load() + 1);
  transaction.set(object->kind, static_cast<std::uint32_t>(recipe.kind));
  link_object(transaction, *object);
  if (!recipe.name.empty() && set_name(transaction, *object, recipe.name) != Status::kOk) return Status::kFull;
  return *result = object, Status::kOk;
}

Status open_object(const Participant& me, const Recipe& recipe, Object** result, bool* created) noexcept {
  const std::lock_guard<std::mutex> guard(attachments_mutex());
  if (is_container(recipe.kind)) {
    const Status reserved = reserve_stripes(*me.segment);
    if (reserved != Status::kOk) return reserved;
  }
  Transaction transaction(me);
  Object* object = recipe.name.empty() ? nullptr : find_named(*me.segment, recipe.name);
  *created = object == nullptr;
  if (object != nullptr && !matches(*me.segment, *object, recipe)) return *result = object, Status::kMismatch;
  if (object == nullptr) {
    const Status made = create_object(transaction, recipe, &object);
    if (made != Status::kOk) return made;
  }
  const Status attached = attach_locally(transaction, *object);
  if (attached != Status::kOk) return attached;
  transaction.commit();
  return *result = object, Status::kOk;
}

Status attach_object(const Participant& me, const ObjectId& id, Object** result) noexcept {
  const std::lock_guard<std::mutex> guard(attachments_mutex());
  Transaction transaction(me);
  Object* const object = checked_object(*me.segment, id.offset);
  if (object == nullptr || object->references.load() == 0) return Status::kGone;
  if (id.serial != 0 && object->serial.load() != id.serial) return Status::kGone;
  if (id.kind != Kind::kNone && object->kind.load() != static_cast<std::uint32_t>(id.kind)) {
    return *result = object, Status::kMismatch;
  }
  const Status attached = attach_locally(transaction, *object);
  if (attached != Status::kOk) return attached;
  transaction.commit();
  return *result = object, Status::kOk;
}

namespace {

// Not committed.
bool take_name(Transaction& transaction, Object& object) noexcept {
  Segment& segment = transaction.segment();
  const std::string_view name = name_of(segment, object);
  if (name.empty()) return false;
  Word* link = &name_bucket(segment, name);
  const Offset wanted = segment.offset_of(&object);
  for (std::uint32_t i = 0, n = most_objects(segment); link->load() != wanted; ++i) {
    Object* const other = checked_object(segment, link->load());
    if (other == nullptr || i > n) return false;
    link = &other->next_in_bucket;
  }
  transaction.set(*link, object.next_in_bucket.load());
  release(transaction, segment.bytes(object.name.load()), sizeof(Word) + name.size());
  transaction.set(object.name, 0);
  drop_reference(transaction, object);
  return true;
}

bool end_object(const Participant& me, Object& object) noexcept {
  Transaction transaction(me);
  const bool had_name = take_name(transaction, object);
  forget_keepers(transaction, object);
  transaction.commit();
  return had_name;
}

}  // namespace

bool unname_object(const Participant& me, Object* object) noexcept {
  const bool had_name = end_object(me, *object);
  reap_all(me);
  return had_name;
}

}  // namespace lockstep
