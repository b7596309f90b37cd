#include "storage.hpp"

namespace lockstep {
namespace {

constexpr std::uint64_t kLargestBlock = kPage / 2;

Storage& words_of(const Object& object) noexcept {
  return *reinterpret_cast<Storage*>(reinterpret_cast<char*>(const_cast<Object*>(&object)) + kObjectHead);
}

Kind kind_of(const Object& object) noexcept { return static_cast<Kind>(object.kind.load()); }

std::uint32_t pages_of(std::uint64_t bytes) noexcept { return static_cast<std::uint32_t>((bytes + kPage - 1) / kPage); }

Offset take_run(Transaction& transaction, std::uint64_t bytes) noexcept {
  const Offset run = take_pages(transaction, {pages_of(bytes), PageOwner::kMemoryRun});
  if (run == 0) return 0;
  Word& in_use = transaction.segment().header().bytes_in_use;
  transaction.set(in_use, in_use.load() + pages_of(bytes) * kPage);
  return run;
}

// Not more than the run has, whatever the words of the object say.
void give_run(Transaction& transaction, Offset run) noexcept {
  Segment& segment = transaction.segment();
  const PageInfo* const info = page_info(segment, page_of(segment, run));
  if (info == nullptr || info->owner.load() != static_cast<std::uint32_t>(PageOwner::kMemoryRun)) return;
  const std::uint32_t pages = info->length.load();
  if (!give_pages(transaction, run)) return;
  Word& in_use = segment.header().bytes_in_use;
  transaction.set(in_use, in_use.load() - pages * kPage);
}

}  // namespace

std::uint32_t extent_of(const Object& object) noexcept {
  return has_storage(kind_of(object)) ? words_of(object).extent.load() : 0;
}

StoragePlace storage_of(const Object& object) noexcept {
  const StorageShape shape{kind_of(object), object.parameter.load(), words_of(object).extent.load()};
  return {words_of(object).place.load(), shape.bytes(), shape.bytes() > kLargestBlock};
}

bool take_storage(Transaction& transaction, Object& object, const StorageShape& shape) noexcept {
  const std::uint64_t bytes = shape.bytes();
  Segment& segment = transaction.segment();
  Offset place = 0;
  if (bytes > kLargestBlock) {
    place = take_run(transaction, bytes);
  } else if (const char* const block = allocate(transaction, bytes)) {
    place = segment.offset_of(block);
  }
  words_of(object).extent.store(shape.extent);
  words_of(object).place.store(place);
  return place != 0;
}

void give_storage(Transaction& transaction, Object& object) noexcept {
  if (!has_storage(kind_of(object))) return;
  Segment& segment = transaction.segment();
  const StoragePlace storage = storage_of(object);
  if (storage.is_run) return give_run(transaction, storage.place);
  const std::uint64_t size = heap_block_size(storage.bytes);
  if (storage.place % size == 0 && segment.checked<Word>(storage.place, size) != nullptr) {
    release(transaction, segment.bytes(storage.place), size);
  }
}

std::span<char> bytes_of(const Segment& segment, const Object& object) noexcept {
  if (!has_storage(kind_of(object))) return {reinterpret_cast<char*>(&words_of(object)), kValueBytes};
  const StoragePlace storage = storage_of(object);
  if (storage.place % kSmallestBlock != 0) return {};
  return {segment.checked<char>(storage.place, storage.bytes), storage.bytes};
}

}  // namespace lockstep
