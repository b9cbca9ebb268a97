// Address translation: nothing within the reach of an SM's TLB, its miss beyond, in the proportion
// that does not fit, and a walk beyond the reach of the second level.

#include <vector>

#include "sim/device/read_gpu.h"
#include "sim/device/what_if.h"
#include "tests/support/catch.h"
#include "tests/support/mixed_program.h"
#include "tests/support/run_small.h"

using namespace strobe;
using namespace strobe::test;
using stats::Cause;

namespace {

// Four pages of 16 KiB, then eight of 32 KiB: within the L2, so that the DRAM says nothing.
device::GpuSpec small_gpu_with_tlb() {
  device::GpuSpec gpu = small_gpu();
  gpu.l2.capacity = Bytes(1 << 20);
  gpu.sm.l1.capacity = Bytes(1 << 10);
  gpu.sm.tlb =
      sm::TlbSpec{Bytes(16 << 10), 4, Cycles(7), sm::SecondTlbSpec{Bytes(32 << 10), 8, 400_ns}};
  return gpu;
}

device::GpuSpec without_tlb(device::GpuSpec gpu) {
  device::what_ifs_of("tlb").front()->take_away(gpu);
  return gpu;
}

constexpr std::uint64_t kPageStride = (16 << 10) + 128;

// From page to page, in turn.
trace::KernelRecipe page_chase(std::uint64_t bytes, std::uint32_t loads) {
  trace::KernelRecipe recipe;
  recipe.pattern = trace::Pattern::chase;
  recipe.bytes = bytes;
  recipe.loads = loads;
  recipe.stride = kPageStride;
  return recipe;
}

// Of a load of the second round of a chase that goes from page to page.
double latency(const device::GpuSpec& gpu, std::uint64_t bytes) {
  const auto places = static_cast<std::uint32_t>(bytes / kPageStride);
  const double one = nanoseconds(run_recipes(gpu, {page_chase(bytes, places)}).kernels[0]);
  const double two = nanoseconds(run_recipes(gpu, {page_chase(bytes, 2 * places)}).kernels[0]);
  return (two - one) / places;
}

// What translation adds to a load of a random chase, once every page was visited.
double added_by_translation(const device::GpuSpec& gpu, std::uint64_t bytes) {
  trace::KernelRecipe recipe;
  recipe.pattern = trace::Pattern::chase;
  recipe.bytes = bytes;
  recipe.loads = static_cast<std::uint32_t>(bytes / 128);
  recipe.random_order = true;
  const auto of_second_round = [&](const device::GpuSpec& machine) {
    return nanoseconds(run_recipes(machine, {recipe, recipe}).kernels[1]);
  };
  return (of_second_round(gpu) - of_second_round(without_tlb(gpu))) / recipe.loads;
}

}  // namespace

TEST_CASE("a chase pays for its translation beyond the reach of a level, and no sooner") {
  const device::GpuSpec gpu = small_gpu_with_tlb();
  const auto more = [&](std::uint64_t bytes) {
    return latency(gpu, bytes) - latency(without_tlb(gpu), bytes);
  };
  CHECK(more(48 << 10) == Approx(0).margin(1e-9));
  CHECK(more(192 << 10) == Approx(7).margin(1e-9));
  // Pages of the second level are of two: 24 of 47 loads walk, the others find what those brought.
  CHECK(more(768 << 10) == Approx(7 + 400.0 * 24 / 47));
}

TEST_CASE("a random chase pays for its translation in the proportion that a TLB cannot hold") {
  device::GpuSpec gpu = small_gpu_with_tlb();
  gpu.sm.tlb->second.reset();
  for (const std::uint64_t pages : {8U, 16U, 32U}) {
    const double beyond = 1 - 4.0 / static_cast<double>(pages);
    CHECK(added_by_translation(gpu, pages * (16 << 10)) == Approx(7 * beyond).epsilon(0.05));
  }
}

TEST_CASE("a first touch needs no walk, and only what an entry was given up for does") {
  const device::GpuSpec gpu = small_gpu_with_tlb();
  const auto counted = [&](std::uint32_t rounds) {
    return run_recipes(gpu, {page_chase(768 << 10, rounds * 47)}).kernels[0].sm;
  };
  CHECK(counted(1).tlb_walks == 0);
  CHECK(counted(1).tlb_misses == 47);
  CHECK(counted(2).tlb_walks == 24);
  CHECK(counted(2).tlb_misses == 2 * 47);
}

TEST_CASE("what a request waits for its translation is charged to it") {
  const device::GpuSpec gpu = small_gpu_with_tlb();
  const device::KernelResult kernel = run_recipes(gpu, {page_chase(768 << 10, 2 * 47)}).kernels[0];
  CHECK(kernel.stalls.of(Cause::tlb_l2) == 7_ns * (2 * 47));
  CHECK(kernel.stalls.of(Cause::tlb_walk) == 400_ns * 24);
}

TEST_CASE("a request behind another's translation waits for the rest of it and is a hit") {
  // Two loads of one page, issued one after the other.
  WarpScript warp;
  warp.load(10, {kArray, 1, 4, 4}).load(11, {kArray + 1024, 1, 4, 4});
  warp.operate(trace::Op::integer, 12, {10}).operate(trace::Op::integer, 13, {11}).exit();
  device::GpuSpec gpu = small_gpu_with_tlb();
  gpu.sm.tlb->miss_latency = Cycles(5000);
  const device::KernelResult kernel = run_kernel(gpu, HandMadeKernel({warp}));
  CHECK(kernel.sm.tlb_misses == 1);
  CHECK(kernel.sm.tlb_hits == 1);
  const double one = nanoseconds(run_kernel(without_tlb(gpu), HandMadeKernel({warp})));
  CHECK(nanoseconds(kernel) >= one + 4990);
  CHECK(nanoseconds(kernel) <= one + 5010);
}

TEST_CASE("requests that wait for their translation leave the stalls adding up") {
  device::GpuSpec gpu = small_gpu_with_tlb();
  gpu.sm.tlb->entries = 1;
  gpu.sm.tlb->second->entries = 1;
  HandMadeProgram program = MixedProgram(4).make(2, 12, 40);
  const device::RunResult result = run_on(gpu, program);
  std::uint64_t walks = 0;
  for (const device::KernelResult& kernel : result.kernels) {
    CHECK(kernel.stalls.adds_up());
    walks += kernel.sm.tlb_walks;
  }
  CHECK(walks > 0);
  HandMadeProgram again = MixedProgram(4).make(2, 12, 40);
  CHECK(result.end > run_on(without_tlb(gpu), again).end);
}

TEST_CASE("GPUs whose ladders are published have a TLB of their reach, others none") {
  const auto reach = [](const char* gpu) {
    const std::optional<sm::TlbSpec> tlb = device::read_gpu(gpu).sm.tlb;
    return tlb ? tlb->page.count() * tlb->entries : 0;
  };
  CHECK(reach("v100-pcie-32gb") == 32 << 20);
  CHECK(reach("a40") == 32 << 20);
  CHECK(reach("gh200-96gb") == 256 << 20);
  CHECK(reach("m2-max-38c") == 0);
}
