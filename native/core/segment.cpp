#include "segment.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "owner.hpp"
#include "segment_file.hpp"

namespace lockstep {

std::string Segment::path_of(const std::string& directory, const std::string& name) {
  return directory + "/" + file_prefix() + name;
}

Segment::Segment(int fd, char* base, std::uint64_t capacity, std::string path) noexcept
    : fd_(fd), base_(base), capacity_(capacity), heap_start_(heap_start_of(capacity)), path_(std::move(path)) {
  struct stat about;
  fstat(fd, &about);
  device_ = about.st_dev;
  inode_ = about.st_ino;
}

Segment::~Segment() {
  munmap(base_, capacity_);
  close(fd_);
}

Status Segment::map(const OpenOptions& options, Segment** result) {
  const std::string path = path_of(options.directory, options.name);
  for (;;) {
    File file(open(path.c_str(), O_RDWR | O_CLOEXEC | O_NOFOLLOW));
    if (file.get() < 0 && errno == ENOENT) {
      if (!options.create) return Status::kNotFound;
      const Status created = create_file(path, options);
      if (created != Status::kOk) return created;
      continue;
    }
    if (file.get() < 0) return errno == ELOOP || errno == EACCES ? Status::kForeign : Status::kSystem;
    std::uint64_t capacity = 0;
    const Status checked = check_file(file.get(), options.accepted, &capacity);
    if (checked != Status::kOk) return checked;
    void* const base = mmap(nullptr, capacity, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_NORESERVE, file.get(), 0);
    if (base == MAP_FAILED) return Status::kSystem;
    *result = new Segment(file.take(), static_cast<char*>(base), capacity, path);
    return Status::kOk;
  }
}

std::uint64_t Segment::confirm_end(std::uint64_t end) const noexcept {
  struct stat about;
  if (fstat(fd_, &about) != 0) return known_end_.load(std::memory_order_relaxed);
  const std::uint64_t size = static_cast<std::uint64_t>(about.st_size);
  const std::uint64_t confirmed = size < capacity_ ? size : capacity_;
  known_end_.store(confirmed, std::memory_order_relaxed);
  return end < confirmed ? end : confirmed;
}

Status Segment::reserve(Offset from, std::uint64_t length) noexcept {
  if (from + length > capacity_) return Status::kFull;
  return reserve_range(fd_, from, length);
}

void Segment::lock_file() noexcept {
  while (flock(fd_, LOCK_EX) != 0 && errno == EINTR) {
  }
}

void Segment::unlock_file() noexcept { flock(fd_, LOCK_UN); }

bool Segment::is_linked() const noexcept {
  struct stat about;
  return stat(path_.c_str(), &about) == 0 && about.st_dev == device_ && about.st_ino == inode_;
}

std::uint32_t Segment::live_processes() const noexcept {
  const std::uint32_t limit = header().process_limit.load();
  std::uint32_t alive = 0;
  for (std::uint32_t i = 0; i < limit && i < kProcesses; ++i) alive += is_process_alive(process(i));
  return alive;
}

bool Segment::has_future() const noexcept {
  const std::uint32_t limit = header().process_limit.load();
  for (std::uint32_t i = 0; i < limit && i < kProcesses; ++i) {
    if (is_process_alive(process(i)) && process(i).ending.load() == 0) return true;
  }
  return false;
}

bool Segment::unlink(const std::string& directory, const std::string& name) noexcept {
  return ::unlink(path_of(directory, name).c_str()) == 0;
}

}  // namespace lockstep
