// What a board takes, worked out by hand from round numbers.

#include "sim/device/board_energy.h"
#include "tests/support/catch.h"
#include "tests/support/sample_run.h"

using namespace strobe;
using namespace strobe::device;

namespace {

constexpr double kMicrojoule = 1e-6;

// As the sample, and every counter that costs something is 1000.
KernelResult busy_kernel() {
  KernelResult kernel = test::sample_kernel();
  kernel.sm.warp_instructions = 1000;
  kernel.sm.fp32_lanes = 1000;
  kernel.sm.special_lanes = 1000;
  kernel.sm.tensor_cycles = 1000;
  kernel.sm.shared_passes = 1000;
  return kernel;
}

}  // namespace

TEST_CASE("each share is what was counted times the energy of one", "[device]") {
  const BoardEnergy energy = energy_of(busy_kernel(), test::sample_gpu());
  CHECK(energy.idle == Approx(10 * kMicrojoule));              // 10 W for 1 us
  CHECK(energy.sms == Approx(2000 * 100e-12));                 // cycles
  CHECK(energy.instructions == Approx(1000 * 200e-12));        // of warps
  CHECK(energy.arithmetic == Approx(1000 * (1e-12 + 3e-12)));  // lanes of fp32 and special
  CHECK(energy.tensor == Approx(1000 * 50e-12));               // cycles
  CHECK(energy.shared == Approx(1000 * 128 * 5e-12));          // passes of 128 bytes
  CHECK(energy.l1 == Approx(1000 * 32 * 1e-12));               // sectors
  CHECK(energy.l2 == Approx(750 * 32 * 10e-12));               // sectors
  CHECK(energy.dram == Approx(0.71 * kMicrojoule - 0.1 * kMicrojoule));  // less its standby
  const double delivered = energy.total() - energy.idle - energy.regulators;
  CHECK(energy.regulators == Approx(0.25 * delivered));  // a fifth of what flows in
}

TEST_CASE(
    "what sampling left out takes as much as what was simulated, the board's idling goes by "
    "time",
    "[device]") {
  const GpuSpec gpu = test::sample_gpu();
  KernelResult kernel = busy_kernel();
  const BoardEnergy simulated = energy_of(kernel, gpu);
  kernel.left_out.time = 2_us;
  const BoardEnergy whole = energy_of(kernel, gpu);
  for (const BoardEnergyShare& share : kBoardEnergyShares) {
    INFO(share.name);
    CHECK(whole.*share.energy == Approx(3 * simulated.*share.energy));
  }
}

TEST_CASE("at a lower clock the chip takes the square of the voltage, the memory what it did",
          "[device]") {
  GpuSpec gpu = test::sample_gpu();
  const BoardEnergy fast = energy_of(busy_kernel(), gpu);
  gpu.sm.clock = 750_MHz;  // half way between 500 MHz at 0.6 V and 1000 MHz at 1 V
  const BoardEnergy slow = energy_of(busy_kernel(), gpu);
  CHECK(slow.instructions == Approx(0.64 * fast.instructions));
  CHECK(slow.l2 == Approx(0.64 * fast.l2));
  CHECK(slow.dram == Approx(fast.dram));
  CHECK(slow.idle == Approx(fast.idle));
}

TEST_CASE("idling takes less at a lower clock by what clocks take, and never less than at rest",
          "[device]") {
  GpuSpec gpu = test::sample_gpu();
  gpu.energy->idle_slow = dram::Microwatts(6'000'000);  // of 10 W at 1000 MHz and 1 V
  CHECK(idle_power_at(1000_MHz, *gpu.energy) == Approx(10));
  CHECK(idle_power_at(750_MHz, *gpu.energy) == Approx(6 + 4 * 0.75 * 0.64));
  CHECK(idle_power_at(0_MHz, *gpu.energy) == Approx(6));
  gpu.sm.clock = 750_MHz;
  CHECK(energy_of(busy_kernel(), gpu).idle == Approx(7.92 * kMicrojoule));  // for 1 us
  CHECK(energy_of_waiting(2, gpu).idle == Approx(2 * 7.92));
}

TEST_CASE("the voltage is level below the lower clock and goes on above the higher", "[device]") {
  const EnergySpec spec = *test::sample_gpu().energy;
  CHECK(voltage_at(100_MHz, spec) == Approx(0.6));
  CHECK(voltage_at(500_MHz, spec) == Approx(0.6));
  CHECK(voltage_at(1000_MHz, spec) == Approx(1.0));
  CHECK(voltage_at(1250_MHz, spec) == Approx(1.2));
}

TEST_CASE("a memory on another die costs the way there, a copy both ends of the host link",
          "[device]") {
  GpuSpec gpu = test::sample_gpu();
  KernelResult kernel = test::sample_kernel();
  kernel.l2.fill_sectors = 600;
  kernel.l2.written_back_sectors = 400;
  CHECK(energy_of(kernel, gpu).link == 0);
  gpu.memory.link = MemoryLinkSpec{};
  CHECK(energy_of(kernel, gpu).link == Approx(1000 * 32 * 10e-12));
  const BoardEnergy copy = energy_of_copy(1e6, 1e-4, gpu);
  CHECK(copy.link == Approx(1e6 * 100e-12));
  CHECK(copy.idle == Approx(10 * 1e-4));
  CHECK(copy.total() == Approx(copy.link / 0.8 + copy.idle));
}
