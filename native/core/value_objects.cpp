// Objects in values.
//
// PROTOCOL. An object has a count of the values that name it (object_list.cpp), which changes under the directory; the
// value lies in a block of a stripe. So references travel between the two as runs of pages do (stripe.cpp):
//
//     step      change                                                    order
//     keep      directory: some objects counted, `keeping` -> the table   both locks are held: stripe, then directory
//               of the value, `kept` -> how many of it, as one; so on,
//               to the last; then set keeping -> 0, with the stripe's
//               changes
//     give      set the first words of the block -> the next one, its     with the stripe's changes; the rest of the
//               table; `released` -> the block                            block stays as it is
//     forget    (rollback) directory: the last of `kept` is counted       before anything is taken or given: the table
//               down and kept - 1, as one; at 0 keeping -> 0              is in a block that is free again
//     release   directory: the last object of the table is counted        after commit or rollback, before the lock is
//               down and the table's count - 1, as one; at 0 set          released
//               released -> the next, and the block is given back
//
// WHEN A PROCESS DIES, `keeping` and `released` say what is left to do, and the next one that takes the stripe does it:
// an object and the number of those that are left change with one commit, so none is counted down twice or forgotten.
// As with runs, he takes the directory before he believes any of these words. keeping -> 0 stands or falls with the
// value; so of a value that was never stored the objects are counted down, of one that was they are not.
//
// NO RECURSION. A container that loses its last reference this way is only put among the dead (reap.cpp). They are
// reaped when the stripe is free, one after the other, by whoever freed the value: however deep containers lie in each
// other, the stack does not grow.
//
// READERS. Who copies a value out attaches its objects before he lets go of the stripe, so they are there when he opens
// them, whoever removes the value meanwhile. Such values are not read without the stripe.
//
// NOT PROMISED. That an object stays when somebody destroys it: its values do not count from then on. Nor that a cycle
// ends: a container in itself lives until that value is removed, or the container destroyed.
//
// Model: native/model/references.pml.
#include "value_objects.hpp"

#include <cstring>

#include "blocks.hpp"
#include "object_list.hpp"

namespace lockstep {
namespace {

constexpr std::uint32_t kKeptAtOnce = 32;  // two words each; a journal has room for 128

constexpr std::uint64_t table_bytes(std::uint64_t count) noexcept {
  return sizeof(ObjectTable) + count * sizeof(NamedObject);
}

NamedObject* first_of(ObjectTable* table) noexcept { return reinterpret_cast<NamedObject*>(table + 1); }

// Null unless so many objects lie there.
ObjectTable* checked_table(const Segment& segment, Offset offset, std::uint32_t count) noexcept {
  if (offset % alignof(Word64) != 0) return nullptr;
  return segment.checked<ObjectTable>(offset, table_bytes(count));
}

Object* find_object(const Segment& segment, const NamedObject& named) noexcept {
  Object* const object = checked_object(segment, named.offset.load());
  if (object == nullptr || object->references.load() == 0) return nullptr;
  return object->serial.load() == named.serial.load() ? object : nullptr;
}

bool keep(Transaction& directory, const NamedObject& named) noexcept {
  Object* const object = find_object(directory.segment(), named);
  if (object != nullptr) keep_object(directory, *object);
  return object != nullptr;
}

// The last of as many as the word says.
void let_go_of_last(Transaction& directory, ObjectTable* table, Word& count) noexcept {
  const std::uint32_t left = count.load() - 1;
  Object* const object = find_object(directory.segment(), first_of(table)[left]);
  if (object != nullptr) let_go_of_object(directory, *object);
  directory.set(count, left);
  directory.commit();
}

}  // namespace

bool has_sound_table(const Value& value) noexcept {
  if (value.kind != ValueKind::kWithObjects) return true;
  std::uint32_t count = 0;
  if (value.length < sizeof(ObjectTable)) return false;
  std::memcpy(&count, value.bytes, sizeof count);
  return count > 0 && table_bytes(count) <= value.length;
}

std::span<NamedObject> objects_of(const StoredValue& value) noexcept {
  if (value.kind != ValueKind::kWithObjects || value.length < sizeof(ObjectTable)) return {};
  auto* const table = reinterpret_cast<ObjectTable*>(value.bytes);
  const std::uint32_t count = table->count.load();
  if (table_bytes(count) > value.length) return {};
  return {first_of(table), count};
}

Status keep_objects(StripeWork& work, const StoredValue& value) noexcept {
  if (value.kind != ValueKind::kWithObjects) return Status::kOk;
  const std::span<NamedObject> objects = objects_of(value);
  if (objects.empty()) return Status::kMismatch;
  Stripe& stripe = work.stripe();
  for (std::uint32_t done = 0; done < objects.size();) {
    Transaction directory(work.me());
    for (std::uint32_t i = 0; i < kKeptAtOnce && done < objects.size(); ++i) {
      if (!keep(directory, objects[done++])) return Status::kGone;
    }
    directory.set(stripe.keeping, work.segment().offset_of(value.bytes));
    directory.set(stripe.kept, done);
    directory.commit();
  }
  work.set(stripe.keeping, 0);
  return Status::kOk;
}

bool give_value(StripeWork& work, Offset block, const StoredValue& value) noexcept {
  if (objects_of(value).empty()) return give_block(work, block);
  auto* const words = work.segment().checked<Word>(block, 2 * sizeof(Word));
  if (words == nullptr) return false;
  Word& released = work.stripe().released;
  work.set(words[0], released.load());
  work.set(words[1], work.segment().offset_of(value.bytes));
  work.set(released, block);
  return true;
}

Status hold_objects(StripeWork& work, const StoredValue& value, HeldObjects& held) noexcept {
  for (const NamedObject& named : objects_of(value)) {
    const Status status = held.hold(work.me(), named.offset.load(), named.serial.load());
    if (status != Status::kOk) return status;
  }
  return Status::kOk;
}

Status copy_value(StripeWork& work, const StoredValue& value, ValueCopy& to) noexcept {
  if (!to.take(value.kind, value.bytes, value.length)) return Status::kFull;
  return to.is_left() ? Status::kOk : hold_objects(work, value, to.held);
}

void StripeWork::forget_kept() noexcept {
  if (stripe_.keeping.load() == 0) return;
  Transaction directory(me());
  ObjectTable* const table = checked_table(segment(), stripe_.keeping.load(), stripe_.kept.load());
  while (table != nullptr && stripe_.kept.load() > 0) let_go_of_last(directory, table, stripe_.kept);
  directory.set(stripe_.keeping, 0);
  directory.commit();
  note_dead();
}

void StripeWork::release_objects(Offset offset) noexcept {
  ObjectTable* table = checked_table(segment(), offset, 0);
  if (table != nullptr) table = checked_table(segment(), offset, table->count.load());
  if (table == nullptr) return;
  Transaction directory(me());
  while (table->count.load() > 0) let_go_of_last(directory, table, table->count);
  note_dead();
}

void StripeWork::release_values() noexcept {
  while (const Offset block = stripe_.released.load()) {
    const auto* const words = segment().checked<Word>(block, 2 * sizeof(Word));
    if (words != nullptr) release_objects(words[1].load());
    set(stripe_.released, words != nullptr ? words[0].load() : 0);
    if (words != nullptr && !give_block(*this, block)) set(stripe_.released, 0);
    transaction_.commit();
    give_back_runs();
  }
}

}  // namespace lockstep
