// The values of the elements of a list: small ones in their slots, others in blocks of their own. See list_value.cpp.
#pragma once

#include "list_node.hpp"
#include "value_objects.hpp"

namespace lockstep {

constexpr std::uint32_t kElsewhere = 1u << 4;
constexpr bool is_elsewhere(std::uint32_t shape) noexcept { return (shape & kElsewhere) != 0; }
/// Whether it needs a block.
bool is_for_a_block(const Value& value) noexcept;
inline bool names_objects(const Value& value) noexcept { return value.kind == ValueKind::kWithObjects; }

/// A slot for this value, with the block that it may need. kOk, or the caller has to roll back: kFull; kGone and
/// kMismatch as from keep_objects(). Only one value that names objects for each commit.
Status make_list_slot(StripeWork& work, const Value& value, SlotWords* slot) noexcept;
/// Gives the block of a value back with the commit, and what it names. Nothing for one that has none.
void give_list_value(StripeWork& work, const ListSlot& slot) noexcept;

/// The value of a slot, checked and read once.
struct ListValue {
  ValueKind kind = ValueKind::kUndefined;
  std::uint32_t length = 0;
  std::uint64_t small = 0;  // its bytes, unless they are elsewhere
  Word64* bytes = nullptr;  // elsewhere
  bool is_sound = false;

  StoredValue stored() const noexcept { return {kind, length, bytes}; }
};
ListValue list_value(const Segment& segment, const ListSlot& slot) noexcept;
/// How many bytes of a block it takes.
std::uint64_t block_bytes(const ListValue& value) noexcept;

/// Without its objects. False when there is no memory.
bool copy_list_value(const ListValue& value, ValueCopy& copy) noexcept;
/// With its objects, which are then in `held`. kOk, kFull.
Status copy_list_value(StripeWork& work, const ListValue& value, ValueCopy& copy) noexcept;
Status copy_list_value(StripeWork& work, const ListValue& value, ValueList& copies) noexcept;
/// Numbers as SameValueZero has it, others by kind and bytes.
bool is_same_list_value(const ListValue& present, const Value& value) noexcept;

}  // namespace lockstep
