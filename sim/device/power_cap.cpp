#include "sim/device/power_cap.h"

#include <algorithm>
#include <cmath>

#include "sim/base/check.h"
#include "sim/device/at_clock.h"

namespace strobe::device {
namespace {

// Seconds that do not depend on the clock, and cycles.
struct Parts {
  double seconds = 0, cycles = 0;
};

double hertz(Kilohertz clock) {
  return static_cast<double>(clock.count()) * 1e3;
}

// Work that got slower by more than its clock did is taken to have no part without it.
Parts parts_of(const Load& fast, const Load& slow) {
  const double periods = 1 / hertz(slow.clock) - 1 / hertz(fast.clock);
  const double cycles = (slow.seconds - fast.seconds) / periods;
  const double rest = fast.seconds - cycles / hertz(fast.clock);
  if (rest < 0) return {0, fast.seconds * hertz(fast.clock)};
  if (cycles < 0) return {fast.seconds, 0};
  return {rest, cycles};
}

// What the work of `from` takes at another clock. SMs with warps take theirs each cycle, and at a
// lower clock fewer pass while they wait for memory.
double power_at(Kilohertz clock, const Load& from, const Parts& parts, const EnergySpec& spec) {
  const double ratio = voltage_at(clock, spec) / voltage_at(from.clock, spec);
  const double seconds = parts.seconds + parts.cycles / hertz(clock);
  const double cycles = seconds * hertz(clock) / (from.seconds * hertz(from.clock));
  const double idle = from.energy.idle / from.seconds * idle_power_at(clock, spec) /
                      idle_power_at(from.clock, spec);
  const double loss = 1 - spec.regulator_loss;
  const double memory = (from.energy.dram + from.energy.link) / loss;
  const double sms = from.energy.sms / loss;
  const double work = from.energy.total() - from.energy.idle - memory - sms;
  return idle + (memory + (work + sms * cycles) * ratio * ratio) / seconds;
}

Kilohertz highest_within(double watts, const Load& from, const Parts& parts, const GpuSpec& gpu) {
  Kilohertz clock = from.clock;
  while (power_at(clock, from, parts, *gpu.energy) > watts && clock - kClockStep >= kLowestClock) {
    clock -= kClockStep;
  }
  return clock;
}

struct Point {
  Kilohertz clock;
  double power;
};

// A clock between two of which the faster takes more than `watts` and the slower does not, as if
// power went with the clock in between, but not within a `margin` of the way from either; nothing
// where they are neighbours.
std::optional<Kilohertz> clock_between(double watts, const Point& above, const Point& within,
                                       double margin) {
  const std::int64_t steps = (above.clock - within.clock).count() / kClockStep.count();
  if (steps < 2) return std::nullopt;
  const double share = (watts - within.power) / (above.power - within.power);
  const double part = std::clamp(share, margin, 1 - margin);
  const auto up = static_cast<std::int64_t>(part * static_cast<double>(steps));
  return within.clock + kClockStep * std::clamp<std::int64_t>(up, 1, steps - 1);
}

}  // namespace

Kilohertz clock_within(double watts, const Load& fast, const GpuSpec& gpu) {
  return highest_within(watts, fast, {0, fast.seconds * hertz(fast.clock)}, gpu);
}

// How time goes with the clock is told from runs of the same length.
Kilohertz clock_within(double watts, const Trial& fast, const Trial& slow, const GpuSpec& gpu) {
  STROBE_CHECK(slow.clock() < fast.clock());
  if (fast.is_whole && slow.is_whole) {
    return highest_within(watts, slow.last, parts_of(fast.last, slow.last), gpu);
  }
  Parts parts = parts_of(fast.first, slow.first);
  const double longer = slow.last.seconds / slow.first.seconds;
  parts.seconds *= longer;
  parts.cycles *= longer;
  return highest_within(watts, slow.last, parts, gpu);
}

double ClockSearch::power_of(const Trial& trial) const {
  const bool is_first = !trial.is_whole && trial.last.seconds <= trial.first.seconds;
  return trial.last.power() * (is_first ? last_of_first_ : 1);
}

bool ClockSearch::is_close(const Trial& trial) const {
  constexpr double kClose = 0.015;  // of the limit
  return trial.is_whole && trial.clock() < gpu_.sm.clock &&
         std::abs(trial.last.power() - watts_) <= kClose * watts_;
}

bool ClockSearch::is_far(const Load& load, Known known) const {
  constexpr double kFarOfFirst = 0.2, kFar = 0.08;  // of the limit
  constexpr int kMostBrokenOff = 4;                 // what is known may mislead
  const auto is_same = [&](const Trial& each) { return each.clock() == load.clock; };
  if (runs_ >= kMostBrokenOff || std::ranges::any_of(trials_, is_same)) return false;
  const bool is_first = known == Known::first_rounds;
  const double far = is_first ? kFarOfFirst : kFar;
  const double power = load.power() * (is_first ? last_of_first_ : 1);
  return power > (1 + far) * watts_ || (runs_ > 0 && power < (1 - far) * watts_);
}

void ClockSearch::note(const Trial& trial) {
  ++runs_;
  if (trial.last.seconds > trial.first.seconds) {
    last_of_first_ = trial.last.power() / trial.first.power();
  }
  std::erase_if(trials_, [&](const Trial& each) { return each.clock() == trial.clock(); });
  const auto slower = std::ranges::find_if(
      trials_, [&](const Trial& each) { return each.clock() < trial.clock(); });
  trials_.insert(slower, trial);
}

std::optional<Kilohertz> ClockSearch::next() const {
  constexpr int kMostRuns = 10, kUsualRuns = 5;
  constexpr double kMargin = 0.3;  // so that few more runs are enough
  const auto is_done = [&](const Trial& each) { return is_close(each); };
  if (trials_.empty()) return gpu_.sm.clock;
  if (runs_ >= kMostRuns || std::ranges::any_of(trials_, is_done)) return std::nullopt;
  const auto unless_whole = [](const Trial& trial) {
    return trial.is_whole ? std::nullopt : std::optional(trial.clock());
  };
  const auto is_above = [&](const Trial& each) { return power_of(each) > watts_; };
  const auto within = std::find_if(trials_.rbegin(), trials_.rend(), is_above).base();
  if (within == trials_.begin()) return unless_whole(*within);
  const Trial& above = *std::prev(within);
  if (within != trials_.end()) {
    const double margin = runs_ < kUsualRuns ? 0 : kMargin;
    const std::optional<Kilohertz> between = clock_between(
        watts_, {above.clock(), power_of(above)}, {within->clock(), power_of(*within)}, margin);
    return between ? between : unless_whole(*within);
  }
  const Kilohertz guess =
      trials_.size() == 1
          ? clock_within(watts_, above.last, gpu_)
          : carefully_below(above.clock(),
                            clock_within(watts_, *std::prev(within, 2), above, gpu_));
  return guess < above.clock() ? std::optional(guess) : unless_whole(above);
}

Kilohertz ClockSearch::answer() const {
  const Trial* best = nullptr;
  for (const Trial& trial : trials_) {
    if (!trial.is_whole) continue;
    if (is_close(trial)) return trial.clock();
    if (!best || power_of(*best) > watts_) best = &trial;
  }
  STROBE_CHECK(best != nullptr);
  return best->clock();
}

GpuSpec held_at(GpuSpec gpu, Kilohertz clock, double watts) {
  if (clock == gpu.sm.clock) return gpu;
  gpu = at_clock(std::move(gpu), clock);
  gpu.power_cap = dram::Microwatts(static_cast<std::int64_t>(watts * 1e6));
  return gpu;
}

}  // namespace strobe::device
