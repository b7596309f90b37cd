#include "taken_items.hpp"

#include <new>
#include <utility>

namespace lockstep::addon {
namespace {

constexpr std::uint32_t kMostKept = 64 << 10;  // bytes; a larger one is not kept for the next item

}  // namespace

bool TakenItems::begin() noexcept {
  let_all_go();
  if (taken_ == nullptr) taken_.reset(new (std::nothrow) Taken[kMost]);
  return taken_ != nullptr;
}

Status TakenItems::take(StripeWork& work, const StoredValue& value, Offset item) noexcept {
  if (copied_ == kMost) return Status::kFull;
  const Status copied = copy_value(work, value, taken_[copied_].value);
  if (copied == Status::kOk) taken_[copied_++].item = item;
  return copied;
}

void TakenItems::let_go() noexcept {
  if (shown_ > 0) taken_[shown_ - 1].value.held.let_go();
}

void TakenItems::let_all_go() noexcept {
  for (std::uint32_t i = 0; i < copied_; ++i) taken_[i].value.held.let_go();
  copied_ = count_ = shown_ = 0;
}

const ValueCopy& TakenItems::next(Offset* item) noexcept {
  if (shown_ > 0 && taken_[shown_ - 1].value.length > kMostKept) taken_[shown_ - 1].value = ValueCopy();
  Taken& next = taken_[shown_++];
  *item = next.item;
  return next.value;
}

}  // namespace lockstep::addon
