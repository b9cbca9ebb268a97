// A memory that a CPU shares with the GPU: what the system-level cache between adds to the way of a
// load and saves, and what a load of the CPU's costs.

#include <cstdlib>

#include "sim/device/cached_bytes.h"
#include "sim/device/cpu_load.h"
#include "sim/device/what_if.h"
#include "tests/support/catch.h"
#include "tests/support/mixed_program.h"
#include "tests/support/run_small.h"

using namespace strobe;
using namespace strobe::test;
using stats::Cause;

namespace {

constexpr Picoseconds kHit = 15_ns, kBehind = 12_ns;

// With a bank of 256 KiB for each of the pseudo-channels, four times what a slice holds.
device::GpuSpec small_gpu_with_system_cache() {
  device::GpuSpec gpu = small_gpu();
  gpu.memory.system_cache = gpu.l2;
  gpu.memory.system_cache->capacity = Bytes(256 << 10);
  gpu.memory.system_cache->hit_latency = kHit;
  gpu.memory.system_cache->dram_path = kBehind;
  return gpu;
}

device::GpuSpec small_gpu_with_cpu(std::int64_t load) {
  device::GpuSpec gpu = small_gpu_with_system_cache();
  gpu.memory.cpu =
      cpu::Spec{BytesPerSecond(load), Bytes(64), 67, Bytes(4096), Bytes(16 << 20), 32, 5_ns};
  return gpu;
}

trace::KernelRecipe chase(std::uint64_t bytes, std::uint32_t loads) {
  trace::KernelRecipe recipe;
  recipe.pattern = trace::Pattern::chase;
  recipe.bytes = bytes;
  recipe.loads = loads;
  return recipe;
}

double latency_of_second_round(const device::GpuSpec& gpu, std::uint64_t bytes) {
  const auto lines = static_cast<std::uint32_t>(bytes / 128);
  const double first = nanoseconds(run_recipes(gpu, {chase(bytes, lines)}).kernels[0]);
  const double both = nanoseconds(run_recipes(gpu, {chase(bytes, 2 * lines)}).kernels[0]);
  return (both - first) / lines;
}

trace::KernelRecipe stream(trace::Pattern pattern, std::uint64_t bytes) {
  trace::KernelRecipe recipe;
  recipe.pattern = pattern;
  recipe.bytes = bytes;
  return recipe;
}

}  // namespace

TEST_CASE("a chase beyond the L2 and within the system-level cache pays for the way there") {
  const device::GpuSpec gpu = small_gpu_with_system_cache();
  // 64 KiB a slice and 256 KiB a bank, two of each: 256 KiB do not fit the L2.
  const double in_l2 = latency_of_second_round(gpu, 64 << 10);
  const double in_cache = latency_of_second_round(gpu, 256 << 10);
  // There and back, the bank's own hit latency, and a cycle of its port for the sector.
  CHECK(in_cache - in_l2 == Approx(20 + 15 + 1).margin(0.5));
}

TEST_CASE("a load that the system-level cache misses pays for the way behind it, and says so") {
  const device::GpuSpec gpu = small_gpu_with_system_cache();
  WarpScript warp;
  warp.load(10, {kArray, 1, 4, 4}).operate(trace::Op::integer, 11, {10}).exit();
  const device::KernelResult kernel = run_kernel(gpu, HandMadeKernel({warp}));
  const device::KernelResult without = run_kernel(small_gpu(), HandMadeKernel({warp}));
  CHECK(picoseconds(kernel) - picoseconds(without) == 15'000 + 12'000 + 1'000);
  CHECK(kernel.stalls.of(Cause::dram_path) == 20_ns + kBehind);
  CHECK(kernel.stalls.of(Cause::slc_hit) == kHit + 1_ns);
  CHECK(kernel.stalls.of(Cause::slc_queue) == 0_ns);
  CHECK(kernel.system_cache.read_sectors == 1);
  CHECK(kernel.system_cache.read_sector_hits == 0);
  CHECK(kernel.dram.reads == 1);
}

TEST_CASE("a machine without the system-level cache takes as long to the DRAM as with it") {
  device::GpuSpec gpu = small_gpu_with_system_cache();
  WarpScript warp;
  warp.load(10, {kArray, 1, 4, 4}).operate(trace::Op::integer, 11, {10}).exit();
  const device::KernelResult with = run_kernel(gpu, HandMadeKernel({warp}));
  device::what_ifs_of("slc").front()->take_away(gpu);
  const device::KernelResult without = run_kernel(gpu, HandMadeKernel({warp}));
  // But for a cycle of the bank's port, or of the DRAM's clock.
  CHECK(std::abs(picoseconds(with) - picoseconds(without)) <= 1'000);
  CHECK(without.stalls.of(Cause::slc_hit) == 0_ns);
}

TEST_CASE("a system-level cache that keeps nothing of the GPU's saves the DRAM nothing") {
  device::GpuSpec gpu = small_gpu_with_system_cache();
  const auto twice = [](const device::GpuSpec& on) {
    return run_recipes(
        on, {stream(trace::Pattern::copy, 128 << 10), stream(trace::Pattern::copy, 128 << 10)});
  };
  const device::RunResult keeps = twice(gpu);
  gpu.memory.system_cache->keeps_all = false;
  const device::RunResult passes = twice(gpu);
  CHECK(keeps.kernels[1].system_cache.read_sector_hits > 0);
  CHECK(passes.kernels[1].system_cache.read_sector_hits == 0);
  CHECK(passes.kernels[1].dram.reads == passes.kernels[1].l2.fill_sectors);
  CHECK(passes.kernels[1].system_cache.written_back_sectors ==
        passes.kernels[1].l2.written_back_sectors);
  CHECK(keeps.kernels[1].dram.reads < passes.kernels[1].dram.reads);
}

TEST_CASE("what a kernel before left is found in the system-level cache where the L2 has no room") {
  // 256 KiB that were written: twice what the L2 holds, half of what the banks do.
  class AfterWrite : public trace::Program {
   public:
    AfterWrite() : reads_(trace::generate({stream(trace::Pattern::read, 256 << 10)})) {
      const std::uint64_t first = trace::start_of_array(stream(trace::Pattern::read, 256 << 10), 0);
      steps_ = {{trace::Step::What::in_l2, first, 256 << 10, true, {}}, reads_->steps().at(0)};
    }
    const std::vector<trace::Step>& steps() const override { return steps_; }
    std::unique_ptr<trace::CtaSource> open(std::size_t) override { return reads_->open(0); }
    std::vector<trace::Warning> warnings() const override { return {}; }

   private:
    std::unique_ptr<trace::Program> reads_;
    std::vector<trace::Step> steps_;
  };
  AfterWrite program;
  device::GpuSpec gpu = small_gpu_with_system_cache();
  const device::KernelResult kept = run_on(gpu, program).kernels.at(0);
  CHECK(kept.dram.reads == 0);
  CHECK(kept.dram.writes == 0);  // what the L2 writes back stays there as well
  CHECK(device::cached_bytes(gpu) == 512 << 10);
  gpu.memory.system_cache->keeps_all = false;
  CHECK(device::cached_bytes(gpu) == 128 << 10);
  CHECK(run_on(gpu, program).kernels.at(0).dram.reads > 0);
}

TEST_CASE("a system-level cache keeps the stalls of a random program adding up") {
  device::GpuSpec gpu = small_gpu_with_system_cache();
  gpu.memory.system_cache->capacity = Bytes(8 << 10);
  gpu.memory.system_cache->write_backs = 2;
  gpu.memory.system_cache->miss_lines = 3;
  gpu.memory.system_cache->miss_merges = 4;
  gpu.l2.capacity = Bytes(4 << 10);
  HandMadeProgram program = MixedProgram(3).make(2, 12, 40);
  const device::RunResult result = run_on(gpu, program);
  Picoseconds queued;
  for (const device::KernelResult& kernel : result.kernels) {
    CHECK(kernel.stalls.adds_up());
    queued += kernel.stalls.of(Cause::slc_queue);
  }
  CHECK(queued > 0_ns);
}

TEST_CASE("a CPU beside the GPU moves what its load asks for while a kernel runs, and then stops") {
  const device::GpuSpec gpu = small_gpu_with_cpu(2'000'000'000);
  const device::RunResult result = run_recipes(gpu, {chase(4 << 20, 4000)});
  const device::KernelResult& kernel = result.kernels[0];
  const double seconds = nanoseconds(kernel) * 1e-9;
  const auto moved = static_cast<double>(kernel.cpu.read_bytes + kernel.cpu.written_bytes);
  CHECK(moved / seconds == Approx(2 * 2e9).epsilon(0.05));  // two pseudo-channels
  const auto read = static_cast<double>(kernel.cpu.read_bytes);
  CHECK(read / moved == Approx(0.67).margin(0.03));
  CHECK(kernel.cpu.held_up_ps == 0);
  CHECK(kernel.cpu.reads * 64 == kernel.cpu.read_bytes);
}

TEST_CASE("what the CPU's data cost the GPU on the DRAM's pins is charged to the CPU") {
  const auto run = [](const device::GpuSpec& gpu) {
    return run_recipes(gpu, {stream(trace::Pattern::read, 2 << 20)}).kernels[0];
  };
  device::GpuSpec loaded = small_gpu_with_cpu(6'000'000'000);
  loaded.sms = 4;
  const device::KernelResult with = run(loaded);
  device::GpuSpec direct = loaded;
  direct.memory.system_cache.reset();
  const device::KernelResult without_cache = run(direct);
  CHECK(with.stalls.of(Cause::dram_cpu) > 0_ns);
  CHECK(without_cache.stalls.of(Cause::dram_cpu) > 0_ns);
  device::what_ifs_of("dram.cpu").front()->take_away(loaded);
  const device::KernelResult idle = run(loaded);
  CHECK(idle.stalls.of(Cause::dram_cpu) == 0_ns);
  CHECK(picoseconds(with) > picoseconds(idle));
  CHECK(idle.cpu.reads == 0);
}

TEST_CASE("a CPU that asks for more than its lines in flight can move is held up") {
  device::GpuSpec gpu = small_gpu_with_cpu(30'000'000'000);
  gpu.memory.cpu->lines_in_flight = 2;
  const device::KernelResult kernel = run_recipes(gpu, {chase(4 << 20, 2000)}).kernels[0];
  CHECK(kernel.cpu.held_up_ps > 0);
  const auto moved = static_cast<double>(kernel.cpu.read_bytes + kernel.cpu.written_bytes);
  CHECK(moved / (nanoseconds(kernel) * 1e-9) < 2 * 30e9 * 0.8);
}
