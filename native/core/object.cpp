#include "object.hpp"

#include "barrier.hpp"
#include "bounded_semaphore.hpp"
#include "claim.hpp"
#include "condition.hpp"
#include "dict_index.hpp"
#include "event.hpp"
#include "list_node.hpp"
#include "queue_items.hpp"
#include "rwlock.hpp"
#include "semaphore.hpp"
#include "storage.hpp"

namespace lockstep {

std::uint64_t object_size(Kind kind, std::uint32_t parameter) noexcept {
  constexpr std::uint64_t kWord = sizeof(Word);
  switch (kind) {
    case Kind::kLock:
    case Kind::kRLock:
    case Kind::kEvent:
      return kObjectHead + kWord;
    case Kind::kSemaphore:
      return kObjectHead + 2 * kWord;
    case Kind::kRWLock:
      return kObjectHead + (2 + kReaderChunks) * kWord;
    case Kind::kBoundedSemaphore:
      return kObjectHead + (kFirstPermit + std::uint64_t{parameter}) * kWord;
    case Kind::kCondition:
      return kObjectHead + 2 * kWord + kInlineEntries * sizeof(Word64);
    case Kind::kBarrier:
      return kObjectHead + 2 * kWord + std::uint64_t{parameter} * sizeof(Word64);
    case Kind::kDict:
    case Kind::kNamespace:
      return kDictBytes;
    case Kind::kQueue:
    case Kind::kLifoQueue:
    case Kind::kPriorityQueue:
      return kObjectHead + sizeof(Queue);
    case Kind::kMemory:
    case Kind::kArray:
      return kObjectHead + sizeof(Storage);
    case Kind::kValue:
      return kObjectHead + kValueBytes;
    case Kind::kList:
      return kObjectHead + sizeof(List);
    case Kind::kNone:
      break;
  }
  return 0;
}

ParameterRange parameter_range(Kind kind) noexcept {
  switch (kind) {
    case Kind::kSemaphore:
      return {0, kMaxPermits};
    case Kind::kBoundedSemaphore:
      return {0, kMaxBoundedPermits};
    case Kind::kBarrier:
      return {1, kMaxParties};
    case Kind::kDict:
      return {0, dict_parameter(kMaxEntries, true)};
    case Kind::kQueue:
    case Kind::kLifoQueue:
    case Kind::kPriorityQueue:
      return {0, queue_parameter(kMaxItems, true)};
    case Kind::kArray:
    case Kind::kValue:
      return {0, kElementTypes - 1};
    default:
      return {0, 0};
  }
}

void initialize_object(Object& object, Kind kind, std::uint32_t parameter) noexcept {
  auto* const words = reinterpret_cast<Word*>(reinterpret_cast<char*>(&object) + kObjectHead);
  if (kind == Kind::kSemaphore) words[0].store(parameter);
  if (kind == Kind::kBoundedSemaphore || kind == Kind::kBarrier) words[1].store(parameter);
}

void free_extras(Transaction& transaction, Object& object) noexcept {
  const Reference reference{transaction.me(), &object};
  const auto kind = static_cast<Kind>(object.kind.load());
  if (kind == Kind::kCondition) condition_free_chunks(transaction, reference);
  if (kind == Kind::kRWLock) rwlock_free_chunks(transaction, reference);
}

void give_back_object(const Reference& reference, OwnerId dead) noexcept {
  if (slot_of(dead) <= kIsolateSlots && bell_of(dead) != kSharedBell) {
    reference.object->bells.fetch_and(~bell_of(dead));
    reference.object->drain_bells.fetch_and(~bell_of(dead));
  }
  switch (static_cast<Kind>(reference.object->kind.load())) {
    case Kind::kLock:
    case Kind::kRLock:
      return lock_give_back(reference.me, reference.lock(), dead);
    case Kind::kRWLock:
      return rwlock_give_back(reference, dead);
    case Kind::kSemaphore:
      return semaphore_give_back(reference);
    case Kind::kBoundedSemaphore:
      return bounded_give_back(reference, dead);
    case Kind::kCondition:
      return condition_give_back(reference, dead);
    case Kind::kEvent:
      return event_give_back(reference);
    case Kind::kBarrier:
      return barrier_give_back(reference, dead);
    case Kind::kQueue:
    case Kind::kLifoQueue:
    case Kind::kPriorityQueue:
      return queue_give_back(reference, dead);
    case Kind::kDict:
    case Kind::kNamespace:
      return claim_wake_all(reference);
    case Kind::kMemory:
    case Kind::kArray:
    case Kind::kValue:
    case Kind::kList:
    case Kind::kNone:
      return;
  }
}

bool reap_object(const Reference& reference) noexcept {
  switch (static_cast<Kind>(reference.object->kind.load())) {
    case Kind::kDict:
    case Kind::kNamespace:
      return dict_reap(reference);
    case Kind::kQueue:
    case Kind::kLifoQueue:
    case Kind::kPriorityQueue:
      return queue_reap(reference);
    case Kind::kList:
      return list_reap(reference);
    default:
      return false;
  }
}

}  // namespace lockstep
