#include "core/queue.hpp"

#include <algorithm>

#include "container_values.hpp"
#include "slice.hpp"

namespace lockstep::addon {
namespace {

constexpr Kinds kThis = only(Kind::kQueue) | only(Kind::kLifoQueue) | only(Kind::kPriorityQueue);

// Calls `operation(put)` with the one item that the second to fourth argument are: value, kind of bytes, priority.
template <typename Operation>
Status with_item(const AttachedObject& queue, const Arguments& arguments, Operation operation) noexcept {
  ValueArgument value;
  if (!value.read(arguments, 1, 2)) return Status::kMismatch;
  const QueueItem item{value.value(), queue.kind == Kind::kPriorityQueue ? arguments.number(3) : 0};
  QueuePut put{&item, 1};
  return operation(put);
}

Status try_put(AttachedObject& queue, const Arguments& arguments) noexcept {
  return with_item(queue, arguments, [&](QueuePut& item) { return queue_try_put(queue, item); });
}

Status put(AttachedObject& queue, const Arguments& arguments) noexcept {
  return with_item(queue, arguments, [&](QueuePut& item) {
    return wait_slice(arguments.time_ns(4), [&](Deadline deadline) { return queue_put(queue, item, deadline); });
  });
}

Status arm_put(AttachedObject& queue, const Arguments& arguments) noexcept {
  return with_item(queue, arguments, [&](QueuePut& item) { return queue_arm_put(queue, item); });
}

void disarm_put(AttachedObject& queue, const Arguments&) noexcept { queue_disarm_put(queue); }

// Calls `operation(get)` for at most so many items.
template <typename Operation>
Status with_items(const Arguments& arguments, std::uint32_t count, Operation operation) noexcept {
  TakenItems& items = arguments.isolate().items();
  if (!items.begin()) return Status::kFull;
  QueueGet get{items, std::min(count, TakenItems::kMost)};
  const Status status = operation(get);
  items.settle(get.done);
  return status;
}

// Only while some are left.
napi_value show_next(const Arguments& arguments) noexcept {
  TakenItems& items = arguments.isolate().items();
  Offset item = 0;
  const std::uint32_t left = items.left();
  const ValueCopy& value = items.next(&item);
  tell_item(arguments, item, left);
  return to_javascript(arguments, value);
}

// Callback of a function that gets items: the result is the first one, or the status when there is none.
template <auto operation>
napi_value get_call(napi_env env, napi_callback_info info) noexcept {
  const Arguments arguments(env, info);
  AttachedObject* const queue = arguments.isolate().object(arguments.number(0), kThis);
  const Status status = queue == nullptr ? Status::kGone : operation(*queue, arguments);
  if (status == Status::kOk && arguments.isolate().items().left() > 0) return show_next(arguments);
  tell_item(arguments, 0, 0);
  return to_value(env, status);
}

Status try_get(AttachedObject& queue, const Arguments& arguments) noexcept {
  return with_items(arguments, arguments.count(1), [&](QueueGet& items) { return queue_try_get(queue, items); });
}

Status end_and_try_get(AttachedObject& queue, const Arguments& arguments) noexcept {
  return with_items(arguments, 1,
                    [&](QueueGet& items) { return queue_end_and_try_get(queue, arguments.word(1), items); });
}

Status get(AttachedObject& queue, const Arguments& arguments) noexcept {
  return with_items(arguments, arguments.count(1), [&](QueueGet& items) {
    return wait_slice(arguments.time_ns(2), [&](Deadline deadline) { return queue_get(queue, items, deadline); });
  });
}

Status arm_get(AttachedObject& queue, const Arguments& arguments) noexcept {
  return with_items(arguments, arguments.count(1), [&](QueueGet& items) { return queue_arm_get(queue, items); });
}

void disarm_get(AttachedObject& queue, const Arguments&) noexcept { queue_disarm_get(queue); }

napi_value next(napi_env env, napi_callback_info info) noexcept {
  const Arguments arguments(env, info);
  return arguments.isolate().items().left() > 0 ? show_next(arguments) : nullptr;
}

Status task_done(AttachedObject& queue, const Arguments& arguments) noexcept {
  return queue_task_done(queue, arguments.count(1));
}

Status end(AttachedObject& queue, const Arguments& arguments) noexcept { return queue_end(queue, arguments.word(1)); }

Status try_join(AttachedObject& queue, const Arguments&) noexcept { return queue_try_join(queue); }

Status join(AttachedObject& queue, const Arguments& arguments) noexcept {
  return wait_slice(arguments.time_ns(1), [&](Deadline deadline) { return queue_join(queue, deadline); });
}

Status arm_join(AttachedObject& queue, const Arguments&) noexcept { return queue_arm_join(queue); }

void disarm_join(AttachedObject& queue, const Arguments&) noexcept { queue_disarm_join(queue); }

void shut_down(AttachedObject& queue, const Arguments& arguments) noexcept {
  queue_shut_down(queue, arguments.flag(1));
}

bool is_shut_down(AttachedObject& queue, const Arguments&) noexcept { return queue_is_shut_down(queue); }

double size(AttachedObject& queue, const Arguments&) noexcept { return queue_size(queue); }

double unfinished(AttachedObject& queue, const Arguments&) noexcept { return queue_unfinished(queue); }

constexpr Function kFunctions[] = {
    {"queueTryPut", object_call<kThis, try_put>},
    {"queuePut", object_call<kThis, put>},
    {"queueArmPut", object_call<kThis, arm_put>},
    {"queueDisarmPut", object_call<kThis, disarm_put>},
    {"queueTryGet", get_call<try_get>},
    {"queueEndAndTryGet", get_call<end_and_try_get>},
    {"queueGet", get_call<get>},
    {"queueArmGet", get_call<arm_get>},
    {"queueDisarmGet", object_call<kThis, disarm_get>},
    {"queueNext", next},
    {"queueTaskDone", object_call<kThis, task_done>},
    {"queueEnd", object_call<kThis, end>},
    {"queueTryJoin", object_call<kThis, try_join>},
    {"queueJoin", object_call<kThis, join>},
    {"queueArmJoin", object_call<kThis, arm_join>},
    {"queueDisarmJoin", object_call<kThis, disarm_join>},
    {"queueShutDown", object_call<kThis, shut_down>},
    {"queueIsShutDown", object_call<kThis, is_shut_down>},
    {"queueSize", object_call<kThis, size>},
    {"queueUnfinished", object_call<kThis, unfinished>},
};

}  // namespace

std::span<const Function> queue_functions() noexcept { return kFunctions; }

}  // namespace lockstep::addon
