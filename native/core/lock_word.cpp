// Lock word: mutual exclusion between owners of any process in 32 bits, the same word for JavaScript and C++.
//
// PROTOCOL.   31  30  29  28 ........... 13  12 ..... 0
//            | W | S | 0 |  incarnation:16  | slot:13 |     0 free; never W or S on a free word
//
//     value              meaning
//     0                  free. Sleepers may exist, if a wake-up is on its way to one of them (the baton)
//     id                 held, nobody needs to be woken
//     id|W               held; the release wakes one
//     id|W|S             held; a waiter starves, the release hands over
//     GRANT [|W]         free, but only for those who have waited already
//     ABANDONED          free; the last holder died. Whoever takes it learns that
//
//     step               change                                        by                 partner
//     take, fast         0 -> me                                       JavaScript         release
//     release, fast      me -> 0                                       JavaScript         take
//     take               0, GRANT, ABANDONED or a dead id -> me[|W]    any waiter         release, give back
//     mark               id -> id|W [|S]                               a waiter           release sees it
//     release            id|W -> 0, id|..S -> GRANT; then wake one     holder             the woken takes or marks
//     give back k        k -> ABANDONED, GRANT -> 0, S off; wake all   death scan         -
//
// A WAKE-UP IS A BATON. The release takes W away and wakes one sleeper (and rings one isolate): while that one is on
// its way, the others release and take without a system call. In return the woken one must take the lock *with* W
// (others may sleep on), or mark it again and sleep, or, when it gives up, pass the baton on. An isolate whose bell is
// armed does so too, rung or not: the ring may be on its way to it while it takes. So each waiter is covered
// by W in the word, or by a baton in the hands of a live thread, or by the death scan of the one who died with it: the
// scan wakes the sleepers of every word on which anybody ever slept. The waiters bit that stays (parking_lot, our own
// first model) needs no scan for that, but costs a system call per contended release; measured in bench/contended.ts.
//
// WHY NO WAKE-UP IS LOST. A waiter sleeps only while the word is exactly what it judged: a live holder, W set. Every
// way out of that state changes the word (release, GRANT, ABANDONED) and wakes, so a late sleeper is turned back by the
// kernel and an early one is in its queue. The same value again means the same true statement.
//
// WHEN A PROCESS DIES. Holding: the next taker steals inline or finds ABANDONED, and is told. Between release and wake,
// or woken and before it acted: the scan wakes all. Granted: the scan turns GRANT into 0. The stealer or the scan
// itself dying leaves one of the same states.
//
// FAIRNESS. Newcomers may barge, until somebody has waited kStarvationNs: then S makes the next release a GRANT, which
// newcomers cannot take before they have slept (1 ms at most, so that a grantee that is busy costs the others no more).
//
// NOT PROMISED: order of arrival. Model: native/model/lock.pml, lock_bell.pml.
#include "lock_word.hpp"

#include "futex.hpp"
#include "spin.hpp"

namespace lockstep {
namespace {

constexpr std::int64_t kGrantPatienceNs = 1'000'000;

enum class View { kTakeable, kDied, kGranted, kHeld };

View view_of(const Participant& me, std::uint32_t seen) noexcept {
  const OwnerId holder = holder_of(seen);
  if (holder == 0) return View::kTakeable;
  if (holder == kAbandoned) return View::kDied;
  if (holder == kGrant) return View::kGranted;
  return is_dead(*me.segment, holder) ? View::kDied : View::kHeld;
}

// Who takes: one that nobody knows of yet, one whose bell is armed and that may have been rung this moment, or one that
// has waited. The last two take with W, because the wake-up that they may have got is a baton.
enum class Taker { kNewcomer, kArmed, kWaited };

// take. kUnavailable when the word is held or granted to others; `seen` is then what it holds.
Status take(const Participant& me, LockSite site, std::uint32_t& seen, Taker taker) noexcept {
  for (;;) {
    const View view = view_of(me, seen);
    if (view == View::kHeld || (view == View::kGranted && taker != Taker::kWaited)) return Status::kUnavailable;
    const bool alone = view == View::kTakeable && taker == Taker::kNewcomer;
    if (!site.word.compare_exchange(seen, alone ? me.id : me.id | kWaiters)) continue;
    return view == View::kDied ? Status::kOwnerDied : Status::kOk;
  }
}

// Wakes one sleeper and rings one isolate: one of each kind, because either may be too busy to come.
bool wake_one(const Participant& me, LockSite site) noexcept {
  const int woken = futex_wake(site.word, 1);
  return ring(me, site.waiting, 1) + woken > 0;
}

// A GRANT that nobody was there to receive must not stand.
void withdraw_grant(const Participant& me, LockSite site) noexcept {
  std::uint32_t seen = site.word.load();
  while (holder_of(seen) == kGrant) {
    if (!site.word.compare_exchange(seen, 0)) continue;
    if (seen & kWaiters) wake_one(me, site);
    return;
  }
}

// The baton of one who gives up goes to the holder's release, or to another waiter at once.
void pass_on(const Participant& me, LockSite site) noexcept {
  std::uint32_t seen = site.word.load();
  for (;;) {
    switch (view_of(me, seen)) {
      case View::kHeld:
        if (seen & kWaiters) return;
        if (site.word.compare_exchange(seen, seen | kWaiters)) return;
        break;
      case View::kGranted:
        if (!site.word.compare_exchange(seen, 0)) break;
        wake_one(me, site);
        return;
      default:
        wake_one(me, site);
        return;
    }
  }
}

// mark. False when the word changed first.
bool mark(LockSite site, std::uint32_t& seen, bool starving) noexcept {
  const std::uint32_t marked = seen | kWaiters | (starving ? kStarving : 0);
  if (marked == seen) return true;
  if (!site.word.compare_exchange(seen, marked)) return false;
  seen = marked;
  return true;
}

Status release_seen(const Participant& me, LockSite site, std::uint32_t& seen) noexcept {
  const bool hand_over = seen & kStarving;
  const std::uint32_t marked = seen & kWaiters;
  if (!site.word.compare_exchange(seen, hand_over ? kGrant : 0)) return Status::kUnavailable;
  if (marked == 0) return Status::kOk;
  if (!wake_one(me, site) && hand_over) withdraw_grant(me, site);
  return Status::kOk;
}

}  // namespace

bool is_held(std::uint32_t seen) noexcept {
  const OwnerId holder = holder_of(seen);
  return holder != 0 && holder != kAbandoned && holder != kGrant;
}

Status lock_try(const Participant& me, LockSite site) noexcept {
  std::uint32_t seen = site.word.load();
  return take(me, site, seen, Taker::kNewcomer);
}

Status lock_acquire(const Participant& me, LockSite site, Patience patience) noexcept {
  Spinner spinner(2, Spinner::kLongPause);
  bool waited = false;
  std::uint32_t seen = site.word.load();
  for (;;) {
    const Status taken = take(me, site, seen, waited ? Taker::kWaited : Taker::kNewcomer);
    if (is_acquired(taken)) return taken;
    if (!waited && spinner.once()) {
      seen = site.word.load();
      continue;
    }
    if (patience.deadline.passed()) return pass_on(me, site), Status::kTimedOut;
    become_visible(site.waiting);
    const bool granted = holder_of(seen) == kGrant;
    const std::int64_t now = Deadline::now_ns();
    if (!mark(site, seen, waited && !granted && now - patience.since_ns > kStarvationNs)) continue;
    const Deadline until = granted ? Deadline::at(now + kGrantPatienceNs) : Deadline::never();
    futex_wait(site.word, seen, until.earlier(patience.deadline));
    waited = true;
    seen = site.word.load();
  }
}

Status lock_arm(const Participant& me, LockSite site, Urgency urgency) noexcept {
  become_visible(site.waiting);
  arm_bell(me, site.waiting);
  const Taker taker = urgency == Urgency::kFresh ? Taker::kArmed : Taker::kWaited;
  std::uint32_t seen = site.word.load();
  for (;;) {
    const Status taken = take(me, site, seen, taker);
    if (is_acquired(taken)) return disarm_bell(me, site.waiting), taken;
    const bool starving = urgency == Urgency::kStarving && holder_of(seen) != kGrant;
    if (mark(site, seen, starving)) return Status::kUnavailable;
  }
}

void lock_disarm(const Participant& me, LockSite site) noexcept {
  disarm_bell(me, site.waiting);
  pass_on(me, site);
}

Status lock_release(const Participant& me, LockSite site, OwnerId owner) noexcept {
  std::uint32_t seen = site.word.load();
  for (;;) {
    if (holder_of(seen) != owner) return Status::kNotHeld;
    if (release_seen(me, site, seen) == Status::kOk) return Status::kOk;
  }
}

Status lock_release_any(const Participant& me, LockSite site) noexcept {
  std::uint32_t seen = site.word.load();
  for (;;) {
    if (!is_held(seen) || is_dead(*me.segment, holder_of(seen))) return Status::kNotHeld;
    if (release_seen(me, site, seen) == Status::kOk) return Status::kOk;
  }
}

void lock_give_back(const Participant& me, LockSite site, OwnerId dead) noexcept {
  std::uint32_t seen = site.word.load();
  for (;;) {
    const OwnerId holder = holder_of(seen);
    const std::uint32_t healed = holder == dead ? kAbandoned : holder == kGrant ? 0 : seen & ~kStarving;
    if (healed == seen || site.word.compare_exchange(seen, healed)) break;
  }
  if (site.waiting.hot.load() == 0) return;
  futex_wake(site.word, kWakeAll);
  ring_all(me, site.waiting);
}

}  // namespace lockstep
