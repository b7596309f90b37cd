#include "segment.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <memory>

#include "owner.hpp"

namespace lockstep {
namespace {

constexpr std::uint32_t kFirstReserve = kPage * 2;  // header and the first page of processes

class File {
 public:
  explicit File(int fd) noexcept : fd_(fd) {}
  ~File() {
    if (fd_ >= 0) close(fd_);
  }
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  int get() const noexcept { return fd_; }
  int take() noexcept {
    const int fd = fd_;
    fd_ = -1;
    return fd;
  }

 private:
  int fd_;
};

std::string prefix() { return "lockstep-" + std::to_string(geteuid()) + "-"; }

Status reserve_range(int fd, std::uint64_t from, std::uint64_t length) noexcept {
  int failed;
  do {
    failed = fallocate(fd, 0, static_cast<off_t>(from), static_cast<off_t>(length)) == 0 ? 0 : errno;
  } while (failed == EINTR);
  if (failed == 0) return Status::kOk;
  errno = failed;
  return failed == ENOSPC || failed == EFBIG || failed == EDQUOT || failed == ENOMEM ? Status::kFull : Status::kSystem;
}

bool is_memory_file_system(int fd) noexcept {
  struct statfs about;
  return fstatfs(fd, &about) == 0 && (about.f_type == TMPFS_MAGIC || about.f_type == RAMFS_MAGIC);
}

// The file has no name while this runs: nobody sees it half made.
Status write_header(int fd, const OpenOptions& options) noexcept {
  if (!is_memory_file_system(fd)) return errno = 0, Status::kUnsupported;
  if (fchmod(fd, options.mode) != 0) return Status::kSystem;
  if (ftruncate(fd, kHeap) != 0)
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
  header.heap_top.store(kHeap);
  header.heap_end.store(kHeap);
  header.next_serial.store(1);
  munmap(mapped, kPage);
  return Status::kOk;
}

Status create(const std::string& directory, const std::string& path, const OpenOptions& options) {
  File file(open(directory.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, options.mode));
  if (file.get() < 0) return errno == EOPNOTSUPP || errno == EISDIR ? Status::kUnsupported : Status::kSystem;
  const Status written = write_header(file.get(), options);
  if (written != Status::kOk) return written;
  const std::string unnamed = "/proc/self/fd/" + std::to_string(file.get());
  if (linkat(AT_FDCWD, unnamed.c_str(), AT_FDCWD, path.c_str(), AT_SYMLINK_FOLLOW) == 0) return Status::kOk;
  return errno == EEXIST ? Status::kOk : Status::kSystem;  // somebody else won: open what he made
}

Status check_file(int fd, mode_t mode, struct stat* about) noexcept {
  if (fstat(fd, about) != 0) return Status::kSystem;
  const bool ours = S_ISREG(about->st_mode) && about->st_uid == geteuid();
  if (!ours || (about->st_mode & 0777 & ~mode) != 0) return Status::kForeign;
  return is_memory_file_system(fd) ? Status::kOk : (errno = 0, Status::kUnsupported);
}

Status check_header(int fd, off_t size, std::uint64_t* capacity) noexcept {
  std::uint64_t start[3];  // magic, format + is_private, capacity
  if (size < static_cast<off_t>(kHeap) || pread(fd, start, sizeof start, 0) != sizeof start) {
    return Status::kCorrupt;
  }
  if (start[0] != kMagic) return Status::kCorrupt;
  if (static_cast<std::uint32_t>(start[1]) != kFormat) return Status::kMismatch;
  *capacity = start[2];
  return *capacity >= kMinCapacity && *capacity <= kMaxCapacity ? Status::kOk : Status::kCorrupt;
}

struct Release {
  void operator()(Segment* segment) const noexcept { segment->release(); }
};

// A second look for listing and sweeping: maps without joining.
Segment* map_if_ours(const std::string& directory, const std::string& name) {
  OpenOptions options;
  options.directory = directory;
  options.name = name;
  options.mode = 0777;
  options.create = false;
  Segment* segment = nullptr;
  return Segment::map(options, &segment) == Status::kOk ? segment : nullptr;
}

template <typename Visit>
void for_each_name(const std::string& directory, Visit visit) {
  DIR* const entries = opendir(directory.c_str());
  if (entries == nullptr) return;
  const std::string start = prefix();
  while (const dirent* entry = readdir(entries)) {
    if (std::strncmp(entry->d_name, start.c_str(), start.size()) == 0) visit(std::string(entry->d_name + start.size()));
  }
  closedir(entries);
}

}  // namespace

std::string Segment::path_of(const std::string& directory, const std::string& name) {
  return directory + "/" + prefix() + name;
}

Segment::Segment(int fd, char* base, std::uint64_t capacity, std::string path) noexcept
    : fd_(fd), base_(base), capacity_(capacity), path_(std::move(path)) {
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
      const Status created = create(options.directory, path, options);
      if (created != Status::kOk) return created;
      continue;
    }
    if (file.get() < 0) return errno == ELOOP || errno == EACCES ? Status::kForeign : Status::kSystem;
    struct stat about;
    std::uint64_t capacity = 0;
    Status checked = check_file(file.get(), options.mode, &about);
    if (checked == Status::kOk) checked = check_header(file.get(), about.st_size, &capacity);
    if (checked != Status::kOk) return checked;
    void* const base = mmap(nullptr, capacity, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_NORESERVE, file.get(), 0);
    if (base == MAP_FAILED) return Status::kSystem;
    *result = new Segment(file.take(), static_cast<char*>(base), capacity, path);
    return Status::kOk;
  }
}

std::uint64_t Segment::heap_end() const noexcept {
  const std::uint64_t end = header().heap_end.load();
  const std::uint64_t known = known_end_.load(std::memory_order_relaxed);
  if (end <= known) return end;
  struct stat about;
  if (fstat(fd_, &about) != 0) return known;
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

bool Segment::unlink(const std::string& directory, const std::string& name) noexcept {
  return ::unlink(path_of(directory, name).c_str()) == 0;
}

std::vector<SegmentInfo> Segment::list(const std::string& directory) {
  std::vector<SegmentInfo> found;
  for_each_name(directory, [&](const std::string& name) {
    const std::unique_ptr<Segment, Release> segment(map_if_ours(directory, name));
    if (!segment) return;
    const std::uint64_t reserved = segment->heap_end();
    const bool is_private = segment->header().is_private != 0;
    found.push_back({name, segment->capacity(), reserved, segment->live_processes(), is_private});
  });
  return found;
}

void Segment::sweep(const std::string& directory) {
  for_each_name(directory, [&](const std::string& name) {
    const std::unique_ptr<Segment, Release> segment(map_if_ours(directory, name));
    if (!segment || segment->header().is_private == 0) return;
    if (flock(segment->fd_, LOCK_EX | LOCK_NB) != 0) return;  // somebody is joining or leaving right now
    if (segment->live_processes() == 0 && segment->is_linked()) unlink(directory, name);
    segment->unlock_file();
  });
}

}  // namespace lockstep
