#pragma once

// The SM clock that a board keeps up under its power limit. Boards watch their own power over tens
// of milliseconds and take back clock and voltage until it fits, so what runs for longer runs at
// the clock at which its mean power is the limit. The memory keeps its clock.

#include <algorithm>
#include <cmath>
#include <optional>
#include <type_traits>
#include <utility>
#include <vector>

#include "sim/device/board_energy.h"

namespace strobe::device {

// What work took at some clock: its time with launches, and its energy in that time.
struct Load {
  Kilohertz clock;
  double seconds = 0;
  BoardEnergy energy;

  double power() const { return energy.total() / seconds; }
};

// How much is known of what work takes before all that has to be is simulated: the first rounds of
// its long loops, or more of them and what the rest will take by these.
enum class Known { first_rounds, roughly };

// What was run at a clock.
struct Trial {
  Load first;             // of first rounds, where they are cut short
  Load last;              // of all that was simulated
  bool is_whole = false;  // else it was broken off

  Kilohertz clock() const { return first.clock; }
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
Kilohertz clock_within(double watts, const Trial& fast, const Trial& slow, const GpuSpec& gpu);

// `gpu` at a clock that its power limit holds it to.
GpuSpec held_at(GpuSpec gpu, Kilohertz clock, double watts);

// Looks for the clock at which work takes `watts`, as close as boards hold it: what a kernel waits
// for changes with the clock, and so does how its time goes with it. At most ten trials.
class ClockSearch {
 public:
  // REQUIRES: outlived by `gpu`.
  ClockSearch(double watts, const GpuSpec& gpu) : watts_(watts), gpu_(gpu) {}

  // Where to run next; nothing once the answer is found.
  std::optional<Kilohertz> next() const;
  // That this is no clock to go on at, by what is known of it.
  bool is_far(const Load& load, Known known) const;
  // What came out there.
  void note(const Trial& trial);
  // The clock of a whole trial. REQUIRES: no next().
  Kilohertz answer() const;

 private:
  double power_of(const Trial& trial) const;
  bool is_close(const Trial& trial) const;

  double watts_;
  const GpuSpec& gpu_;
  int runs_ = 0;
  std::vector<Trial> trials_;  // one a clock, from the GPU's own on down
  double last_of_first_ = 1;   // power of more over that of first rounds, once it is known
};

// What was run, and the GPU at the clock that it ran at.
template <class Outcome>
struct Sustained {
  GpuSpec gpu;
  Outcome outcome;
};

// What run(gpu, is_far) gives at the clock that the board keeps up under `watts`; `load_of(outcome,
// gpu)` says what it took. Run once where that fits, else several times. It may ask is_far(outcome,
// known) of what it knows, and end with that where it is. Without gpu.energy nothing is held back,
// and `load_of` is not asked.
template <class Outcome, class Run, class LoadOf>
Sustained<Outcome> run_within(double watts, const GpuSpec& gpu, const Run& run,
                              const LoadOf& load_of) {
  if (!gpu.energy) return {gpu, run(gpu, [](const Outcome&, Known) { return false; })};
  std::vector<Sustained<Outcome>> found;
  ClockSearch search(watts, gpu);
  while (const std::optional<Kilohertz> clock = search.next()) {
    GpuSpec at = held_at(gpu, *clock, watts);
    std::optional<Load> first;
    bool is_broken_off = false;
    Outcome outcome = run(at, [&](const Outcome& part, Known known) {
      const Load load = load_of(part, at);
      if (known == Known::first_rounds) first = load;
      return is_broken_off = search.is_far(load, known);
    });
    const Load last = load_of(outcome, at);
    search.note({first.value_or(last), last, !is_broken_off});
    if (!is_broken_off) found.push_back({std::move(at), std::move(outcome)});
  }
  const auto is_answer = [&](const auto& each) { return each.gpu.sm.clock == search.answer(); };
  return std::move(*std::ranges::find_if(found, is_answer));
}

// Likewise of run(gpu), which is always whole.
template <class Run, class LoadOf>
requires std::is_invocable_v<Run, const GpuSpec&>
auto run_within(double watts, const GpuSpec& gpu, const Run& run, const LoadOf& load_of) {
  const auto whole = [&](const GpuSpec& at, const auto&) { return run(at); };
  return run_within<std::invoke_result_t<Run, const GpuSpec&>>(watts, gpu, whole, load_of);
}

}  // namespace strobe::device
