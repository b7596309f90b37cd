// Doorbells: how a promise that waits is told to look again, without a thread or a futex of its own.
//
// PROTOCOL. An object has a word `bells`, a bit per isolate slot with promise waiters there. An isolate has `dirty`, a
// bit per bucket of objects. A process has `bell`, one futex word: seq:31 | asleep:1.
//
//     arm    (JS thread)   bells |= my bit; then mark W in the object's word and try; see each primitive
//     ring   (releaser)    take a bit out of bells; that slot's dirty |= bucket; its process' bell += 2;
//                          FUTEX_WAKE only if asleep stood
//     hear   (bell thread) dirty -> 0 into private memory, one call into the isolate's event loop; nothing left:
//                          asleep with the value seen, FUTEX_WAIT. Within a process the ring goes straight into the
//                          event loop, and the bell thread only sees to the guard
//     look   (JS thread)   takes the private bits and tries each waiting object of those buckets; failure arms again
//
// A ring is a baton: until the isolate has looked, it owes the object a try. WHY NO RING IS LOST. bell is read before
// dirty and slept on with the value read, so a ring in between ends the sleep. bells is written before the object is
// tried, and read by releasers after they free the object.
//
// WHEN A PROCESS DIES, its bit is scrubbed from every object and every live isolate is rung for all buckets, which
// covers a releaser killed between two steps and a rung isolate killed before its try. A live isolate that does not
// look within 1 ms (busy, blocked) keeps its baton, but the bell thread tells the others of the same buckets
// (`forwarded` instead of `dirty`). An isolate in which no promise waits is told nothing: it has taken its bells back.
#pragma once

#include "owner.hpp"

namespace lockstep {

constexpr std::uint32_t kAllBuckets = 0xffffffff;
constexpr std::uint32_t kSharedBell = 1u << 31;  // stands for every slot above 31; never taken back by a waiter

/// Where waiters of one kind of chance meet: the word they sleep on is the primitive's, these are the other two.
struct WaitSite {
  Word& bells;
  Word& hot;
  std::uint32_t bucket;  // one bit
};
WaitSite wait_site_of(const Segment& segment, Object& object) noexcept;
std::uint32_t bucket_of(Offset object) noexcept;
std::uint32_t bell_of(OwnerId id) noexcept;

/// First step of every wait: the death scan visits this word from now on.
inline void become_visible(WaitSite site) noexcept {
  if (site.hot.load() == 0) site.hot.store(1);
}
/// My isolate has promises waiting here. Then try, and mark the object's word.
void arm_bell(const Participant& me, WaitSite site) noexcept;
/// It has none any more. The shared bell stays: others may stand behind it.
void disarm_bell(const Participant& me, WaitSite site) noexcept;

/// For ring_slot: tells an isolate of this very process, without its bell thread. False when none listens in that slot.
bool hear_directly(const Segment& segment, std::uint32_t slot, std::uint32_t buckets) noexcept;
/// Tells an isolate of any process, through its bell, on behalf of one that was rung and does not look. If that one
/// does not look either, it ends there: else isolates that are all busy would tell each other for ever.
void forward_ring(Segment& segment, std::uint32_t slot, std::uint32_t buckets) noexcept;
/// Tells one isolate to look at the buckets.
void ring_slot(Segment& segment, std::uint32_t slot, std::uint32_t buckets) noexcept;
/// Rings up to `count` isolates that have a bit, cyclically from my own slot on; returns how many.
int ring(const Participant& me, WaitSite site, int count) noexcept;
inline int ring_all(const Participant& me, WaitSite site) noexcept { return ring(me, site, INT32_MAX); }
/// Every live isolate of the segment looks everywhere: the last step of a recovery.
void ring_everybody(Segment& segment) noexcept;

/// A local isolate, as the bell thread sees it. Native, immortal, published only when complete.
struct Listener {
  virtual void hear() noexcept = 0;  // any thread: make the isolate call take_rings() soon; at most once until it did

 protected:
  ~Listener() = default;
};

/// Registers the isolate for rings; starts the bell thread of the process with the first one. False when the system
/// refuses the thread.
bool listen(const Participant& me, Listener* listener) noexcept;
/// Returns only when no thread will call the listener any more.
void stop_listening(const Participant& me) noexcept;
/// Buckets to look at since the last call. JS thread only.
std::uint32_t take_rings(const Participant& me) noexcept;
/// For a forked child, which has none of its parent's threads.
void reset_bells() noexcept;
/// Tells the bell thread how many promises wait here, so that its net looks again only while some do.
void set_pending(const Participant& me, bool any) noexcept;

}  // namespace lockstep
