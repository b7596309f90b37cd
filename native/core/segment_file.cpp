#include "segment_file.hpp"

#include <fcntl.h>
#include <linux/magic.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/vfs.h>

#include <cerrno>

#include "deadline.hpp"

namespace lockstep {
namespace {

constexpr std::uint32_t kFirstReserve = kPage * 2;  // header and the first page of processes

bool is_memory_file_system(int fd) noexcept {
  struct statfs about;
  return fstatfs(fd, &about) == 0 && (about.f_type == TMPFS_MAGIC || about.f_type == RAMFS_MAGIC);
}

// Serials begin at random, so that a handle from a segment that was removed means nothing in the next one of that name.
std::uint32_t random_word() noexcept {
  std::uint32_t word = 0;
  if (getrandom(&word, sizeof word, 0) != sizeof word) word = static_cast<std::uint32_t>(Deadline::now_ns());
  return word;
}

// The file has no name while this runs: nobody sees it half made.
Status write_header(int fd, const OpenOptions& options) noexcept {
  if (!is_memory_file_system(fd)) return errno = 0, Status::kUnsupported;
  if (fchmod(fd, options.mode) != 0) return Status::kSystem;
  const Offset heap_start = heap_start_of(options.capacity);
  if (ftruncate(fd, heap_start) != 0)
    return errno == EFBIG ? Status::kFull : Status::kSystem;  // the tables may have holes, but no end
  const Status reserved = reserve_range(fd, 0, kFirstReserve);
  if (reserved != Status::kOk) return reserved;
  void* const mapped = mmap(nullptr, kPage, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  if (mapped == MAP_FAILED) return Status::kSystem;
  auto& header = *static_cast<Header*>(mapped);
  header.magic = kMagic;
  header.format = kFormat;
  header.is_private = options.is_private;
  header.capacity = options.capacity;
  header.heap_end.store(heap_start);
  header.next_serial.store(random_word() / 4 + 1);  // far from the end of 32 bits
  for (Word& word : header.seed) word.store(random_word());
  munmap(mapped, kPage);
  return Status::kOk;
}

Status check_attributes(int fd, mode_t accepted, struct stat* about) noexcept {
  if (fstat(fd, about) != 0) return Status::kSystem;
  const bool ours = S_ISREG(about->st_mode) && about->st_uid == geteuid();
  if (!ours || (about->st_mode & 0777 & ~accepted) != 0) return Status::kForeign;
  return is_memory_file_system(fd) ? Status::kOk : (errno = 0, Status::kUnsupported);
}

Status check_header(int fd, off_t size, std::uint64_t* capacity) noexcept {
  std::uint64_t start[3];  // magic, format + is_private, capacity
  if (pread(fd, start, sizeof start, 0) != sizeof start) return Status::kCorrupt;
  if (start[0] != kMagic) return Status::kCorrupt;
  if (static_cast<std::uint32_t>(start[1]) != kFormat) return Status::kMismatch;
  *capacity = start[2];
  const bool in_range = *capacity >= kMinCapacity && *capacity <= kMaxCapacity;
  return in_range && size >= static_cast<off_t>(heap_start_of(*capacity)) ? Status::kOk : Status::kCorrupt;
}

}  // namespace

std::string file_prefix() { return "lockstep-" + std::to_string(geteuid()) + "-"; }

Status reserve_range(int fd, std::uint64_t from, std::uint64_t length) noexcept {
  int failed;
  do {
    failed = fallocate(fd, 0, static_cast<off_t>(from), static_cast<off_t>(length)) == 0 ? 0 : errno;
  } while (failed == EINTR);
  if (failed == 0) return Status::kOk;
  errno = failed;
  return failed == ENOSPC || failed == EFBIG || failed == EDQUOT || failed == ENOMEM ? Status::kFull : Status::kSystem;
}

Status create_file(const std::string& path, const OpenOptions& options) {
  File file(open(options.directory.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, options.mode));
  if (file.get() < 0) return errno == EOPNOTSUPP || errno == EISDIR ? Status::kUnsupported : Status::kSystem;
  const Status written = write_header(file.get(), options);
  if (written != Status::kOk) return written;
  const std::string unnamed = "/proc/self/fd/" + std::to_string(file.get());
  if (linkat(AT_FDCWD, unnamed.c_str(), AT_FDCWD, path.c_str(), AT_SYMLINK_FOLLOW) == 0) return Status::kOk;
  return errno == EEXIST ? Status::kOk : Status::kSystem;  // somebody else won: open what he made
}

Status check_file(int fd, mode_t accepted, std::uint64_t* capacity) noexcept {
  struct stat about;
  const Status checked = check_attributes(fd, accepted, &about);
  return checked == Status::kOk ? check_header(fd, about.st_size, capacity) : checked;
}

}  // namespace lockstep
