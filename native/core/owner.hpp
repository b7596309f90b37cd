// Who holds what, and who is alive.
//
// An owner is a thread that runs JavaScript (an isolate). It has a Slot, and its id (slot + incarnation) is what lock
// words hold. A process has one Process entry, whose `presence` word is a node of the robust list of its helper thread.
// The kernel walks that list when the process ends in any way (exit, signal, exec, out of memory), before its memory is
// torn down, and stores FUTEX_OWNER_DIED: about 0.1 ms, immune to pid reuse, and right across PID namespaces, because
// only the kernel of the helper ever compares the thread id.
//
//     step             change                                     by                    undone by
//     join             presence 0 -> tid (after the node is       helper of the process kernel, at its death
//                      linked, so that a crash leaves 0 = free)
//     claim slot       process, dirty, then id = new incarnation  the isolate, file lock recovery
//     leave            entry pending; presence -> 0; announced;   helper of the process kernel: wakes the watcher
//                      pending no more
//     end of isolate   id -> id | kDying                          the isolate           -
//     give back        scan for id, then id -> 0                  helper of the process recovery of the process
//     process died     recoverer 0 | dead -> helper id; scan for  any other helper      the next recoverer: every step
//                      each id; ids -> 0; presence -> 0; then 0                         may be done twice
//
// Recovery runs only in helpers, under the helper's own live id, and looks at `presence` again under the claim: a
// slower recoverer that finds a new tenant does nothing. A slot is free only after everything that names its id was
// given back.
#pragma once

#include "segment.hpp"

namespace lockstep {

/// One owner of one segment.
struct Participant {
  Segment* segment = nullptr;
  OwnerId id = 0;
};

/// Index of the process that an owner belongs to.
inline std::uint32_t process_of(const Participant& me) noexcept {
  return me.segment->slot(slot_of(me.id)).process.load();
}

/// True when the owner with this id has ended or died. Ids out of range count as dead: nobody can hold them.
bool is_dead(const Segment& segment, OwnerId id) noexcept;
bool is_process_dead(const Process& process) noexcept;
bool is_process_alive(const Process& process) noexcept;

/// Index of a free process entry with reserved memory, under the file lock. kTooMany, kFull.
Status find_process_entry(Segment& segment, std::uint32_t* index) noexcept;

/// Gives an isolate of `process` an id, under the file lock. kTooMany, kFull.
Status claim_slot(Segment& segment, std::uint32_t process, OwnerId* id) noexcept;
/// Stores a fresh id into the helper's slot of `process`.
OwnerId claim_helper_slot(Segment& segment, std::uint32_t process) noexcept;

}  // namespace lockstep
