// Objects, their names, who has them attached, and what hangs off them, as directory.cpp and attachments.cpp have it.
#include <map>
#include <set>

#include "condition_queue.hpp"
#include "directory.hpp"
#include "rwlock.hpp"
#include "verify_state.hpp"

namespace lockstep {
namespace {

/// What is known of an object until all that may refer to it was seen.
struct Known {
  std::uint32_t references = 0;
  bool is_named = false;
};
using Objects = std::map<Offset, Known>;

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

// The object itself and all that only it refers to.
bool inspect_object(Inspection& inspection, const Participant& me, Offset offset) {
  Object* const object = checked_object(inspection.segment, offset);
  if (!inspection.expect(object != nullptr, "object %x is none", offset)) return false;
  const auto kind = static_cast<Kind>(object->kind.load());
  if (!inspection.claim_heap(offset, object_size(kind, object->parameter.load()), "object")) return false;
  if (object->name.load() != 0) inspect_name(inspection, *object, offset);
  inspect_chunks(inspection, {me, object});
  ++inspection.report.objects;
  inspection.report.containers += is_container(kind);
  if (kind == Kind::kDict || kind == Kind::kNamespace) inspect_dict(inspection, {me, object});
  const bool is_queue = kind == Kind::kQueue || kind == Kind::kLifoQueue || kind == Kind::kPriorityQueue;
  const std::uint32_t stripe = stripe_of({me, object}, 0);
  if (is_queue && stripe < inspection.stripes.size()) inspect_queue(inspection, *object, *inspection.stripes[stripe]);
  if (kind == Kind::kList) inspect_list(inspection, {me, object});
  return true;
}

void inspect_list(Inspection& inspection, const Participant& me, Objects& objects) {
  Offset previous = 0;
  for (Offset next = inspection.segment.header().first_object.load(); next != 0;) {
    if (!inspect_object(inspection, me, next)) break;
    const Object& object = *reinterpret_cast<Object*>(inspection.segment.bytes(next));
    inspection.expect(object.previous.load() == previous, "object %x: wrong way back", next);
    inspection.expect(object.serial.load() != 0 && object.reaper.load() == 0, "object %x is as if dead", next);
    objects[next];
    previous = next;
    next = object.next.load();
  }
  const std::uint32_t count = inspection.segment.header().object_count.load();
  inspection.expect(count == objects.size(), "%zu objects, %u counted", objects.size(), count);
}

void inspect_dead(Inspection& inspection, const Participant& me) {
  for (Offset next = inspection.segment.header().first_dead.load(); next != 0;) {
    if (!inspect_object(inspection, me, next)) return;
    const Object& object = *reinterpret_cast<Object*>(inspection.segment.bytes(next));
    const bool is_dead = is_container(static_cast<Kind>(object.kind.load())) && object.references.load() == 0 &&
                         object.name.load() == 0 && object.serial.load() == 0;
    inspection.expect(is_dead, "object %x is among the dead", next);
    next = object.next.load();
  }
}

void inspect_chain(Inspection& inspection, std::uint32_t bucket, Objects& objects) {
  Segment& segment = inspection.segment;
  std::set<std::string_view> names;
  for (Offset next = segment.header().names[bucket].load(); next != 0;) {
    const auto known = objects.find(next);
    if (!inspection.expect(known != objects.end(), "names: object %x is none", next)) return;
    const Object& object = *reinterpret_cast<Object*>(segment.bytes(next));
    const std::string_view name = name_of(segment, object);
    if (!inspection.expect(!known->second.is_named, "names: object %x is there twice", next)) return;
    const bool belongs = !name.empty() && &name_bucket(segment, name) == &segment.header().names[bucket];
    inspection.expect(belongs, "names: object %x does not belong here", next);
    inspection.expect(names.insert(name).second, "names: object %x is not the only one of its name", next);
    known->second.is_named = true;
    ++known->second.references;
    next = object.next_in_bucket.load();
  }
}

void inspect_attachments(Inspection& inspection, std::uint32_t process, Objects& objects) {
  Segment& segment = inspection.segment;
  const Offset first = segment.process(process).attachments.load();
  inspection.expect(first == 0 || segment.process(process).presence.load() != 0, "process %u is none, and has objects",
                    process);
  Offset previous = 0;
  std::set<Offset> seen;
  for (Offset next = first; next != 0;) {
    if (!inspection.claim_heap(next, sizeof(Attachment), "attachment")) return;
    const auto& attachment = *reinterpret_cast<Attachment*>(segment.bytes(next));
    const Offset object = attachment.object.load();
    const auto known = objects.find(object);
    inspection.expect(attachment.previous.load() == previous, "attachment %x: wrong way back", next);
    inspection.expect(attachment.process.load() == process, "attachment %x: of another process", next);
    inspection.expect(seen.insert(object).second, "process %u has object %x twice", process, object);
    if (inspection.expect(known != objects.end(), "attachment %x: of no object", next)) ++known->second.references;
    previous = next;
    next = attachment.next.load();
  }
}

void inspect_references(Inspection& inspection, Objects& objects) {
  const auto claims = objects.find(inspection.segment.header().claims.load());
  if (claims != objects.end()) ++claims->second.references;
  for (const auto& [offset, known] : objects) {
    const Object& object = *reinterpret_cast<Object*>(inspection.segment.bytes(offset));
    const Offset partner = object.partner.load();
    const auto lock = objects.find(partner);
    const bool is_condition = object.kind.load() == static_cast<std::uint32_t>(Kind::kCondition);
    const bool is_sound = is_condition ? lock != objects.end() : partner == 0;
    if (!inspection.expect(is_sound, "object %x: its partner %x is none", offset, partner)) continue;
    if (lock != objects.end()) ++lock->second.references;
  }
  for (const auto& [offset, known] : objects) {
    const Object& object = *reinterpret_cast<Object*>(inspection.segment.bytes(offset));
    const std::uint32_t references = object.references.load();
    inspection.expect(references == known.references && references > 0, "object %x: %u references, %u found", offset,
                      references, known.references);
    inspection.expect(known.is_named == (object.name.load() != 0), "object %x is not found by its name", offset);
  }
}

}  // namespace

void inspect_objects(Inspection& inspection, const Participant& me) {
  Objects objects;
  inspect_list(inspection, me, objects);
  inspect_dead(inspection, me);
  for (std::uint32_t bucket = 0; bucket < kNameBuckets; ++bucket) inspect_chain(inspection, bucket, objects);
  const std::uint32_t limit = std::min(inspection.segment.header().process_limit.load(), kProcesses);
  for (std::uint32_t process = 0; process < limit; ++process) inspect_attachments(inspection, process, objects);
  inspect_references(inspection, objects);
}

}  // namespace lockstep
