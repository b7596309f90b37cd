// Event.
//
// PROTOCOL. One word, generation:30 | SET | W.
//
//     step     change                                    by                     partner
//     set      generation+1, SET on, W off; wake and     anybody, when not set  wait
//              ring everybody if W stood
//     clear    SET off                                   anybody                -
//     mark     W on                                      a waiter               set sees it
//
// A waiter remembers the generation at its entry and leaves when SET stands or the generation differs, so set()
// followed by clear() releases everybody who was present. WHY NO WAKE-UP IS LOST. It sleeps on the whole word: whatever
// set() does in between turns it back.
//
// WHEN A PROCESS DIES between set and wake, the scan wakes everybody who sleeps here; they look and leave.
// Model: native/model/event.pml.
#include "event.hpp"

#include "futex.hpp"
#include "spin.hpp"

namespace lockstep {
namespace {

bool is_over(std::uint32_t seen, std::uint32_t generation) noexcept {
  return (seen & kEventSet) || (seen & ~3u) != generation;
}

void wake_everybody(const Reference& event) noexcept {
  futex_wake(event.word(0), kWakeAll);
  ring_all(event.me, event.waiting());
}

// mark. True when the event was set, or the generation passed, first.
bool mark(const Reference& event, std::uint32_t generation, std::uint32_t& seen) noexcept {
  seen = event.word(0).load();
  while (!is_over(seen, generation)) {
    if ((seen & kEventWaiters) || event.word(0).compare_exchange(seen, seen | kEventWaiters)) return false;
  }
  return true;
}

}  // namespace

void event_set(const Reference& event) noexcept {
  std::uint32_t seen = event.word(0).load();
  do {
    if (seen & kEventSet) return;
  } while (!event.word(0).compare_exchange(seen, ((seen & ~3u) + kEventGeneration) | kEventSet));
  if (seen & kEventWaiters) wake_everybody(event);
}

void event_clear(const Reference& event) noexcept {
  if (event.word(0).load() & kEventSet) event.word(0).fetch_and(~kEventSet);
}

Status event_wait(const Reference& event, std::uint32_t generation, Deadline deadline) noexcept {
  Spinner spinner;
  do {
    if (is_over(event.word(0).load(), generation)) return Status::kOk;
  } while (spinner.once());
  become_visible(event.waiting());
  for (;;) {
    std::uint32_t seen = 0;
    if (mark(event, generation, seen)) return Status::kOk;
    if (deadline.passed()) return Status::kTimedOut;
    futex_wait(event.word(0), seen | kEventWaiters, deadline);
  }
}

Status event_arm(const Reference& event, std::uint32_t generation) noexcept {
  become_visible(event.waiting());
  arm_bell(event.me, event.waiting());
  std::uint32_t seen = 0;
  if (!mark(event, generation, seen)) return Status::kUnavailable;
  disarm_bell(event.me, event.waiting());
  return Status::kOk;
}

void event_disarm(const Reference& event) noexcept { disarm_bell(event.me, event.waiting()); }

void event_give_back(const Reference& event) noexcept {
  if (event.object->hot.load() != 0) wake_everybody(event);
}

}  // namespace lockstep
