#include "held_objects.hpp"

#include <new>

#include "directory.hpp"

namespace lockstep {

Status HeldObjects::hold(const Participant& me, Offset offset, std::uint32_t serial) noexcept {
  std::unique_ptr<Held> held(new (std::nothrow) Held{me, nullptr, nullptr});
  if (held == nullptr) return Status::kFull;
  const Status attached = attach_object(me, {offset, serial, Kind::kNone}, &held->object);
  if (attached == Status::kGone) return Status::kOk;
  if (attached != Status::kOk) return attached;
  held->next = std::move(first_);
  first_ = std::move(held);
  return Status::kOk;
}

void HeldObjects::let_go() noexcept {
  while (first_ != nullptr) {
    const std::unique_ptr<Held> held = std::move(first_);
    first_ = std::move(held->next);
    detach_object(held->me, held->object);
  }
}

}  // namespace lockstep
