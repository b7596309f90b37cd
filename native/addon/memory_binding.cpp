#include <cstdlib>

#include "core/memory.hpp"
#include "core/runtime.hpp"
#include "functions.hpp"
#include "object_info.hpp"

namespace lockstep::addon {
namespace {

constexpr Kinds kWithBuffer = only(Kind::kMemory) | only(Kind::kArray);

// Empty unless it is a Uint8Array. Valid until the call of JavaScript returns.
std::span<const char> contents_argument(Napi::Value value) {
  if (!value.IsTypedArray() || value.As<Napi::TypedArray>().TypedArrayType() != napi_uint8_array) return {};
  const auto bytes = value.As<Napi::Uint8Array>();
  return {reinterpret_cast<const char*>(bytes.Data()), bytes.ByteLength()};
}

Napi::Value open_memory(const Napi::CallbackInfo& call) {
  const Participant me = segment_argument(call, "open memory");
  const Kind kind = kind_argument(call[1], static_cast<std::uint32_t>(Kind::kMemory));
  const std::uint32_t parameter = parameter_argument(call[2], kind);
  const std::uint32_t extent = has_storage(kind) ? word_of(call[3]) : 0;
  const std::string name = name_argument(call[4]);
  const MemoryRecipe recipe{{kind, parameter, name, nullptr, extent}, contents_argument(call[5])};
  Object* object = nullptr;
  bool created = false;
  const Status opened = lockstep::open_memory(me, recipe, &object, &created);
  if (opened == Status::kMismatch) throw mismatch(call.Env(), object);
  if (opened != Status::kOk) throw failure(call.Env(), "open memory", opened);
  return describe(call, me, object, created);
}

struct View {
  Segment* segment;
  Object* object;
};

// The runtimes may run this on another thread, while they collect garbage, and after the isolate is gone.
void release_view(napi_env, void*, void* data) {
  const auto* const view = static_cast<View*>(data);
  drop_view(view->segment, view->object);
  delete view;
}

Napi::Value memory_buffer(const Napi::CallbackInfo& call) {
  const AttachedObject* const memory = isolate_of(call).object(number_of(call[0]), kWithBuffer);
  if (memory == nullptr) throw failure(call.Env(), "look at memory", Status::kGone);
  const std::span<char> bytes = bytes_of(*memory->me.segment, *memory->object);
  if (bytes.data() == nullptr || bytes.empty()) throw failure(call.Env(), "look at memory", Status::kCorrupt);
  if (std::getenv("LOCKSTEP_NO_EXTERNAL_BUFFERS") != nullptr) return call.Env().Undefined();
  auto* const view = new View{memory->me.segment, memory->object};
  retain_view(view->segment, view->object);
  napi_value buffer;
  if (napi_create_external_arraybuffer(call.Env(), bytes.data(), bytes.size(), release_view, view, &buffer) ==
      napi_ok) {
    return Napi::Value(call.Env(), buffer);
  }
  release_view(call.Env(), nullptr, view);
  return call.Env().Undefined();
}

double memory_address(AttachedObject& memory, const Arguments&) noexcept {
  return static_cast<double>(reinterpret_cast<std::uintptr_t>(memory.object));
}

constexpr Function kFunctions[] = {
    {"openMemory", set_up_call<open_memory>},
    {"memoryBuffer", set_up_call<memory_buffer>},
    {"memoryAddress", object_call<kWithBuffer, memory_address>},
};

}  // namespace

std::span<const Function> memory_functions() noexcept { return kFunctions; }

}  // namespace lockstep::addon
