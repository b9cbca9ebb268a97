#pragma once

// Where the time goes, twice over. Level 1: every resident warp is in exactly one state at every
// instant, named as Nsight Compute names it. Level 2: every interval of a memory-caused state is
// charged to where the last sector to return was during it. Both in integer picoseconds, so the
// second adds up to the first exactly; a run checks that (report/result.h).

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "sim/base/check.h"
#include "sim/base/units.h"

namespace strobe::stats {

enum class WarpState : std::uint8_t {
  selected,
  not_selected,
  wait,
  long_scoreboard,
  lg_throttle,
  short_scoreboard,
  mio_throttle,
  barrier,
  membar,
  drain,
  math_pipe_throttle,
  imc_miss,
  other,
};
inline constexpr std::size_t kWarpStateCount = 13;

struct WarpStateName {
  std::string_view name, meaning;
};

// Meanings after Nsight Compute's documentation of warp scheduler states.
inline constexpr std::array<WarpStateName, kWarpStateCount> kWarpStates{{
    {"selected", "issued an instruction"},
    {"not_selected", "was eligible while another warp issued"},
    {"wait", "waited for a fixed-latency result"},
    {"long_scoreboard", "waited for global or local memory"},
    {"lg_throttle", "the global memory queue was full"},
    {"short_scoreboard", "waited for shared memory or an SFU"},
    {"mio_throttle", "the shared memory queue was full"},
    {"barrier", "waited at a CTA barrier"},
    {"membar", "waited at a memory barrier"},
    {"drain", "had exited, waited for loads or until its stores had left"},
    {"math_pipe_throttle", "an arithmetic pipe was busy"},
    {"imc_miss", "waited for a constant"},
    {"other", "was being launched"},
}};

constexpr bool is_memory_caused(WarpState state) {
  return state == WarpState::long_scoreboard || state == WarpState::lg_throttle ||
         state == WarpState::membar || state == WarpState::drain;
}

// In the order in which a request passes them.
enum class Cause : std::uint8_t {
  l1_tag,
  l1_coalesce,
  l1_mshr,
  tlb_l1,
  tlb_l2,
  tlb_walk,
  xbar_request,
  l2_queue,
  l2_mshr,
  l2_evict,
  l2_bank,
  l2_far,
  dram_path,
  slc_queue,
  dram_cpu,
  dram_queue,
  dram_turnaround,
  dram_refresh,
  dram_row_conflict,
  dram_activate_window,
  dram_row_miss,
  dram_bank_group,
  dram_burst,
  slc_hit,
  l2_hit,
  xbar_reply,
  l1_hit,
  link_host,
  page,
};
inline constexpr std::size_t kCauseCount = 29;

struct CauseName {
  std::string_view name, meaning;
};

inline constexpr std::array<CauseName, kCauseCount> kCauses{{
    {"l1.tag", "behind other instructions in the L1"},
    {"l1.coalesce", "behind lines of the same instruction"},
    {"l1.mshr", "L1 miss table or store credits used up"},
    {"tlb.l1", "first-level translation"},
    {"tlb.l2", "second-level translation"},
    {"tlb.walk", "page walk"},
    {"xbar.request", "on the way from SM to L2"},
    {"l2.queue", "behind other requests at the L2"},
    {"l2.mshr", "the L2's miss table was full"},
    {"l2.evict", "a dirty line had to leave first"},
    {"l2.bank", "the L2's data port was busy"},
    {"l2.far", "on the way to the other L2 partition"},
    {"dram.path", "the path between L2 and DRAM pins"},
    {"slc.queue", "behind other requests at the system-level cache"},
    {"dram.cpu", "the CPU's data were on the DRAM's pins"},
    {"dram.queue", "behind older requests at the DRAM"},
    {"dram.turnaround", "the DRAM bus was turned the other way"},
    {"dram.refresh", "the bank was being refreshed"},
    {"dram.row_conflict", "another row had to be closed first"},
    {"dram.activate_window", "too many activates (tRRD, tFAW)"},
    {"dram.row_miss", "its row was being opened (tRCD)"},
    {"dram.bank_group", "columns of one bank group (tCCD_L)"},
    {"dram.burst", "its own data on the pins"},
    {"slc.hit", "fixed time in the system-level cache"},
    {"l2.hit", "fixed time in the L2"},
    {"xbar.reply", "on the way from L2 to SM"},
    {"l1.hit", "fixed time in the L1"},
    {"link.host", "on the host link"},
    {"page", "page migration"},
}};

// How long one request spent where, on its way below the L1: carried by its reply. Only the causes
// from xbar_request to l2_hit; the SM knows the rest. 32 bits hold 4.29 ms of one cause, checked.
class StageTimes {
 public:
  static constexpr auto kFirst = static_cast<std::size_t>(Cause::xbar_request);
  static constexpr std::size_t kCount = static_cast<std::size_t>(Cause::l2_hit) - kFirst + 1;

  void add(Cause cause, Picoseconds duration) {
    std::uint32_t& stage = stages_[static_cast<std::size_t>(cause) - kFirst];
    const std::int64_t sum = static_cast<std::int64_t>(stage) + duration.count();
    STROBE_CHECK(sum >= 0 && sum <= 0xFFFF'FFFF);
    stage = static_cast<std::uint32_t>(sum);
  }
  Picoseconds of(Cause cause) const {
    return Picoseconds(stages_[static_cast<std::size_t>(cause) - kFirst]);
  }
  Picoseconds total() const {
    std::int64_t sum = 0;
    for (const std::uint32_t stage : stages_) sum += stage;
    return Picoseconds(sum);
  }

  // Adds the last `length` of what `other` went through. For a request that joined another one on
  // its way: it saw only the end of it. Returns what `other` was too short for.
  Picoseconds add_tail(const StageTimes& other, Picoseconds length) {
    for (std::size_t i = kCount; i-- > 0 && length > Picoseconds(0);) {
      const Picoseconds part = std::min(length, Picoseconds(other.stages_[i]));
      add(static_cast<Cause>(kFirst + i), part);
      length -= part;
    }
    return length;
  }

 private:
  std::array<std::uint32_t, kCount> stages_{};
};
static_assert(sizeof(StageTimes) == 76, "copied with every reply");

// Time by state and by cause, of an SM or a kernel.
struct StallTimes {
  std::array<Picoseconds, kWarpStateCount> by_state{};
  std::array<Picoseconds, kCauseCount> by_cause{};
  // The same causes, apart for each memory-caused state, are not kept: no user of either level
  // has asked which of the four states a cause belongs to.
  Picoseconds resident;  // warps times time: what by_state adds up to

  void charge(WarpState state, Picoseconds duration) {
    by_state[static_cast<std::size_t>(state)] += duration;
  }
  void charge(Cause cause, Picoseconds duration) {
    by_cause[static_cast<std::size_t>(cause)] += duration;
  }
  Picoseconds of(WarpState state) const { return by_state[static_cast<std::size_t>(state)]; }
  Picoseconds of(Cause cause) const { return by_cause[static_cast<std::size_t>(cause)]; }

  void add(const StallTimes& other) {
    for (std::size_t i = 0; i < kWarpStateCount; ++i) by_state[i] += other.by_state[i];
    for (std::size_t i = 0; i < kCauseCount; ++i) by_cause[i] += other.by_cause[i];
    resident += other.resident;
  }

  // Level 1 covers every resident warp at every instant, level 2 every memory-caused interval.
  bool adds_up() const {
    Picoseconds states, memory_states, causes;
    for (std::size_t i = 0; i < kWarpStateCount; ++i) {
      states += by_state[i];
      if (is_memory_caused(static_cast<WarpState>(i))) memory_states += by_state[i];
    }
    for (const Picoseconds cause : by_cause) causes += cause;
    return states == resident && causes == memory_states;
  }
};

}  // namespace strobe::stats
