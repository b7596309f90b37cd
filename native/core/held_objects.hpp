// Objects that a value names, attached for the one who copied it out: until he has attached them himself, or does not
// want them.
#pragma once

#include <memory>
#include <utility>

#include "owner.hpp"
#include "status.hpp"

namespace lockstep {

struct Object;

class HeldObjects {
 public:
  HeldObjects() noexcept = default;
  HeldObjects(HeldObjects&& other) noexcept = default;
  HeldObjects& operator=(HeldObjects&& other) noexcept {
    std::swap(first_, other.first_);
    return *this;
  }
  ~HeldObjects() { let_go(); }

  /// Attaches the object of that offset and serial number. One that was destroyed and is gone is left out. kFull.
  Status hold(const Participant& me, Offset offset, std::uint32_t serial) noexcept;
  /// Detaches them all. The caller has no stripe.
  void let_go() noexcept;
  bool is_empty() const noexcept { return first_ == nullptr; }

 private:
  struct Held {
    Participant me;
    Object* object;
    std::unique_ptr<Held> next;
  };
  std::unique_ptr<Held> first_;
};

}  // namespace lockstep
