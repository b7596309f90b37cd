#include "attachments.hpp"

#include <map>
#include <utility>

#include "heap.hpp"
#include "per_process.hpp"
#include "reap.hpp"

namespace lockstep {
namespace {

// How often this process has an object; the segment knows only that it has.
struct Local {
  std::uint32_t count;
  Offset attachment;
  std::uint32_t views = 0;  // of the count
};

struct LocalAttachments {
  std::mutex mutex;
  std::map<std::pair<const Segment*, Offset>, Local> of;
};

constinit PerProcess<LocalAttachments> local_attachments;

Status attach(Transaction& transaction, Object& object, std::uint32_t process, Offset* result) noexcept {
  Segment& segment = transaction.segment();
  if (process >= kProcesses) return Status::kCorrupt;
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
  add_reference(transaction, object);
  *result = offset;
  return Status::kOk;
}

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

}  // namespace

std::mutex& attachments_mutex() noexcept { return local_attachments.get().mutex; }

Status attach_locally(Transaction& transaction, Object& object) noexcept {
  Segment& segment = transaction.segment();
  const auto key = std::make_pair<const Segment*, Offset>(&segment, segment.offset_of(&object));
  auto& of = local_attachments.get().of;
  if (const auto found = of.find(key); found != of.end()) return ++found->second.count, Status::kOk;
  Offset attachment = 0;
  const Status attached = attach(transaction, object, process_of(transaction.me()), &attachment);
  if (attached == Status::kOk) of[key] = {1, attachment};
  return attached;
}

namespace {

// Under attachments_mutex().
void count_down(const Participant& me, Object* object, std::uint32_t views = 0) noexcept {
  auto& of = local_attachments.get().of;
  const auto found = of.find({me.segment, me.segment->offset_of(object)});
  if (found == of.end()) return;
  found->second.views -= views;
  if (--found->second.count > 0) return;
  Attachment* const attachment = me.segment->checked<Attachment>(found->second.attachment);
  of.erase(found);
  Transaction transaction(me);
  if (attachment != nullptr) detach(transaction, *attachment);
}

}  // namespace

void detach_object(const Participant& me, Object* object) noexcept {
  {
    const std::lock_guard<std::mutex> guard(attachments_mutex());
    count_down(me, object);
  }
  reap_all(me);
}

void keep_view(const Segment& segment, const Object* object) noexcept {
  const std::lock_guard<std::mutex> guard(attachments_mutex());
  auto& of = local_attachments.get().of;
  const auto found = of.find({&segment, segment.offset_of(object)});
  if (found == of.end()) return;
  ++found->second.count;
  ++found->second.views;
}

bool try_detach_view(const Participant& me, Object* object) noexcept {
  const std::unique_lock<std::mutex> guard(attachments_mutex(), std::try_to_lock);
  if (guard.owns_lock()) count_down(me, object, 1);
  return guard.owns_lock();
}

bool has_views(const Segment* segment) noexcept {
  const std::lock_guard<std::mutex> guard(attachments_mutex());
  for (const auto& [key, local] : local_attachments.get().of) {
    if (key.first == segment && local.views > 0) return true;
  }
  return false;
}

void forget_attachments(const Segment* segment) noexcept {
  const std::lock_guard<std::mutex> guard(local_attachments.get().mutex);
  std::erase_if(local_attachments.get().of, [&](const auto& entry) { return entry.first.first == segment; });
}

void reset_attachments() noexcept { local_attachments.forget(); }

void drop_attachments(Transaction& transaction, std::uint32_t process) noexcept {
  Segment& segment = transaction.segment();
  Word& head = segment.process(process).attachments;
  for (std::uint64_t most = segment.heap_end() / sizeof(Attachment); most > 0; --most) {  // ends a damaged list
    const Offset before = head.load();
    Attachment* const attachment = segment.checked<Attachment>(before);
    if (attachment == nullptr) break;
    detach(transaction, *attachment);
    if (head.load() == before) break;
  }
  transaction.set(head, 0);
  transaction.commit();
}

}  // namespace lockstep
