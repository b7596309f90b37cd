// Claims.
//
// PROTOCOL. All claims of a segment are entries of one dict that users do not see: key and purpose -> owner id. So it
// is the dict that makes one of many the winner, and that stays whole whoever dies. Who waits does so at the event
// count in word 0 of the dict in question.
//
//     step      change                                            by
//     take      absent -> me, or a dead id -> me                  who wants to work on the key
//     release   me -> absent; then everybody who waits at the     the one who has it
//               dict of the key is woken and tries
//     give back an entry with the dead id -> absent; then the     death scan
//               death scan of the dict wakes everybody
//
// WHY NO WAKE-UP IS LOST: event_count.cpp. All are woken, because those who wait at one dict want different keys, and
// because of many who want the value of one key all can go on when it is there.
//
// WHEN A PROCESS DIES with a claim, the next one that tries takes it over by itself; those who sleep are woken by the
// scan. Between release and wake-up: the scan, again. A claim keeps nothing that others read: values are stored under
// conditions (dict.cpp), so one that was taken over too early could do no harm.
//
// A key is named by its hash of 64 bits, with the secret seed of the segment, and its length. Two that agree in both
// would only wait for each other.
#include "claim.hpp"

#include "directory.hpp"
#include "event_count.hpp"
#include "futex.hpp"
#include "stripe.hpp"

namespace lockstep {
namespace {

struct Entry {
  Reference claims;
  std::uint64_t words[3];
  Key key;
};

CountSite site_of(const Reference& dict) noexcept { return {dict.word(0), dict.waiting()}; }

std::uint64_t half_words(std::uint32_t low, std::uint32_t high) noexcept { return low | std::uint64_t{high} << 32; }

bool is_dict(const Object& object) noexcept { return object.kind.load() == static_cast<std::uint32_t>(Kind::kDict); }

// Made at its first use, by whoever comes first.
Status claims_of(const Participant& me, Object** result) noexcept {
  Word& claims = me.segment->header().claims;
  *result = checked_object(*me.segment, claims.load());
  if (*result != nullptr) return is_dict(**result) ? Status::kOk : Status::kCorrupt;
  const Status reserved = reserve_stripes(*me.segment);
  if (reserved != Status::kOk) return reserved;
  Transaction transaction(me);
  *result = checked_object(*me.segment, claims.load());
  if (*result != nullptr) return Status::kOk;
  const Status made = create_object(transaction, {Kind::kDict, 0, {}, nullptr}, result);
  if (made != Status::kOk) return made;
  add_reference(transaction, **result);
  transaction.set(claims, me.segment->offset_of(*result));
  transaction.commit();
  return Status::kOk;
}

Status find_entry(const Claim& claim, Entry* entry) noexcept {
  const Participant& me = claim.dict.me;
  entry->claims.me = me;
  const Status found = claims_of(me, &entry->claims.object);
  if (found != Status::kOk) return found;
  const auto kinds = static_cast<std::uint32_t>(claim.purpose) << 8 | static_cast<std::uint32_t>(claim.key.kind);
  entry->words[0] = half_words(me.segment->offset_of(claim.dict.object), claim.dict.object->serial.load());
  entry->words[1] = half_words(kinds, claim.key.length);
  entry->words[2] = claim.key.hash;
  entry->key = make_key(*me.segment, KeyKind::kClaim, entry->words, sizeof entry->words);
  return Status::kOk;
}

Value value_of(const double& id) noexcept { return {ValueKind::kNumber, sizeof id, &id}; }

OwnerId owner_in(const ValueCopy& copy) noexcept {
  if (copy.kind != ValueKind::kNumber || copy.length != sizeof(double)) return 0;
  const double number = copy.number();
  return number > 0 && number <= kIdMask ? static_cast<OwnerId>(number) : 0;
}

Status take(const Claim& claim, const Entry& entry) noexcept {
  const double me = claim.dict.me.id;
  ValueCopy present;
  DictStore how;
  how.when = DictStore::When::kIfAbsent;
  Status taken = dict_set(entry.claims, {entry.key, value_of(me)}, how, &present);
  if (taken != Status::kUnavailable || !is_dead(*claim.dict.me.segment, owner_in(present))) return taken;
  how.when = DictStore::When::kIfVersion;
  how.version = present.version;
  taken = dict_set(entry.claims, {entry.key, value_of(me)}, how, nullptr);
  return taken == Status::kNotFound ? Status::kUnavailable : taken;
}

}  // namespace

Status claim_try(const Claim& claim) noexcept {
  Entry entry;
  const Status found = find_entry(claim, &entry);
  return found == Status::kOk ? take(claim, entry) : found;
}

Status claim_acquire(const Claim& claim, Deadline deadline) noexcept {
  Entry entry;
  const Status found = find_entry(claim, &entry);
  if (found != Status::kOk) return found;
  for (;;) {
    const std::uint32_t prepared = count_prepare(site_of(claim.dict), true);
    const Status taken = take(claim, entry);
    if (taken != Status::kUnavailable) return taken;
    if (deadline.passed()) return Status::kTimedOut;
    count_wait(site_of(claim.dict), prepared, deadline);
  }
}

Status claim_arm(const Claim& claim) noexcept {
  count_arm(claim.dict.me, site_of(claim.dict), true);
  const Status taken = claim_try(claim);
  if (taken != Status::kUnavailable) claim_disarm(claim.dict);
  return taken;
}

void claim_disarm(const Reference& dict) noexcept { count_disarm(dict.me, site_of(dict)); }

Status claim_release(const Claim& claim) noexcept {
  Entry entry;
  const Status found = find_entry(claim, &entry);
  if (found != Status::kOk) return found;
  ValueCopy present;
  const Status read = dict_get_versioned(entry.claims, entry.key, present);
  if (read != Status::kOk || owner_in(present) != claim.dict.me.id) return Status::kNotHeld;
  dict_take(entry.claims, entry.key, present.version, nullptr);
  count_wake(claim.dict.me, site_of(claim.dict), kWakeAll);
  return Status::kOk;
}

void claim_wake_all(const Reference& dict) noexcept { count_give_back(dict.me, site_of(dict)); }

void give_back_claims(const Participant& me, OwnerId dead) noexcept {
  Object* const claims = checked_object(*me.segment, me.segment->header().claims.load());
  if (claims == nullptr || !is_dict(*claims)) return;
  const Reference dict{me, claims};
  std::uint64_t cursor = 0;
  std::vector<KeyCopy> keys;
  while (dict_walk(dict, &cursor, keys)) {
  }
  ValueCopy value;
  for (const KeyCopy& copy : keys) {
    const auto* const words = static_cast<const std::uint64_t*>(copy.bytes());
    const Key key = make_key(*me.segment, copy.kind, words, copy.length);
    if (dict_get_versioned(dict, key, value) != Status::kOk || owner_in(value) != dead) continue;
    dict_take(dict, key, value.version, nullptr);
  }
}

}  // namespace lockstep
