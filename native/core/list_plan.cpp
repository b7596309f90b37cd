// Operations of a list that take several commits.
//
// PROTOCOL. The stripe is held from the first commit to the last, so nobody else sees what lies between them. What has
// to follow is noted in the stripe, as part of each commit:
//
//     plan       elements that have to go, or a list of which the outermost n on each side are turned around
//     step       change, as one commit                                           plan afterwards
//     insert     some values at a position; others are to follow                 those that are in have to go
//                the last values, and elements are to be removed                 those have to go
//                the last values, and nothing is to be removed                   none
//     remove     some elements                                                   the others have to go, or none
//     reverse    some pairs of elements change places                            n, or none
//     (single)   what one commit has room for needs no plan
//
// Readers without the stripe see the plan, or a sequence that has moved, and take the stripe.
//
// WHEN A PROCESS DIES the next one that changes or reads a list of this stripe, a helper at the latest, follows the
// plan: what was not inserted whole goes again, what was not removed whole goes, what was not turned around whole is.
// The same is done when there is no room for the rest of the values. Following needs no memory, and is itself made of
// commits with a plan, so it may be interrupted as often as you like.
//
// A stripe has one plan, as it has one holder: before another one begins, the one of the dead is followed. A damaged
// one ends at the first element that is not there.
//
// Model: native/model/list.pml.
#include "list_plan.hpp"

namespace lockstep {
namespace {

constexpr std::uint32_t kPairsAtOnce = 18;  // six words each

Object* planned_list(const StripeWork& work) noexcept {
  auto* const list = work.segment().checked<Object>(work.stripe().plan_list.load(), sizeof(Object) + sizeof(List));
  return list != nullptr && list->kind.load() == static_cast<std::uint32_t>(Kind::kList) ? list : nullptr;
}

void drop_plan(StripeWork& work) noexcept {
  work.rollback();
  work.set(work.stripe().plan_list, 0);
  work.commit();
}

void swap_slots(StripeWork& work, ListSlot& a, ListSlot& b) noexcept {
  const SlotWords was{a.low.load(), a.high.load(), a.shape.load()};
  set_list_slot(work, a, {b.low.load(), b.high.load(), b.shape.load()});
  set_list_slot(work, b, was);
}

// How many pairs have changed places; 0 when the tree is not sound.
std::uint32_t reverse_some(const ListWork& at, std::uint32_t done) noexcept {
  ListPath front, back;
  const std::uint32_t length = at.list.length.load();
  at.work.shut(at.list.sequence);
  if (!find_in_list(at.segment(), at.list, done, front)) return 0;
  if (!find_in_list(at.segment(), at.list, length - 1 - done, back)) return 0;
  const auto& [left, from] = front.leaf();
  const auto& [right, to] = back.leaf();
  const std::uint32_t pairs = std::min({left.used - from, to + 1, length / 2 - done, kPairsAtOnce});
  for (std::uint32_t i = 0; i < pairs; ++i) swap_slots(at.work, left.slot(from + i), right.slot(to - i));
  return pairs;
}

}  // namespace

void plan_list(const ListWork& at, const ListPlan& plan) noexcept {
  Stripe& stripe = at.work.stripe();
  const Offset list = plan.step == ListStep::kNone ? 0 : at.object;
  if (stripe.plan_list.load() != list) at.work.set(stripe.plan_list, list);
  if (list == 0) return;
  at.work.set(stripe.plan_step, static_cast<std::uint32_t>(plan.step));
  at.work.set(stripe.plan_at, plan.position);
  at.work.set(stripe.plan_count, plan.count);
}

bool has_plan(const Stripe& stripe, Offset list) noexcept { return stripe.plan_list.load() == list; }

bool remove_from_list(const ListWork& at, std::uint32_t position, std::uint32_t count) noexcept {
  while (count > 0) {
    const std::uint32_t removed = std::min(remove_some(at, position, count), count);
    if (removed == 0) return drop_plan(at.work), false;
    count -= removed;
    plan_list(at, {count > 0 ? ListStep::kRemove : ListStep::kNone, position, count});
    at.work.commit();
  }
  tidy_list(at, position);
  return true;
}

bool reverse_rest(const ListWork& at, std::uint32_t done) noexcept {
  const std::uint32_t pairs = at.list.length.load() / 2;
  while (done < pairs) {
    const std::uint32_t more = reverse_some(at, done);
    if (more == 0) return drop_plan(at.work), false;
    done += more;
    plan_list(at, {done < pairs ? ListStep::kReverse : ListStep::kNone, 0, done});
    at.work.commit();
  }
  return true;
}

void follow_plan(StripeWork& work) noexcept {
  const Stripe& stripe = work.stripe();
  if (stripe.plan_list.load() == 0) return;
  if (Object* const object = planned_list(work)) {
    const ListWork at(work, *object);
    const auto step = static_cast<ListStep>(stripe.plan_step.load());
    if (step == ListStep::kRemove) remove_from_list(at, stripe.plan_at.load(), stripe.plan_count.load());
    if (step == ListStep::kReverse) reverse_rest(at, stripe.plan_count.load());
  }
  if (stripe.plan_list.load() != 0) drop_plan(work);
}

void give_back_lists(const Participant& me) noexcept {
  if (me.segment->header().has_stripes.load() == 0) return;
  for (std::uint32_t i = 0; i < kStripes; ++i) {
    const Stripe& stripe = me.segment->stripe(i);
    if (stripe.plan_list.load() != 0) {
      StripeWork work(me, i);
      follow_plan(work);
    }
    free_all_list_nodes(me, i);
  }
}

}  // namespace lockstep
