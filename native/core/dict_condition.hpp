// Whether a value may be stored, given what is there.
#pragma once

#include "dict_index.hpp"

namespace lockstep {

double number_at(const Node& node) noexcept;
/// `present` is none where there is no entry, or its time is over. Judged under the stripe.
bool holds(const DictStore& how, const Node& present) noexcept;

}  // namespace lockstep
