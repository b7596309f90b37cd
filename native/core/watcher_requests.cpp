// What other threads of its process ask a helper to do.
#include "attachments.hpp"
#include "watcher.hpp"

namespace lockstep {

void Watcher::post(const Request& request) noexcept {
  {
    const std::lock_guard<std::mutex> guard(mutex_);
    requests_.push_back(request);
  }
  control_.fetch_add(1);
  futex_wake(control_, 1);
}

void Watcher::post_and_wait(Request request) noexcept {
  Word done;
  request.done = &done;
  post(request);
  while (done.load() == 0) futex_wait(done, 0, Deadline::never());
}

Participant Watcher::join(Segment* segment, std::uint32_t process) noexcept {
  post_and_wait({Task::kJoin, segment, process, 0, nullptr});
  return {segment, segment->slot(kHelperBase + process).id.load()};
}

void Watcher::leave(Segment* segment) noexcept { post_and_wait({Task::kLeave, segment, 0, 0, nullptr}); }

void Watcher::give_back(Segment* segment, OwnerId ended) noexcept {
  post({Task::kGiveBack, segment, 0, ended, nullptr});
}

void Watcher::drop_view(Segment* segment, Object* object) noexcept {
  post({Task::kDropView, segment, 0, 0, nullptr, object});
}

// Whoever is at the counts may wait for a lock whose holder died, and for nobody but this thread to notice: it goes on
// with what else there is to do, and tries again.
void Watcher::drop_views() noexcept {
  std::erase_if(dropped_, [&](const Request& dropped) {
    for (const Watched& watched : watched_) {
      if (watched.segment == dropped.segment && !try_detach_view(watched.helper, dropped.viewed)) return false;
    }
    dropped.segment->release();
    return true;
  });
}

}  // namespace lockstep
