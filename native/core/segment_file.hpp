// The file behind a segment: how it is made, and what is asked of one that is there. Why: segment.hpp.
#pragma once

#include <unistd.h>

#include <string>

#include "segment.hpp"

namespace lockstep {

/// Owns a file descriptor.
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

/// What the file names of this user start with; the segment's name follows.
std::string file_prefix();
/// Makes a complete segment and gives it its name. kOk also when somebody else was first: open what is there.
Status create_file(const std::string& path, const OpenOptions& options);
/// Whether an open file may be mapped: ours, closed to whomever `accepted` excludes, on a tmpfs, whole, of our format.
Status check_file(int fd, mode_t accepted, std::uint64_t* capacity) noexcept;
/// Reserves real memory. kFull or kSystem, with errno.
Status reserve_range(int fd, std::uint64_t from, std::uint64_t length) noexcept;

}  // namespace lockstep
