// A stream that is limited by one thing goes at that thing's rate, within 2 %. The rate is read off
// the difference of two streams of which one is longer, so that start and end drop out.

#include "tests/support/catch.h"
#include "tests/support/run_small.h"

using namespace strobe;
using namespace strobe::test;
using trace::KernelRecipe;
using trace::Pattern;

namespace {

KernelRecipe stream(Pattern pattern, std::uint64_t bytes) {
  KernelRecipe recipe;
  recipe.pattern = pattern;
  recipe.bytes = bytes;
  recipe.loads = 4;
  return recipe;
}

// Nothing but the part that a test narrows down is in the way.
device::GpuSpec wide_gpu(std::uint32_t sms) {
  device::GpuSpec gpu = small_gpu(sms);
  gpu.crossbar.sm_request_bytes_per_cycle = 1024;
  gpu.crossbar.sm_reply_bytes_per_cycle = 1024;
  gpu.crossbar.slice_request_bytes_per_cycle = 1024;
  gpu.crossbar.slice_reply_bytes_per_cycle = 1024;
  gpu.l2.bytes_per_cycle = 1024;
  gpu.l2.capacity = Bytes(4 << 20);
  gpu.dispatch.cta_interval = 1_ns;
  return gpu;
}

// Bytes of the array in a nanosecond. The array lies in the L2 when `warm`.
double rate(const device::GpuSpec& gpu, Pattern pattern, std::uint64_t bytes, bool warm) {
  const auto time_of = [&](std::uint64_t size) {
    std::vector<KernelRecipe> recipes{stream(pattern, size)};
    if (warm) recipes.insert(recipes.begin(), stream(Pattern::read, size));
    return nanoseconds(run_recipes(gpu, recipes).kernels.back());
  };
  return static_cast<double>(bytes) / (time_of(2 * bytes) - time_of(bytes));
}

}  // namespace

TEST_CASE("reads from the L2 go at the rate of the slices' reply ports, headers paid") {
  device::GpuSpec gpu = wide_gpu(4);
  gpu.crossbar.slice_reply_bytes_per_cycle = 16;  // a line and its header: 136 bytes, 9 cycles
  CHECK(rate(gpu, Pattern::read, 1 << 20, true) == Approx(2 * 128 / 9.0).epsilon(0.02));
}

TEST_CASE("reads from the L2 go at the rate of the slices' data arrays") {
  device::GpuSpec gpu = wide_gpu(4);
  gpu.l2.bytes_per_cycle = 32;
  CHECK(rate(gpu, Pattern::read, 1 << 20, true) == Approx(2 * 32).epsilon(0.02));
}

TEST_CASE("reads from an L2 on a slower clock go at its slices' width a cycle of its own") {
  device::GpuSpec gpu = wide_gpu(4);
  gpu.l2.bytes_per_cycle = 32;
  gpu.l2.clock = 500_MHz;
  CHECK(rate(gpu, Pattern::read, 1 << 20, true) == Approx(2 * 32 / 2.0).epsilon(0.02));
}

TEST_CASE("one SM reads at the rate of its reply port, headers paid") {
  device::GpuSpec gpu = wide_gpu(1);
  gpu.crossbar.sm_reply_bytes_per_cycle = 32;  // 136 bytes: 5 cycles
  CHECK(rate(gpu, Pattern::read, 1 << 20, true) == Approx(128 / 5.0).epsilon(0.02));
}

TEST_CASE("one SM stores at the rate of its request port, headers paid") {
  device::GpuSpec gpu = wide_gpu(1);
  gpu.crossbar.sm_request_bytes_per_cycle = 32;
  CHECK(rate(gpu, Pattern::write, 1 << 20, true) == Approx(128 / 5.0).epsilon(0.02));
}

TEST_CASE("one SM's reads go no faster than its miss table turns over") {
  device::GpuSpec gpu = wide_gpu(1);
  gpu.sm.l1.miss_lines = 8;
  // From a line's lookup, when it takes its entry, until its reply, when it gives it back, and the
  // next line is looked up at the next edge; a port passes anything in a cycle.
  const double turn =
      static_cast<double>(gpu.sm.l1.miss_latency.count()) - 1 + 1 + 50 + 1 + 1 + 30 + 40;
  CHECK(rate(gpu, Pattern::read, 1 << 20, true) == Approx(8 * 128 / turn).epsilon(0.02));
}

TEST_CASE("reads that miss everywhere go at the rate of the DRAM's pins") {
  const device::GpuSpec gpu = wide_gpu(4);
  const double pins =
      2 * static_cast<double>(gpu.memory.part.peak_of_pseudo_channel().count()) * 1e-9;
  CHECK(rate(gpu, Pattern::read, 4 << 20, false) == Approx(pins).epsilon(0.02));
}

TEST_CASE("a machine with an odd number of channels reads at the rate of all of them") {
  device::GpuSpec gpu = wide_gpu(4);
  gpu.memory.channels = 3;
  gpu.slices = 6;
  const double pins =
      6 * static_cast<double>(gpu.memory.part.peak_of_pseudo_channel().count()) * 1e-9;
  CHECK(rate(gpu, Pattern::read, 8 << 20, false) == Approx(pins).epsilon(0.02));
}

TEST_CASE("a copy to the device takes its latency and its bytes at the link's bandwidth") {
  const device::GpuSpec gpu = small_gpu();
  for (const std::uint64_t bytes : {std::uint64_t{256} << 10, std::uint64_t{3} << 20}) {
    HandMadeProgram program;
    program.copy(kArray, bytes);
    const device::CopyResult copy = run_on(gpu, program).copies.at(0);
    const double expected = 1'000 + static_cast<double>(bytes) / 8.0;  // 8 GB/s
    CHECK(static_cast<double>((copy.end - copy.start).count()) / 1'000 ==
          Approx(expected).epsilon(0.01));
  }
}

TEST_CASE("a copy to the host takes the time of its own direction, from the L2 and from the DRAM") {
  device::GpuSpec gpu = small_gpu();
  gpu.host.to_host_bandwidth = BytesPerSecond(4'000'000'000);
  for (const std::uint64_t bytes : {std::uint64_t{32} << 10, std::uint64_t{3} << 20}) {
    HandMadeProgram program;
    program.copy(kArray, bytes).copy(kArray, bytes, true);
    const device::RunResult result = run_on(gpu, program);
    const device::CopyResult& copy = result.copies.at(1);
    CHECK(copy.to_host);
    const double expected = 1'000 + static_cast<double>(bytes) / 4.0;  // 4 GB/s
    CHECK(static_cast<double>((copy.end - copy.start).count()) / 1'000 ==
          Approx(expected).epsilon(0.02));
  }
}

TEST_CASE("a copy to the host reads its sectors and nothing else") {
  HandMadeProgram program;
  program.copy(kArray + 40, 100, true);
  const device::RunResult result = run_on(small_gpu(), program);
  std::uint64_t copied = 0, read = 0;
  for (const l2::Counters& slice : result.slices) {
    copied += slice.copy_sectors;
    read += slice.fill_sectors;
  }
  CHECK(copied == 4);  // from 32 to 160
  CHECK(read == 4);
}

TEST_CASE("a copy waits for the link's credits when the way to the L2 is long") {
  device::GpuSpec gpu = small_gpu();
  gpu.host.lines_in_flight = 1;
  HandMadeProgram program;
  program.copy(kArray, 128 * 100);
  const device::CopyResult copy = run_on(gpu, program).copies.at(0);
  // Each line: 16 ns on the link, 50 ns there, three cycles through the slice's port for 136 bytes,
  // one for the answer's header, 30 ns in the slice, 40 ns back. The next one starts on an edge of
  // the link, which passes 64 bytes every 8 ns.
  const std::int64_t line = 16 + 50 + 3 + 1 + 30 + 40;
  CHECK((copy.end - copy.start).count() == (1'000 + 99 * (line + 4) + line) * 1'000);
}
