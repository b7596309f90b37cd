// Memory for programs.
//
// PROTOCOL. Pages that were used before hold the bytes of others, and to fill a large run takes long. So it happens
// under no lock, while nobody can find the object:
//
//     step     change                                                     by
//     find     the object of that name is attached, if there is one       who opens it; that is all then
//     make     an object without a name, attached to its maker            its maker, in a transaction of the directory
//     fill     the first contents are copied in, all else is zeroed       its maker, under no lock
//     name     it gets its name; or the one that has it now is attached   its maker, in a transaction of the directory
//
// Of several who make one at once the first to name his wins; the others let go of theirs. What was filled before it
// was named, or before its handle was given away, is seen by whoever comes by either.
//
// WHEN A PROCESS DIES before it has named its object, that is one without a name which only it had attached: it goes,
// with its bytes and its lock, as any other does. Nothing has to be known of how far the filling was.
//
// Bytes are given back in the transaction in which the object goes. Until then whoever looks at them has it attached:
// see keep_view() in attachments.hpp.
#include "memory.hpp"

#include <cstring>

namespace lockstep {
namespace {

Status fill(const Participant& me, const MemoryRecipe& recipe, const Object& object) noexcept {
  const std::span<char> bytes = bytes_of(*me.segment, object);
  if (bytes.data() == nullptr || recipe.contents.size() > bytes.size()) return Status::kCorrupt;
  const std::size_t given = recipe.contents.size();
  if (given > 0) std::memcpy(bytes.data(), recipe.contents.data(), given);
  std::memset(bytes.data() + given, 0, bytes.size() - given);
  return Status::kOk;
}

Status make(const Participant& me, const MemoryRecipe& recipe, Object** result) noexcept {
  Recipe nameless = recipe.object;
  nameless.name = {};
  bool created = false;
  const Status made = open_object(me, nameless, result, &created);
  if (made != Status::kOk) return made;
  const Status filled = fill(me, recipe, **result);
  if (filled != Status::kOk) detach_object(me, *result);
  return filled;
}

}  // namespace

Status open_memory(const Participant& me, const MemoryRecipe& recipe, Object** result, bool* created) noexcept {
  const Status found = find_object(me, recipe.object, result);
  *created = found == Status::kNotFound;
  if (!*created) return found;
  Object* mine = nullptr;
  const Status made = make(me, recipe, &mine);
  *result = mine;
  if (made != Status::kOk || recipe.object.name.empty()) return made;
  const Status named = find_or_name(me, recipe.object, mine, result);
  *created = named == Status::kOk && *result == mine;
  if (!*created) detach_object(me, mine);
  return named;
}

}  // namespace lockstep
