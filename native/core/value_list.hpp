// Values one after the other in private memory: what goes into a list at once, or comes out of it.
#pragma once

#include "value.hpp"

namespace lockstep {

class ValueList {
 public:
  HeldObjects held;  // those that its values name, if they came out of a list

  ValueList() noexcept = default;
  ~ValueList();
  ValueList(const ValueList&) = delete;
  ValueList& operator=(const ValueList&) = delete;

  std::uint32_t count() const noexcept { return count_; }
  /// Lets go of all, and keeps the memory for the next ones unless it is much. The caller has no stripe.
  void clear() noexcept;
  /// The same, but for their objects.
  void clear_values() noexcept;
  /// One more of that kind and length: where its bytes go; null when there is no memory.
  void* add(ValueKind kind, std::uint32_t length) noexcept;
  bool add(const Value& value) noexcept;

  /// The value at a cursor, which moves on. The first is at 0; there are count() of them.
  Value next(std::uint64_t* cursor) const noexcept;

 private:
  bool make_room(std::uint64_t words) noexcept;

  std::uint64_t* words_ = nullptr;  // kind:32 | length:32, then the bytes padded to 8
  std::uint64_t used_ = 0, capacity_ = 0;
  std::uint32_t count_ = 0;
};

}  // namespace lockstep
