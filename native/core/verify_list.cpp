// The tree of a list, as list_node.cpp and list_tree.cpp have it: also of one that is being freed.
#include "list_plan.hpp"
#include "list_value.hpp"
#include "verify_state.hpp"

namespace lockstep {
namespace {

struct InspectedList {
  Inspection& inspection;
  std::uint32_t stripe;
  bool is_condemned;
};

bool inspect_value(const InspectedList& list, const ListSlot& slot) {
  const ListValue value = list_value(list.inspection.segment, slot);
  if (!list.inspection.expect(value.is_sound, "list: an element that is none")) return false;
  if (value.bytes == nullptr) return true;
  if (!list.inspection.claim({slot.low.load(), block_bytes(value), list.stripe, "element"})) return false;
  list.inspection.add_named(value.stored());
  return true;
}

// The elements in and below a node. Levels are ever lower, so this ends.
std::uint32_t inspect_node(const InspectedList& list, Offset offset, std::uint32_t level) {
  Inspection& inspection = list.inspection;
  const ListNode node = checked_list_node(inspection.segment, offset);
  if (!inspection.expect(node && node.level == level, "node %x is none of level %u", offset, level)) return 0;
  if (!inspection.claim({offset, kListNodeBytes, list.stripe, "node of a list"})) return 0;
  inspection.expect(node.used > 0 || list.is_condemned, "node %x is empty", offset);
  std::uint32_t elements = 0;
  for (std::uint32_t place = 0; place < node.used; ++place) {
    const ListSlot& slot = node.slot(place);
    if (level == 0) {
      elements += inspect_value(list, slot);
      continue;
    }
    const std::uint32_t below = inspect_node(list, slot.low.load(), level - 1);
    const std::uint32_t counted = slot.high.load();
    inspection.expect(below == counted || list.is_condemned, "node %x: %u elements below, %u counted", offset, below,
                      counted);
    elements += below;
  }
  return elements;
}

}  // namespace

void inspect_list(Inspection& inspection, const Reference& reference) {
  const List& list = list_words(*reference.object);
  const Offset offset = inspection.segment.offset_of(reference.object);
  const InspectedList inspected{inspection, stripe_of(reference, 0), false};
  const ListNode root = checked_list_node(inspection.segment, list.root.load());
  const std::uint32_t length = list.length.load();
  std::uint32_t elements = 0;
  if (list.root.load() != 0) elements = inspect_node(inspected, list.root.load(), root ? root.level : 0);
  inspection.expect(elements == length, "list %x: %u elements, %u counted", offset, elements, length);
  inspection.expect(list.sequence.load() % 2 == 0, "list %x: its sequence is odd", offset);
  inspection.report.entries += elements;
}

void inspect_list_nodes(Inspection& inspection, std::uint32_t index) {
  const Stripe& stripe = inspection.segment.stripe(index);
  const InspectedList condemned{inspection, index, true};
  inspection.expect(stripe.plan_list.load() == 0, "stripe %u: a plan is not followed", index);
  for (Offset next = stripe.list_nodes.load(); next != 0;) {
    const ListNode node = checked_list_node(inspection.segment, next);
    if (!inspection.expect(node && !inspection.is_marked(next), "stripe %u: node %x is none", index, next)) return;
    inspect_node(condemned, next, node.level);
    if (!inspection.is_marked(next)) return;
    next = node.head->next.load();
  }
}

}  // namespace lockstep
