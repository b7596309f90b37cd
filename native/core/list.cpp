// List.
//
// PROTOCOL. A list has one stripe (stripe.cpp), under which it changes, a tree of elements (list_tree.cpp), its length
// and a sequence for readers.
//
//     step       change                                                        for others
//     set        the words of a slot; a block taken, another one given back    one commit
//     splice     elements removed, others in their place: as one commit or     whole or not: the stripe is held until
//                by a plan of several (list_plan.cpp)                          all are there, or all are gone again
//     reverse    elements change places, by a plan                             the same
//     free       what was removed in large pieces (list_reap.cpp)              nothing: nobody finds it any more
//
// Push, pop, shift, unshift, insert, extend, remove and clear are splices.
//
// READERS of one element or the length take no lock (list_read.cpp): they note the sequence while it is even, look that
// no plan is being followed, copy, and believe it when the sequence is still the same. After kTries they take the
// stripe; so they do for large values, which would be copied in vain again and again, and for those that name objects,
// which are attached for them (value_objects.cpp). Copies of many elements and searches hold the stripe for as long as
// they take: they see the list as it is at one instant.
//
// WHEN A PROCESS DIES before a commit, nothing has happened; between two, the next one follows the plan.
//
// HOW LONG. Elements are found, set, inserted and removed in a time that grows with the logarithm of the length; at the
// ends a few words change, and elsewhere some more, never more than those of two nodes.
//
// NOT PROMISED. That a list has room for large splices while the segment has it only in pieces: a splice takes what is
// new before it gives back what is old.
#include "list_hold.hpp"

namespace lockstep {
namespace {

// All values, or none of them. Then `remove` elements behind them are to go.
Status insert_all(const ListWork& at, std::uint32_t start, std::uint32_t remove, ListInput& input) noexcept {
  for (std::uint32_t done = 0; input.left > 0;) {
    const std::uint32_t made = insert_some(at, start + done, input);
    if (made == 0) {
      at.work.rollback();
      remove_from_list(at, start, done);
      return input.status;
    }
    done += made;
    ListPlan plan{ListStep::kRemove, start, done};
    if (input.left == 0) plan = {remove > 0 ? ListStep::kRemove : ListStep::kNone, start + done, remove};
    plan_list(at, plan);
    at.work.commit();
  }
  return Status::kOk;
}

Status splice_once(const Reference& list, ListSplice& splice) noexcept {
  if (splice.removed != nullptr) splice.removed->clear();
  const HeldList held(list);
  const std::uint32_t start = within(splice.start, held.length());
  const auto remove = static_cast<std::uint32_t>(std::min<std::uint64_t>(splice.remove, held.length() - start));
  if (splice.removed != nullptr) {
    const Status copied = copy_list_span(held.at, {start, start + remove}, *splice.removed);
    if (copied != Status::kOk) return copied;
  }
  const std::uint32_t count = splice.values == nullptr ? 0 : splice.values->count();
  ListInput input{splice.values, 0, count, Status::kOk};
  const Status inserted = insert_all(held.at, start, remove, input);
  if (inserted != Status::kOk) return inserted;
  const bool is_sound = remove_from_list(held.at, start + count, remove);
  splice.length = held.length();
  return is_sound ? Status::kOk : Status::kCorrupt;
}

Status set_once(const Reference& list, std::int64_t position, const Value& value) noexcept {
  HeldList held(list);
  ListSlot* slot = nullptr;
  SlotWords words;
  const Status found = find_list_slot(held.segment(), held.at.list, position, &slot);
  if (found != Status::kOk) return found;
  const Status made = make_list_slot(held, value, &words);
  if (made != Status::kOk) return made;
  held.shut(held.at.list.sequence);
  give_list_value(held, *slot);
  set_list_slot(held, *slot, words);
  held.commit();
  return Status::kOk;
}

Status take_once(const Reference& list, std::int64_t position, ValueCopy& taken) noexcept {
  HeldList held(list);
  ListSlot* slot = nullptr;
  const Status found = find_list_slot(held.segment(), held.at.list, position, &slot);
  if (found != Status::kOk) return found;
  const Status copied = copy_list_slot(held, *slot, taken);
  if (copied != Status::kOk) return copied;
  return remove_from_list(held.at, within(position, held.length()), 1) ? Status::kOk : Status::kCorrupt;
}

Status remove_once(const Reference& list, const Value& value) noexcept {
  const HeldList held(list);
  std::uint32_t position = 0;
  const Status found = find_list_value(held, value, 0, &position);
  if (found != Status::kOk) return found;
  return remove_from_list(held.at, position, 1) ? Status::kOk : Status::kCorrupt;
}

Status freeing(const Reference& list, Status status) noexcept {
  free_all_list_nodes(list.me, stripe_of(list, 0));
  return status;
}

}  // namespace

Status list_set(const Reference& list, std::int64_t position, const Value& value) noexcept {
  const Status done = set_once(list, position, value);
  return done == Status::kFull && trim_stripes(list.me) ? set_once(list, position, value) : done;
}

Status list_splice(const Reference& list, ListSplice& splice) noexcept {
  const Status done = freeing(list, splice_once(list, splice));
  const bool again = done == Status::kFull && trim_stripes(list.me);
  return again ? freeing(list, splice_once(list, splice)) : done;
}

Status list_take(const Reference& list, std::int64_t position, ValueCopy& taken) noexcept {
  return freeing(list, take_once(list, position, taken));
}

Status list_remove(const Reference& list, const Value& value) noexcept {
  return freeing(list, remove_once(list, value));
}

Status list_reverse(const Reference& list) noexcept {
  const HeldList held(list);
  return reverse_rest(held.at, 0) ? Status::kOk : Status::kCorrupt;
}

void list_clear(const Reference& list) noexcept {
  ListSplice all;
  all.remove = UINT64_MAX;
  list_splice(list, all);
}

}  // namespace lockstep
