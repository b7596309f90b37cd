// The tree of a list: how a position is found, and how elements come and go, a commit at a time. See list_tree.cpp.
#pragma once

#include "list_node.hpp"

namespace lockstep {

/// The way to an element: from the root to the node that has it.
struct ListPath {
  struct Step {
    ListNode node;
    std::uint32_t place = 0;
  };
  Step steps[kMaxListLevel + 1];
  std::uint32_t depth = 0;

  Step& leaf() noexcept { return steps[depth - 1]; }
};

/// False when there is no such position, or the tree is not sound. With or without the stripe: whoever has not got it
/// looks afterwards whether the sequence has moved.
bool find_in_list(const Segment& segment, const List& list, std::uint32_t position, ListPath& path) noexcept;
/// The same for where an element would be inserted, which may be behind the last one.
bool find_gap_in_list(const ListWork& at, std::uint32_t position, ListPath& path) noexcept;

/// Positions from `start` to before `end`.
struct ListSpan {
  std::uint32_t start, end;
};

/// Values that wait to be inserted.
struct ListInput {
  const ValueList* values;
  std::uint64_t cursor = 0;
  std::uint32_t left = 0;
  Status status = Status::kOk;  // of the last one that was tried
};
/// Inserts as many as one commit has room for, and does not commit: how many. 0: the input's status says why; commits
/// may have been made, but the elements are the same.
std::uint32_t insert_some(const ListWork& at, std::uint32_t position, ListInput& input) noexcept;
/// Removes up to `most` elements from a position on, and does not commit: how many; 0: the tree is not sound.
std::uint32_t remove_some(const ListWork& at, std::uint32_t position, std::uint32_t most) noexcept;
/// Joins nodes near a position that have become small, in commits of its own.
void tidy_list(const ListWork& at, std::uint32_t position) noexcept;
/// Nobody finds the node any more, nor what is below it. Not committed.
void condemn_list_node(StripeWork& work, Offset offset) noexcept;

/// Calls `visit(position, slot)` for the elements of a span, until it returns false. False when the tree is not sound.
template <typename Visit>
bool visit_list(const ListWork& at, const ListSpan& span, Visit visit) noexcept {
  ListPath path;
  std::uint32_t start = span.start;
  while (start < span.end) {
    if (!find_in_list(at.segment(), at.list, start, path)) return false;
    const ListPath::Step& leaf = path.leaf();
    for (std::uint32_t place = leaf.place; place < leaf.node.used && start < span.end; ++place, ++start) {
      if (!visit(start, leaf.node.slot(place))) return true;
    }
  }
  return true;
}

}  // namespace lockstep
