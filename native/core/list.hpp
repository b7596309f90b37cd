// List: values in an order that every process of a segment sees and changes. Protocol and proof: list.cpp; how it lies
// in memory: list_node.cpp, list_tree.cpp; what takes several commits: list_plan.cpp.
//
// Each operation, of however many elements, happens whole or not at all for all others, whoever dies in it, and in one
// order. Positions are as with JavaScript's Array: a negative one counts from the end, as it is at that instant.
#pragma once

#include "object.hpp"
#include "value_list.hpp"

namespace lockstep {

/// From `start` on, up to `end`; what lies outside of the list does not count.
struct ListRange {
  std::int64_t start = 0;
  std::int64_t end = INT64_MAX;
};

/// Removes elements and puts others in their place.
struct ListSplice {
  std::int64_t start = 0;    // beyond the ends: at the end, or in front
  std::uint64_t remove = 0;  // as many as there are, at most
  const ValueList* values = nullptr;
  ValueList* removed = nullptr;  // if given: a copy of what was removed
  std::uint32_t length = 0;      // how long the list is afterwards
};

// kCorrupt from each of them: nothing is said then of what was changed.

/// kOk, kNotFound (no such position), kFull (no memory for the copy, or to attach what it names). Takes no lock, unless
/// others change the list all the while, for large values, and for those that name objects.
Status list_at(const Reference& list, std::int64_t position, ValueCopy& value) noexcept;
std::uint32_t list_length(const Reference& list) noexcept;
/// Replaces an element. kOk, kNotFound, kFull, kGone (an object that the value names is not there any more); nothing is
/// changed unless kOk.
Status list_set(const Reference& list, std::int64_t position, const Value& value) noexcept;
/// kOk; kFull, kGone: then the list is as it was. The caller lets go of the objects in `removed`, also in those cases.
Status list_splice(const Reference& list, ListSplice& splice) noexcept;
/// Removes an element and gives it. kOk, kNotFound; kFull: no memory for the copy.
Status list_take(const Reference& list, std::int64_t position, ValueCopy& taken) noexcept;
/// Copies elements. kOk, kFull: no memory for the copies, or to attach what they name. The caller lets go of that.
Status list_copy(const Reference& list, const ListRange& range, ValueList& copies) noexcept;
/// The first element from `start` on that has the value: numbers as SameValueZero has it, others by kind and bytes.
/// kOk, kNotFound.
Status list_find(const Reference& list, const Value& value, std::int64_t start, std::uint32_t* position) noexcept;
/// Removes the first one that has the value. kOk, kNotFound.
Status list_remove(const Reference& list, const Value& value) noexcept;
Status list_reverse(const Reference& list) noexcept;
void list_clear(const Reference& list) noexcept;

/// Ends what the dead had begun in any list. The caller holds no lock.
void give_back_lists(const Participant& me) noexcept;
/// Frees what the list holds, for its last user, a piece at a time; false when nothing is left.
bool list_reap(const Reference& list) noexcept;

}  // namespace lockstep
