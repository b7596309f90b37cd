// Items of a queue on their way to JavaScript: taken under the lock of the queue, shown one by one afterwards, since
// nothing may be made in JavaScript while core holds a lock.
#pragma once

#include <memory>

#include "core/queue.hpp"

namespace lockstep::addon {

class TakenItems final : public ItemTaker {
 public:
  /// As many as fit at once.
  static constexpr std::uint32_t kMost = 256;

  bool take(ValueKind kind, const Word64* value, std::uint32_t length, Offset item) noexcept override;

  /// Forgets what was taken before; false when there is no memory.
  bool begin() noexcept;
  /// How many of those that were copied were really got.
  void settle(std::uint32_t got) noexcept { count_ = got; }
  std::uint32_t left() const noexcept { return count_ - shown_; }
  /// The next one, and what queue_end() knows it by. Only while some are left. Valid until the next call.
  const ValueCopy& next(Offset* item) noexcept;

 private:
  struct Taken {
    ValueCopy value;
    Offset item;
  };
  std::unique_ptr<Taken[]> taken_;
  std::uint32_t count_ = 0;
  std::uint32_t shown_ = 0;
};

}  // namespace lockstep::addon
