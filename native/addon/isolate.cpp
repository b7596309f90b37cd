#include "isolate.hpp"

#include <cerrno>

#include "core/directory.hpp"
#include "core/runtime.hpp"

namespace lockstep::addon {

Isolate::Isolate(napi_env env) : env_(env) { napi_add_env_cleanup_hook(env, &Isolate::clean_up, this); }

void Isolate::clean_up(void* self) { delete static_cast<Isolate*>(self); }

Isolate::~Isolate() {
  if (dispatcher_ != nullptr) dispatcher_->stop();
  for (const double segment : segments_.handles()) close_segment(segment);
  for (const double handle : children_.handles()) {
    const WatchedChild& watched = *children_.find(handle);
    if (watched.is_daemon) child_kill(watched.child);
    child_close(watched.child);
  }
}

Status Isolate::open_segment(const OpenOptions& options, double* handle) {
  Segment* segment = nullptr;
  const Status joined = join_segment(options, &segment);
  if (joined != Status::kOk) return joined;
  *handle = segments_.find_if([&](const Participant& me) { return me.segment == segment; });
  if (*handle != 0) {
    leave_segment(segment);  // joined twice now
    return Status::kOk;
  }
  Participant me;
  const Status claimed = join_isolate(segment, &me);
  if (claimed != Status::kOk) {
    leave_segment(segment);
    return claimed;
  }
  if (dispatcher_ != nullptr && !lockstep::listen(me, dispatcher_)) {
    leave_isolate(me);
    leave_segment(segment);
    return errno = EAGAIN, Status::kSystem;
  }
  *handle = segments_.add(me);
  return Status::kOk;
}

void Isolate::close_segment(double handle) {
  const Participant* const found = segments_.find(handle);
  if (found == nullptr) return;
  const Participant me = *found;
  value_.held.let_go();
  items_.let_all_go();
  output_.clear();
  segments_.remove(handle);
  if (dispatcher_ != nullptr) stop_listening(me);
  for (const double object : objects_.handles()) {
    if (objects_.find(object)->me.segment == me.segment) drop_object(object);
  }
  leave_isolate(me);
  leave_segment(me.segment);
}

double Isolate::keep(const Participant& me, Object* object) {
  const auto known = handles_.find(object);
  if (known != handles_.end()) {
    detach_object(me, object);  // attached twice now
    ++objects_.find(known->second)->opens;
    return known->second;
  }
  AttachedObject attached{{me, object}, static_cast<Kind>(object->kind.load()), object->parameter.load()};
  const double handle = objects_.add(attached);
  if (handle == 0) {
    detach_object(me, object);
  } else {
    handles_.emplace(object, handle);
  }
  return handle;
}

void Isolate::close_object(double handle) {
  AttachedObject* const found = objects_.find(handle);
  if (found != nullptr && --found->opens == 0) drop_object(handle);
}

void Isolate::drop_object(double handle) {
  const AttachedObject dropped = *objects_.find(handle);
  objects_.remove(handle);
  handles_.erase(dropped.object);
  detach_object(dropped.me, dropped.object);
}

bool Isolate::keep_scratch(napi_value array) noexcept {
  napi_typedarray_type type;
  std::size_t length = 0;
  void* data = nullptr;
  if (scratch_array_ != nullptr) return false;
  if (napi_get_typedarray_info(env_, array, &type, &length, &data, nullptr, nullptr) != napi_ok) return false;
  if (type != napi_uint8_array || data == nullptr) return false;
  if (napi_create_reference(env_, array, 1, &scratch_array_) != napi_ok) return false;
  scratch_ = {static_cast<char*>(data), length};
  return true;
}

napi_value Isolate::scratch_array() const noexcept {
  napi_value array = nullptr;
  napi_get_reference_value(env_, scratch_array_, &array);
  return array;
}

bool Isolate::listen(napi_value dispatch) {
  if (dispatcher_ != nullptr) return false;
  dispatcher_ = Dispatcher::start(env_, dispatch);
  if (dispatcher_ == nullptr) return false;
  // Hooks run last in, first out: ours has to be before the one by which the runtime closes the dispatcher.
  napi_remove_env_cleanup_hook(env_, &Isolate::clean_up, this);
  napi_add_env_cleanup_hook(env_, &Isolate::clean_up, this);
  bool all = true;
  for (const double segment : segments_.handles()) all = lockstep::listen(*segments_.find(segment), dispatcher_) && all;
  return all;
}

}  // namespace lockstep::addon
