// Where those who want something of a queue wait, and what tells them without the stripe that it is worth while to try.
#pragma once

#include "queue_items.hpp"

namespace lockstep {

inline CountSite getters_of(const Reference& queue) noexcept {
  return {words_of(*queue.object).getters, queue.waiting()};
}
inline CountSite putters_of(const Reference& queue) noexcept {
  const WaitSite site = queue.waiting();
  return {words_of(*queue.object).putters, {queue.object->drain_bells, site.hot, site.bucket}};
}
inline CountSite joiners_of(const Reference& queue) noexcept {
  const WaitSite site = queue.waiting();
  return {words_of(*queue.object).joiners, {words_of(*queue.object).join_bells, site.hot, site.bucket}};
}

inline bool may_get(const Reference& queue) noexcept {
  const Queue& words = words_of(*queue.object);
  return words.size.load() != 0 || words.state.load() != 0;
}
inline bool may_put(const Reference& queue) noexcept {
  const Queue& words = words_of(*queue.object);
  const std::uint32_t most = queue_max_size(queue.object->parameter.load());
  return most == 0 || words.size.load() < most || words.state.load() != 0;
}

}  // namespace lockstep
