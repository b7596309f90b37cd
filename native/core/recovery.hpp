// Giving back what the dead held. See owner.hpp for the steps and why each may be done twice.
#pragma once

#include "owner.hpp"

namespace lockstep {

/// Gives back whatever the ended owner `dead` held anywhere in the segment; its slot is free afterwards.
void recover_owner(const Participant& me, OwnerId dead) noexcept;
/// The whole recovery of one dead process; does nothing when it is not dead or a live helper is at it.
void recover_process(const Participant& me, std::uint32_t process) noexcept;
/// The same for a process that leaves by itself; only its helper, which is `me`, keeps its slot.
void give_back_process(const Participant& me, std::uint32_t process) noexcept;
/// For whoever takes the entry: forgets a recoverer that died at it.
void drop_dead_claim(const Segment& segment, Process& process) noexcept;

}  // namespace lockstep
