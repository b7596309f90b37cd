// A segment: one mapped file on a tmpfs, found by name, shared by every process of a user.
//
// BUILT PRIVATELY, PUBLISHED WHOLE. A new file has no name (O_TMPFILE) until its header is complete; linkat() then
// gives it one. Of several creators one wins and the others open what it made. Nobody ever maps a half-made segment.
//
// WHO MAY OPEN. No symbolic link is followed; the file must be regular, owned by the effective user and closed to
// whomever `accepted` excludes; header, format stamp and sizes must be ours. All else is refused before it is mapped.
//
// SPACE. The mapping covers the whole capacity, the file only what fallocate() has reserved, so that growing needs no
// remapping in other processes and a full file system is kFull at the call, never SIGBUS. A segment never shrinks.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include "layout.hpp"
#include "status.hpp"

namespace lockstep {

struct OpenOptions {
  std::string directory = "/dev/shm";
  std::string name;  // [A-Za-z0-9._-]{1,100}, not starting with a dot
  std::uint64_t capacity = 1u << 30;
  mode_t mode = 0600;      // of a new one
  mode_t accepted = 0755;  // what one that exists may have: never that others write
  bool create = true;
  bool is_private = false;
};

struct SegmentInfo {
  std::string name;
  std::uint64_t capacity;
  std::uint64_t reserved;
  std::uint32_t processes;  // alive now
  bool is_private;
};

class Segment {
 public:
  /// Maps the segment, creating it where asked. The caller owns `*result`; attach before touching objects (owner.hpp).
  /// On kSystem and kUnsupported errno tells what the kernel said.
  static Status map(const OpenOptions& options, Segment** result);
  Segment(const Segment&) = delete;
  Segment& operator=(const Segment&) = delete;

  /// The mapping stays while anybody counts on it: the runtime, an ArrayBuffer, a thread that sleeps on its words. Any
  /// thread may call these. map() gives the first reference.
  void retain() noexcept { references_.fetch_add(1); }
  void release() noexcept {
    if (references_.fetch_sub(1) == 1) delete this;
  }

  const std::string& path() const noexcept { return path_; }
  std::uint64_t capacity() const noexcept { return capacity_; }
  Header& header() const noexcept { return *reinterpret_cast<Header*>(base_); }
  Process& process(std::uint32_t index) const noexcept { return *at<Process>(kProcessTable + index * 64); }
  Slot& slot(std::uint32_t index) const noexcept { return *at<Slot>(kSlotTable + index * 64); }
  Stripe& stripe(std::uint32_t index) const noexcept { return *at<Stripe>(kStripeTable + index * kStripeBytes); }
  PageInfo& page(std::uint32_t index) const noexcept {
    return *at<PageInfo>(kPageTable + std::uint64_t{index} * sizeof(PageInfo));
  }
  Offset heap_start() const noexcept { return heap_start_; }

  /// For offsets read from shared memory: null unless `length` bytes of reserved heap lie there, aligned for `T`.
  template <typename T>
  T* checked(Offset offset, std::uint64_t length = sizeof(T)) const noexcept {
    if (offset < heap_start_ || offset % alignof(T) != 0) return nullptr;
    const std::uint64_t end = heap_end();
    if (length > end || offset > end - length) return nullptr;
    return at<T>(offset);
  }
  Offset offset_of(const void* address) const noexcept {
    return static_cast<Offset>(static_cast<const char*>(address) - base_);
  }
  char* bytes(Offset offset) const noexcept { return base_ + offset; }
  /// Never beyond the file, whatever the shared word says.
  std::uint64_t heap_end() const noexcept {
    const std::uint64_t end = header().heap_end.load();
    return end <= known_end_.load(std::memory_order_relaxed) ? end : confirm_end(end);
  }

  /// Reserves real memory for [from, from + length). kFull when the capacity or the file system is exhausted.
  Status reserve(Offset from, std::uint64_t length) noexcept;

  /// Held around joining, leaving and unlinking; the kernel drops it when the process dies.
  void lock_file() noexcept;
  void unlock_file() noexcept;
  /// False once the name was removed, or belongs to another file.
  bool is_linked() const noexcept;
  bool same_file(const Segment& other) const noexcept { return device_ == other.device_ && inode_ == other.inode_; }
  /// Processes whose presence the kernel vouches for.
  std::uint32_t live_processes() const noexcept;
  /// True when one of them has not said that it is about to end; under the file lock.
  bool has_future() const noexcept;

  static bool unlink(const std::string& directory, const std::string& name) noexcept;
  static std::vector<SegmentInfo> list(const std::string& directory);
  /// Removes private segments that no live process uses.
  static void sweep(const std::string& directory);
  static std::string path_of(const std::string& directory, const std::string& name);

 private:
  std::uint64_t confirm_end(std::uint64_t end) const noexcept;
  Segment(int fd, char* base, std::uint64_t capacity, std::string path) noexcept;
  ~Segment();
  template <typename T>
  T* at(std::uint64_t offset) const noexcept {
    return reinterpret_cast<T*>(base_ + offset);
  }

  std::atomic<int> references_{1};
  mutable std::atomic<std::uint64_t> known_end_{0};  // what fstat() last confirmed
  int fd_;
  char* base_;
  std::uint64_t capacity_;
  Offset heap_start_;
  std::string path_;
  dev_t device_;
  ino_t inode_;
};

}  // namespace lockstep
