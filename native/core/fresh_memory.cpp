#include "fresh_memory.hpp"

#include <sys/mman.h>

#include <cstdint>

#include "memory_layout.hpp"

namespace lockstep {
namespace {

constexpr std::size_t kWorthWhile = 128 * 1024;  // bytes; less is memory that malloc() had before
constexpr int kPopulateWrite = 23;  // MADV_POPULATE_WRITE, of Linux 5.14: older C libraries have no name for it
constexpr std::size_t kHuge = 4 * 1024 * 1024;  // bytes, in which there is a huge page wherever they begin

}  // namespace

void populate(std::span<char> memory) noexcept {
  if (memory.size() < kWorthWhile) return;
  const auto start = (reinterpret_cast<std::uintptr_t>(memory.data()) + kPage - 1) / kPage * kPage;
  const std::size_t length = memory.size() / kPage * kPage - kPage;
  auto* const pages = reinterpret_cast<void*>(start);
  if (memory.size() >= kHuge) madvise(pages, length, MADV_HUGEPAGE);
  madvise(pages, length, kPopulateWrite);  // where it is not known, pages come while they are filled
}

}  // namespace lockstep
