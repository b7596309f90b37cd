#include "directory.hpp"

#include <mutex>

#include "directory_names.hpp"
#include "heap.hpp"
#include "object_list.hpp"
#include "reap.hpp"
#include "storage.hpp"
#include "stripe.hpp"

namespace lockstep {
namespace {

bool matches(const Segment& segment, const Object& object, const Recipe& recipe) noexcept {
  const Offset partner = recipe.partner == nullptr ? object.partner.load() : segment.offset_of(recipe.partner);
  return object.kind.load() == static_cast<std::uint32_t>(recipe.kind) && object.parameter.load() == recipe.parameter &&
         object.partner.load() == partner && extent_of(object) == recipe.extent;
}

// With a reference for the object whose lock it is.
Status find_partner(Transaction& transaction, const Recipe& recipe, Object** partner) noexcept {
  *partner = const_cast<Object*>(recipe.partner);
  if (*partner == nullptr && has_own_lock(recipe.kind)) {
    const Status made = create_object(transaction, {Kind::kRLock, 0, {}}, partner);
    if (made != Status::kOk) return made;
  }
  if (*partner != nullptr) add_reference(transaction, **partner);
  return Status::kOk;
}

Status attach_named(Transaction& transaction, const Recipe& recipe, Object** result) noexcept {
  Segment& segment = transaction.segment();
  Object* const object = recipe.name.empty() ? nullptr : find_named(segment, recipe.name);
  if (object == nullptr) return Status::kNotFound;
  *result = object;
  if (!matches(segment, *object, recipe)) return Status::kMismatch;
  return attach_locally(transaction, *object);
}

}  // namespace

Status create_object(Transaction& transaction, const Recipe& recipe, Object** result) noexcept {
  Segment& segment = transaction.segment();
  auto* const object = reinterpret_cast<Object*>(allocate(transaction, object_size(recipe.kind, recipe.parameter)));
  if (object == nullptr) return Status::kFull;
  initialize_object(*object, recipe.kind, recipe.parameter);
  object->parameter.store(recipe.parameter);
  Object* partner = nullptr;
  if (find_partner(transaction, recipe, &partner) != Status::kOk) return Status::kFull;
  if (partner != nullptr) object->partner.store(segment.offset_of(partner));
  const StorageShape shape{recipe.kind, recipe.parameter, recipe.extent};
  if (has_storage(recipe.kind) && !take_storage(transaction, *object, shape)) return Status::kFull;
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
  Status opened = attach_named(transaction, recipe, result);
  *created = opened == Status::kNotFound;
  if (*created) {
    const Status made = create_object(transaction, recipe, result);
    if (made != Status::kOk) return made;
    opened = attach_locally(transaction, **result);
  }
  if (opened == Status::kOk) transaction.commit();
  return opened;
}

Status find_object(const Participant& me, const Recipe& recipe, Object** result) noexcept {
  const std::lock_guard<std::mutex> guard(attachments_mutex());
  Transaction transaction(me);
  const Status found = attach_named(transaction, recipe, result);
  if (found == Status::kOk) transaction.commit();
  return found;
}

Status find_or_name(const Participant& me, const Recipe& recipe, Object* nameless, Object** result) noexcept {
  const std::lock_guard<std::mutex> guard(attachments_mutex());
  Transaction transaction(me);
  Status found = attach_named(transaction, recipe, result);
  if (found == Status::kNotFound) {
    *result = nameless;
    found = set_name(transaction, *nameless, recipe.name);
  }
  if (found == Status::kOk) transaction.commit();
  return found;
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
