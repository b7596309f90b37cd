// How the index of a dict and all that it holds are freed.
//
// PROTOCOL. A stripe has a place for one index that nobody finds any more.
//
//     step      change                                                     by
//     condemn   the words of the shard -> 0, the place -> its directory    clear, or the last user of the dict
//     reap      some nodes of a bucket given back and their words -> 0;    whoever condemned it, or comes after him
//               an empty bucket given back and `condemned_next` moved on;
//               at the end the directory given back and the place -> 0
//
// Each is one commit of the stripe, so whoever dies leaves an index that is condemned or not, and reaped up to
// somewhere; the next one goes on from there. The place is empty again before the next index is condemned.
#include "dict_changes.hpp"
#include "dict_entry.hpp"

namespace lockstep {
namespace {

constexpr std::uint32_t kNodesAtOnce = 6;     // as many as a journal, and the runs of a commit, have room for
constexpr std::uint32_t kCommitsAtOnce = 64;  // before others have their turn

// Empties the bucket a little; false when nothing is left in it.
bool reap_nodes(StripeWork& work, const Bucket& bucket) noexcept {
  std::uint32_t given = 0;
  for (std::uint32_t place = 0; place < bucket.size && given < kNodesAtOnce; ++place) {
    const Offset node = bucket.hash(place).load() == 0 ? 0 : bucket.node(place).load();
    if (node == 0) continue;
    work.set(bucket.node(place), 0);
    const Node freed = checked_node(work.segment(), node);
    freed ? give_value(work, node, freed.stored()) : give_block(work, node);
    ++given;
  }
  return given > 0;
}

void end_reaping(StripeWork& work) noexcept {
  Stripe& stripe = work.stripe();
  if (stripe.condemned_depth.load() != 0) give_block(work, stripe.condemned.load());
  work.set(stripe.condemned, 0);
}

// One commit's worth.
void reap_a_little(StripeWork& work) noexcept {
  Stripe& stripe = work.stripe();
  const Directory directory = checked_directory(work.segment(), stripe.condemned, stripe.condemned_depth.load());
  const std::uint32_t next = stripe.condemned_next.load();
  if (directory.entries == nullptr || next >= 1u << directory.depth) return end_reaping(work);
  const BucketLink link = directory.entries[next].load();
  const Bucket bucket = checked_bucket(work.segment(), link);
  const std::uint32_t depth = bucket ? bucket.depth() : kMaxDepth + 1;
  if (depth > directory.depth) return end_reaping(work);
  if (reap_nodes(work, bucket)) return;
  give_block(work, offset_of_bucket(link));
  work.set(stripe.condemned_next, next + (1u << (directory.depth - depth)));
  if (directory.depth == 0) work.set(stripe.condemned, 0);
}

// False when nothing is left.
bool reap_some(StripeWork& work) noexcept {
  for (std::uint32_t i = 0; i < kCommitsAtOnce && work.stripe().condemned.load() != 0; ++i) {
    reap_a_little(work);
    work.commit();
  }
  return work.stripe().condemned.load() != 0;
}

void condemn(StripeWork& work, DictShard& shard) noexcept {
  Stripe& stripe = work.stripe();
  work.shut(shard.sequence);
  note_reset(work, shard);
  work.set(stripe.condemned, shard.directory.load());
  work.set(stripe.condemned_depth, shard.depth.load());
  work.set(stripe.condemned_next, 0);
  work.set(shard.directory, 0);
  work.set(shard.depth, 0);
  work.set(shard.count, 0);
  work.set(shard.expiring, 0);
  work.commit();
}

// True when the shard is empty and nothing of it is left in its stripe.
bool clear_some(const Reference& dict, std::uint32_t index, bool* is_condemned) noexcept {
  StripeWork work(dict.me, stripe_of_shard(dict, index));
  if (reap_some(work)) return false;
  DictShard& shard = shard_at(*dict.object, index);
  if (*is_condemned || shard.directory.load() == 0) return true;
  condemn(work, shard);
  *is_condemned = true;
  return false;
}

void free_changes(StripeWork& work, DictShard& shard) noexcept {
  if (shard.changes.load() == 0) return;
  give_block(work, shard.changes.load());
  work.set(shard.changes, 0);
  work.commit();
}

}  // namespace

void dict_clear(const Reference& dict) noexcept {
  for (std::uint32_t index = 0; index < shard_count(*dict.object); ++index) {
    bool is_condemned = false;
    while (!clear_some(dict, index, &is_condemned)) {
    }
  }
}

bool dict_reap(const Reference& dict) noexcept {
  for (std::uint32_t index = 0; index < shard_count(*dict.object); ++index) {
    bool is_condemned = false;
    if (!clear_some(dict, index, &is_condemned)) return true;
    StripeWork work(dict.me, stripe_of_shard(dict, index));
    free_changes(work, shard_at(*dict.object, index));
  }
  return false;
}

}  // namespace lockstep
