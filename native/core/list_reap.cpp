// How nodes of lists and all below them are freed.
//
//     step       change, as one commit of the stripe                            by
//     condemn    a node that nobody finds any more goes to the front of the     who removes it from its list
//                stripe's chain
//     reap       of the first node: some values are freed; or the last node     the same afterwards, or who comes
//                below it goes to the front; or, being empty, it is freed       after him
//
// Whoever dies leaves a chain that the next one goes on with. A node that was freed is none any more (list_node.hpp),
// so a chain that was damaged ends there.
#include "list_plan.hpp"
#include "list_value.hpp"

namespace lockstep {
namespace {

constexpr std::uint32_t kValuesAtOnce = 6;    // as many as a journal, and the runs of a commit, have room for
constexpr std::uint32_t kCommitsAtOnce = 64;  // before others have their turn

void free_values(StripeWork& work, const ListNode& leaf) noexcept {
  std::uint32_t used = leaf.used, given = 0;
  for (; used > 0 && given < kValuesAtOnce; --used) {
    const ListSlot& slot = leaf.slot(used - 1);
    if (!is_elsewhere(slot.shape.load())) continue;
    give_list_value(work, slot);
    ++given;
  }
  work.set(leaf.head->used, used);
}

void free_a_little(StripeWork& work) noexcept {
  Word& chain = work.stripe().list_nodes;
  const Offset offset = chain.load();
  const ListNode node = checked_list_node(work.segment(), offset);
  if (!node) return work.set(chain, 0);
  if (node.used > 0 && node.level == 0) return free_values(work, node);
  if (node.used == 0) {
    work.set(chain, node.head->next.load());
    give_block(work, offset);
    return;
  }
  const ListNode child = list_child(work.segment(), node, node.used - 1);
  work.set(node.head->used, node.used - 1);
  if (child) condemn_list_node(work, node.slot(node.used - 1).low.load());
}

}  // namespace

void condemn_list_node(StripeWork& work, Offset offset) noexcept {
  const ListNode node = checked_list_node(work.segment(), offset);
  if (!node) return;
  work.set(node.head->next, work.stripe().list_nodes.load());
  work.set(work.stripe().list_nodes, offset);
}

bool free_list_nodes(StripeWork& work) noexcept {
  for (std::uint32_t i = 0; i < kCommitsAtOnce && work.stripe().list_nodes.load() != 0; ++i) {
    free_a_little(work);
    work.commit();
  }
  return work.stripe().list_nodes.load() != 0;
}

void free_all_list_nodes(const Participant& me, std::uint32_t stripe) noexcept {
  while (me.segment->stripe(stripe).list_nodes.load() != 0) {
    StripeWork work(me, stripe);
    free_list_nodes(work);
  }
}

bool list_reap(const Reference& list) noexcept {
  StripeWork work(list.me, stripe_of(list, 0));
  const ListWork at(work, *list.object);
  follow_plan(work);
  if (at.list.root.load() != 0) {
    condemn_list_node(work, at.list.root.load());
    work.set(at.list.root, 0);
    work.set(at.list.length, 0);
    work.commit();
  }
  return free_list_nodes(work);
}

}  // namespace lockstep
