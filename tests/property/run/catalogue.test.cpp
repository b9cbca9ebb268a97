// Every GPU that is shipped can be run: it replays a copy within the bounds of its own graph
// (run_on_gpu stops otherwise), gives the same numbers for any number of threads, and its levels
// are in the order in which a machine has them.

#include "sim/device/catalogue.h"
#include "sim/device/machine.h"
#include "sim/device/read_gpu.h"
#include "sim/run/gpu_run.h"
#include "sim/trace/generate.h"
#include "tests/support/catch.h"

using namespace strobe;

namespace {

std::uint64_t dram_reads(const device::RunResult& result) {
  std::uint64_t reads = 0;
  for (const dram::Counters& channel : result.channels) reads += channel.reads;
  return reads;
}

double chase_nanoseconds(const device::GpuSpec& gpu, std::uint64_t bytes, std::uint32_t loads) {
  trace::KernelRecipe recipe;
  recipe.pattern = trace::Pattern::chase;
  recipe.bytes = bytes;
  recipe.loads = loads;
  device::NoProgress nobody_watches;
  const auto program = trace::generate({recipe});
  const device::RunResult result = device::Machine(gpu).run(*program, nobody_watches);
  return static_cast<double>((result.kernels[0].end - result.kernels[0].start).count()) / 1'000;
}

// Of the loads that a longer chase makes beyond a shorter one's.
double latency(const device::GpuSpec& gpu, std::uint64_t bytes, std::uint32_t shorter,
               std::uint32_t longer) {
  const double first = chase_nanoseconds(gpu, bytes, shorter);
  return (chase_nanoseconds(gpu, bytes, longer) - first) / (longer - shorter);
}

}  // namespace

TEST_CASE("every GPU of the catalogue replays a copy, the same with any number of threads",
          "[run][property]") {
  device::NoProgress nobody_watches;
  for (const std::string& name : device::list_gpus()) {
    CAPTURE(name);
    const run::GpuOutcome one =
        run::run_on_gpu({name, "traces/small/copy", {}, 1, true, ""}, nobody_watches);
    const run::GpuOutcome three =
        run::run_on_gpu({name, "traces/small/copy", {}, 3, false, ""}, nobody_watches);
    CHECK(one.gpu.name == name);
    CHECK(one.result.kernels.size() == 1);
    CHECK(one.result.dram_check.violations == 0);
    CHECK(one.result.end == three.result.end);
    CHECK(one.result.kernels[0].stalls.by_cause == three.result.kernels[0].stalls.by_cause);
    CHECK(dram_reads(one.result) == dram_reads(three.result));
    CHECK(dram_reads(one.result) > 0);
  }
}

TEST_CASE("on every GPU the L2 answers later than the L1 and the DRAM later than the L2",
          "[run][property]") {
  for (const std::string& name : device::list_gpus()) {
    device::GpuSpec gpu = device::read_gpu(name);
    // A small L1 is soon walked through, and its latency is the same.
    gpu.sm.l1.capacity = Bytes(8 << 10);
    gpu.sm.l1.unified_with_shared = false;
    gpu.sm.l1.ways = 8;
    const double l1 = latency(gpu, 4 << 10, 64, 192);
    const double l2 = latency(gpu, 16 << 10, 128, 256);
    const double dram = latency(gpu, 64 << 20, 64, 192);
    CAPTURE(name, l1, l2, dram);
    CHECK(l1 > 5);
    CHECK(l2 > 2 * l1);
    CHECK(dram > 1.5 * l2);
    CHECK(dram < 1'000);
  }
}
