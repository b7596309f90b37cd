// Items of a queue on their way to JavaScript: taken under the lock of the queue, shown one by one afterwards, since
// nothing may be made in JavaScript while core holds a lock.
#pragma once

#include <memory>

#include "core/queue.hpp"
#include "core/value_objects.hpp"

namespace lockstep::addon {

class TakenItems final : public ItemTaker {
 public:
  /// As many as fit at once.
  static constexpr std::uint32_t kMost = 256;

  Status take(StripeWork& work, const StoredValue& value, Offset item) noexcept override;

  /// Forgets what was taken before; false when there is no memory.
  bool begin() noexcept;
  /// How many of those that were copied were really got.
  void settle(std::uint32_t got) noexcept { count_ = got; }
  std::uint32_t left() const noexcept { return count_ - shown_; }
  /// The next one, and what queue_end() knows it by. Only while some are left. Valid until the next call.
  const ValueCopy& next(Offset* item) noexcept;
  /// Lets go of the objects that the last one shown names.
  void let_go() noexcept;
  /// Of those of all; none are left then.
  void let_all_go() noexcept;

 private:
  struct Taken {
    ValueCopy value;
    Offset item;
  };
  std::unique_ptr<Taken[]> taken_;
  std::uint32_t copied_ = 0;
  std::uint32_t count_ = 0;  // fewer, when one was copied and could not be got in the end
  std::uint32_t shown_ = 0;
};

}  // namespace lockstep::addon
