// Values of a list.
//
//     up to 8 bytes            in the slot
//     more                     block: the bytes
//     names objects            block: 8 bytes that give_value() links it with | the table of objects, the bytes
//
// A block is filled while nobody sees it, and never changes afterwards.
#include "list_value.hpp"

#include <cmath>
#include <cstring>

namespace lockstep {
namespace {

constexpr std::uint32_t kSmallValue = 8;
constexpr std::uint32_t kLink = 8;

constexpr std::uint32_t bytes_before(ValueKind kind) noexcept { return kind == ValueKind::kWithObjects ? kLink : 0; }

}  // namespace

bool is_for_a_block(const Value& value) noexcept { return value.length > kSmallValue || names_objects(value); }

Status make_list_slot(StripeWork& work, const Value& value, SlotWords* slot) noexcept {
  slot->shape = static_cast<std::uint32_t>(value.kind);
  if (!is_for_a_block(value)) {
    std::uint64_t small = 0;
    if (value.length > 0) std::memcpy(&small, value.bytes, value.length);
    slot->low = static_cast<std::uint32_t>(small);
    slot->high = static_cast<std::uint32_t>(small >> 32);
    slot->shape |= value.length << 8;
    return Status::kOk;
  }
  slot->low = take_block(work, bytes_before(value.kind) + padded(value.length));
  slot->high = value.length;
  slot->shape |= kElsewhere;
  if (slot->low == 0) return Status::kFull;
  auto* const bytes = reinterpret_cast<Word64*>(work.segment().bytes(slot->low + bytes_before(value.kind)));
  copy_in(bytes, value.bytes, value.length);
  return keep_objects(work, {value.kind, value.length, bytes});
}

void give_list_value(StripeWork& work, const ListSlot& slot) noexcept {
  if (!is_elsewhere(slot.shape.load())) return;
  const ListValue value = list_value(work.segment(), slot);
  give_value(work, slot.low.load(), value.is_sound ? value.stored() : StoredValue{});
}

ListValue list_value(const Segment& segment, const ListSlot& slot) noexcept {
  const std::uint32_t shape = slot.shape.load(), low = slot.low.load(), high = slot.high.load();
  ListValue value;
  value.kind = static_cast<ValueKind>(shape & 0xf);
  const bool is_kind = (shape & 0xf) < kValueKinds;
  if (is_elsewhere(shape)) {
    value.length = high;
    Word64* const block = segment.checked<Word64>(low, block_bytes(value));
    if (block != nullptr) value.bytes = block + bytes_before(value.kind) / sizeof(Word64);
    value.is_sound = is_kind && block != nullptr;
  } else {
    value.length = shape >> 8;
    value.small = std::uint64_t{high} << 32 | low;
    value.is_sound = is_kind && value.length <= kSmallValue && value.kind != ValueKind::kWithObjects;
  }
  return value;
}

std::uint64_t block_bytes(const ListValue& value) noexcept { return bytes_before(value.kind) + padded(value.length); }

bool copy_list_value(const ListValue& value, ValueCopy& copy) noexcept {
  if (value.bytes != nullptr) return copy.take(value.kind, value.bytes, value.length);
  Word64 small;
  small.store_release(value.small);
  return copy.take(value.kind, &small, value.length);
}

Status copy_list_value(StripeWork& work, const ListValue& value, ValueCopy& copy) noexcept {
  if (value.bytes != nullptr) return copy_value(work, value.stored(), copy);
  return copy_list_value(value, copy) ? Status::kOk : Status::kFull;
}

Status copy_list_value(StripeWork& work, const ListValue& value, ValueList& copies) noexcept {
  void* const to = copies.add(value.kind, value.length);
  if (to == nullptr) return Status::kFull;
  if (value.bytes != nullptr) {
    copy_out(value.bytes, to, value.length);
    return hold_objects(work, value.stored(), copies.held);
  }
  if (value.length > 0) std::memcpy(to, &value.small, value.length);
  return Status::kOk;
}

bool is_same_list_value(const ListValue& present, const Value& value) noexcept {
  if (present.kind != value.kind || present.length != value.length) return false;
  if (present.bytes != nullptr) return is_same(present.bytes, value.bytes, value.length);
  if (value.kind != ValueKind::kNumber || value.length != sizeof(double)) {
    return value.length == 0 || std::memcmp(&present.small, value.bytes, value.length) == 0;
  }
  double number, wanted;
  std::memcpy(&number, &present.small, sizeof number);
  std::memcpy(&wanted, value.bytes, sizeof wanted);
  return number == wanted || (std::isnan(number) && std::isnan(wanted));
}

}  // namespace lockstep
