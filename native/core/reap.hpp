// Containers that nobody refers to any more, and what becomes of what they hold. Protocol: reap.cpp.
#pragma once

#include "object.hpp"

namespace lockstep {

/// Frees a part of what a dead container holds, or the last of it. False when there is none, or others are at them all.
bool reap_some(const Participant& me) noexcept;
/// All of it, unless this thread is at it already or has put it off. Nothing that the caller holds may be wanted for
/// it: no transaction, no stripe.
void reap_all(const Participant& me) noexcept;

/// While one lives, reap_all() does nothing in this thread.
class ReapLater {
 public:
  ReapLater() noexcept;
  ~ReapLater();
  ReapLater(const ReapLater&) = delete;
  ReapLater& operator=(const ReapLater&) = delete;

 private:
  bool was_put_off_;
};

}  // namespace lockstep
