#include "dict_condition.hpp"

#include <cmath>
#include <cstring>

namespace lockstep {
namespace {

// Numbers as SameValueZero has it, anything else byte by byte.
bool is_same_value(const Node& node, const Value& value) noexcept {
  if (node.value_kind() != value.kind || node.value_length != value.length) return false;
  if (value.kind != ValueKind::kNumber) return is_same(node.value(), value.bytes, value.length);
  double number;
  std::memcpy(&number, value.bytes, sizeof number);
  const double present = number_at(node);
  return present == number || (std::isnan(present) && std::isnan(number));
}

}  // namespace

double number_at(const Node& node) noexcept {
  double number;
  copy_out(node.value(), &number, sizeof number);
  return number;
}

bool holds(const DictStore& how, const Node& present) noexcept {
  switch (how.when) {
    case DictStore::When::kAlways:
      return true;
    case DictStore::When::kIfAbsent:
      return !present;
    case DictStore::When::kIfVersion:
      return present ? how.version == present.head->version.load() : how.version == 0;
    case DictStore::When::kIfSame:
      return present ? how.expected != nullptr && is_same_value(present, *how.expected) : how.expected == nullptr;
  }
  return false;
}

}  // namespace lockstep
