// A cause that was taken away is not waited for. Random programs, on a machine that has them all.

#include "sim/device/what_if.h"
#include "tests/support/catch.h"
#include "tests/support/mixed_program.h"
#include "tests/support/run_small.h"

using namespace strobe;

namespace {

// With its refreshes, an L2 that is too small, and everything in short supply.
device::GpuSpec busy_gpu() {
  device::GpuSpec gpu = test::small_gpu(3, 2);
  gpu.memory.part = device::read_dram("hbm2-2000").part;
  gpu.l2.capacity = Bytes(8 << 10);
  gpu.l2.write_backs = 2;
  gpu.l2.crossing = l2::CrossingSpec{20_ns, 40};
  return gpu;
}

Picoseconds charged(const device::RunResult& result, stats::Cause cause) {
  Picoseconds sum;
  for (const device::KernelResult& kernel : result.kernels) sum += kernel.stalls.of(cause);
  return sum;
}

}  // namespace

TEST_CASE("what is taken away costs nothing any more") {
  using stats::Cause;
  const auto run = [](const device::GpuSpec& gpu) {
    test::HandMadeProgram program = test::MixedProgram(5).make(2, 24, 40);
    return test::run_on(gpu, program);
  };
  const device::RunResult as_it_is = run(busy_gpu());
  for (const Cause cause : {Cause::l2_evict, Cause::l2_far, Cause::dram_refresh}) {
    const std::string name(stats::kCauses[static_cast<std::size_t>(cause)].name);
    CAPTURE(name);
    device::GpuSpec gpu = busy_gpu();
    device::what_ifs_of(name).front()->take_away(gpu);
    CHECK(charged(as_it_is, cause) > Picoseconds(0));
    CHECK(charged(run(gpu), cause) == Picoseconds(0));
  }
  device::GpuSpec gpu = busy_gpu();
  for (const device::WhatIf& one : device::what_ifs()) one.take_away(gpu);
  CHECK(run(gpu).end < as_it_is.end);
}
