// Event count: where waiters for units meet those who make units available.
//
// PROTOCOL. One word, seq:30 | M | W. JavaScript frees a unit, loads the word and enters native code when W stands.
//
//     step       change                                  by                     partner
//     prepare    W (and M) set                           a waiter; it tries     wake sees it
//                                                        again before it sleeps
//     wake n     seq+1, W and M cleared; FUTEX_WAKE(n),  whoever freed a unit   prepare
//                all when M stood; ring n isolates
//     give back  seq+1, W and M cleared; wake and ring   death scan             -
//                everybody
//
// WHY NO WAKE-UP IS LOST. The one who frees stores the unit, then reads this word; the waiter sets W, then looks at the
// units. One of them sees the other. The sequence turns back a waiter that is still on its way to sleep.
//
// A WAKE-UP IS A BATON, as in lock_word.cpp: wake takes W away, so a second unit freed meanwhile wakes nobody. The
// woken one therefore prepares again (W stands for those who sleep on), takes its unit, and when units are left wakes
// the next. An isolate whose bell is armed may be rung while it looks: so when it takes a unit, or gives up, it sets W
// again before it looks at what is left. One who wants several units at once cannot judge what is left for others, so
// with M everybody is woken and tries.
//
// WHEN A PROCESS DIES between freeing and waking, or woken and before it acted: the scan wakes everybody.
//
// Model: native/model/semaphore.pml.
#include "event_count.hpp"

#include "futex.hpp"

namespace lockstep {
namespace {

void wake_up_to(const Participant& me, CountSite site, int count) noexcept {
  futex_wake(site.word, count);
  ring(me, site.waiting, count);
}

}  // namespace

void count_wake(const Participant& me, CountSite site, int count) noexcept {
  std::uint32_t seen = site.word.load();
  do {
    if (!(seen & kCountWaiters)) return;
  } while (!site.word.compare_exchange(seen, (seen + 4) & ~3u));
  wake_up_to(me, site, seen & kCountMany ? kWakeAll : count);
  // One who wants many may have come since the look, and be the one that was woken: then wake the rest as well.
  if (!(seen & kCountMany) && (site.word.load() & kCountMany)) wake_up_to(me, site, kWakeAll);
}

std::uint32_t count_prepare(CountSite site, bool many) noexcept {
  become_visible(site.waiting);
  const std::uint32_t mine = kCountWaiters | (many ? kCountMany : 0);
  return site.word.fetch_or(mine) | mine;
}

void count_wait(CountSite site, std::uint32_t prepared, Deadline deadline) noexcept {
  futex_wait(site.word, prepared, deadline);
}

// M stands before the bell: who rings for this isolate can know that one ring may not be enough.
void count_arm(const Participant& me, CountSite site, bool many) noexcept {
  if (many) count_prepare(site, true);
  arm_bell(me, site.waiting);
  count_prepare(site, many);
}

void count_disarm(const Participant& me, CountSite site) noexcept {
  disarm_bell(me, site.waiting);
  count_prepare(site, false);
}

void count_give_back(const Participant& me, CountSite site) noexcept {
  if (site.waiting.hot.load() == 0) return;
  std::uint32_t seen = site.word.load();
  while (!site.word.compare_exchange(seen, (seen + 4) & ~3u)) {
  }
  wake_up_to(me, site, kWakeAll);
}

}  // namespace lockstep
