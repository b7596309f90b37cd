// Readers-writer lock: a turnstile (lock word) and a word per reading isolate. Protocol and proof: rwlock.cpp.
#pragma once

#include "object.hpp"

namespace lockstep {

// word 0: turnstile   word 1: event count, for a writer waiting for readers   words 2..66: offsets of chunks of 64
// reader words, chunk c for slots 64c..64c+63, made on demand
constexpr std::uint32_t kReaderChunk = 64;
constexpr std::uint32_t kReaderChunks = kIsolateSlots / kReaderChunk + 1;

/// Offset of my own reader word, making it where needed. It is 0 or my id; I change it only by
/// rwlock_enter/leave or the fast path (CAS 0 -> me, then the turnstile must be 0). kFull.
Status rwlock_reader_word(const Reference& lock, Offset* word) noexcept;
/// Reads: kOk when no writer has or wants the lock; else kUnavailable: take the turnstile, then rwlock_mark.
Status rwlock_try_read(const Reference& lock, Offset reader) noexcept;
/// Marks me as a reader while I hold the turnstile.
void rwlock_mark(const Reference& lock, Offset reader) noexcept;
/// The last read hold of this isolate ends.
void rwlock_end_read(const Reference& lock, Offset reader) noexcept;
/// After JavaScript cleared the reader word and saw a waiter.
void rwlock_wake_writer(const Reference& lock) noexcept;
/// The holder of the turnstile waits until no live reader is left. kOk, kTimedOut.
Status rwlock_drain(const Reference& lock, Deadline deadline) noexcept;
/// kOk, or kUnavailable with the bell armed.
Status rwlock_drain_arm(const Reference& lock) noexcept;
void rwlock_drain_disarm(const Reference& lock) noexcept;
bool rwlock_has_readers(const Reference& lock) noexcept;
void rwlock_free_chunks(Transaction& transaction, const Reference& lock) noexcept;
void rwlock_give_back(const Reference& lock, OwnerId dead) noexcept;

}  // namespace lockstep
