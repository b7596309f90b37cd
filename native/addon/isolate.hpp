// What one isolate (a thread that runs JavaScript) has of Lockstep: the segments it joined, the objects it attached and
// its way to hear the doorbell. Only its own thread touches it; it goes with the environment.
#pragma once

#include <span>
#include <unordered_map>

#include "core/child.hpp"
#include "core/dict.hpp"
#include "core/list.hpp"
#include "core/object.hpp"
#include "core/segment.hpp"
#include "dispatcher.hpp"
#include "handle_table.hpp"
#include "taken_items.hpp"

namespace lockstep::addon {

/// A set of kinds of objects, a bit each.
using Kinds = std::uint32_t;
constexpr Kinds only(Kind kind) noexcept { return 1u << static_cast<std::uint32_t>(kind); }
constexpr Kinds kAnyKind = (1u << kKinds) - 1;
constexpr Kinds kLockWords = only(Kind::kLock) | only(Kind::kRLock) | only(Kind::kRWLock);

struct AttachedObject : Reference {
  Kind kind;
  std::uint32_t parameter;
  Offset reader_word = 0;   // RWLock: this isolate's, once it was looked up
  std::uint32_t opens = 1;  // opens and attaches that are not closed yet
};

struct WatchedChild {
  Child child;
  bool is_daemon;  // killed with the isolate, which may end without running what would have ended it
};

class Isolate {
 public:
  explicit Isolate(napi_env env);
  Isolate(const Isolate&) = delete;
  Isolate& operator=(const Isolate&) = delete;

  /// The same segment again gives the same handle. Statuses of join_segment() and join_isolate().
  Status open_segment(const OpenOptions& options, double* handle);
  /// What the isolate held is given back; handles of its objects find nothing afterwards.
  void close_segment(double handle);
  Participant* segment(double handle) noexcept { return segments_.find(handle); }

  /// A handle for an object that core has just attached; the same object again gives the same handle. 0 when there are
  /// too many; the object is then detached again.
  double keep(const Participant& me, Object* object);
  /// Null for a stale handle and for other kinds than these.
  AttachedObject* object(double handle, Kinds kinds) noexcept {
    AttachedObject* const found = objects_.find(handle);
    return found != nullptr && (only(found->kind) & kinds) ? found : nullptr;
  }
  /// Balances one keep().
  void close_object(double handle);

  /// Processes that this isolate has started and wants to know the end of.
  HandleTable<WatchedChild>& children() noexcept { return children_; }

  /// Calls `dispatch` after rings in any segment. False when it listens already or the runtime refuses.
  bool listen(napi_value dispatch);
  /// Null before listen().
  Dispatcher* dispatcher() noexcept { return dispatcher_; }

  /// What the last call on a container copied out.
  ValueCopy& value() noexcept { return value_; }
  KeyCopy& key() noexcept { return key_; }
  TakenItems& items() noexcept { return items_; }
  /// Of a call on a list: what goes in and what comes out.
  ValueList& input() noexcept { return input_; }
  ValueList& output() noexcept { return output_; }
  /// Memory that JavaScript reads small results from; kept until the isolate ends. False when it is no Uint8Array.
  bool keep_scratch(napi_value array) noexcept;
  std::span<char> scratch() const noexcept { return scratch_; }
  napi_value scratch_array() const noexcept;

 private:
  ~Isolate();
  static void clean_up(void* self);
  void drop_object(double handle);

  napi_env env_;
  HandleTable<Participant> segments_;
  HandleTable<AttachedObject> objects_;
  std::unordered_map<const Object*, double> handles_;
  HandleTable<WatchedChild> children_;
  Dispatcher* dispatcher_ = nullptr;
  ValueCopy value_;
  KeyCopy key_;
  TakenItems items_;
  ValueList input_, output_;
  std::span<char> scratch_;
  napi_ref scratch_array_ = nullptr;
};

}  // namespace lockstep::addon
