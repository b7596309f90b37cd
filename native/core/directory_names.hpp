// The chains of names, for those who hold the transaction of the directory.
#pragma once

#include <string_view>

#include "object_list.hpp"

namespace lockstep {

/// Null when there is none of that name.
Object* find_named(Segment& segment, std::string_view name) noexcept;
/// For an object that has none, and a name that no other has. kFull.
Status set_name(Transaction& transaction, Object& object, std::string_view name) noexcept;

}  // namespace lockstep
