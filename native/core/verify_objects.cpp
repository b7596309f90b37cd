// The lists of objects, their names, and who refers to them, as directory.cpp and attachments.cpp have it.
#include <map>
#include <set>

#include "directory.hpp"
#include "storage.hpp"
#include "verify_state.hpp"

namespace lockstep {
namespace {

/// What is known of an object until all that may refer to it was seen.
struct Known {
  std::uint32_t references = 0;
  bool is_named = false;
};
using Objects = std::map<Offset, Known>;

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

// Values that name it, which are one reference together; of a destroyed one nobody counts them.
void inspect_kept(Inspection& inspection, Offset offset, Known& known) {
  const Object& object = *reinterpret_cast<Object*>(inspection.segment.bytes(offset));
  const std::uint32_t kept = object.kept.load();
  if (kept == kForgotten) return;
  const auto named = inspection.named.find({offset, object.serial.load()});
  const std::uint32_t found = named == inspection.named.end() ? 0 : named->second;
  inspection.expect(kept == found, "object %x: kept by %u values, %u found", offset, kept, found);
  known.references += kept > 0;
}

void inspect_references(Inspection& inspection, Objects& objects) {
  for (auto& [offset, known] : objects) inspect_kept(inspection, offset, known);
  const auto claims = objects.find(inspection.segment.header().claims.load());
  if (claims != objects.end()) ++claims->second.references;
  for (const auto& [offset, known] : objects) {
    const Object& object = *reinterpret_cast<Object*>(inspection.segment.bytes(offset));
    const Offset partner = object.partner.load();
    const auto lock = objects.find(partner);
    const bool needs_lock = has_partner(static_cast<Kind>(object.kind.load()));
    const bool is_sound = needs_lock ? lock != objects.end() : partner == 0;
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
