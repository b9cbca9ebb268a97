// The parts of a load's path, added up by hand, must give the plateaus of the pointer chases from
// which their sum was taken, and the pipes must give the arithmetic peaks of the datasheets. The
// simulated chase is another test; this one says whether the files mean what they claim.

#include <cstdint>

#include "sim/device/read_gpu.h"
#include "sim/kernel/clock.h"
#include "tests/support/catch.h"

using namespace strobe;
using namespace strobe::device;

namespace {

double nanoseconds(Picoseconds time) {
  return static_cast<double>(time.count()) / 1'000;
}

// One sector, nobody else under way: four ports, a cycle each.
double l2_plateau(const GpuSpec& gpu) {
  const Cycles in_cycles = gpu.sm.l1.miss_latency + gpu.sm.l1.fill_latency + Cycles(4);
  return nanoseconds(Clock(gpu.sm.clock).edge(in_cycles).since_start() +
                     gpu.crossbar.request_latency + gpu.l2.hit_latency +
                     gpu.crossbar.reply_latency);
}

// Refresh has closed every row by the time a chase comes back to its bank, so it pays for opening a
// row and not for closing one; once in a while it finds the bank being refreshed and waits half of
// that on average. Clock edges, 1 to 2 ns, are left out.
double dram_plateau(const GpuSpec& gpu) {
  const dram::PartSpec& part = gpu.memory.part;
  const Clock clock(part.command_clock());
  const Cycles access =
      dram::cycles_of(part, "tRCDRD") + dram::cycles_of(part, "CL") + part.burst_cycles();
  const double refresh = nanoseconds(clock.edge(dram::cycles_of(part, "tRFCpb")).since_start());
  const double interval = nanoseconds(clock.edge(dram::cycles_of(part, "tREFI")).since_start());
  return l2_plateau(gpu) + nanoseconds(gpu.l2.dram_path + clock.edge(access).since_start()) +
         refresh / interval * refresh / 2;
}

// Multiply-adds count two.
double teraflops(const GpuSpec& gpu, sm::Pipe pipe, double multiply_adds) {
  const auto interval = gpu.sm.pipes[static_cast<std::size_t>(pipe)].interval.count();
  const double per_cycle = 2 * multiply_adds * gpu.sm.sub_partitions * gpu.sms;
  return per_cycle / static_cast<double>(interval) * static_cast<double>(gpu.sm.clock.count()) /
         1e9;
}

}  // namespace

TEST_CASE("the path of a load adds up to the measured L2 plateau", "[device]") {
  CHECK(l2_plateau(read_gpu("v100-pcie-32gb")) == Approx(153.7).epsilon(0.005));
  CHECK(l2_plateau(read_gpu("a40")) == Approx(143.9).epsilon(0.005));
  CHECK(l2_plateau(read_gpu("rtx-a6000")) == Approx(143.9).epsilon(0.005));
  CHECK(l2_plateau(read_gpu("gb10")) == Approx(148.9).epsilon(0.005));
}

TEST_CASE("the path of a load that misses adds up to the measured DRAM plateau", "[device]") {
  CHECK(dram_plateau(read_gpu("v100-pcie-32gb")) == Approx(308.3).epsilon(0.01));
  CHECK(dram_plateau(read_gpu("a40")) == Approx(314.2).epsilon(0.01));
  CHECK(dram_plateau(read_gpu("rtx-a6000")) == Approx(314.2).epsilon(0.01));
  CHECK(dram_plateau(read_gpu("gb10")) == Approx(380).epsilon(0.01));
}

TEST_CASE("the pipes give the arithmetic peaks of the datasheets", "[device]") {
  const GpuSpec v100 = read_gpu("v100-pcie-32gb"), a6000 = read_gpu("rtx-a6000");
  CHECK(teraflops(v100, sm::Pipe::fp32, 32) == Approx(14.1).epsilon(0.01));
  CHECK(teraflops(v100, sm::Pipe::fp64, 32) == Approx(7.1).epsilon(0.01));
  CHECK(teraflops(v100, sm::Pipe::tensor, 256) == Approx(112).epsilon(0.01));
  CHECK(teraflops(a6000, sm::Pipe::fp32, 32) == Approx(38.7).epsilon(0.01));
  CHECK(teraflops(a6000, sm::Pipe::tensor, 2048) == Approx(154.9).epsilon(0.01));
  CHECK(teraflops(read_gpu("a40"), sm::Pipe::fp32, 32) == Approx(37.4).epsilon(0.01));
}
