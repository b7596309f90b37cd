// One object, and all that hangs off it alone.
#include "condition_queue.hpp"
#include "directory.hpp"
#include "rwlock.hpp"
#include "storage.hpp"
#include "verify_state.hpp"

namespace lockstep {
namespace {

void inspect_chunks(Inspection& inspection, const Reference& object) {
  if (object.object->kind.load() == static_cast<std::uint32_t>(Kind::kRWLock)) {
    for (std::uint32_t i = 0; i < kReaderChunks; ++i) {
      const Offset chunk = object.word(2 + i).load();
      if (chunk != 0) inspection.claim_heap(chunk, kReaderChunk * sizeof(Word), "reader words");
    }
  }
  if (object.object->kind.load() != static_cast<std::uint32_t>(Kind::kCondition)) return;
  for (Offset next = object.word(1).load(); next != 0;) {
    if (!inspection.claim_heap(next, sizeof(ConditionChunk), "places of a condition")) return;
    next = reinterpret_cast<ConditionChunk*>(inspection.segment.bytes(next))->next.load();
  }
}

void inspect_name(Inspection& inspection, const Object& object, Offset offset) {
  const std::string_view name = name_of(inspection.segment, object);
  if (!inspection.expect(!name.empty(), "object %x: no such name", offset)) return;
  inspection.claim_heap(object.name.load(), sizeof(Word) + name.size(), "name");
}

void inspect_contents(Inspection& inspection, const Reference& reference) {
  const auto kind = static_cast<Kind>(reference.object->kind.load());
  if (kind == Kind::kDict || kind == Kind::kNamespace) inspect_dict(inspection, reference);
  if (kind == Kind::kList) inspect_list(inspection, reference);
  const bool is_queue = kind == Kind::kQueue || kind == Kind::kLifoQueue || kind == Kind::kPriorityQueue;
  const std::uint32_t stripe = stripe_of(reference, 0);
  if (is_queue && stripe < inspection.stripes.size()) {
    inspect_queue(inspection, *reference.object, *inspection.stripes[stripe]);
  }
}

}  // namespace

bool inspect_object(Inspection& inspection, const Participant& me, Offset offset) {
  Object* const object = checked_object(inspection.segment, offset);
  if (!inspection.expect(object != nullptr, "object %x is none", offset)) return false;
  const auto kind = static_cast<Kind>(object->kind.load());
  if (!inspection.claim_heap(offset, object_size(kind, object->parameter.load()), "object")) return false;
  if (object->name.load() != 0) inspect_name(inspection, *object, offset);
  inspection.begin(*object);
  inspect_chunks(inspection, {me, object});
  if (has_storage(kind)) inspect_memory(inspection, *object);
  ++inspection.report.objects;
  inspection.report.containers += is_container(kind);
  inspect_contents(inspection, {me, object});
  inspection.end();
  return true;
}

}  // namespace lockstep
