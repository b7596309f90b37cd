#include <algorithm>
#include <cstdlib>

#include "core/runtime.hpp"
#include "core/stripe.hpp"
#include "core/verify.hpp"
#include "functions.hpp"
#include "values.hpp"
#include "window.hpp"

namespace lockstep::addon {
namespace {

OpenOptions options_argument(const Napi::CallbackInfo& call) {
  if (!call[0].IsObject()) throw Napi::TypeError::New(call.Env(), "Cannot open segment: options must be an object");
  const Napi::Object given = call[0].As<Napi::Object>();
  OpenOptions options;
  options.directory = string_of(given.Get("directory"));
  options.name = string_of(given.Get("name"));
  const double capacity = number_of(given.Get("capacity"));
  options.capacity =
      capacity > kMinCapacity ? static_cast<std::uint64_t>(std::min<double>(capacity, kMaxCapacity)) : kMinCapacity;
  options.mode = count_of(number_of(given.Get("mode"))) & 0777;
  options.accepted = count_of(number_of(given.Get("acceptedMode"))) & 0777;
  options.create = is_true(given.Get("create"));
  options.is_private = is_true(given.Get("isPrivate"));
  return options;
}

Napi::Value open_segment(const Napi::CallbackInfo& call) {
  const OpenOptions options = options_argument(call);
  double handle = 0;
  const Status opened = isolate_of(call).open_segment(options, &handle);
  if (opened != Status::kOk) throw failure(call.Env(), "open segment", opened);
  return Napi::Number::New(call.Env(), handle);
}

Napi::Value close_segment(const Napi::CallbackInfo& call) {
  isolate_of(call).close_segment(number_of(call[0]));
  return call.Env().Undefined();
}

Napi::Value owner_id(const Napi::CallbackInfo& call) {
  return Napi::Number::New(call.Env(), segment_argument(call, "read owner id").id);
}

// The runtimes may run this on another thread and after the isolate is gone.
void release_window(napi_env, void*, void* segment) { static_cast<Segment*>(segment)->release(); }

Napi::Value segment_window(const Napi::CallbackInfo& call) {
  const bool refused = std::getenv("LOCKSTEP_NO_EXTERNAL_BUFFERS") != nullptr;
  Segment* const segment = segment_argument(call, "map window").segment;
  const std::uint64_t start = count_of(number_of(call[1])) * kWindowBytes;
  if (start >= segment->capacity()) throw Napi::RangeError::New(call.Env(), "Cannot map window: it is out of range");
  if (refused) return call.Env().Undefined();
  const std::uint64_t length = std::min(kWindowBytes, segment->capacity() - start);
  napi_value window;
  segment->retain();
  if (napi_create_external_arraybuffer(call.Env(), segment->bytes(static_cast<Offset>(start)), length, release_window,
                                       segment, &window) == napi_ok) {
    return Napi::Value(call.Env(), window);
  }
  segment->release();
  return call.Env().Undefined();
}

Napi::Value segment_stats(const Napi::CallbackInfo& call) {
  const Segment& segment = *segment_argument(call, "read statistics").segment;
  const Header& header = segment.header();
  const std::uint32_t slots = std::min(header.slot_limit.load(), kIsolateSlots);
  std::uint32_t owners = 0;
  for (std::uint32_t slot = 1; slot <= slots; ++slot) owners += segment.slot(slot).id.load() != 0;
  Napi::Object stats = Napi::Object::New(call.Env());
  const auto set = [&](const char* name, double value) { stats.Set(name, Napi::Number::New(call.Env(), value)); };
  set("capacity", static_cast<double>(segment.capacity()));
  set("reserved", static_cast<double>(segment.heap_end()));
  set("used", header.bytes_in_use.load() + static_cast<double>(bytes_in_stripes(segment)));
  set("objects", header.object_count.load());
  set("processes", segment.live_processes());
  set("owners", owners);
  return stats;
}

Napi::Value verify_segment(const Napi::CallbackInfo& call) {
  const VerifyReport report = verify(segment_argument(call, "verify segment"));
  const Napi::Array findings = Napi::Array::New(call.Env());
  for (const std::string& problem : report.problems) {
    findings.Set(findings.Length(), Napi::String::New(call.Env(), problem));
  }
  Napi::Object result = Napi::Object::New(call.Env());
  const auto set = [&](const char* name, std::uint64_t value) {
    result.Set(name, Napi::Number::New(call.Env(), static_cast<double>(value)));
  };
  result.Set("findings", findings);
  set("objects", report.objects);
  set("containers", report.containers);
  set("entries", report.entries);
  set("blocks", report.blocks);
  set("used", report.bytes_in_use);
  set("free", report.bytes_free);
  set("tables", report.bytes_tables);
  set("reserved", report.bytes_reserved);
  return result;
}

Napi::Value unlink_segment(const Napi::CallbackInfo& call) {
  return Napi::Boolean::New(call.Env(), Segment::unlink(string_of(call[0]), string_of(call[1])));
}

Napi::Value list_segments(const Napi::CallbackInfo& call) {
  const Napi::Array list = Napi::Array::New(call.Env());
  for (const SegmentInfo& found : Segment::list(string_of(call[0]))) {
    Napi::Object info = Napi::Object::New(call.Env());
    info.Set("name", Napi::String::New(call.Env(), found.name));
    info.Set("capacity", Napi::Number::New(call.Env(), static_cast<double>(found.capacity)));
    info.Set("reserved", Napi::Number::New(call.Env(), static_cast<double>(found.reserved)));
    info.Set("processes", Napi::Number::New(call.Env(), found.processes));
    info.Set("isPrivate", Napi::Boolean::New(call.Env(), found.is_private));
    list.Set(list.Length(), info);
  }
  return list;
}

Napi::Value sweep_segments(const Napi::CallbackInfo& call) {
  Segment::sweep(string_of(call[0]));
  return call.Env().Undefined();
}

Napi::Value unlink_if_last(const Napi::CallbackInfo& call) {
  const Participant* const me = isolate_of(call).segment(number_of(call[0]));
  if (me != nullptr) lockstep::unlink_if_last(me->segment);
  return call.Env().Undefined();
}

constexpr Function kFunctions[] = {
    {"openSegment", set_up_call<open_segment>},
    {"closeSegment", set_up_call<close_segment>},
    {"ownerId", set_up_call<owner_id>},
    {"segmentWindow", set_up_call<segment_window>},
    {"segmentStats", set_up_call<segment_stats>},
    {"verifySegment", set_up_call<verify_segment>},
    {"unlinkSegment", set_up_call<unlink_segment>},
    {"listSegments", set_up_call<list_segments>},
    {"sweepSegments", set_up_call<sweep_segments>},
    {"unlinkIfLast", set_up_call<unlink_if_last>},
};

}  // namespace

std::span<const Function> segment_functions() noexcept { return kFunctions; }

}  // namespace lockstep::addon
