// Managed memory: what a fault takes, what moves and moves again, and that it is charged as such.

#include "sim/device/what_if.h"
#include "tests/support/catch.h"
#include "tests/support/run_small.h"

using namespace strobe;
using namespace strobe::test;
using stats::Cause;
using wire::kBlockBytes;
using wire::kRegionBytes;

namespace {

constexpr double kBatch = 45'000;  // ns
constexpr double kLink = 8.0;      // B a ns

device::GpuSpec managed_gpu(std::uint64_t regions) {
  device::GpuSpec gpu = small_gpu();
  gpu.memory.capacity = regions * kRegionBytes;
  gpu.host.managed = device::ManagedMemorySpec{true, {45_us, 256, 51}};
  return gpu;
}

device::GpuSpec without_paging(device::GpuSpec gpu) {
  device::what_ifs_of("page").front()->take_away(gpu);
  return gpu;
}

// One lane of a warp loads a word of each of these places in turn, the next when the last is there.
HandMadeKernel loads_of(const std::vector<std::uint64_t>& places) {
  WarpScript warp;
  for (const std::uint64_t place : places) warp.load(1, {kArray + place, 1, 4, 0}, {1});
  return HandMadeKernel({warp.exit()});
}

// Its way to the pager, a batch, its block's way over the link and into the L2, its way back.
double time_of_fault(double bytes) {
  return 50 + kBatch + bytes / kLink + 90 + 40;
}

}  // namespace

TEST_CASE("a fault takes a batch and its block's way over the link, and is charged as such") {
  const HandMadeKernel kernel = loads_of({0});
  const device::KernelResult managed = run_kernel(managed_gpu(64), kernel);
  const device::KernelResult plain = run_kernel(without_paging(managed_gpu(64)), kernel);
  CHECK(nanoseconds(managed) - nanoseconds(plain) ==
        Approx(time_of_fault(kBlockBytes)).epsilon(0.005));
  CHECK(static_cast<double>(managed.stalls.of(Cause::page).count()) / 1'000 ==
        Approx(time_of_fault(kBlockBytes)).epsilon(0.002));
  CHECK(plain.stalls.of(Cause::page) == Picoseconds(0));
  CHECK(managed.pages.faults == 1);
  CHECK(managed.pages.batches == 1);
  CHECK(managed.pages.bytes_to_device == kBlockBytes);
}

TEST_CASE("a block is there once it has moved, and what fills half of a tree brings the rest") {
  const HandMadeKernel kernel =
      loads_of({0, 4096, kBlockBytes - 4, kBlockBytes, 2 * kBlockBytes, 3 * kBlockBytes});
  const device::KernelResult result = run_kernel(managed_gpu(64), kernel);
  CHECK(result.pages.faults == 3);
  CHECK(result.pages.bytes_to_device == 4 * kBlockBytes);
  HandMadeProgram twice(kernel);
  twice.add(kernel);
  const device::RunResult both = run_on(managed_gpu(64), twice);
  CHECK(both.kernels[1].pages.faults == 0);
  CHECK(both.kernels[1].stalls.of(Cause::page) == Picoseconds(0));
}

TEST_CASE("faults that wait while a batch is under way are one batch") {
  WarpScript warp;
  for (std::uint8_t i = 0; i < 8; ++i) warp.load(i, {kArray + i * kRegionBytes, 1, 4, 0});
  const HandMadeKernel kernel({warp.exit()});
  CHECK(run_kernel(managed_gpu(64), kernel).pages.batches == 1);
  device::GpuSpec narrow = managed_gpu(64);
  narrow.host.managed->pager.batch_faults = 3;
  const device::KernelResult result = run_kernel(narrow, kernel);
  CHECK(result.pages.batches == 3);
  CHECK(result.pages.bytes_to_device == 8 * kBlockBytes);
}

TEST_CASE("where the device is full, what was faulted on longest ago leaves and comes again") {
  // A third region takes the place of the first, the first that of the second.
  const HandMadeKernel kernel =
      loads_of({0, kRegionBytes, 2 * kRegionBytes, 256, kRegionBytes + 256});
  const device::KernelResult tight = run_kernel(managed_gpu(2), kernel);
  CHECK(tight.pages.faults == 5);
  CHECK(tight.pages.bytes_to_host == 3 * kBlockBytes);
  const device::KernelResult wide = run_kernel(managed_gpu(3), kernel);
  CHECK(wide.pages.faults == 3);
  CHECK(wide.pages.bytes_to_host == 0);
  CHECK(nanoseconds(tight) - nanoseconds(wide) ==
        Approx(2 * time_of_fault(kBlockBytes) + 3 * (kBlockBytes / kLink + 300)).epsilon(0.01));
}

TEST_CASE("a stream of managed memory takes the link's time and a batch for each that it needs") {
  trace::KernelRecipe recipe;
  recipe.pattern = trace::Pattern::read;
  recipe.bytes = 4 * kRegionBytes;
  recipe.loads = 4;
  const device::GpuSpec gpu = managed_gpu(64);
  const device::KernelResult result = run_recipes(gpu, {recipe}).kernels[0];
  CHECK(result.pages.bytes_to_device == 4 * kRegionBytes);
  // Twice as much moves each time: a block, another, two, four, eight, sixteen; fewer batches where
  // two blocks of them were faulted on at once.
  const auto batches = static_cast<double>(result.pages.batches);
  CHECK(batches <= 4 * 6);
  const double moving = 4 * kRegionBytes / kLink + batches * time_of_fault(0);
  const double reading = nanoseconds(run_recipes(without_paging(gpu), {recipe}).kernels[0]);
  CHECK(nanoseconds(result) > moving);
  CHECK(nanoseconds(result) < 1.01 * (moving + reading));
}

TEST_CASE("what the host writes goes to it without a copy, what it reads goes over the link") {
  HandMadeProgram program;
  program.copy(kArray, kBlockBytes);
  const HandMadeKernel kernel = loads_of({0});
  program.add(kernel);
  program.copy(kArray, kBlockBytes, true);
  program.add(kernel);
  program.copy(kArray, kBlockBytes);
  program.add(kernel);
  const device::RunResult result = run_on(managed_gpu(64), program);
  CHECK_FALSE(result.copies[0].over_link);
  CHECK(result.copies[1].over_link);
  CHECK_FALSE(result.copies[2].over_link);
  for (const device::KernelResult& each : result.kernels) CHECK(each.pages.faults == 1);
}
