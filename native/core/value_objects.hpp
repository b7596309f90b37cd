// Values that name shared objects, and keep them alive as long as they lie in a container. Protocol and proof:
// value_objects.cpp.
//
// What a container does: keep_objects() when it has filled the block of a value, give_value() in place of give_block()
// when it has no use for it any more, and copy_value() to copy one out. For values of other kinds they do no more than
// that.
#pragma once

#include "stripe.hpp"
#include "value.hpp"

namespace lockstep {

/// At the head of a value of kind kWithObjects, `count` objects, at least one; then what packages/codec made.
struct ObjectTable {
  Word count;
  Word unused;
};
struct NamedObject {
  Word offset;
  Word serial;
};
static_assert(sizeof(ObjectTable) == 8 && sizeof(NamedObject) == 8);

/// The table of a value in private memory is whole. True of values of other kinds.
bool has_sound_table(const Value& value) noexcept;
/// The objects of a value; none of those of other kinds, or whose table is not whole.
std::span<NamedObject> objects_of(const StoredValue& value) noexcept;

/// The objects stay alive as long as the value is in use, whose block was taken since the last commit and is filled.
/// Once for each commit. kGone, and the caller has to roll back, when one of them is not there any more; kMismatch when
/// the table is not whole.
Status keep_objects(StripeWork& work, const StoredValue& value) noexcept;
/// Gives the block of a value back with the commit, and then, with the same call, its objects. The value does not begin
/// in the first 8 bytes of the block if it names any. False, and nothing happens, when no block in use begins there.
bool give_value(StripeWork& work, Offset block, const StoredValue& value) noexcept;
/// Attaches the objects of a value. kOk, kFull.
Status hold_objects(StripeWork& work, const StoredValue& value, HeldObjects& held) noexcept;
/// Copies the value out; its objects are then in `to.held`, unless it was left where it is. kFull.
Status copy_value(StripeWork& work, const StoredValue& value, ValueCopy& to) noexcept;

}  // namespace lockstep
