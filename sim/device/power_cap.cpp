#include "sim/device/power_cap.h"

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

}  // namespace

Kilohertz clock_within(double watts, const Load& fast, const GpuSpec& gpu) {
  return highest_within(watts, fast, {0, fast.seconds * hertz(fast.clock)}, gpu);
}

Kilohertz clock_within(double watts, const Load& fast, const Load& slow, const GpuSpec& gpu) {
  STROBE_CHECK(slow.clock < fast.clock);
  return highest_within(watts, slow, parts_of(fast, slow), gpu);
}

std::optional<Kilohertz> clock_between(double watts, const Load& above, const Load& within) {
  const std::int64_t steps = (above.clock - within.clock).count() / kClockStep.count();
  if (steps < 2) return std::nullopt;
  const double share = (watts - within.power()) / (above.power() - within.power());
  const auto up = static_cast<std::int64_t>(share * static_cast<double>(steps));
  return within.clock + kClockStep * std::clamp<std::int64_t>(up, 1, steps - 1);
}

GpuSpec held_at(GpuSpec gpu, Kilohertz clock, double watts) {
  if (clock == gpu.sm.clock) return gpu;
  gpu = at_clock(std::move(gpu), clock);
  gpu.power_cap = dram::Microwatts(static_cast<std::int64_t>(watts * 1e6));
  return gpu;
}

}  // namespace strobe::device
