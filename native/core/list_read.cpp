// Reading a list: one element without its stripe, many with it. Protocol: list.cpp.
#include "futex.hpp"
#include "list_hold.hpp"

namespace lockstep {
namespace {

constexpr int kTries = 64;
constexpr std::uint32_t kLargeValue = 16 * 1024;

bool needs_stripe(const ListValue& value) noexcept {
  return value.length > kLargeValue || value.kind == ValueKind::kWithObjects;
}

// Without the stripe. kUnavailable: no answer without it.
template <typename Read>
Status read_unlocked(const Reference& list, Read read) noexcept {
  const Stripe& stripe = list.me.segment->stripe(stripe_of(list, 0));
  const List& words = list_words(*list.object);
  for (int i = 0; i < kTries; ++i, cpu_relax()) {
    const std::uint32_t before = words.sequence.load();
    if (before % 2 == 1) continue;
    if (has_plan(stripe, list.me.segment->offset_of(list.object))) break;
    const Status status = read();
    if (status == Status::kUnavailable) break;
    if (words.sequence.load() == before) return status;
  }
  return Status::kUnavailable;
}

Status read_once(const Reference& list, std::int64_t position, ValueCopy& copy) noexcept {
  const Segment& segment = *list.me.segment;
  ListSlot* slot = nullptr;
  const Status found = find_list_slot(segment, list_words(*list.object), position, &slot);
  if (found != Status::kOk) return found;
  const ListValue value = list_value(segment, *slot);
  if (!value.is_sound) return Status::kCorrupt;
  if (needs_stripe(value)) return Status::kUnavailable;
  return copy_list_value(value, copy) ? Status::kOk : Status::kFull;
}

}  // namespace

Status find_list_slot(const Segment& segment, const List& list, std::int64_t position, ListSlot** slot) noexcept {
  const std::uint32_t length = list.length.load();
  const std::int64_t wanted = from_start(position, length);
  if (wanted < 0 || wanted >= length) return Status::kNotFound;
  ListPath path;
  if (!find_in_list(segment, list, static_cast<std::uint32_t>(wanted), path)) return Status::kCorrupt;
  *slot = &path.leaf().node.slot(path.leaf().place);
  return Status::kOk;
}

Status copy_list_slot(StripeWork& work, const ListSlot& slot, ValueCopy& copy) noexcept {
  const ListValue value = list_value(work.segment(), slot);
  return value.is_sound ? copy_list_value(work, value, copy) : Status::kCorrupt;
}

Status copy_list_span(const ListWork& at, const ListSpan& span, ValueList& copies) noexcept {
  Status status = Status::kOk;
  const bool is_sound = visit_list(at, span, [&](std::uint32_t, const ListSlot& slot) {
    const ListValue value = list_value(at.segment(), slot);
    status = value.is_sound ? copy_list_value(at.work, value, copies) : Status::kCorrupt;
    return status == Status::kOk;
  });
  return is_sound ? status : Status::kCorrupt;
}

Status find_list_value(const HeldList& held, const Value& value, std::uint32_t start,
                       std::uint32_t* position) noexcept {
  Status status = Status::kNotFound;
  const bool is_sound = visit_list(held.at, {start, held.length()}, [&](std::uint32_t i, const ListSlot& slot) {
    const ListValue present = list_value(held.segment(), slot);
    if (!present.is_sound || !is_same_list_value(present, value)) return true;
    *position = i;
    status = Status::kOk;
    return false;
  });
  return is_sound ? status : Status::kCorrupt;
}

Status list_at(const Reference& list, std::int64_t position, ValueCopy& value) noexcept {
  const Status read = read_unlocked(list, [&] { return read_once(list, position, value); });
  if (read != Status::kUnavailable) return read;
  HeldList held(list);
  ListSlot* slot = nullptr;
  const Status found = find_list_slot(held.segment(), held.at.list, position, &slot);
  return found == Status::kOk ? copy_list_slot(held, *slot, value) : found;
}

std::uint32_t list_length(const Reference& list) noexcept {
  std::uint32_t length = 0;
  const Status read = read_unlocked(list, [&] {
    length = list_words(*list.object).length.load();
    return Status::kOk;
  });
  return read == Status::kOk ? length : HeldList(list).length();
}

Status list_copy(const Reference& list, const ListRange& range, ValueList& copies) noexcept {
  copies.clear();
  const HeldList held(list);
  return copy_list_span(held.at, {within(range.start, held.length()), within(range.end, held.length())}, copies);
}

Status list_find(const Reference& list, const Value& value, std::int64_t start, std::uint32_t* position) noexcept {
  const HeldList held(list);
  return find_list_value(held, value, within(start, held.length()), position);
}

}  // namespace lockstep
