#include "directory.hpp"

#include <cstring>
#include <map>
#include <mutex>
#include <utility>

#include "heap.hpp"

namespace lockstep {
namespace {

// How often this process has an object; the segment knows only that it has.
struct Local {
  std::uint32_t count;
  Offset attachment;
};
struct LocalAttachments {
  std::mutex mutex;
  std::map<std::pair<const Segment*, Offset>, Local> of;
};
LocalAttachments*& local_place() noexcept {
  static LocalAttachments* place = new LocalAttachments;
  return place;
}

std::uint32_t hash_of(std::string_view name) noexcept {  // FNV-1a
  std::uint32_t hash = 2166136261u;
  for (const char byte : name) hash = (hash ^ static_cast<unsigned char>(byte)) * 16777619u;
  return hash;
}

Word& bucket_for(Segment& segment, std::string_view name) noexcept {
  return segment.header().names[hash_of(name) % kNameBuckets];
}

std::string_view name_of(const Segment& segment, const Object& object) noexcept {
  const Offset offset = object.name.load();
  const Name* const name = offset == 0 ? nullptr : segment.checked<Name>(offset);
  if (name == nullptr) return {};
  const std::uint32_t length = name->length.load();
  if (length > kMaxName || segment.checked<Name>(offset, sizeof(Word) + length) == nullptr) return {};
  return {name->bytes, length};
}

// Null unless a whole object of valid kind and parameter lies there.
Object* checked_object(const Segment& segment, Offset offset) noexcept {
  Object* const object = segment.checked<Object>(offset);
  if (object == nullptr) return nullptr;
  const std::uint32_t kind = object->kind.load();
  const std::uint32_t parameter = object->parameter.load();
  if (kind == 0 || kind >= kKinds) return nullptr;
  const ParameterRange range = parameter_range(static_cast<Kind>(kind));
  if (parameter < range.least || parameter > range.most) return nullptr;
  return segment.checked<Object>(offset, object_size(static_cast<Kind>(kind), parameter));
}

Object* find_named(Segment& segment, std::string_view name) noexcept {
  Offset next = bucket_for(segment, name).load();
  for (std::uint32_t i = 0, n = segment.header().object_count.load(); next != 0 && i < n; ++i) {
    Object* const object = checked_object(segment, next);
    if (object == nullptr) return nullptr;
    if (name_of(segment, *object) == name) return object;
    next = object->next_in_bucket.load();
  }
  return nullptr;
}

void add(Transaction& transaction, Word& word, std::uint32_t by) noexcept { transaction.set(word, word.load() + by); }

// --- attachments ------------------------------------------------------------------------------------------------

Status attach(Transaction& transaction, Object& object, std::uint32_t process, Offset* result) noexcept {
  Segment& segment = transaction.segment();
  auto* const attachment = reinterpret_cast<Attachment*>(allocate(transaction, sizeof(Attachment)));
  if (attachment == nullptr) return Status::kFull;
  Word& head = segment.process(process).attachments;
  const Offset offset = segment.offset_of(attachment);
  attachment->previous.store(0);
  attachment->object.store(segment.offset_of(&object));
  attachment->process.store(process);
  transaction.set(attachment->next, head.load());
  if (auto* const next = segment.checked<Attachment>(head.load())) transaction.set(next->previous, offset);
  transaction.set(head, offset);
  add(transaction, object.references, 1);
  *result = offset;
  return Status::kOk;
}

void drop_reference(Transaction& transaction, Object& object) noexcept;

void unlink_attachment(Transaction& transaction, Attachment& attachment) noexcept {
  Segment& segment = transaction.segment();
  const Offset previous = attachment.previous.load();
  const Offset next = attachment.next.load();
  const std::uint32_t process = attachment.process.load();
  if (auto* const before = segment.checked<Attachment>(previous)) {
    transaction.set(before->next, next);
  } else if (process < kProcesses) {
    transaction.set(segment.process(process).attachments, next);
  }
  if (auto* const after = segment.checked<Attachment>(next)) transaction.set(after->previous, previous);
}

void detach(Transaction& transaction, Attachment& attachment) noexcept {
  Object* const object = checked_object(transaction.segment(), attachment.object.load());
  if (object != nullptr && object->references.load() == 1) free_extras(transaction, *object);
  unlink_attachment(transaction, attachment);
  release(transaction, &attachment, sizeof(Attachment));
  if (object != nullptr) drop_reference(transaction, *object);
  transaction.commit();
}

// --- objects ----------------------------------------------------------------------------------------------------

void unlink_object(Transaction& transaction, Object& object) noexcept {
  Segment& segment = transaction.segment();
  Object* const before = checked_object(segment, object.previous.load());
  Object* const after = checked_object(segment, object.next.load());
  transaction.set(before != nullptr ? before->next : segment.header().first_object, object.next.load());
  if (after != nullptr) transaction.set(after->previous, object.previous.load());
  add(transaction, segment.header().object_count, static_cast<std::uint32_t>(-1));
}

void drop_reference(Transaction& transaction, Object& object) noexcept {
  const std::uint32_t left = object.references.load() - 1;
  transaction.set(object.references, left);
  if (left != 0) return;
  Object* const partner = checked_object(transaction.segment(), object.partner.load());
  const std::uint64_t size = object_size(static_cast<Kind>(object.kind.load()), object.parameter.load());
  unlink_object(transaction, object);
  transaction.set(object.kind, 0);
  transaction.set(object.serial, 0);
  release(transaction, &object, size);
  if (partner != nullptr) drop_reference(transaction, *partner);  // a lock; it has no partner of its own
}

Status set_name(Transaction& transaction, Object& object, std::string_view name) noexcept {
  Segment& segment = transaction.segment();
  auto* const block = reinterpret_cast<Name*>(allocate(transaction, sizeof(Word) + name.size()));
  if (block == nullptr) return Status::kFull;
  transaction.set(block->length, static_cast<std::uint32_t>(name.size()));
  std::memcpy(block->bytes, name.data(), name.size());
  Word& bucket = bucket_for(segment, name);
  transaction.set(object.name, segment.offset_of(block));
  transaction.set(object.next_in_bucket, bucket.load());
  transaction.set(bucket, segment.offset_of(&object));
  add(transaction, object.references, 1);
  return Status::kOk;
}

void link_object(Transaction& transaction, Object& object) noexcept {
  Segment& segment = transaction.segment();
  Word& first = segment.header().first_object;
  if (auto* const after = segment.checked<Object>(first.load())) {
    transaction.set(after->previous, segment.offset_of(&object));
  }
  object.next.store(first.load());
  transaction.set(first, segment.offset_of(&object));
  add(transaction, segment.header().object_count, 1);
}

Status create(Transaction& transaction, const Recipe& recipe, Object** result) noexcept {
  Segment& segment = transaction.segment();
  auto* const object = reinterpret_cast<Object*>(allocate(transaction, object_size(recipe.kind, recipe.parameter)));
  if (object == nullptr) return Status::kFull;
  initialize_object(*object, recipe.kind, recipe.parameter);
  object->parameter.store(recipe.parameter);
  if (recipe.partner != nullptr) {
    object->partner.store(segment.offset_of(recipe.partner));
    add(transaction, const_cast<Object*>(recipe.partner)->references, 1);
  }
  Word& serial = segment.header().next_serial;
  object->serial.store(serial.load());
  transaction.set(serial, serial.load() == UINT32_MAX ? 1 : serial.load() + 1);
  transaction.set(object->kind, static_cast<std::uint32_t>(recipe.kind));
  link_object(transaction, *object);
  if (!recipe.name.empty() && set_name(transaction, *object, recipe.name) != Status::kOk) return Status::kFull;
  return *result = object, Status::kOk;
}

bool matches(const Segment& segment, const Object& object, const Recipe& recipe) noexcept {
  const Offset partner = recipe.partner == nullptr ? object.partner.load() : segment.offset_of(recipe.partner);
  return object.kind.load() == static_cast<std::uint32_t>(recipe.kind) && object.parameter.load() == recipe.parameter &&
         object.partner.load() == partner;
}

// Under the mutex of the local attachments.
Status attach_locally(Transaction& transaction, Object& object) noexcept {
  Segment& segment = transaction.segment();
  const auto key = std::make_pair<const Segment*, Offset>(&segment, segment.offset_of(&object));
  auto& of = local_place()->of;
  if (const auto found = of.find(key); found != of.end()) return ++found->second.count, Status::kOk;
  Offset attachment = 0;
  const Status attached = attach(transaction, object, process_of(transaction.me()), &attachment);
  if (attached == Status::kOk) of[key] = {1, attachment};
  return attached;
}

}  // namespace

Status open_object(const Participant& me, const Recipe& recipe, Object** result, bool* created) noexcept {
  const std::lock_guard<std::mutex> guard(local_place()->mutex);
  Transaction transaction(me);
  Object* object = recipe.name.empty() ? nullptr : find_named(*me.segment, recipe.name);
  *created = object == nullptr;
  if (object != nullptr && !matches(*me.segment, *object, recipe)) return *result = object, Status::kMismatch;
  if (object == nullptr) {
    const Status made = create(transaction, recipe, &object);
    if (made != Status::kOk) return made;
  }
  const Status attached = attach_locally(transaction, *object);
  if (attached != Status::kOk) return attached;
  transaction.commit();
  return *result = object, Status::kOk;
}

Status attach_object(const Participant& me, Offset offset, std::uint32_t serial, Kind kind, Object** result) noexcept {
  const std::lock_guard<std::mutex> guard(local_place()->mutex);
  Transaction transaction(me);
  Object* const object = checked_object(*me.segment, offset);
  if (object == nullptr || (serial != 0 && object->serial.load() != serial)) return Status::kGone;
  if (kind != Kind::kNone && object->kind.load() != static_cast<std::uint32_t>(kind)) {
    return *result = object, Status::kMismatch;
  }
  const Status attached = attach_locally(transaction, *object);
  if (attached != Status::kOk) return attached;
  transaction.commit();
  return *result = object, Status::kOk;
}

void detach_object(const Participant& me, Object* object) noexcept {
  const std::lock_guard<std::mutex> guard(local_place()->mutex);
  auto& of = local_place()->of;
  const auto found = of.find({me.segment, me.segment->offset_of(object)});
  if (found == of.end() || --found->second.count > 0) return;
  Attachment* const attachment = me.segment->checked<Attachment>(found->second.attachment);
  of.erase(found);
  Transaction transaction(me);
  if (attachment != nullptr) detach(transaction, *attachment);
}

bool unname_object(const Participant& me, Object* object) noexcept {
  Transaction transaction(me);
  Segment& segment = *me.segment;
  const std::string_view name = name_of(segment, *object);
  if (name.empty()) return false;
  Word* link = &bucket_for(segment, name);
  const Offset wanted = segment.offset_of(object);
  for (std::uint32_t i = 0, n = segment.header().object_count.load(); link->load() != wanted; ++i) {
    Object* const other = checked_object(segment, link->load());
    if (other == nullptr || i > n) return false;
    link = &other->next_in_bucket;
  }
  transaction.set(*link, object->next_in_bucket.load());
  release(transaction, segment.bytes(object->name.load()), sizeof(Word) + name.size());
  transaction.set(object->name, 0);
  drop_reference(transaction, *object);
  transaction.commit();
  return true;
}

void forget_attachments(const Segment* segment) noexcept {
  const std::lock_guard<std::mutex> guard(local_place()->mutex);
  std::erase_if(local_place()->of, [&](const auto& entry) { return entry.first.first == segment; });
}

void reset_attachments() noexcept { local_place() = new LocalAttachments; }

void drop_attachments(Transaction& transaction, std::uint32_t process) noexcept {
  Segment& segment = transaction.segment();
  Word& head = segment.process(process).attachments;
  while (Attachment* const attachment = segment.checked<Attachment>(head.load())) {
    const Offset before = head.load();
    detach(transaction, *attachment);
    if (head.load() == before) break;  // corrupt: must not loop for ever
  }
  transaction.set(head, 0);
  transaction.commit();
}

void give_back_objects(Transaction& transaction, OwnerId dead) noexcept {
  Segment& segment = transaction.segment();
  Offset next = segment.header().first_object.load();
  for (std::uint32_t i = 0, n = segment.header().object_count.load(); next != 0 && i < n; ++i) {
    Object* const object = checked_object(segment, next);
    if (object == nullptr) return;
    next = object->next.load();
    give_back_object({transaction.me(), object}, dead);
  }
}

}  // namespace lockstep
