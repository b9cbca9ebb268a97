// The clock under a power limit, against machines whose power is known in closed form.

#include "sim/device/power_cap.h"

#include <algorithm>
#include <vector>

#include "tests/support/catch.h"
#include "tests/support/sample_run.h"

using namespace strobe;
using namespace strobe::device;

namespace {

// Work of `cycles` and of `rest` seconds that no clock shortens; the chip takes 60 J of it at 1 V.
Load work(const GpuSpec& gpu, double cycles, double rest) {
  const double ratio = voltage_at(gpu.sm.clock, *gpu.energy) / 1.0;
  Load load;
  load.clock = gpu.sm.clock;
  load.seconds = cycles / (static_cast<double>(gpu.sm.clock.count()) * 1e3) + rest;
  load.energy.idle = 10 * load.seconds;
  load.energy.instructions = 60 * 0.8 * ratio * ratio;
  load.energy.regulators = 60 * 0.2 * ratio * ratio;
  return load;
}

Trial whole(const Load& load) {
  return {load, load, true};
}

}  // namespace

TEST_CASE("below the limit the clock stays and the work is run once", "[device]") {
  const GpuSpec gpu = test::sample_gpu();
  int runs = 0;
  const auto load = [](const Load& each, const GpuSpec&) { return each; };
  const auto run = [&](const GpuSpec& at) {
    ++runs;
    return work(at, 1e9, 0);
  };
  const auto sustained = run_within(70.5, gpu, run, load);
  CHECK(sustained.gpu.sm.clock == 1000_MHz);
  CHECK_FALSE(sustained.gpu.power_cap);
  CHECK(runs == 1);
}

TEST_CASE("above it the clock falls along the voltage's line until the power fits", "[device]") {
  const GpuSpec gpu = test::sample_gpu();  // 0.8 mV a MHz between 500 and 1000 MHz
  for (const double rest : {0.0, 0.5, 5.0}) {
    INFO(rest);
    const double limit = 0.7 * work(gpu, 1e9, rest).power();
    const auto sustained = run_within(
        limit, gpu, [&](const GpuSpec& at) { return work(at, 1e9, rest); },
        [](const Load& each, const GpuSpec&) { return each; });
    const Kilohertz clock = sustained.gpu.sm.clock;
    CHECK(clock < 1000_MHz);
    CHECK(sustained.outcome.clock == clock);
    CHECK(sustained.gpu.power_cap == dram::Microwatts(static_cast<std::int64_t>(limit * 1e6)));
    CHECK(sustained.outcome.power() <= 1.015 * limit);
    CHECK(work(held_at(gpu, clock + kClockStep, limit), 1e9, rest).power() > limit);
  }
}

TEST_CASE("the clock is found too where time goes otherwise with it than at first") {
  const GpuSpec gpu = test::sample_gpu();
  // Bound by the memory down to 700 MHz, and below by a cache that has the chip's clock.
  const auto run = [&](const GpuSpec& at) {
    const double hertz = static_cast<double>(at.sm.clock.count()) * 1e3;
    return work(at, 0, std::max(1.0, 700e6 / hertz));
  };
  const auto load = [](const Load& each, const GpuSpec&) { return each; };
  for (const double share : {0.9, 0.7, 0.55}) {
    INFO(share);
    const double limit = share * run(gpu).power();
    const auto sustained = run_within(limit, gpu, run, load);
    const double power = sustained.outcome.power();
    CHECK(power <= 1.015 * limit);
    const Kilohertz higher = sustained.gpu.sm.clock + kClockStep;
    CHECK((power > 0.97 * limit || run(held_at(gpu, higher, limit)).power() > limit));
  }
}

TEST_CASE("a clock that takes a hundredth more than the limit is kept") {
  const GpuSpec gpu = test::sample_gpu();
  const auto run = [&](const GpuSpec& at) { return work(at, 1e9, 0); };
  const auto load = [](const Load& each, const GpuSpec&) { return each; };
  const auto clock_at = [&](double share) {
    const double limit = share * run(held_at(gpu, 850_MHz, 1)).power();
    return run_within(limit, gpu, run, load).gpu.sm.clock;
  };
  CHECK(clock_at(0.99) == 850_MHz);
  CHECK(clock_at(0.98) == 835_MHz);
}

TEST_CASE("no clock is below the lowest, whatever the limit", "[device]") {
  const GpuSpec gpu = test::sample_gpu();
  const Load load = work(gpu, 1e9, 0);
  const Kilohertz clock = clock_within(1, load, gpu);
  CHECK(clock >= kLowestClock);
  CHECK(clock < kLowestClock + kClockStep);
}

TEST_CASE("a memory's power does not fall with the clock", "[device]") {
  const GpuSpec gpu = test::sample_gpu();
  Load load = work(gpu, 0, 1);
  Load slow = load;
  slow.clock = 900_MHz;
  const Kilohertz all_chip = clock_within(0.8 * load.power(), whole(load), whole(slow), gpu);
  load.energy.dram = load.energy.instructions;
  load.energy.instructions = 0;
  load.energy.regulators = 0.25 * load.energy.dram;
  slow.energy = load.energy;
  CHECK(all_chip > kLowestClock + kClockStep);
  CHECK(clock_within(0.8 * load.power(), whole(load), whole(slow), gpu) <
        kLowestClock + kClockStep);
}

TEST_CASE("a board whose idling falls with the clock keeps a higher one under the same limit",
          "[device]") {
  GpuSpec gpu = test::sample_gpu();
  const auto clock_under = [&](double watts) {
    return run_within(
               watts, gpu,
               [](const GpuSpec& at) {
                 Load load = work(at, 1e9, 0);
                 load.energy.idle = idle_power_at(at.sm.clock, *at.energy) * load.seconds;
                 return load;
               },
               [](const Load& each, const GpuSpec&) { return each; })
        .gpu.sm.clock;
  };
  const Kilohertz steady = clock_under(40);
  gpu.energy->idle_slow = dram::Microwatts(2'000'000);
  const Load fast = work(gpu, 1e9, 0);  // 10 W of idling there
  CHECK(clock_under(40) > steady);
  CHECK(clock_within(40, fast, gpu) == clock_under(40));
}

TEST_CASE("SMs that wait for memory take less at a lower clock, whatever the voltage", "[device]") {
  const GpuSpec gpu = test::sample_gpu();
  Load load;             // no time of it goes with the clock
  load.clock = 500_MHz;  // up to which the voltage stays
  load.seconds = 1;
  load.energy.idle = 10;
  load.energy.sms = 60 * 0.8;
  load.energy.regulators = 60 * 0.2;
  Load slow = load;
  slow.clock = 400_MHz;
  slow.energy.sms *= 0.8;  // of cycles
  slow.energy.regulators *= 0.8;
  CHECK(clock_within(10 + 60 * 0.775, whole(load), whole(slow), gpu) == 385_MHz);
}

TEST_CASE("a run whose first rounds are far above the limit is broken off") {
  const GpuSpec gpu = test::sample_gpu();
  const double limit = 0.5 * work(gpu, 1e9, 0).power();
  std::vector<Kilohertz> whole_at;
  const auto run = [&](const GpuSpec& at, const auto& is_far) {
    Load part = work(at, 1e9, 0);
    part.seconds *= 0.1;
    part.energy = part.energy * 0.1;
    if (is_far(part, Known::first_rounds)) return part;
    whole_at.push_back(at.sm.clock);
    return work(at, 1e9, 0);
  };
  const auto sustained =
      run_within<Load>(limit, gpu, run, [](const Load& each, const GpuSpec&) { return each; });
  REQUIRE_FALSE(whole_at.empty());
  CHECK(whole_at.front() < gpu.sm.clock);
  CHECK(std::ranges::count(whole_at, sustained.gpu.sm.clock) == 1);
  CHECK(sustained.outcome.power() <= 1.015 * limit);
  CHECK(sustained.outcome.seconds == work(sustained.gpu, 1e9, 0).seconds);
}

// They take `share` of what the whole does: more than the limit where all of it is below, say.
TEST_CASE("first rounds that mislead cost runs and not the clock") {
  const GpuSpec gpu = test::sample_gpu();
  const auto power_at = [&](Kilohertz clock) {
    return work(held_at(gpu, clock, 1), 1e9, 0.2).power();
  };
  for (const double share : {0.1, 0.5, 0.9, 1.3, 2.0, 10.0}) {
    for (const double limit : {0.3, 0.5, 0.7, 0.9, 1.1}) {
      INFO(share << " of the power, " << limit << " of the limit");
      const double watts = limit * power_at(gpu.sm.clock);
      const auto run = [&](const GpuSpec& at, const auto& is_far) {
        Load part = work(at, 1e9, 0.2);
        part.seconds *= 0.1;
        part.energy = part.energy * (0.1 * share);
        return is_far(part, Known::first_rounds) ? part : work(at, 1e9, 0.2);
      };
      const auto sustained =
          run_within<Load>(watts, gpu, run, [](const Load& each, const GpuSpec&) { return each; });
      const Kilohertz clock = sustained.gpu.sm.clock;
      CHECK(sustained.outcome.seconds > 0.5);  // of the whole
      CHECK(sustained.outcome.power() <= 1.015 * watts);
      const bool is_highest = clock == gpu.sm.clock || power_at(clock + kClockStep) > watts;
      CHECK((is_highest || sustained.outcome.power() >= 0.985 * watts));
    }
  }
}

TEST_CASE("a GPU whose file has no energies runs once at its clock, and no power is asked for") {
  GpuSpec gpu = test::sample_gpu();
  gpu.energy.reset();
  int runs = 0, loads = 0;
  const auto run = [&](const GpuSpec&, const auto& is_far) {
    ++runs;
    CHECK_FALSE(is_far(0, Known::first_rounds));
    return 7;
  };
  const auto sustained = run_within<int>(1, gpu, run, [&](int, const GpuSpec&) {
    ++loads;
    return Load{};
  });
  CHECK(sustained.outcome == 7);
  CHECK(sustained.gpu.sm.clock == gpu.sm.clock);
  CHECK(runs == 1);
  CHECK(loads == 0);
}
