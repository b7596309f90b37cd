#include "taken_items.hpp"

#include <new>
#include <utility>

namespace lockstep::addon {
namespace {

constexpr std::uint32_t kMostKept = 64 << 10;  // bytes; a larger one is not kept for the next item

}  // namespace

bool TakenItems::begin() noexcept {
  if (taken_ == nullptr) taken_.reset(new (std::nothrow) Taken[kMost]);
  count_ = shown_ = 0;
  return taken_ != nullptr;
}

bool TakenItems::take(ValueKind kind, const Word64* value, std::uint32_t length, Offset item) noexcept {
  if (count_ == kMost || !taken_[count_].value.take(kind, value, length)) return false;
  taken_[count_++].item = item;
  return true;
}

const ValueCopy& TakenItems::next(Offset* item) noexcept {
  if (shown_ > 0 && taken_[shown_ - 1].value.length > kMostKept) taken_[shown_ - 1].value = ValueCopy();
  Taken& next = taken_[shown_++];
  *item = next.item;
  return next.value;
}

}  // namespace lockstep::addon
