// The segments of a directory: listing them, and sweeping away those that nobody uses.
#include <dirent.h>
#include <sys/file.h>

#include <cstring>
#include <memory>

#include "segment_file.hpp"

namespace lockstep {
namespace {

struct Release {
  void operator()(Segment* segment) const noexcept { segment->release(); }
};

// A second look for listing and sweeping: maps without joining.
Segment* map_if_ours(const std::string& directory, const std::string& name) {
  OpenOptions options;
  options.directory = directory;
  options.name = name;
  options.accepted = 0777;
  options.create = false;
  Segment* segment = nullptr;
  return Segment::map(options, &segment) == Status::kOk ? segment : nullptr;
}

template <typename Visit>
void for_each_name(const std::string& directory, Visit visit) {
  DIR* const entries = opendir(directory.c_str());
  if (entries == nullptr) return;
  const std::string start = file_prefix();
  while (const dirent* entry = readdir(entries)) {
    if (std::strncmp(entry->d_name, start.c_str(), start.size()) == 0) visit(std::string(entry->d_name + start.size()));
  }
  closedir(entries);
}

}  // namespace

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
