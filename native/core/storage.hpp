// Where the bytes of memory, arrays and values lie. Up to half a page they are a block of the object heap, else a run
// of pages of their own; those of a value are words of its object, as JavaScript sees these through its windows.
#pragma once

#include <span>

#include "heap.hpp"
#include "object.hpp"

namespace lockstep {

constexpr bool has_storage(Kind kind) noexcept { return kind == Kind::kMemory || kind == Kind::kArray; }
/// A lock that is made with it, and goes with it.
constexpr bool has_own_lock(Kind kind) noexcept { return kind == Kind::kArray || kind == Kind::kValue; }
constexpr bool has_partner(Kind kind) noexcept { return kind == Kind::kCondition || has_own_lock(kind); }

/// Types of elements, the parameter of arrays and values: i8 u8 i16 u16 i32 u32 i64 u64 f32 f64.
constexpr std::uint32_t kElementTypes = 10;
constexpr std::uint64_t kElementBytes[kElementTypes] = {1, 1, 2, 2, 4, 4, 8, 8, 4, 8};
constexpr std::uint64_t kValueBytes = 8;

/// Words of memory and arrays.
struct Storage {
  Word place;   // Offset of the bytes
  Word extent;  // of memory in bytes, of an array in elements
};

/// How much there is to store.
struct StorageShape {
  Kind kind;
  std::uint32_t parameter;
  std::uint32_t extent;

  std::uint64_t bytes() const noexcept {
    return kind == Kind::kArray ? extent * kElementBytes[parameter < kElementTypes ? parameter : 0] : extent;
  }
};

/// 0 unless the object has storage.
std::uint32_t extent_of(const Object& object) noexcept;
/// For a new object, whose bytes are then what they were before. False when there is no room. Belongs to the
/// transaction of the directory.
bool take_storage(Transaction& transaction, Object& object, const StorageShape& shape) noexcept;
/// Gives back what the object has, if it has any.
void give_storage(Transaction& transaction, Object& object) noexcept;
/// Where an object with storage has its bytes, and how many, as its words say: not checked.
struct StoragePlace {
  Offset place;
  std::uint64_t bytes;
  bool is_run;
};
StoragePlace storage_of(const Object& object) noexcept;
/// The bytes of memory, an array or a value; a null pointer where no such bytes are.
std::span<char> bytes_of(const Segment& segment, const Object& object) noexcept;

}  // namespace lockstep
