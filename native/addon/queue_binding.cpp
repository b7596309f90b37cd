#include "core/queue.hpp"

#include <algorithm>

#include "container_values.hpp"
#include "slice.hpp"

namespace lockstep::addon {
namespace {

// Calls `operation(put)` with the one item that the second to fourth argument are: value, kind of bytes, priority.
template <typename Operation>
Status with_item(const Arguments& arguments, Operation operation) noexcept {
  ValueArgument value;
  if (!value.read(arguments, 1, 2)) return Status::kMismatch;
  const QueueItem item{value.value(), arguments.number(3)};
  QueuePut put{&item, 1};
  return operation(put);
}

Status try_put(AttachedObject& queue, const Arguments& arguments) noexcept {
  return with_item(arguments, [&](QueuePut& item) { return queue_try_put(queue, item); });
}

Status put(AttachedObject& queue, const Arguments& arguments) noexcept {
  return with_item(arguments, [&](QueuePut& item) {
    return wait_slice(arguments.time_ns(4), [&](Deadline deadline) { return queue_put(queue, item, deadline); });
  });
}

Status arm_put(AttachedObject& queue, const Arguments& arguments) noexcept {
  return with_item(arguments, [&](QueuePut& item) { return queue_arm_put(queue, item); });
}

void disarm_put(AttachedObject& queue, const Arguments&) noexcept { queue_disarm_put(queue); }

// Calls `operation(get)` for at most as many items as the second argument says; `next` then shows them.
template <typename Operation>
Status with_items(const Arguments& arguments, Operation operation) noexcept {
  TakenItems& items = arguments.isolate().items();
  if (!items.begin()) return Status::kFull;
  QueueGet get{items, std::min(arguments.count(1), TakenItems::kMost)};
  const Status status = operation(get);
  items.settle(get.done);
  return status;
}

Status try_get(AttachedObject& queue, const Arguments& arguments) noexcept {
  return with_items(arguments, [&](QueueGet& items) { return queue_try_get(queue, items); });
}

Status get(AttachedObject& queue, const Arguments& arguments) noexcept {
  return with_items(arguments, [&](QueueGet& items) {
    return wait_slice(arguments.time_ns(2), [&](Deadline deadline) { return queue_get(queue, items, deadline); });
  });
}

Status arm_get(AttachedObject& queue, const Arguments& arguments) noexcept {
  return with_items(arguments, [&](QueueGet& items) { return queue_arm_get(queue, items); });
}

void disarm_get(AttachedObject& queue, const Arguments&) noexcept { queue_disarm_get(queue); }

napi_value next(napi_env env, napi_callback_info info) noexcept {
  const Arguments arguments(env, info);
  TakenItems& items = arguments.isolate().items();
  if (items.left() == 0) return nullptr;
  Offset item = 0;
  const ValueCopy& value = items.next(&item);
  tell_item(arguments, item, items.left());
  return to_javascript(arguments, value);
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

constexpr Kinds kThis = only(Kind::kQueue) | only(Kind::kLifoQueue) | only(Kind::kPriorityQueue);
constexpr Function kFunctions[] = {
    {"queueTryPut", object_call<kThis, try_put>},
    {"queuePut", object_call<kThis, put>},
    {"queueArmPut", object_call<kThis, arm_put>},
    {"queueDisarmPut", object_call<kThis, disarm_put>},
    {"queueTryGet", object_call<kThis, try_get>},
    {"queueGet", object_call<kThis, get>},
    {"queueArmGet", object_call<kThis, arm_get>},
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
