#include "object_list.hpp"

#include "heap.hpp"
#include "storage.hpp"

namespace lockstep {
namespace {

void unlink_object(Transaction& transaction, Object& object) noexcept {
  Segment& segment = transaction.segment();
  Object* const before = checked_object(segment, object.previous.load());
  Object* const after = checked_object(segment, object.next.load());
  transaction.set(before != nullptr ? before->next : segment.header().first_object, object.next.load());
  if (after != nullptr) transaction.set(after->previous, object.previous.load());
  Word& count = segment.header().object_count;
  transaction.set(count, count.load() - 1);
}

// The lock of a condition, an array or a value; it has no partner of its own.
Object* partner_of(const Segment& segment, const Object& object) noexcept {
  if (!has_partner(static_cast<Kind>(object.kind.load()))) return nullptr;
  Object* const partner = checked_object(segment, object.partner.load());
  return partner != nullptr && !has_partner(static_cast<Kind>(partner->kind.load())) ? partner : nullptr;
}

// What it holds is freed first, outside of this transaction.
void bury_object(Transaction& transaction, Object& object) noexcept {
  Word& first = transaction.segment().header().first_dead;
  unlink_object(transaction, object);
  transaction.set(object.serial, 0);
  transaction.set(object.reaper, 0);
  transaction.set(object.next, first.load());
  transaction.set(first, transaction.segment().offset_of(&object));
}

}  // namespace

Object* checked_object(const Segment& segment, Offset offset) noexcept {
  Object* const object = segment.checked<Object>(offset);
  if (object == nullptr) return nullptr;
  const std::uint32_t kind = object->kind.load();
  const std::uint32_t parameter = object->parameter.load();
  if (kind == 0 || kind >= kKinds) return nullptr;
  const ParameterRange range = parameter_range(static_cast<Kind>(kind));
  if (parameter < range.least || parameter > range.most) return nullptr;
  return segment.checked<Object>(offset, object_size(static_cast<Kind>(kind), parameter));
}

void link_object(Transaction& transaction, Object& object) noexcept {
  Segment& segment = transaction.segment();
  Word& first = segment.header().first_object;
  if (auto* const after = segment.checked<Object>(first.load())) {
    transaction.set(after->previous, segment.offset_of(&object));
  }
  object.next.store(first.load());
  transaction.set(first, segment.offset_of(&object));
  Word& count = segment.header().object_count;
  transaction.set(count, count.load() + 1);
}

void add_reference(Transaction& transaction, Object& object) noexcept {
  transaction.set(object.references, object.references.load() + 1);
}

void drop_reference(Transaction& transaction, Object& object) noexcept {
  const std::uint32_t left = object.references.load() - 1;
  transaction.set(object.references, left);
  if (left != 0) return;
  if (is_container(static_cast<Kind>(object.kind.load()))) return bury_object(transaction, object);
  Object* const partner = partner_of(transaction.segment(), object);
  const std::uint64_t size = object_size(static_cast<Kind>(object.kind.load()), object.parameter.load());
  unlink_object(transaction, object);
  give_storage(transaction, object);
  transaction.set(object.kind, 0);
  transaction.set(object.serial, 0);
  release(transaction, &object, size);
  if (partner != nullptr) drop_reference(transaction, *partner);
}

// One reference stands for all values, so that destroy() takes it away whatever their number. From then on they do not
// count: each of them finds kForgotten when it lets go.
void keep_object(Transaction& transaction, Object& object) noexcept {
  const std::uint32_t kept = object.kept.load();
  if (kept >= kForgotten) return;
  transaction.set(object.kept, kept + 1);
  if (kept == 0) add_reference(transaction, object);
}

void let_go_of_object(Transaction& transaction, Object& object) noexcept {
  const std::uint32_t kept = object.kept.load();
  if (kept == 0 || kept >= kForgotten) return;
  if (kept == 1 && object.references.load() == 1) free_extras(transaction, object);
  transaction.set(object.kept, kept - 1);
  if (kept == 1) drop_reference(transaction, object);
}

void forget_keepers(Transaction& transaction, Object& object) noexcept {
  const std::uint32_t kept = object.kept.load();
  if (kept >= kForgotten) return;
  transaction.set(object.kept, kForgotten);
  if (kept > 0) drop_reference(transaction, object);
}

void give_back_objects(Transaction& transaction, OwnerId dead) noexcept {
  Segment& segment = transaction.segment();
  Offset next = segment.header().first_object.load();
  for (std::uint32_t i = 0, n = most_objects(segment); next != 0 && i < n; ++i) {
    Object* const object = checked_object(segment, next);
    if (object == nullptr) return;
    next = object->next.load();
    give_back_object({transaction.me(), object}, dead);
  }
}

}  // namespace lockstep
