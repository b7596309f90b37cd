#include "core/segment.hpp"

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <cerrno>
#include <fstream>

#include "harness.hpp"

namespace lockstep::test {
namespace {

/// Maps a segment without joining it.
struct Mapped {
  Segment* segment = nullptr;
  Status status;

  explicit Mapped(const OpenOptions& options) : status(Segment::map(options, &segment)) {}
  ~Mapped() {
    if (segment != nullptr) segment->release();
  }
  Mapped(const Mapped&) = delete;
  Mapped& operator=(const Mapped&) = delete;
};

/// A file name of its own, removed at the end of the test.
struct Place {
  OpenOptions options = fresh_options();
  std::string path = Segment::path_of(options.directory, options.name);

  Place() = default;
  ~Place() { unlink(path.c_str()); }
  Place(const Place&) = delete;
  Place& operator=(const Place&) = delete;

  Status map() const { return Mapped(options).status; }
  /// A good file, one field of its header then overwritten.
  void make_with(std::size_t at, std::uint64_t value, std::size_t size) const {
    REQUIRE(map() == Status::kOk);
    const int fd = open(path.c_str(), O_RDWR | O_CLOEXEC);
    CHECK(pwrite(fd, &value, size, static_cast<off_t>(at)) == static_cast<ssize_t>(size));
    close(fd);
  }
};

mode_t mode_of(const std::string& path) {
  struct stat about;
  return stat(path.c_str(), &about) == 0 ? about.st_mode & 07777 : 0;
}

}  // namespace

TEST_SUITE("contract") {
  TEST_CASE("the first who maps makes the file, the others find it") {
    Place place;
    const Mapped first(place.options);
    REQUIRE(first.status == Status::kOk);
    OpenOptions smaller = place.options;
    smaller.capacity = kMinCapacity;
    const Mapped second(smaller);
    REQUIRE(second.status == Status::kOk);
    CHECK(first.segment->same_file(*second.segment));
    CHECK(second.segment->capacity() == place.options.capacity);
    CHECK(first.segment->path() == place.path);
    first.segment->header().registry.store(7);
    CHECK(second.segment->header().registry.load() == 7);
  }

  TEST_CASE("a file is for its user only, whatever the umask") {
    const mode_t before = umask(0777);
    Place closed;
    CHECK(closed.map() == Status::kOk);
    umask(0);
    Place open;
    CHECK(open.map() == Status::kOk);
    umask(before);
    CHECK(mode_of(closed.path) == 0600);
    CHECK(mode_of(open.path) == 0600);
  }

  TEST_CASE("a mode that lets others in is kept, and asked for by those who open") {
    Place place;
    place.options.mode = 0644;
    CHECK(place.map() == Status::kOk);
    CHECK(mode_of(place.path) == 0644);
    place.options.mode = 0600;
    CHECK(place.map() == Status::kOk);
    place.options.accepted = 0600;
    CHECK(place.map() == Status::kForeign);
  }

  TEST_CASE("a file that others may write to is refused") {
    Place place;
    place.options.mode = 0660;
    CHECK(place.map() == Status::kForeign);
  }

  TEST_CASE("without create nothing is made") {
    Place place;
    place.options.create = false;
    CHECK(place.map() == Status::kNotFound);
    CHECK(access(place.path.c_str(), F_OK) != 0);
  }

  TEST_CASE("list tells what is there, unlink takes a name away") {
    Place place;
    place.options.is_private = true;
    REQUIRE(place.map() == Status::kOk);
    const auto find = [&] {
      for (const SegmentInfo& info : Segment::list(place.options.directory)) {
        if (info.name == place.options.name) return info;
      }
      return SegmentInfo{};
    };
    CHECK(find().capacity == place.options.capacity);
    CHECK(find().is_private);
    CHECK(find().processes == 0);
    CHECK(Segment::unlink(place.options.directory, place.options.name));
    CHECK_FALSE(Segment::unlink(place.options.directory, place.options.name));
    CHECK(find().name.empty());
  }

  TEST_CASE("is_linked tells a removed or replaced file") {
    Place place;
    const Mapped first(place.options);
    CHECK(first.segment->is_linked());
    Segment::unlink(place.options.directory, place.options.name);
    CHECK_FALSE(first.segment->is_linked());
    const Mapped second(place.options);
    CHECK_FALSE(first.segment->is_linked());
    CHECK(second.segment->is_linked());
    CHECK_FALSE(first.segment->same_file(*second.segment));
  }

  TEST_CASE("sweep removes private segments that nobody lives in, and no others") {
    OpenOptions lived_in = fresh_options(), left = fresh_options(), kept = fresh_options();
    lived_in.is_private = left.is_private = true;
    Room room(lived_in);
    REQUIRE(Mapped(left).status == Status::kOk);
    REQUIRE(Mapped(kept).status == Status::kOk);
    Segment::sweep(left.directory);
    CHECK(room.segment()->is_linked());
    CHECK_FALSE(Segment::unlink(left.directory, left.name));
    CHECK(Segment::unlink(kept.directory, kept.name));
  }

  TEST_CASE("checked refuses what lies outside the reserved heap") {
    Room room;
    room.open(Kind::kLock);
    const Segment& segment = *room.segment();
    const Offset start = segment.heap_start();
    const auto end = static_cast<Offset>(segment.heap_end());
    CHECK(segment.checked<Word>(start) != nullptr);
    CHECK(segment.checked<Word>(end - 4) != nullptr);
    CHECK(segment.checked<Word>(end) == nullptr);
    CHECK(segment.checked<Word64>(end - 4) == nullptr);
    CHECK(segment.checked<Word>(start - 4) == nullptr);
    CHECK(segment.checked<Word>(0) == nullptr);
    CHECK(segment.checked<Word>(start + 2) == nullptr);
    CHECK(segment.checked<Word64>(start + 4) == nullptr);
    CHECK(segment.checked<char>(start, end - start + 1) == nullptr);
    CHECK(segment.checked<char>(start, UINT64_MAX) == nullptr);
    CHECK(segment.checked<Word>(0xfffffffc) == nullptr);
  }

  TEST_CASE("a heap end that was scribbled over does not reach beyond the file") {
    Room room;
    room.open(Kind::kLock);
    const std::uint32_t before = room.header().heap_end.load();
    for (const std::uint32_t wrong :
         {0xffffffffu, static_cast<std::uint32_t>(room.options().capacity), before + kPage}) {
      room.header().heap_end.store(wrong);
      const std::uint64_t end = room.segment()->heap_end();
      if (end > 0) CHECK(room.segment()->bytes(static_cast<Offset>(end - 1))[0] == 0);  // no SIGBUS
    }
    room.header().heap_end.store(before);
  }
}

TEST_SUITE("misuse") {
  TEST_CASE("a symbolic link, a directory and a pipe are refused") {
    Place link, pipe, good;
    REQUIRE(good.map() == Status::kOk);
    REQUIRE(symlink(good.path.c_str(), link.path.c_str()) == 0);
    CHECK(link.map() == Status::kForeign);
    REQUIRE(mkfifo(pipe.path.c_str(), 0600) == 0);
    CHECK(pipe.map() == Status::kForeign);
    OpenOptions directory = fresh_options();
    const std::string path = Segment::path_of(directory.directory, directory.name);
    REQUIRE(mkdir(path.c_str(), 0700) == 0);
    CHECK(is_failure(Mapped(directory).status));
    rmdir(path.c_str());
  }

  TEST_CASE("a file that others may write, or own, is refused") {
    Place open;
    REQUIRE(open.map() == Status::kOk);
    REQUIRE(chmod(open.path.c_str(), 0666) == 0);
    CHECK(open.map() == Status::kForeign);
    Place foreign;
    REQUIRE(foreign.map() == Status::kOk);
    // Only root can give a file away to try it.
    const bool given = chown(foreign.path.c_str(), 65534, 65534) == 0;
    CHECK(foreign.map() == (given ? Status::kForeign : Status::kOk));
  }

  TEST_CASE("files that are no segment are refused") {
    Place empty, text, magic, format, small, large, cut;
    std::ofstream(empty.path).close();
    std::ofstream(text.path) << std::string(100000, 'x');
    chmod(empty.path.c_str(), 0600);
    chmod(text.path.c_str(), 0600);
    CHECK(empty.map() == Status::kCorrupt);
    CHECK(text.map() == Status::kCorrupt);
    magic.make_with(offsetof(Header, magic), kMagic + 1, 8);
    CHECK(magic.map() == Status::kCorrupt);
    format.make_with(offsetof(Header, format), kFormat + 1, 4);
    CHECK(format.map() == Status::kMismatch);
    small.make_with(offsetof(Header, capacity), 4096, 8);
    CHECK(small.map() == Status::kCorrupt);
    large.make_with(offsetof(Header, capacity), kMaxCapacity + 1, 8);
    CHECK(large.map() == Status::kCorrupt);
    REQUIRE(cut.map() == Status::kOk);
    REQUIRE(truncate(cut.path.c_str(), 4096) == 0);
    CHECK(cut.map() == Status::kCorrupt);
  }

  TEST_CASE("a directory that is missing, or not in memory, is refused") {
    OpenOptions missing = fresh_options();
    missing.directory = "/dev/shm/no-such-directory";
    CHECK(Mapped(missing).status == Status::kSystem);
    OpenOptions elsewhere = fresh_options();
    elsewhere.directory = "/proc";
    CHECK(Mapped(elsewhere).status == Status::kUnsupported);
  }

  TEST_CASE("a full file system is an error at the call") {
    Child child([] {
      signal(SIGXFSZ, SIG_IGN);
      const Offset heap_start = heap_start_of(fresh_options().capacity);
      const rlimit limit{heap_start, heap_start};
      MUST(setrlimit(RLIMIT_FSIZE, &limit) == 0);
      Room room;
      fill_up(room);
      MUST(room.header().object_count.load() == 0);
    });
    CHECK(child.join() == 0);
  }

  TEST_CASE("no more than the capacity can be reserved") {
    Place place;
    const Mapped mapped(place.options);
    REQUIRE(mapped.status == Status::kOk);
    const auto capacity = static_cast<Offset>(place.options.capacity);
    CHECK(mapped.segment->reserve(capacity - kPage, kPage) == Status::kOk);
    CHECK(mapped.segment->reserve(capacity, 1) == Status::kFull);
    CHECK(mapped.segment->reserve(kPage, UINT32_MAX) == Status::kFull);
  }
}

TEST_SUITE("hammer") {
  TEST_CASE("processes that make one file at once agree on it") {
    constexpr int kFiles = 100;
    struct Seen {
      std::atomic<std::uint64_t> sum[4];
    };
    Shared<Seen> seen;
    const OpenOptions base = fresh_options();
    const auto options_of = [&](int file) {
      OpenOptions options = base;
      options.name += "-" + std::to_string(file);
      return options;
    };
    std::vector<Child> children;
    for (int index = 0; index < 4; ++index) {
      children.emplace_back([&, index] {
        for (int file = 0; file < kFiles; ++file) {
          const Mapped mapped(options_of(file));
          MUST(mapped.status == Status::kOk);
          struct stat about;
          MUST(stat(mapped.segment->path().c_str(), &about) == 0);
          MUST(mapped.segment->is_linked());
          seen->sum[index].fetch_add(about.st_ino);
        }
      });
    }
    for (Child& child : children) CHECK(child.join() == 0);
    for (int file = 0; file < kFiles; ++file) CHECK(Segment::unlink(base.directory, options_of(file).name));
    for (int index = 1; index < 4; ++index) CHECK(seen->sum[index].load() == seen->sum[0].load());
  }

  TEST_CASE("threads map and let go of one file") {
    Place place;
    in_threads(4, [&](int) {
      for (int i = 0; i < 200; ++i) {
        const Mapped mapped(place.options);
        MUST(mapped.status == Status::kOk);
        mapped.segment->header().registry.fetch_add(1);
      }
    });
    const Mapped mapped(place.options);
    CHECK(mapped.segment->header().registry.load() == 800);
  }
}

TEST_SUITE("death") {
  TEST_CASE("the file lock of a killed process is free again") {
    Place place;
    const Mapped mapped(place.options);
    Shared<std::atomic<bool>> locked;
    Child holder([&] {
      const Mapped own(place.options);
      own.segment->lock_file();
      locked->store(true);
      sleep_until_killed();
    });
    until([&] { return locked->load(); });
    Sleeper next([&] { mapped.segment->lock_file(); });
    next.until_asleep();
    CHECK_FALSE(next.has_ended());
    holder.kill();
    next.join();
    mapped.segment->unlock_file();
  }

  TEST_CASE("a maker that is killed leaves a whole file or none") {
    Random random(5);
    for (int round = 0; round < 100; ++round) {
      Place place;
      Child maker([&] { Mapped own(place.options); });
      usleep(random.below(300));
      maker.kill();
      OpenOptions look = place.options;
      look.create = false;
      const Status status = Mapped(look).status;
      CHECK((status == Status::kOk || status == Status::kNotFound));
      CHECK(place.map() == Status::kOk);
    }
  }
}

}  // namespace lockstep::test
