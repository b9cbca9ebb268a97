// What microbenchmarks give on a machine whose parts are known.

#include "sim/validate/benchmark.h"
#include "sim/device/at_clock.h"
#include "sim/validate/kernels.h"
#include "tests/support/catch.h"
#include "tests/support/small_gpu.h"

using namespace strobe;
using namespace strobe::test;
using namespace strobe::validate;

namespace {

double measured(const device::GpuSpec& gpu, std::string benchmark, std::string unit,
                std::vector<Parameter> parameters) {
  Figure figure;
  figure.benchmark = std::move(benchmark);
  figure.unit = std::move(unit);
  figure.parameters = std::move(parameters);
  return benchmark_of(figure).run(gpu, figure);
}

}  // namespace

TEST_CASE("a chase that fits the L1 takes its hit latency", "[validate]") {
  const device::GpuSpec gpu = small_gpu();
  CHECK(measured(gpu, "chase", "ns", {{"footprint", 8 << 10}}) == Approx(20).epsilon(0.001));
  CHECK(measured(gpu, "chase", "cycles", {{"footprint", 8 << 10}}) == Approx(20).epsilon(0.001));
}

TEST_CASE("the L1 ends where it ends", "[validate]") {
  const double kib =
      measured(small_gpu(), "capacity", "KiB", {{"from", 4 << 10}, {"to", 64 << 10}});
  CHECK(kib > 15.0);
  CHECK(kib < 19.0);
}

TEST_CASE("blocks an SM are limited to the number asked for", "[validate]") {
  const device::GpuSpec gpu = small_gpu(3);
  trace::KernelRecipe recipe;
  for (const std::uint32_t ctas : {1U, 2U, 3U}) {
    recipe.shared_bytes = shared_bytes_for(gpu, ctas);
    CHECK(resident_ctas(gpu, recipe) == 3 * ctas);
  }
}

TEST_CASE("shared memory is read at its width, and lanes in one bank in turn", "[validate]") {
  const device::GpuSpec gpu = small_gpu();
  CHECK(measured(gpu, "shared-read", "GB/s", {{"lane_bytes", 4}}) == Approx(128).epsilon(0.02));
  CHECK(measured(gpu, "shared-read", "GB/s", {{"lane_bytes", 4}, {"stride", 128}}) ==
        Approx(4).epsilon(0.02));
}

TEST_CASE("an empty kernel costs its launch, a CTA's way and its report", "[validate]") {
  const double us = measured(small_gpu(), "empty", "us", {});
  CHECK(us > 0.5 + 0.030 + 0.010 + 0.030);
  CHECK(us < 0.6);
}

TEST_CASE("at another clock the cycles of SMs, L2 and crossbar take longer, the DRAM does not",
          "[validate]") {
  const device::GpuSpec own = small_gpu();
  const device::GpuSpec half = at_clock(own, 500_MHz);
  const auto chase = [](const device::GpuSpec& gpu, std::uint64_t bytes) {
    return measured(gpu, "chase", "ns", {{"footprint", bytes}});
  };
  CHECK(chase(half, 8 << 10) == Approx(2 * chase(own, 8 << 10)).epsilon(0.001));
  const double l2 = chase(own, 64 << 10), dram = chase(own, 4 << 20);
  CHECK(chase(half, 64 << 10) == Approx(2 * l2).epsilon(0.02));
  CHECK(chase(half, 4 << 20) == Approx(dram + l2).epsilon(0.02));
}

TEST_CASE("at another clock an L2 that follows the SMs keeps its ratio, another its own clock",
          "[validate]") {
  device::GpuSpec gpu = small_gpu();
  gpu.l2.clock = 900_MHz;
  CHECK(at_clock(gpu, 500_MHz).l2.clock == 450_MHz);
  CHECK(at_clock(gpu, 500_MHz).l2.hit_latency == 60_ns);
  gpu.l2_follows_sms = false;
  CHECK(at_clock(gpu, 500_MHz).l2.clock == 900_MHz);
  CHECK(at_clock(gpu, 500_MHz).l2.hit_latency == 30_ns);
}

TEST_CASE("random places need no more turns for a larger table", "[validate]") {
  const double rate = measured(small_gpu(), "gather", "G/s", {{"footprint", 1 << 30}});
  CHECK(rate > 0);
}
