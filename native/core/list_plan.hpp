// What takes several commits and is one step for all others: see list_plan.cpp.
#pragma once

#include "list_tree.hpp"

namespace lockstep {

enum class ListStep : std::uint32_t { kNone = 0, kRemove = 1, kReverse = 2 };

struct ListPlan {
  ListStep step = ListStep::kNone;
  std::uint32_t position = 0, count = 0;
};

/// Notes, with the next commit, what has to follow.
void plan_list(const ListWork& at, const ListPlan& plan) noexcept;
/// Whether something has to follow: for readers without the stripe, before they look at the list.
bool has_plan(const Stripe& stripe, Offset list) noexcept;
/// Ends what a dead holder of the stripe has left of any list. All who change lists begin with it.
void follow_plan(StripeWork& work) noexcept;

/// Removes elements, in as many commits as it takes. False when the tree is not sound.
bool remove_from_list(const ListWork& at, std::uint32_t position, std::uint32_t count) noexcept;
/// Turns the order of the elements around, of which the outermost `done` on each side are turned around.
bool reverse_rest(const ListWork& at, std::uint32_t done) noexcept;

/// Frees what nobody finds any more, until others have their turn; false when nothing is left.
bool free_list_nodes(StripeWork& work) noexcept;
/// Frees all of it. The caller has no stripe.
void free_all_list_nodes(const Participant& me, std::uint32_t stripe) noexcept;

}  // namespace lockstep
