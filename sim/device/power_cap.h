#pragma once

// The SM clock that a board keeps up under its power limit. Boards watch their own power over tens
// of milliseconds and take back clock and voltage until it fits, so what runs for longer runs at
// the clock at which its mean power is the limit. The memory keeps its clock.

#include <algorithm>
#include <cmath>
#include <optional>
#include <utility>

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

inline Kilohertz lower_by_a_step(Kilohertz clock) {
  return clock - kClockStep >= kLowestClock ? clock - kClockStep : clock;
}

// `guess`, but at least a step below `clock` and no more than a third of it: where a kernel waits
// for the memory its time says nothing of the clock at which it will go with it.
inline Kilohertz carefully_below(Kilohertz clock, Kilohertz guess) {
  const Kilohertz third = kClockStep * (clock.count() / 3 / kClockStep.count());
  return std::clamp(guess, std::max(clock - third, kLowestClock), lower_by_a_step(clock));
}

// The highest clock, no higher than that of the last load, at which work stays within `watts`. Its
// time is taken to be a constant and a part that goes with the clock's period, through what it took
// at two clocks; without a second one all of it goes with the clock. REQUIRES: gpu.energy;
// slow.clock < fast.clock.
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

// A clock between those of two loads, of which the faster is above `watts` and the slower is not,
// as if power went with the clock in between; nothing where they are neighbours.
std::optional<Kilohertz> clock_between(double watts, const Load& above, const Load& within);

// `run(gpu)` for as long as it takes the board to find its clock under `watts`; `load_of(outcome,
// gpu)` says what it took. Runs once where that fits, else up to eight times, until the power is as
// close to the limit as boards hold it: what a kernel waits for changes with the clock, and so does
// how its time goes with it.
template <class Run, class LoadOf>
auto run_within(double watts, const GpuSpec& gpu, const Run& run, const LoadOf& load_of)
    -> Sustained<decltype(run(gpu))> {
  constexpr double kClose = 0.015;  // of the limit
  constexpr int kMostRuns = 8;
  Sustained<decltype(run(gpu))> found{gpu, run(gpu)};
  if (!gpu.energy) return found;
  const Load fast = load_of(found.outcome, found.gpu);
  if (!(fast.power() > watts)) return found;
  Load above = fast;
  std::optional<Load> within;
  std::optional<Kilohertz> next = clock_within(watts, fast, gpu);
  for (int runs = 1; runs < kMostRuns && next && *next < above.clock; ++runs) {
    Sustained<decltype(run(gpu))> tried{held_at(gpu, *next, watts), {}};
    tried.outcome = run(tried.gpu);
    const Load load = load_of(tried.outcome, tried.gpu);
    const bool is_close = std::abs(load.power() - watts) <= kClose * watts;
    const bool fits = load.power() <= watts;
    if (is_close || fits || !within) found = std::move(tried);
    if (is_close) break;
    if (fits) {
      within = load;
    } else {
      above = load;
    }
    next = within ? clock_between(watts, above, *within)
                  : carefully_below(above.clock, clock_within(watts, fast, load, gpu));
  }
  return found;
}

}  // namespace strobe::device
