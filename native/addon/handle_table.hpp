// Integers that stand for things: slot + generation, so that a stale or invented one finds nothing.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace lockstep::addon {

/// A handle is generation * kSlots + slot, a positive integer that a double holds exactly. 0 is none.
template <typename Item>
class HandleTable {
 public:
  /// 0 when every slot is taken. Pointers from find() are void afterwards.
  double add(const Item& item) {
    if (free_.empty()) {
      if (entries_.size() == kSlots) return 0;
      entries_.emplace_back();
      free_.push_back(static_cast<std::uint32_t>(entries_.size() - 1));
    }
    const std::uint32_t slot = free_.back();
    free_.pop_back();
    entries_[slot].item = item;
    return handle_of(slot);
  }

  /// Null for a handle that was removed or never given out, and for any other number.
  Item* find(double handle) noexcept {
    Entry* const entry = entry_of(handle);
    return entry != nullptr && entry->item ? &*entry->item : nullptr;
  }

  void remove(double handle) {
    Entry* const entry = entry_of(handle);
    if (entry == nullptr || !entry->item) return;
    entry->item.reset();
    if (++entry->generation < kGenerations) free_.push_back(static_cast<std::uint32_t>(entry - entries_.data()));
  }

  /// First handle whose item fulfils the condition, or 0.
  template <typename Condition>
  double find_if(Condition condition) const {
    for (std::uint32_t slot = 0; slot < entries_.size(); ++slot) {
      if (entries_[slot].item && condition(*entries_[slot].item)) return handle_of(slot);
    }
    return 0;
  }

  /// Handles of all items.
  std::vector<double> handles() const {
    std::vector<double> all;
    for (std::uint32_t slot = 0; slot < entries_.size(); ++slot) {
      if (entries_[slot].item) all.push_back(handle_of(slot));
    }
    return all;
  }

 private:
  static constexpr std::uint32_t kSlots = 1u << 22;
  static constexpr std::uint32_t kGenerations = 1u << 31;  // then the slot is retired; kSlots * kGenerations is 2^53

  struct Entry {
    std::uint32_t generation = 1;
    std::optional<Item> item;
  };

  double handle_of(std::uint32_t slot) const noexcept {
    return static_cast<double>(std::uint64_t{entries_[slot].generation} * kSlots + slot);
  }

  Entry* entry_of(double handle) noexcept {
    if (!(handle >= kSlots && handle < double{kSlots} * kGenerations)) return nullptr;
    const auto number = static_cast<std::uint64_t>(handle);
    const std::size_t slot = number % kSlots;
    if (static_cast<double>(number) != handle || slot >= entries_.size()) return nullptr;
    return entries_[slot].generation == number / kSlots ? &entries_[slot] : nullptr;
  }

  std::vector<Entry> entries_;
  std::vector<std::uint32_t> free_;
};

}  // namespace lockstep::addon
