#pragma once

// The SM clock that a board keeps up under its power limit. Boards watch their own power over tens
// of milliseconds and take back clock and voltage until it fits, so what runs for longer runs at
// the clock at which its mean power is the limit. The memory keeps its clock.

#include "sim/device/board_energy.h"

namespace strobe::device {

// What work took at some clock: its time with launches, and its energy in that time.
struct Load {
  Kilohertz clock;
  double seconds = 0;
  BoardEnergy energy;

  double power() const { return energy.total() / seconds; }
};

// Boards change their clock in such steps, and do not go below the lowest under load.
inline constexpr Kilohertz kClockStep = 15_MHz;
inline constexpr Kilohertz kLowestClock = 300_MHz;

// The highest clock below that of `fast` at which work stays within `watts`. Its time is taken to
// be a constant and a part that goes with the clock's period, through what it took at two clocks;
// without a second one all of it goes with the clock. REQUIRES: gpu.energy; slow.clock <
// fast.clock.
Kilohertz clock_within(double watts, const Load& fast, const GpuSpec& gpu);
Kilohertz clock_within(double watts, const Load& fast, const Load& slow, const GpuSpec& gpu);

// `gpu` at a clock that its power limit holds it to.
GpuSpec held_at(GpuSpec gpu, Kilohertz clock, double watts);

// What was run, and the GPU at the clock that it ran at.
template <class Outcome>
struct Sustained {
  GpuSpec gpu;
  Outcome outcome;
};

// `run(gpu)` for as long as it takes the board to find its clock under `watts`; `load_of(outcome,
// gpu)` says what it took. Runs once where that fits, else up to three times.
template <class Run, class LoadOf>
auto run_within(double watts, const GpuSpec& gpu, const Run& run, const LoadOf& load_of)
    -> Sustained<decltype(run(gpu))> {
  Sustained<decltype(run(gpu))> fast{gpu, run(gpu)};
  if (!gpu.energy) return fast;
  const Load of_fast = load_of(fast.outcome, fast.gpu);
  if (!(of_fast.power() > watts)) return fast;
  const GpuSpec slower = held_at(gpu, clock_within(watts, of_fast, gpu), watts);
  if (slower.sm.clock == gpu.sm.clock) return fast;
  Sustained<decltype(run(gpu))> slow{slower, run(slower)};
  const Load of_slow = load_of(slow.outcome, slow.gpu);
  const GpuSpec fitting = held_at(gpu, clock_within(watts, of_fast, of_slow, gpu), watts);
  if (fitting.sm.clock == slower.sm.clock) return slow;
  return {fitting, run(fitting)};
}

}  // namespace strobe::device
