#pragma once

// What an SM keeps of a resident warp and of the CTA it belongs to.

#include <array>
#include <cstdint>

#include "sim/base/units.h"
#include "sim/stats/stalls.h"
#include "sim/trace/kernel_trace.h"

namespace strobe::sm {

// What a warp waits for that has no known end yet.
enum class Blocked : std::uint8_t {
  no,          // its ready cycle is known
  registers,   // a load that has not returned
  copies,      // groups of async copies
  cta_copies,  // the same of the CTA's copying warp
  arrivals,    // of other warps of the CTA
  lsu_room,    // the queue of memory instructions is full
  barrier,
  stores,  // a memory barrier
  drain,   // its instructions are all issued, its memory accesses are not all done
};

// Time the L1's tag stage has spent so far by what held it up; a warp that waits for room in its
// queue is charged the growth.
struct TagStageTimes {
  Picoseconds busy, own_lines, table_full;
};

// What a memory barrier waits for: atomics write, whether or not they return a value.
constexpr bool writes(trace::Op op) {
  return op == trace::Op::store || op == trace::Op::atomic || op == trace::Op::reduction;
}

// Async copies of one warp: how many accesses of each group are under way. Groups are numbered from
// 0 as they are opened. When sixteen are unfinished the newest cannot be told from the one after
// it: it stays open for that one's copies too and counts as closed, which only makes a wait for it
// longer.
class CopyGroups {
 public:
  static constexpr std::uint32_t kMost = 16;

  std::uint32_t start() {
    ++under_way_[open_ % kMost];
    return open_;
  }
  void finish(std::uint32_t group) {
    --under_way_[group % kMost];
    if (under_way_[open_ % kMost] == 0) open_counts_as_closed_ = false;
    while (oldest_ < open_ && under_way_[oldest_ % kMost] == 0) ++oldest_;
  }
  void commit() {
    const bool has_place = open_ - oldest_ + 1 < kMost;
    open_counts_as_closed_ = !has_place && under_way_[open_ % kMost] > 0;
    if (has_place) ++open_;
    while (oldest_ < open_ && under_way_[oldest_ % kMost] == 0) ++oldest_;
  }
  // At most `most` of the closed groups are unfinished.
  bool closed_within(std::uint32_t most) const {
    return open_ - oldest_ + (open_counts_as_closed_ ? 1 : 0) <= most;
  }
  // All of the first `count` groups are closed and finished.
  bool finished(std::uint32_t count) const { return oldest_ >= count; }

 private:
  std::array<std::uint16_t, kMost> under_way_{};
  std::uint32_t open_ = 0, oldest_ = 0;
  bool open_counts_as_closed_ = false;
};

// What is looked at nearly always comes first, in one line of the host's cache.
struct alignas(64) Warp {
  const trace::Instruction* next = nullptr;
  const trace::Instruction* end = nullptr;
  std::uint32_t cta = 0;  // place among the SM's resident CTAs
  Blocked blocked = Blocked::no;
  bool promised_room = false;  // in the queue of memory instructions
  stats::WarpState blocked_state = stats::WarpState::other;
  std::uint32_t accesses = 0;     // loads, atomics and async copies under way
  std::uint32_t queued = 0;       // what writes memory and is in the load/store unit's queue
  std::uint32_t store_lines = 0;  // under way to the L2
  Cycles arrived;                 // became resident
  Cycles accounted;               // every cycle before this one has its state
  Instant accounted_at;           // its edge
  std::uint64_t number = 0;       // in the grid, for its local memory
  TagStageTimes at_block;         // when it began to wait for room
  CopyGroups copies;

  bool stores_are_done() const { return queued == 0 && store_lines == 0; }
  bool awaits_stores() const { return blocked == Blocked::stores || blocked == Blocked::drain; }
};

struct ResidentCta {
  std::uint32_t pool_slot = 0;
  std::uint32_t warps = 0;  // not yet finished
  std::uint32_t at_barrier = 0;
  bool used = false;
  Cycles ends;  // when the last of the finished warps was done
  // Of a CTA whose warps are producer and consumers: the place of the warp that copies, whether it
  // has finished, with all that it copied, whether a consumer has waited for it yet, and how often
  // one has told that it is done.
  std::uint32_t copier = kNobody;
  bool all_copied = false;
  bool others_await_copies = false;
  std::uint32_t arrivals = 0;

  static constexpr std::uint32_t kNobody = 0xFFFF'FFFF;
};

}  // namespace strobe::sm
