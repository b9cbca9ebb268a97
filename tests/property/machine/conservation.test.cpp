// Nothing is lost or made up on the way: what SMs ask for is what the trace says, what a level asks
// of the next is what it did not have, and the stalls add up. On random programs and machines.

#include <numeric>

#include "sim/trace/facts.h"
#include "tests/support/catch.h"
#include "tests/support/mixed_program.h"
#include "tests/support/run_small.h"

using namespace strobe;
using namespace strobe::test;

namespace {

// Small in everything that can fill up, so that it does.
device::GpuSpec random_gpu(SplitMix64& random) {
  const auto one_to = [&](std::uint64_t most) {
    return 1 + static_cast<std::uint32_t>(random.next() % most);
  };
  device::GpuSpec gpu = small_gpu(one_to(3), one_to(3));
  gpu.memory.part = device::read_dram("hbm2-2000").part;
  gpu.sm.clock = Kilohertz(700'000 + 1'000 * one_to(1'500));
  gpu.crossbar.clock = Kilohertz(700'000 + 1'000 * one_to(1'500));
  gpu.l2.clock = Kilohertz(700'000 + 1'000 * one_to(1'500));
  gpu.sm.lsu_queue = one_to(8);
  gpu.sm.max_ctas = one_to(8);
  gpu.sm.launch_latency = Cycles(random.next() % 3);
  gpu.sm.barrier_latency = Cycles(random.next() % 3);
  gpu.sm.l1.capacity = Bytes(std::int64_t{512} << random.next() % 5);
  gpu.sm.l1.miss_lines = one_to(8);
  gpu.sm.l1.miss_merges = one_to(8);
  gpu.sm.l1.store_lines = one_to(8);
  gpu.l2.capacity = Bytes(std::int64_t{2048} << random.next() % 5);
  gpu.l2.miss_lines = one_to(8);
  gpu.l2.miss_merges = one_to(8);
  gpu.l2.write_backs = one_to(4);
  gpu.host.lines_in_flight = one_to(8);
  return gpu;
}

std::uint64_t sum_of(const std::vector<std::uint64_t>& amounts) {
  return std::accumulate(amounts.begin(), amounts.end(), std::uint64_t{0});
}

void check_kernel(const device::KernelResult& kernel, const trace::Counts& facts) {
  CHECK(kernel.stalls.adds_up());
  CHECK(kernel.sm.ctas == facts.ctas);
  CHECK(kernel.sm.warp_instructions == facts.warp_instructions);
  CHECK(kernel.sm.thread_instructions == facts.thread_instructions);
  CHECK(kernel.stalls.of(stats::WarpState::selected) > Picoseconds(0));
  CHECK(kernel.sm.global_load_sectors == facts.asked.load);
  CHECK(kernel.sm.global_store_sectors == facts.asked.store);
  CHECK(kernel.sm.atomic_sectors == facts.asked.atomic);

  // Loads ask the L2 for no more than missed the L1: some wait for what others asked for.
  const std::uint64_t loaded = kernel.sm.global_load_sectors + kernel.sm.local_load_sectors;
  CHECK(kernel.l2.read_sectors <= loaded - kernel.sm.global_load_sector_hits);
  CHECK(kernel.l2.read_sectors + kernel.sm.miss_merges * 4 + kernel.sm.global_load_sector_hits +
            kernel.sm.local_load_sectors >=
        loaded);
  CHECK(kernel.l2.write_sectors == kernel.sm.global_store_sectors + kernel.sm.local_store_sectors);
  CHECK(kernel.l2.atomic_sectors == kernel.sm.atomic_sectors);
  CHECK(kernel.l2.read_sector_hits <= kernel.l2.read_sectors);

  CHECK(kernel.l2.fill_sectors == kernel.dram.reads + kernel.dram.forwarded);
}

}  // namespace

TEST_CASE("no sector is lost or made up between the trace and the DRAM's pins") {
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    CAPTURE(seed);
    SplitMix64 random(seed);
    const device::GpuSpec gpu = random_gpu(random);
    HandMadeProgram program = MixedProgram(seed).make(2, 12, 40);
    const trace::Facts facts = trace::gather_facts(program);
    const device::RunResult result = run_on(gpu, program, {1, true, {}});
    REQUIRE(result.kernels.size() == facts.kernels.size());
    CHECK(result.dram_check.commands > 0);
    CHECK(result.dram_check.violations == 0);
    for (std::size_t i = 0; i < result.kernels.size(); ++i) {
      check_kernel(result.kernels[i], facts.kernels[i].counts);
    }

    std::uint64_t copied = 0, soiled = 0, written_back = 0, written = 0;
    for (const l2::Counters& slice : result.slices) {
      copied += slice.copy_sectors;
      soiled += slice.write_sectors + slice.atomic_sectors + slice.copy_sectors;
      written_back += slice.written_back_sectors;
    }
    for (const dram::Counters& channel : result.channels) written += channel.writes;
    std::uint64_t expected = 0;
    for (const trace::Step& step : program.steps()) {
      if (step.bytes == 0) continue;
      expected += (step.address + step.bytes + 31) / 32 - step.address / 32;
    }
    CHECK(copied == expected);
    CHECK(written_back <= soiled);
    CHECK(written <= written_back);  // a write that meets another of its sector may go out once
  }
}

TEST_CASE("what is kept over time adds up to what is counted, to the picosecond and the sector") {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    CAPTURE(seed);
    SplitMix64 random(seed);
    const device::GpuSpec gpu = random_gpu(random);
    HandMadeProgram program = MixedProgram(seed).make(2, 12, 40);
    device::MachineOptions options;
    options.over_time = true;
    const device::RunResult result = run_on(gpu, program, options);
    stats::StallTimes whole, over_time;
    std::uint64_t asked = 0, hits = 0, row_hits = 0, rows = 0, requests = 0;
    for (const device::KernelResult& kernel : result.kernels) {
      whole.add(kernel.stalls);
      asked += kernel.sm.global_load_sectors;
      hits += kernel.sm.global_load_sector_hits;
    }
    for (const dram::Counters& channel : result.channels) {
      row_hits += channel.row_hits;
      rows += channel.row_hits + channel.row_misses + channel.row_conflicts;
    }
    for (const stats::StallTimes& interval : result.series.stalls) {
      CHECK(interval.adds_up());
      over_time.add(interval);
    }
    CHECK(over_time.by_state == whole.by_state);
    CHECK(over_time.by_cause == whole.by_cause);
    CHECK(over_time.resident == whole.resident);
    CHECK(sum_of(result.series.l1_load_sectors) == asked);
    CHECK(sum_of(result.series.l1_load_sector_hits) == hits);
    CHECK(sum_of(result.series.row_hits) == row_hits);
    CHECK(sum_of(result.series.row_misses) == rows - row_hits);
    for (const auto& channel : result.series.channel_request_ps) requests += sum_of(channel);
    CHECK(requests > 0);
  }
}

TEST_CASE("without merges every sector that is loaded is an L1 hit or an L2 read") {
  device::GpuSpec gpu = small_gpu(2);
  trace::KernelRecipe recipe;
  recipe.pattern = trace::Pattern::vectoradd;
  recipe.bytes = 1 << 16;
  const device::KernelResult kernel = run_recipes(gpu, {recipe}).kernels[0];
  REQUIRE(kernel.sm.miss_merges == 0);
  CHECK(kernel.sm.global_load_sectors ==
        kernel.sm.global_load_sector_hits + kernel.l2.read_sectors);
  CHECK(kernel.l2.read_sectors == 2 * recipe.bytes / 32);
  CHECK(kernel.dram.reads == 2 * recipe.bytes / 32);
}

TEST_CASE("dirty sectors leave the L2 once for each time they were made dirty") {
  device::GpuSpec gpu = small_gpu(1);
  trace::KernelRecipe recipe;
  recipe.pattern = trace::Pattern::write;
  recipe.bytes = 1 << 20;
  const device::RunResult result = run_recipes(gpu, {recipe});
  const device::KernelResult& kernel = result.kernels[0];
  const std::uint64_t held = 2 * (64 << 10) / 32;  // what the slices hold stays in them
  CHECK(kernel.l2.write_sectors == recipe.bytes / 32);
  CHECK(kernel.l2.written_back_sectors == recipe.bytes / 32 - held);
  CHECK(kernel.dram.writes == recipe.bytes / 32 - held);
  CHECK(kernel.dram.reads == 0);  // whole sectors need not be fetched
}

TEST_CASE("what the L2 holds carries over to the next kernel, what the L1 holds does not") {
  trace::KernelRecipe recipe;
  recipe.pattern = trace::Pattern::read;
  recipe.bytes = 8 << 10;  // fits the L1
  const device::RunResult result = run_recipes(small_gpu(1), {recipe, recipe});
  const device::KernelResult& first = result.kernels[0];
  const device::KernelResult& second = result.kernels[1];
  CHECK(first.dram.reads == 256);
  CHECK(second.sm.global_load_sector_hits == 0);
  CHECK(second.l2.read_sectors == 256);
  CHECK(second.l2.read_sector_hits == 256);
  CHECK(second.dram.reads == 0);
}

TEST_CASE("what the host copies is found in the L2 by the kernel after it") {
  trace::KernelRecipe recipe;
  recipe.pattern = trace::Pattern::read;
  recipe.bytes = 8 << 10;
  recipe.copies_first = true;
  const device::RunResult result = run_recipes(small_gpu(1), {recipe});
  CHECK(result.kernels[0].l2.read_sector_hits == 256);
  CHECK(result.kernels[0].dram.reads == 0);
}

TEST_CASE("copies on unified memory move nothing and take no time") {
  device::GpuSpec gpu = small_gpu(1);
  gpu.host.unified = true;
  HandMadeProgram program;
  program.copy(kArray, 1 << 20);
  const device::RunResult result = run_on(gpu, program);
  CHECK(result.copies[0].end == result.copies[0].start);
  CHECK_FALSE(result.copies[0].over_link);
  CHECK(result.events == 0);
}
