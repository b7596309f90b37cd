// What all operations of a list begin with: its stripe, and where a position is.
#pragma once

#include <algorithm>

#include "list_plan.hpp"
#include "list_value.hpp"

namespace lockstep {

/// A negative position counts from the end; what is before the first one stays negative.
inline std::int64_t from_start(std::int64_t position, std::uint32_t length) noexcept {
  return position < 0 ? position + length : position;
}
/// The same within the list, its end included.
inline std::uint32_t within(std::int64_t position, std::uint32_t length) noexcept {
  return static_cast<std::uint32_t>(std::clamp<std::int64_t>(from_start(position, length), 0, length));
}

/// An operation that has the stripe.
struct HeldList : StripeWork {
  ListWork at;

  explicit HeldList(const Reference& list) noexcept : StripeWork(list.me, stripe_of(list, 0)), at(*this, *list.object) {
    follow_plan(*this);
  }
  std::uint32_t length() const noexcept { return at.list.length.load(); }
};

/// The slot of an element, with the stripe or without. kOk, kNotFound, kCorrupt.
Status find_list_slot(const Segment& segment, const List& list, std::int64_t position, ListSlot** slot) noexcept;
/// Copies of elements, with their objects. kOk, kFull, kCorrupt.
Status copy_list_span(const ListWork& at, const ListSpan& span, ValueList& copies) noexcept;
Status copy_list_slot(StripeWork& work, const ListSlot& slot, ValueCopy& copy) noexcept;
/// The first element with a value. kOk, kNotFound, kCorrupt.
Status find_list_value(const HeldList& held, const Value& value, std::uint32_t start, std::uint32_t* position) noexcept;

}  // namespace lockstep
