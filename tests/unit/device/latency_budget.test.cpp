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

// What a line of the other L2 partition takes longer than one of its own; every second one is.
double far_line(const GpuSpec& gpu) {
  if (!gpu.l2.crossing) return 0;
  const Picoseconds two_port_cycles = Clock(gpu.crossbar.clock).edge(Cycles(2)).since_start();
  return nanoseconds(gpu.l2.crossing->latency * 2 + gpu.l2.hit_latency + two_port_cycles);
}

// Between half and all of the L2: lines of the own partition come from the DRAM, those of the other
// from its slices (docs/decisions/0007).
double second_plateau(const GpuSpec& gpu, double dram) {
  return (dram - far_line(gpu) / 2 + l2_plateau(gpu) + far_line(gpu)) / 2;
}

// What a system-level cache between L2 and DRAM adds to the way.
Picoseconds through_system_cache(const GpuSpec& gpu) {
  if (!gpu.memory.system_cache) return Picoseconds(0);
  return gpu.memory.system_cache->hit_latency + gpu.memory.system_cache->dram_path;
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
  const Picoseconds path = gpu.l2.dram_path + through_system_cache(gpu);
  return l2_plateau(gpu) + nanoseconds(path + clock.edge(access).since_start()) +
         refresh / interval * refresh / 2 + far_line(gpu) / 2;
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
  CHECK(l2_plateau(read_gpu("a100-sxm4-40gb")) == Approx(151.0).epsilon(0.005));
  CHECK(l2_plateau(read_gpu("a100-sxm4-80gb")) == Approx(146.0).epsilon(0.005));
  CHECK(l2_plateau(read_gpu("h100-pcie-80gb")) == Approx(151.2).epsilon(0.005));
  CHECK(l2_plateau(read_gpu("h100-sxm5-80gb")) == Approx(147.0).epsilon(0.005));
  CHECK(l2_plateau(read_gpu("gh200-96gb")) == Approx(141.8).epsilon(0.005));
  CHECK(l2_plateau(read_gpu("b200")) == Approx(149.6).epsilon(0.005));
  CHECK(l2_plateau(read_gpu("rtx-3090")) == Approx(131.3).epsilon(0.005));
  CHECK(l2_plateau(read_gpu("rtx-4090")) == Approx(113.0).epsilon(0.005));
  CHECK(l2_plateau(read_gpu("l40")) == Approx(109.9).epsilon(0.005));
  CHECK(l2_plateau(read_gpu("rtx-5090")) == Approx(149.6).epsilon(0.005));
  CHECK(l2_plateau(read_gpu("p100-pcie-16gb")) == Approx(194.1).epsilon(0.005));
}

// Where the plateau was read beyond the TLB's reach, what translation takes is off.
TEST_CASE("the path of a load that misses adds up to the measured DRAM plateau", "[device]") {
  CHECK(dram_plateau(read_gpu("v100-pcie-32gb")) == Approx(308.3).epsilon(0.01));
  CHECK(dram_plateau(read_gpu("a40")) == Approx(314.2).epsilon(0.01));
  CHECK(dram_plateau(read_gpu("rtx-a6000")) == Approx(314.2).epsilon(0.01));
  CHECK(dram_plateau(read_gpu("gb10")) == Approx(380).epsilon(0.01));
  CHECK(dram_plateau(read_gpu("a100-sxm4-40gb")) == Approx(400.6).epsilon(0.01));
  CHECK(dram_plateau(read_gpu("a100-sxm4-80gb")) == Approx(384).epsilon(0.01));
  CHECK(dram_plateau(read_gpu("h100-pcie-80gb")) == Approx(370.5).epsilon(0.01));
  CHECK(dram_plateau(read_gpu("h100-sxm5-80gb")) == Approx(351).epsilon(0.01));
  CHECK(dram_plateau(read_gpu("gh200-96gb")) == Approx(344).epsilon(0.01));
  CHECK(dram_plateau(read_gpu("b200")) == Approx(432.6).epsilon(0.01));
  CHECK(dram_plateau(read_gpu("rtx-3090")) == Approx(264.3).epsilon(0.01));
  CHECK(dram_plateau(read_gpu("rtx-4090")) == Approx(236.9).epsilon(0.01));
  CHECK(dram_plateau(read_gpu("l40")) == Approx(237.4).epsilon(0.01));
  CHECK(dram_plateau(read_gpu("rtx-5090")) == Approx(386.4).epsilon(0.01));
  CHECK(dram_plateau(read_gpu("p100-pcie-16gb")) == Approx(380.7).epsilon(0.01));
}

TEST_CASE("the ways to a system-level cache and to the DRAM behind it add up to its plateaus",
          "[device]") {
  const GpuSpec gpu = read_gpu("m2-max-38c");
  REQUIRE(gpu.memory.system_cache);
  CHECK(l2_plateau(gpu) + nanoseconds(gpu.l2.dram_path + gpu.memory.system_cache->hit_latency) ==
        Approx(234).epsilon(0.01));
  CHECK(dram_plateau(gpu) == Approx(342).epsilon(0.01));
}

TEST_CASE("near and far lines add up to the plateau between half and all of the L2", "[device]") {
  const auto plateau = [](const char* name, double dram) {
    return second_plateau(read_gpu(name), dram);
  };
  CHECK(plateau("a100-sxm4-40gb", 406) == Approx(302).epsilon(0.01));
  CHECK(plateau("gh200-96gb", 344) == Approx(261).epsilon(0.01));
  CHECK(plateau("b200", 432.6) == Approx(330.8).epsilon(0.01));
  // Taken from none of their own numbers.
  CHECK(plateau("h100-pcie-80gb", 370.5) == Approx(271).epsilon(0.04));
  CHECK(plateau("h100-sxm5-80gb", 351) == Approx(271.7).epsilon(0.04));
}

TEST_CASE("the tensor cores give the peaks of the datasheets at the clocks they are stated for",
          "[device]") {
  const auto peak = [](const char* name, std::uint32_t TensorRates::*rate, double megahertz) {
    const GpuSpec gpu = read_gpu(name);
    return gpu.tensor.*rate * gpu.sms * megahertz * 1e-6;
  };
  CHECK(peak("v100-sxm2-32gb", &TensorRates::fp16, 1530) == Approx(125).epsilon(0.01));
  CHECK(peak("t4", &TensorRates::fp16, 1590) == Approx(65).epsilon(0.01));
  CHECK(peak("a100-pcie-80gb", &TensorRates::bf16, 1410) == Approx(312).epsilon(0.01));
  CHECK(peak("a100-sxm4-40gb", &TensorRates::fp64, 1410) == Approx(19.5).epsilon(0.01));
  CHECK(peak("rtx-3090", &TensorRates::fp16_half_sums, 1695) == Approx(142).epsilon(0.01));
  CHECK(peak("rtx-4090", &TensorRates::fp8, 2520) == Approx(330.3).epsilon(0.01));
  CHECK(peak("l4", &TensorRates::fp8, 2040) == Approx(242).epsilon(0.01));
  CHECK(peak("l40s", &TensorRates::bf16, 2520) == Approx(366).epsilon(0.01));
  CHECK(peak("h100-sxm5-80gb", &TensorRates::fp8, 1830) == Approx(1979).epsilon(0.01));
  CHECK(peak("h100-pcie-80gb", &TensorRates::bf16, 1620) == Approx(756).epsilon(0.01));
  CHECK(peak("b200", &TensorRates::bf16, 1855) == Approx(2250).epsilon(0.01));
  CHECK(peak("gb300", &TensorRates::fp4, 2032) == Approx(15'000).epsilon(0.02));
  CHECK(peak("rtx-5090", &TensorRates::fp4, 2407) == Approx(1676).epsilon(0.01));
}

TEST_CASE("the pipes give the arithmetic peaks of the datasheets", "[device]") {
  const GpuSpec v100 = read_gpu("v100-pcie-32gb"), a6000 = read_gpu("rtx-a6000");
  CHECK(teraflops(v100, sm::Pipe::fp32, 32) == Approx(14.1).epsilon(0.01));
  CHECK(teraflops(v100, sm::Pipe::fp64, 32) == Approx(7.1).epsilon(0.01));
  CHECK(teraflops(v100, sm::Pipe::tensor, 256) == Approx(112).epsilon(0.01));
  CHECK(teraflops(a6000, sm::Pipe::fp32, 32) == Approx(38.7).epsilon(0.01));
  CHECK(teraflops(a6000, sm::Pipe::tensor, 2048) == Approx(154.9).epsilon(0.01));
  const auto fp32 = [](const char* name) { return teraflops(read_gpu(name), sm::Pipe::fp32, 32); };
  CHECK(fp32("a40") == Approx(37.4).epsilon(0.01));
  CHECK(fp32("p100-pcie-16gb") == Approx(9.53).epsilon(0.01));
  CHECK(fp32("t4") == Approx(8.1).epsilon(0.01));
  CHECK(fp32("a100-sxm4-40gb") == Approx(19.5).epsilon(0.01));
  CHECK(fp32("rtx-4090") == Approx(82.6).epsilon(0.01));
  CHECK(fp32("h100-sxm5-80gb") == Approx(67).epsilon(0.01));
  CHECK(fp32("m2-max-38c") == Approx(13.6).epsilon(0.01));
  CHECK(teraflops(read_gpu("a100-sxm4-40gb"), sm::Pipe::fp64, 32) == Approx(9.7).epsilon(0.01));
  CHECK(teraflops(read_gpu("h100-sxm5-80gb"), sm::Pipe::fp64, 32) == Approx(33.5).epsilon(0.01));
  CHECK(teraflops(read_gpu("a100-sxm4-40gb"), sm::Pipe::tensor, 2048) == Approx(312).epsilon(0.01));
}
