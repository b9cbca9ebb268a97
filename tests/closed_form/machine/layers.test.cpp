// What the lowering of layers asks of the machine beyond what traces do: arithmetic that stands for
// several instructions, an L2 that is given its contents, and grids of which a part is left out.

#include <cstdlib>

#include "tests/support/catch.h"
#include "tests/support/run_small.h"

using namespace strobe;
using namespace strobe::test;
using stats::WarpState;
using trace::Op;
using trace::Space;

namespace {

trace::Instruction multiply_add() {
  trace::Instruction instruction;
  instruction.op = Op::fp32;
  instruction.active_mask = 0xFFFF'FFFF;
  instruction.destination = 7;
  instruction.destination_count = 1;
  return instruction;
}

// `count` independent instructions, written out or as one, and one that needs the last of them.
WarpScript products(std::uint32_t count, bool as_one) {
  WarpScript warp;
  trace::Instruction instruction = multiply_add();
  if (as_one) instruction.bulk_count = static_cast<std::uint16_t>(count);
  for (std::uint32_t i = 0; i < (as_one ? 1 : count); ++i) {
    if (!as_one) instruction.destination = static_cast<std::uint8_t>(7 + (count - 1 - i));
    warp.add(instruction);
  }
  return warp.operate(Op::integer, 8, {7}).exit();
}

}  // namespace

TEST_CASE("instructions alike take the time and the issue slots that they take one by one") {
  for (const std::int64_t interval : {1, 2, 4}) {
    device::GpuSpec gpu = small_gpu();
    gpu.sm.pipes.fill({Cycles(6), Cycles(interval)});
    const auto together = run_kernel(gpu, HandMadeKernel({products(24, true)}));
    const auto apart = run_kernel(gpu, HandMadeKernel({products(24, false)}));
    CHECK(picoseconds(together) == picoseconds(apart));
    CHECK(together.sm.warp_instructions == apart.sm.warp_instructions);
    CHECK(together.sm.thread_instructions == apart.sm.thread_instructions);
    CHECK(together.sm.issue_active_cycles == apart.sm.issue_active_cycles);
    CHECK(together.stalls.of(WarpState::selected) == apart.stalls.of(WarpState::selected));
  }
}

TEST_CASE("multiply-adds that ask for more operands than registers give take as long as those") {
  const auto cycles = [](std::uint32_t reads_a_cycle, std::int64_t interval, std::int32_t reads) {
    device::GpuSpec gpu = small_gpu();
    gpu.sm.register_reads = reads_a_cycle;
    gpu.sm.pipes.fill({Cycles(6), Cycles(interval)});
    WarpScript warp;
    trace::Instruction instruction = multiply_add();
    instruction.bulk_count = 64;
    instruction.immediate = reads;
    warp.add(instruction).operate(Op::integer, 8, {7}).exit();
    return picoseconds(run_kernel(gpu, HandMadeKernel({warp}))) / 1000;
  };
  const std::int64_t unlimited = cycles(0, 1, 160);
  CHECK(cycles(2, 1, 160) == unlimited + 80 - 64);
  CHECK(cycles(2, 1, 0) == unlimited);            // not told
  CHECK(cycles(4, 1, 160) == unlimited);          // 40 cycles are not what binds
  CHECK(cycles(2, 2, 160) == cycles(0, 2, 160));  // a pipe of two cycles a warp reads in time
}

TEST_CASE("a copy to shared memory has the L2 fetch whole lines where it says so") {
  const auto fetched = [](std::int32_t whole_lines) {
    trace::Instruction copy;
    copy.op = Op::async_copy;
    copy.space = trace::Space::global;
    copy.active_mask = 1;
    copy.access_bytes = 16;
    copy.base = 0x10000;
    copy.immediate = whole_lines;
    WarpScript warp;
    warp.add(copy).commit().wait_for_copies(0).exit();
    return run_kernel(small_gpu(), HandMadeKernel({warp})).l2.fill_sectors;
  };
  CHECK(fetched(0) == 1);
  CHECK(fetched(1) == 4);
}

TEST_CASE("reads of shared memory alike take the time that they take one by one") {
  trace::Instruction read;
  read.op = Op::load;
  read.space = Space::shared;
  read.active_mask = 0xFFFF'FFFF;
  read.access_bytes = 16;
  read.stride = 16;
  read.destination = 7;
  read.destination_count = 1;
  WarpScript together, apart;
  for (std::uint8_t i = 6; i-- > 0;) {
    read.destination = static_cast<std::uint8_t>(7 + i);
    apart.add(read);
  }
  read.first_address = 5;
  together.add(read);
  const auto result = [](WarpScript& warp) {
    return run_kernel(small_gpu(), HandMadeKernel({warp.operate(Op::integer, 8, {7}).exit()}));
  };
  const auto one = result(together), six = result(apart);
  CHECK(picoseconds(one) == picoseconds(six));
  CHECK(one.sm.warp_instructions == six.sm.warp_instructions);
  CHECK(one.sm.shared_requests == six.sm.shared_requests);
  CHECK(one.sm.issue_active_cycles == six.sm.issue_active_cycles);
}

// Which of two warps goes first may differ at the end, by one issue.
TEST_CASE("two warps share a pipe with instructions alike as one by one, to a cycle") {
  device::GpuSpec gpu = small_gpu();
  gpu.sm.sub_partitions = 1;
  const auto together = run_kernel(gpu, HandMadeKernel({products(20, true), products(20, true)}));
  const auto apart = run_kernel(gpu, HandMadeKernel({products(20, false), products(20, false)}));
  CHECK(std::abs(picoseconds(together) - picoseconds(apart)) <= 1000);
}

namespace {

// A load of one line after the L2 has been given some bytes.
class HeldProgram : public HandMadeProgram {
 public:
  HeldProgram(const HandMadeKernel& kernel, std::uint64_t address, bool dirty)
      : HandMadeProgram(kernel) {
    trace::Step step;
    step.what = trace::Step::What::in_l2;
    step.address = address;
    step.bytes = 128;
    step.dirty = dirty;
    steps_ = HandMadeProgram::steps();
    steps_.insert(steps_.begin(), step);
  }
  const std::vector<trace::Step>& steps() const override { return steps_; }
  std::unique_ptr<trace::CtaSource> open(std::size_t index) override {
    return HandMadeProgram::open(index - 1);
  }

 private:
  std::vector<trace::Step> steps_;
};

}  // namespace

TEST_CASE("what the L2 was given hits, and its dirty lines are written back when they leave") {
  WarpScript load;
  load.load(4, {}).exit();
  HeldProgram held(HandMadeKernel({load}), kArray, false);
  CHECK(run_on(small_gpu(), held).kernels.at(0).l2.read_sector_hits == 4);
  HeldProgram elsewhere(HandMadeKernel({load}), kArray + 128, false);
  CHECK(run_on(small_gpu(), elsewhere).kernels.at(0).l2.read_sector_hits == 0);

  WarpScript loads;  // more lines than the L2 has
  for (std::uint32_t i = 1; i <= 2048; ++i) loads.load(4, {kArray + i * 128, 32, 4, 4});
  loads.exit();
  for (const bool dirty : {false, true}) {
    HeldProgram leaves(HandMadeKernel({loads}), kArray, dirty);
    const bool has_written = run_on(small_gpu(), leaves).kernels.at(0).dram.writes > 0;
    CHECK(has_written == dirty);
  }
}

TEST_CASE("waves alike are left out whole and get the time of those before them") {
  using device::WaveSampler;
  WaveSampler sampler({1450, 100, 1}, Instant(0_ps));
  std::uint64_t done = 0;
  const auto wave_ends = [&](Instant at) {
    std::uint64_t left_out = 0;
    for (int i = 0; i < 100; ++i) left_out += sampler.cta_done(++done, 1050, at);
    return left_out;
  };
  CHECK(wave_ends(Instant(900_ns)) == 0);
  Instant end(903_ns);  // waves of 500 ns from here on, but for the first
  for (std::uint64_t i = 1; i < WaveSampler::kLeastCompared; ++i) {
    end = end + 500_ns;
    CHECK(wave_ends(end) == 0);
  }
  end = end + 500_ns;
  CHECK(wave_ends(end) == 1000);
  const double mean = 500 + 3. / WaveSampler::kLeastCompared;  // ns
  CHECK(sampler.left_out().ctas == 1000);
  CHECK(static_cast<double>(sampler.left_out().time.count()) == Approx(mean * 1e3 * 10));
  CHECK(sampler.left_out().spread == Approx(3 / mean));
  CHECK(wave_ends(end + 500_ns) == 0);
}

TEST_CASE("waves that differ are simulated until there are enough for a mean") {
  device::WaveSampler sampler({1300, 100, 1}, Instant(0_ps));
  std::uint64_t done = 0, left_out = 0, waves = 0;
  Instant now;
  for (; left_out == 0 && waves < 50; ++waves) {
    now = now + Picoseconds(waves % 2 == 0 ? 500'000 : 600'000);
    for (int i = 0; i < 100; ++i) left_out += sampler.cta_done(++done, 1050, now);
  }
  CHECK(waves == device::WaveSampler::kMostWaves);
  CHECK(sampler.left_out().spread == Approx(100. / 550));
}

TEST_CASE("the less is left out the less sure the time of a wave has to be") {
  const auto waves_until_sure = [](std::uint64_t waiting) {
    device::WaveSampler sampler({waiting + 2400, 100, 1}, Instant(0_ps));
    std::uint64_t done = 0, left_out = 0, waves = 0;
    Instant now;
    for (; left_out == 0; ++waves) {
      now = now + Picoseconds(waves % 2 == 0 ? 500'000 : 620'000);
      for (int i = 0; i < 100; ++i) left_out += sampler.cta_done(++done, waiting, now);
    }
    return waves;
  };
  CHECK(waves_until_sure(200) < 12);
  CHECK(waves_until_sure(2'000) == device::WaveSampler::kMostWaves);
}
