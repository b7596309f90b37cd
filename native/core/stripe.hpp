// A stripe: a share of the memory of containers, and the lock under which it changes. Protocol and proof: stripe.cpp.
#pragma once

#include <algorithm>
#include <bit>

#include "object.hpp"
#include "pages.hpp"

namespace lockstep {

/// Stripes that a segment of this capacity uses. What one has freed the others cannot use, except by whole slabs; so a
/// small segment has few.
inline std::uint32_t stripe_count(const Segment& segment) noexcept {
  return std::bit_floor(std::clamp(static_cast<std::uint32_t>(segment.capacity() / kMinCapacity), 1u, kStripes));
}
/// Which stripe guards a part of a container; part 0 is all of it, for those that have one part.
inline std::uint32_t stripe_of(const Reference& container, std::uint32_t part) noexcept {
  const Segment& segment = *container.me.segment;
  return (segment.offset_of(container.object) / 64 + part) % stripe_count(segment);
}

/// Reserves the memory of the stripes, before the first container of a segment. kFull.
Status reserve_stripes(Segment& segment) noexcept;

/// Bytes that containers have in use, a guess while others are at work.
std::uint64_t bytes_in_stripes(const Segment& segment) noexcept;

/// Holds a stripe from construction to destruction. What a dead holder left half done is undone before the constructor
/// returns; what is not committed, when the destructor is done. Containers that lost their last reference meanwhile, as
/// values that name them were freed, are then reaped (reap.hpp).
class StripeWork {
 public:
  StripeWork(const Participant& me, std::uint32_t index) noexcept;
  ~StripeWork() { rollback(); }
  StripeWork(const StripeWork&) = delete;
  StripeWork& operator=(const StripeWork&) = delete;

  /// Changes a word of the segment; undone unless commit() follows.
  void set(Word& word, std::uint32_t value) noexcept { transaction_.set(word, value); }
  /// All changes stand; readers may look again.
  void commit() noexcept {
    transaction_.commit();
    settle();
  }
  /// All changes since the last commit are taken back.
  void rollback() noexcept {
    transaction_.rollback();
    settle();
  }
  /// From now to the commit whoever reads under this sequence has to look again. Once for each commit.
  void shut(Word& sequence) noexcept;

  /// A run of pages for this stripe, 0 when there is none. At most kPendingRuns for each commit.
  Offset take_run(std::uint32_t pages) noexcept;
  /// Gives it back with the commit. At most kPendingRuns for each commit, those taken included.
  void give_run(Offset run) noexcept;

  const Participant& me() const noexcept { return transaction_.me(); }
  Segment& segment() const noexcept { return transaction_.segment(); }
  Stripe& stripe() const noexcept { return stripe_; }
  std::uint32_t index() const noexcept { return index_; }

 private:
  /// Ends after all else: when the lock is free, the containers are reaped that nothing refers to any more.
  struct Afterwards {
    Participant me;
    bool has_dead = false;
    ~Afterwards();
  };

  void settle() noexcept {
    runs_ = 0;
    if (is_anything_on_its_way()) settle_slow();
  }
  bool is_anything_on_its_way() const noexcept {
    std::uint32_t any = stripe_.sequence.load() | stripe_.keeping.load() | stripe_.released.load();
    for (const Word& run : stripe_.pending) any |= run.load();
    return any != 0;
  }
  void settle_slow() noexcept;
  void give_back_runs() noexcept;
  // In value_objects.cpp.
  void forget_kept() noexcept;
  void release_objects(Offset table) noexcept;
  void release_values() noexcept;
  void note_dead() noexcept { afterwards_.has_dead |= segment().header().first_dead.load() != 0; }

  Afterwards afterwards_;
  std::uint32_t index_;
  Stripe& stripe_;
  Transaction transaction_;
  std::uint32_t runs_ = 0;
};

/// Lets go of every stripe on behalf of a dead owner, and undoes what it left half done.
void give_back_stripes(const Participant& me, OwnerId dead) noexcept;

}  // namespace lockstep
