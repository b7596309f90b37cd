// Changes of a dict.
//
// PROTOCOL. A shard that somebody has watched has a ring of 64-bit units in which writers note the keys that they
// change, as part of the transaction that changes them. `end` counts all units ever noted, in two words; unit n lies at
// n modulo the size. A note is a unit with the kind and length of the key, then the key. It says that the entry of the
// key is not what it was, and no more: what it is now, the dict says.
//
//     step      change                                                       by
//     begin     a block is taken, its words -> 0, shard.changes -> it        the first that watches, under the stripe
//     note      units behind the end; then end + their number, through the   who changes an entry, before the commit
//               journal; then everybody who waits is woken
//     reset     end + the size, through the journal: nothing is left         clear, and a key of more than 504 bytes
//     take      nothing: under the stripe, it copies what lies between the   who watches
//               end that it has seen and the present one
//     free      shard.changes -> 0 and the block is given back               the last user of the dict
//
// A number that is replaced in place is noted, with a commit of its own, before it is stored, in the same hold of the
// stripe: whoever takes the note has to have the stripe, and then sees the new number.
//
// TOO SLOW. Whoever is further behind than the size, less the largest note, is told that each key may have changed.
// That largest note is the room for one that was begun and not committed: its units have replaced the oldest ones. So
// nothing that is taken was ever written over, and nothing is lost unsaid.
//
// WHY NO WAKE-UP IS LOST. event_count.cpp: the writer moves the end, then looks whether anybody waits; who waits says
// so, then looks at the end, without the stripe. It may see an end that does not count yet. Then it comes to take,
// waits there for the stripe, and finds the note, or, rolled back, none; then it waits again.
//
// WHEN A PROCESS DIES before its commit, neither the change nor its note has happened. It may have taken the mark of
// those who wait with it; but only promises wait here, and at the end of every recovery each isolate that has some is
// rung, looks, and marks again. After the commit it owes nobody anything: it has woken them before.
//
// Model: native/model/watch.pml.
#include "dict_changes.hpp"

#include "event_count.hpp"
#include "futex.hpp"

namespace lockstep {
namespace {

struct Ring {
  Word dict;  // Offset of the object, for wake-ups
  Word unused;
  Word end_low, end_high;
  Word64 units[1];  // really as many as fit
};
constexpr std::uint32_t kRingHead = 16;
constexpr std::uint32_t kRingsBytes = 64 * 1024;  // of a dict: about 2,700 changes of short keys
constexpr std::uint32_t kMostUnits = 64;          // of one note

/// A ring whose stripe the caller has, checked.
struct RingWork {
  Ring* ring = nullptr;
  Object* dict = nullptr;
  std::uint32_t size = 0;  // in units

  explicit operator bool() const noexcept { return ring != nullptr; }
  std::uint64_t end() const noexcept { return ring->end_low.load() | std::uint64_t{ring->end_high.load()} << 32; }
  Word64& unit(std::uint64_t number) const noexcept { return ring->units[number % size]; }
};

CountSite site_of(const Participant& me, Object& dict) noexcept {
  const Reference reference{me, &dict};
  const WaitSite site = reference.waiting();
  return {reference.word(1), {dict.drain_bells, site.hot, site.bucket}};
}

RingWork ring_of(const Segment& segment, const DictShard& shard) noexcept {
  auto* const ring = segment.checked<Ring>(shard.changes.load(), kRingHead);
  if (ring == nullptr) return {};
  auto* const dict = segment.checked<Object>(ring->dict.load(), kDictBytes);
  if (dict == nullptr) return {};
  const std::uint32_t bytes = ring_bytes(*dict);
  if (segment.checked<Ring>(shard.changes.load(), bytes) == nullptr) return {};
  return {ring, dict, (bytes - kRingHead) / static_cast<std::uint32_t>(sizeof(Word64))};
}

void move_end(StripeWork& work, const RingWork& at, std::uint64_t end) noexcept {
  const auto high = static_cast<std::uint32_t>(end >> 32);
  work.set(at.ring->end_low, static_cast<std::uint32_t>(end));
  if (high != at.ring->end_high.load()) work.set(at.ring->end_high, high);
  count_wake(work.me(), site_of(work.me(), *at.dict), kWakeAll);
}

constexpr std::uint32_t units_of(std::uint32_t key_length) noexcept {
  return static_cast<std::uint32_t>(1 + padded(key_length) / sizeof(Word64));
}

bool make_ring(StripeWork& work, const Reference& dict, DictShard& shard) noexcept {
  const Offset offset = take_block(work, ring_bytes(*dict.object));
  if (offset == 0) return false;
  auto* const ring = reinterpret_cast<Ring*>(work.segment().bytes(offset));
  ring->dict.store_release(work.segment().offset_of(dict.object));
  ring->end_low.store_release(0);
  ring->end_high.store_release(0);
  work.set(shard.changes, offset);
  work.commit();
  return true;
}

Status begin_in(const Reference& dict, std::uint32_t index, std::uint64_t* until) noexcept {
  StripeWork work(dict.me, stripe_of_shard(dict, index));
  DictShard& shard = shard_at(*dict.object, index);
  if (shard.changes.load() == 0 && !make_ring(work, dict, shard)) return Status::kFull;
  const RingWork at = ring_of(work.segment(), shard);
  if (!at) return Status::kCorrupt;
  *until = at.end();
  return Status::kOk;
}

// How many units the note there takes; 0 when it is none.
std::uint32_t take_note(const RingWork& at, std::uint64_t from, std::vector<KeyCopy>& keys) {
  const std::uint64_t head = at.unit(from).load();
  const auto kind = static_cast<KeyKind>(head & 0xf);
  const std::uint64_t length = head >> 16;
  const bool is_note = kind >= KeyKind::kNumber && kind <= KeyKind::kBoolean && length < kMostUnits * sizeof(Word64);
  const std::uint32_t units = is_note ? units_of(static_cast<std::uint32_t>(length)) : 0;
  if (units == 0 || units > kMostUnits || units > at.end() - from) return 0;
  Word64 key[kMostUnits];
  for (std::uint32_t i = 1; i < units; ++i) key[i - 1].store_release(at.unit(from + i).load());
  KeyCopy copy;
  if (!copy.take(kind, key, static_cast<std::uint32_t>(length))) return 0;
  keys.push_back(std::move(copy));
  return units;
}

Status take_from(const Reference& dict, std::uint32_t index, std::uint64_t* until, std::vector<KeyCopy>& keys) {
  StripeWork work(dict.me, stripe_of_shard(dict, index));
  const RingWork at = ring_of(work.segment(), shard_at(*dict.object, index));
  if (!at) return Status::kCorrupt;
  const std::uint64_t end = at.end(), from = *until;
  if (end == from) return Status::kUnavailable;
  *until = end;
  if (from > end || end - from > at.size - kMostUnits) return Status::kBound;
  for (std::uint64_t next = from; next < end;) {
    const std::uint32_t units = take_note(at, next, keys);
    if (units == 0) return Status::kBound;
    next += units;
  }
  return Status::kOk;
}

}  // namespace

std::uint32_t ring_bytes(const Object& dict) noexcept { return kRingsBytes / shard_count(dict); }

bool note_in_ring(StripeWork& work, DictShard& shard, const Node& node) noexcept {
  const RingWork at = ring_of(work.segment(), shard);
  const std::uint32_t length = node.key_length(), units = units_of(length);
  if (!at) return false;
  if (units > kMostUnits) return reset_ring(work, shard), true;
  const std::uint64_t end = at.end();
  at.unit(end).store_release(static_cast<std::uint64_t>(node.key_kind()) | std::uint64_t{length} << 16);
  for (std::uint32_t i = 1; i < units; ++i) at.unit(end + i).store_release(node.key()[i - 1].load());
  move_end(work, at, end + units);
  return true;
}

void reset_ring(StripeWork& work, DictShard& shard) noexcept {
  const RingWork at = ring_of(work.segment(), shard);
  if (at) move_end(work, at, at.end() + at.size);
}

Status changes_begin(const Reference& dict, const Key* only, ChangesSeen* seen) noexcept {
  for (std::uint32_t index = 0; index < kShards; ++index) {
    const bool is_wanted =
        only == nullptr ? index < shard_count(*dict.object) : index == shard_of(*dict.object, only->hash);
    seen->until[index] = kNotWatched;
    if (!is_wanted) continue;
    Status begun = begin_in(dict, index, &seen->until[index]);
    if (begun == Status::kFull && trim_stripes(dict.me)) begun = begin_in(dict, index, &seen->until[index]);
    if (begun != Status::kOk) return begun;
  }
  return Status::kOk;
}

Status changes_take(const Reference& dict, ChangesSeen* seen, std::vector<KeyCopy>& keys) {
  Status result = Status::kUnavailable;
  for (std::uint32_t index = 0; index < kShards; ++index) {
    if (seen->until[index] == kNotWatched) continue;
    const Status taken = take_from(dict, index, &seen->until[index], keys);
    if (taken == Status::kCorrupt) return taken;
    if (taken == Status::kBound || result != Status::kBound) result = taken == Status::kUnavailable ? result : taken;
  }
  return result;
}

Status changes_look(const Reference& dict, const ChangesSeen& seen) noexcept {
  for (std::uint32_t index = 0; index < kShards; ++index) {
    if (seen.until[index] == kNotWatched) continue;
    const RingWork at = ring_of(*dict.me.segment, shard_at(*dict.object, index));
    if (!at || at.end() != seen.until[index]) return Status::kOk;
  }
  return Status::kUnavailable;
}

Status changes_arm(const Reference& dict, const ChangesSeen& seen) noexcept {
  count_arm(dict.me, site_of(dict.me, *dict.object), true);
  const Status looked = changes_look(dict, seen);
  if (looked != Status::kUnavailable) changes_disarm(dict);
  return looked;
}

void changes_disarm(const Reference& dict) noexcept { count_disarm(dict.me, site_of(dict.me, *dict.object)); }

}  // namespace lockstep
