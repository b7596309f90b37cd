// What verify() has found so far: problems, runs of pages, and which bytes of the heap belong to something.
#pragma once

#include <cstdarg>
#include <map>
#include <memory>

#include "object.hpp"
#include "value_objects.hpp"
#include "verify.hpp"

namespace lockstep {

/// A run of pages as the page table has it.
struct PageSpan {
  std::uint32_t first, length;
  std::uint32_t owner;  // PageInfo::owner, 0 of a free one
};

/// Somebody says that a block is his.
struct BlockClaim {
  Offset offset;
  std::uint64_t size;
  std::uint32_t stripe;
  const char* what;
};

class Inspection {
 public:
  Inspection(Segment& segment, VerifyReport& report);
  Inspection(const Inspection&) = delete;
  Inspection& operator=(const Inspection&) = delete;

  Segment& segment;
  VerifyReport& report;
  const std::uint64_t heap_end;  // read once
  const std::uint32_t pages;
  std::vector<std::unique_ptr<StripeWork>> stripes;  // all of them, or none where there are none
  std::vector<PageSpan> runs;
  std::vector<std::uint64_t> stripe_bytes;                          // claimed, for each stripe
  std::uint64_t heap_bytes = 0;                                     // claimed, of the object heap
  std::map<std::pair<Offset, std::uint32_t>, std::uint32_t> named;  // objects in values: by place and serial, how often

  [[gnu::format(printf, 2, 3)]] void problem(const char* format, ...);
  /// The same, unless it holds.
  [[gnu::format(printf, 3, 4)]] bool expect(bool holds, const char* format, ...);

  /// What follows is about this object, and problems say so.
  void begin(const Object& object);
  void end() noexcept { subject_.clear(); }

  void add_run(const PageSpan& run);
  /// The run in which the offset lies; null outside of all runs.
  const PageSpan* run_at(Offset offset) const noexcept;
  Offset start_of(const PageSpan& run) const noexcept { return offset_of_page(segment, run.first); }

  /// Marks bytes of the heap, multiples of 16; false when some of them are marked already, or not in the heap.
  bool mark(Offset offset, std::uint64_t size) noexcept;
  bool is_marked(Offset offset) const noexcept { return marks_[(offset - segment.heap_start()) / kSmallestMark]; }

  /// A block of a stripe is in use, and by nobody else.
  bool claim(const BlockClaim& claim);
  /// The same for one of the object heap.
  bool claim_heap(Offset offset, std::uint64_t size, const char* what);
  /// The same for a run of pages of memory.
  bool claim_run(Offset offset, std::uint64_t size, const char* what);

  /// The objects that a value names are kept by it.
  void add_named(const StoredValue& value);

  static constexpr std::uint32_t kSmallestMark = 16;

 private:
  bool claim_in_slab(const BlockClaim& claim, const PageSpan& run);
  void add_problem(const char* format, va_list arguments);

  std::string subject_;
  std::vector<std::uint32_t> run_of_page_;  // index into runs + 1
  std::vector<bool> marks_;
};

// In this order: each relies on what the one before has noted.
void inspect_pages(Inspection& inspection);
void inspect_stripes(Inspection& inspection);  // and the free blocks of their slabs
void inspect_condemned(Inspection& inspection);
void inspect_objects(Inspection& inspection, const Participant& me);  // and all that hangs off them
void inspect_sums(Inspection& inspection);

/// The object itself and all that only it refers to; false when there is none.
bool inspect_object(Inspection& inspection, const Participant& me, Offset offset);
void inspect_dict(Inspection& inspection, const Reference& dict);
/// With the stripe of the queue.
void inspect_queue(Inspection& inspection, Object& object, StripeWork& work);
/// The bytes of memory and arrays.
void inspect_memory(Inspection& inspection, const Object& object);
void inspect_list(Inspection& inspection, const Reference& list);
/// What a list has left in a stripe.
void inspect_list_nodes(Inspection& inspection, std::uint32_t stripe);
void inspect_condemned_index(Inspection& inspection, std::uint32_t stripe);

}  // namespace lockstep
