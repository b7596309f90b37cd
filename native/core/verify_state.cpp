#include "verify_state.hpp"

#include <cstdio>

#include "directory.hpp"
#include "heap.hpp"
#include "slab.hpp"

namespace lockstep {
namespace {

const char* word_for(Kind kind) noexcept {
  constexpr const char* kWords[] = {"object",           "Lock",      "RLock",     "RWLock",       "Semaphore",
                                    "BoundedSemaphore", "Condition", "Event",     "Barrier",      "SharedDict",
                                    "Namespace",        "Queue",     "LifoQueue", "PriorityQueue"};
  const auto index = static_cast<std::size_t>(kind);
  return index < std::size(kWords) ? kWords[index] : kWords[0];
}

std::string subject_of(const Segment& segment, const Object& object) {
  const std::string_view name = name_of(segment, object);
  std::string text = word_for(static_cast<Kind>(object.kind.load()));
  if (!name.empty()) text.append(" \"").append(name).append("\"");
  char offset[16];
  std::snprintf(offset, sizeof offset, " at %x: ", segment.offset_of(&object));
  return text + offset;
}

}  // namespace

Inspection::Inspection(Segment& of, VerifyReport& to)
    : segment(of),
      report(to),
      heap_end(std::max<std::uint64_t>(of.heap_end(), of.heap_start())),
      pages(static_cast<std::uint32_t>((heap_end - of.heap_start()) / kPage)),
      stripe_bytes(kStripes),
      run_of_page_(pages),
      marks_(std::size_t{pages} * (kPage / kSmallestMark)) {}

void Inspection::begin(const Object& object) { subject_ = subject_of(segment, object); }

void Inspection::add_problem(const char* format, va_list arguments) {
  char text[160];
  if (report.problems.size() == kMostProblems) return;
  std::vsnprintf(text, sizeof text, format, arguments);
  report.problems.push_back(subject_ + text);
}

void Inspection::problem(const char* format, ...) {
  va_list arguments;
  va_start(arguments, format);
  add_problem(format, arguments);
  va_end(arguments);
}

bool Inspection::expect(bool holds, const char* format, ...) {
  if (holds) return true;
  va_list arguments;
  va_start(arguments, format);
  add_problem(format, arguments);
  va_end(arguments);
  return false;
}

void Inspection::add_run(const PageSpan& run) {
  runs.push_back(run);
  for (std::uint32_t i = 0; i < run.length; ++i) run_of_page_[run.first + i] = static_cast<std::uint32_t>(runs.size());
}

const PageSpan* Inspection::run_at(Offset offset) const noexcept {
  const std::uint32_t page = page_of(segment, offset);
  if (page >= pages || run_of_page_[page] == 0) return nullptr;
  return &runs[run_of_page_[page] - 1];
}

bool Inspection::mark(Offset offset, std::uint64_t size) noexcept {
  if (offset < segment.heap_start() || offset % kSmallestMark != 0) return false;
  const std::size_t first = (offset - segment.heap_start()) / kSmallestMark;
  const std::size_t count = size / kSmallestMark;
  if (first > marks_.size() || count > marks_.size() - first) return false;
  bool is_new = true;
  for (std::size_t i = 0; i < count; ++i) {
    is_new = is_new && !marks_[first + i];
    marks_[first + i] = true;
  }
  return is_new;
}

void Inspection::add_named(const StoredValue& value) {
  const std::span<NamedObject> objects = objects_of(value);
  expect(value.kind != ValueKind::kWithObjects || !objects.empty(), "value %x: its objects are none",
         segment.offset_of(value.bytes));
  for (const NamedObject& object : objects) ++named[{object.offset.load(), object.serial.load()}];
}

bool Inspection::claim_in_slab(const BlockClaim& claim, const PageSpan& run) {
  const std::uint32_t size = block_size_of(run.owner >> 8 & 0xff);
  const std::uint32_t distance = claim.offset - start_of(run);
  const bool is_block = distance % size == 0 && distance / size < slab_blocks(run.owner >> 8 & 0xff);
  if (!expect(is_block && claim.size <= size && run.owner >> 16 == claim.stripe,
              "%s at %x: no block of stripe %u with %llu bytes", claim.what, claim.offset, claim.stripe,
              static_cast<unsigned long long>(claim.size))) {
    return false;
  }
  if (!expect(mark(claim.offset, size), "%s at %x: free, or used twice", claim.what, claim.offset)) return false;
  stripe_bytes[claim.stripe] += size;
  report.bytes_in_use += size;
  ++report.blocks;
  return true;
}

bool Inspection::claim(const BlockClaim& claim) {
  const PageSpan* const run = run_at(claim.offset);
  const std::uint32_t owner = run == nullptr ? 0 : run->owner;
  if ((owner & 0xff) == static_cast<std::uint32_t>(PageOwner::kSlab)) return claim_in_slab(claim, *run);
  const bool is_run = owner == static_cast<std::uint32_t>(PageOwner::kStripeRun) && claim.offset == start_of(*run);
  if (!expect(is_run && claim.size <= std::uint64_t{run->length} * kPage, "%s at %x: no block of a stripe", claim.what,
              claim.offset)) {
    return false;
  }
  // Its first bytes stand for a run: no other begins there, nor anywhere else in it.
  if (!expect(mark(claim.offset, kSmallestMark), "%s at %x: used twice", claim.what, claim.offset)) return false;
  stripe_bytes[claim.stripe] += std::uint64_t{run->length} * kPage;
  report.bytes_in_use += std::uint64_t{run->length} * kPage;
  ++report.blocks;
  return true;
}

bool Inspection::claim_heap(Offset offset, std::uint64_t wanted, const char* what) {
  const std::uint64_t size = heap_block_size(wanted);
  const PageSpan* const run = run_at(offset);
  const bool is_small = size < kPage;
  const auto owner = static_cast<std::uint32_t>(is_small ? PageOwner::kHeapPage : PageOwner::kHeapRun);
  bool is_block = run != nullptr && run->owner == owner && offset % size == 0;
  if (is_block && !is_small) is_block = offset == start_of(*run) && size == std::uint64_t{run->length} * kPage;
  if (!expect(is_block, "%s at %x: no block of the object heap", what, offset)) return false;
  if (!expect(mark(offset, is_small ? size : kSmallestMark), "%s at %x: free, or used twice", what, offset)) {
    return false;
  }
  heap_bytes += size;
  report.bytes_in_use += size;
  ++report.blocks;
  return true;
}

bool Inspection::claim_run(Offset offset, std::uint64_t size, const char* what) {
  const PageSpan* const run = run_at(offset);
  const bool is_run = run != nullptr && run->owner == static_cast<std::uint32_t>(PageOwner::kMemoryRun) &&
                      offset == start_of(*run) && run->length == (size + kPage - 1) / kPage;
  if (!expect(is_run, "%s at %x: no run of %llu bytes", what, offset, static_cast<unsigned long long>(size)) ||
      !expect(mark(offset, kSmallestMark), "%s at %x: used twice", what, offset)) {
    return false;
  }
  heap_bytes += std::uint64_t{run->length} * kPage;
  report.bytes_in_use += std::uint64_t{run->length} * kPage;
  ++report.blocks;
  return true;
}

}  // namespace lockstep
