// Dead containers.
//
// PROTOCOL. What a container holds is freed under its stripes, and the order of locks is stripe, then directory. So one
// that has lost its last reference, which happens in a transaction of the directory, only joins the list of the dead.
//
//     step     change                                                    by
//     bury     off the list of objects, on that of the dead              who drops the last reference
//     claim    reaper 0 | a dead id -> me                                who comes next, as a rule the same
//     reap     what it holds is given back, piece by piece               its reaper
//     free     off the list, its own memory given back                   its reaper
//
// Reaping one may bury others, which lay in it (value_objects.cpp): whoever reaps goes on until none is left, and what
// he frees meanwhile reaps nothing by itself.
//
// Nobody else touches a dead container. WHEN THE REAPER DIES the helper that recovers it goes on: each piece is a
// commit of a stripe, and what is left says how far it was.
#include "reap.hpp"

#include "heap.hpp"
#include "object_list.hpp"

namespace lockstep {
namespace {

constexpr std::uint32_t kMostDead = 1u << 20;  // ends a list that was damaged

constinit thread_local bool is_put_off = false;

// The link to the first of the dead for which the condition holds.
template <typename Condition>
Word* find_dead(const Segment& segment, Condition condition) noexcept {
  Word* link = &segment.header().first_dead;
  for (std::uint32_t i = 0; i < kMostDead; ++i) {
    Object* const object = checked_object(segment, link->load());
    if (object == nullptr) return nullptr;
    if (condition(*object)) return link;
    link = &object->next;
  }
  return nullptr;
}

Object* claim_dead(const Participant& me) noexcept {
  Transaction directory(me);
  Word* const link = find_dead(*me.segment, [&](const Object& object) {
    const OwnerId reaper = object.reaper.load();
    return reaper == 0 || reaper == me.id || is_dead(*me.segment, reaper);
  });
  if (link == nullptr) return nullptr;
  Object* const object = checked_object(*me.segment, link->load());
  if (!is_container(static_cast<Kind>(object->kind.load())) || object->references.load() != 0) return nullptr;
  directory.set(object->reaper, me.id);
  directory.commit();
  return object;
}

void free_dead(const Participant& me, Object* dead) noexcept {
  Transaction directory(me);
  Word* const link = find_dead(*me.segment, [&](const Object& object) { return &object == dead; });
  if (link == nullptr) return;
  const std::uint64_t size = object_size(static_cast<Kind>(dead->kind.load()), dead->parameter.load());
  directory.set(*link, dead->next.load());
  directory.set(dead->kind, 0);
  release(directory, dead, size);
  directory.commit();
}

}  // namespace

bool reap_some(const Participant& me) noexcept {
  if (me.segment->header().first_dead.load() == 0) return false;
  Object* const dead = claim_dead(me);
  if (dead == nullptr) return false;
  if (!reap_object({me, dead})) free_dead(me, dead);
  return true;
}

ReapLater::ReapLater() noexcept : was_put_off_(is_put_off) { is_put_off = true; }
ReapLater::~ReapLater() { is_put_off = was_put_off_; }

void reap_all(const Participant& me) noexcept {
  if (is_put_off) return;
  const ReapLater by_others;
  while (reap_some(me)) {
  }
}

}  // namespace lockstep
