// What error correction within the memory moves beside the data, on paper and counted.

#include "sim/model/dram/inline_ecc.h"

#include <optional>

#include "tests/support/catch.h"
#include "tests/support/run_small.h"

using namespace strobe;
using namespace strobe::test;
using dram::InlineEcc;
using trace::KernelRecipe;
using trace::Pattern;

namespace {

// Two channels' pins are what binds. `kept` of nothing: no error correction.
device::KernelResult run(Pattern pattern, std::optional<std::uint32_t> kept, int threads = 1) {
  device::GpuSpec gpu = small_gpu(4);
  gpu.memory.ecc_bursts = kept;
  KernelRecipe recipe;
  recipe.pattern = pattern;
  recipe.bytes = 4 << 20;
  recipe.loads = 4;
  const std::unique_ptr<trace::Program> program = trace::generate({recipe});
  device::Machine machine(gpu, {threads, true, {}});
  device::NoProgress nobody_watches;
  const device::RunResult result = machine.run(*program, nobody_watches);
  CHECK(result.dram_check.violations == 0);
  return result.kernels.at(0);
}

// Four bursts of check bits for each fifteen lines.
constexpr double kKept = 1 + 4.0 / 60;

double ratio(std::uint64_t with, std::uint64_t without) {
  return static_cast<double>(with) / static_cast<double>(without);
}

}  // namespace

TEST_CASE("a stream reads a fifteenth more where check bits are kept for all lines of theirs") {
  const device::KernelResult with = run(Pattern::read, 256), without = run(Pattern::read, {});
  CHECK(ratio(with.dram.reads, without.dram.reads) == Approx(kKept).epsilon(0.01));
  CHECK(nanoseconds(with) / nanoseconds(without) == Approx(kKept).epsilon(0.02));
}

TEST_CASE("a stream reads a quarter more where none are kept, and goes a fifth slower") {
  const device::KernelResult with = run(Pattern::read, 0), without = run(Pattern::read, {});
  CHECK(ratio(with.dram.reads, without.dram.reads) == 1.25);
  CHECK(nanoseconds(with) / nanoseconds(without) == Approx(1.25).epsilon(0.02));
}

TEST_CASE("a stream of writes writes a fifteenth or a quarter more, and reads nothing for it") {
  const device::KernelResult without = run(Pattern::write, {});
  for (const std::uint32_t kept : {0U, 256U}) {
    const device::KernelResult with = run(Pattern::write, kept);
    CHECK(ratio(with.dram.writes, without.dram.writes) ==
          Approx(kept == 0 ? 1.25 : kKept).epsilon(0.02));
    CHECK(with.dram.reads == without.dram.reads);
  }
}

TEST_CASE("sectors read here and there take a burst of check bits each") {
  const device::KernelResult without = run(Pattern::gather, {});
  CHECK(ratio(run(Pattern::gather, 0).dram.reads, without.dram.reads) > 1.8);
  CHECK(ratio(run(Pattern::gather, 16).dram.reads, without.dram.reads) > 1.8);
}

TEST_CASE("a lone read waits for its check bits no longer than for a burst or two") {
  const Picoseconds with = run(Pattern::chase, 0).load_latency.sum();
  const Picoseconds without = run(Pattern::chase, {}).load_latency.sum();
  CHECK(with > without);
  CHECK(with * 2 < without * 3);
}

TEST_CASE("error correction gives the same times for any number of threads") {
  for (const std::uint32_t kept : {0U, 5U}) {
    const device::KernelResult one = run(Pattern::copy, kept, 1),
                               three = run(Pattern::copy, kept, 3);
    CHECK(one.end == three.end);
    CHECK(one.dram.reads == three.dram.reads);
    CHECK(one.dram.writes == three.dram.writes);
  }
}

TEST_CASE("data and check bits share no burst, and check bits are a sixteenth") {
  constexpr std::uint64_t kLines = 16 * 50;
  CHECK(InlineEcc::data_lines(kLines) == 15 * 50);
  std::vector<int> taken(kLines * 4);
  InlineEcc ecc(0, 1);
  std::vector<int> sectors_of(kLines * 4);
  for (std::uint64_t line = 0; line < InlineEcc::data_lines(kLines); ++line) {
    for (std::uint64_t burst = 0; burst < 4; ++burst) {
      REQUIRE(++taken[InlineEcc::place(line) * 4 + burst] == 1);
    }
    sectors_of[*ecc.plan(0, {0, line, 0xF, false})->fill] += 4;
  }
  for (std::uint64_t burst = 0; burst < kLines * 4; ++burst) {
    CHECK((taken[burst] == 0 || sectors_of[burst] == 0));
    CHECK(sectors_of[burst] <= 16);
  }
}
