#include "core/rwlock.hpp"

#include "functions.hpp"
#include "slice.hpp"
#include "values.hpp"
#include "window.hpp"

namespace lockstep::addon {
namespace {

constexpr Kinds kThis = only(Kind::kRWLock);

// Where this isolate's reader word lies; it stays there, so it is looked up once.
Status find_reader_word(AttachedObject& lock) noexcept {
  return lock.reader_word != 0 ? Status::kOk : rwlock_reader_word(lock, &lock.reader_word);
}

Napi::Value reader_word(const Napi::CallbackInfo& call) {
  AttachedObject* const lock = isolate_of(call).object(number_of(call[0]), kThis);
  const Status found = lock != nullptr ? find_reader_word(*lock) : Status::kGone;
  if (found != Status::kOk) throw failure(call.Env(), "read-lock RWLock", found);
  const Napi::Array place = Napi::Array::New(call.Env(), 2);
  place.Set(0u, Napi::Number::New(call.Env(), window_of(lock->reader_word)));
  place.Set(1u, Napi::Number::New(call.Env(), index_of(lock->reader_word)));
  return place;
}

Status try_read(AttachedObject& lock, const Arguments&) {
  const Status found = find_reader_word(lock);
  return found == Status::kOk ? rwlock_try_read(lock, lock.reader_word) : found;
}

Status mark(AttachedObject& lock, const Arguments&) {
  const Status found = find_reader_word(lock);
  if (found == Status::kOk) rwlock_mark(lock, lock.reader_word);
  return found;
}

Status end_read(AttachedObject& lock, const Arguments&) {
  const Status found = find_reader_word(lock);
  if (found == Status::kOk) rwlock_end_read(lock, lock.reader_word);
  return found;
}

void wake_writer(AttachedObject& lock, const Arguments&) { rwlock_wake_writer(lock); }

Status drain(AttachedObject& lock, const Arguments& arguments) {
  return wait_slice(arguments.time_ns(1), [&](Deadline deadline) { return rwlock_drain(lock, deadline); });
}

Status drain_arm(AttachedObject& lock, const Arguments&) { return rwlock_drain_arm(lock); }

void drain_disarm(AttachedObject& lock, const Arguments&) { rwlock_drain_disarm(lock); }

std::uint32_t has_readers(AttachedObject& lock, const Arguments&) { return rwlock_has_readers(lock); }

constexpr Function kFunctions[] = {
    {"rwlockReaderWord", set_up_call<reader_word>},
    {"rwlockTryRead", object_call<kThis, try_read>},
    {"rwlockMark", object_call<kThis, mark>},
    {"rwlockEndRead", object_call<kThis, end_read>},
    {"rwlockWakeWriter", object_call<kThis, wake_writer>},
    {"rwlockDrain", object_call<kThis, drain>},
    {"rwlockDrainArm", object_call<kThis, drain_arm>},
    {"rwlockDrainDisarm", object_call<kThis, drain_disarm>},
    {"rwlockHasReaders", object_call<kThis, has_readers>},
};

}  // namespace

std::span<const Function> rwlock_functions() noexcept { return kFunctions; }

}  // namespace lockstep::addon
