// One load at a time on an idle machine: its latency is the sum of the spec's parts, to the cycle.
// Latencies are read off the difference of two chases of which one is longer, so that launch,
// prologue and cold misses drop out.

#include "tests/support/catch.h"
#include "tests/support/run_small.h"

using namespace strobe;
using namespace strobe::test;

namespace {

trace::KernelRecipe chase(std::uint64_t bytes, std::uint32_t loads, std::uint64_t stride = 128) {
  trace::KernelRecipe recipe;
  recipe.pattern = trace::Pattern::chase;
  recipe.bytes = bytes;
  recipe.stride = stride;
  recipe.loads = loads;
  return recipe;
}

// Of the loads that the longer of two chases makes beyond the shorter one's.
double latency_between(const device::GpuSpec& gpu, std::uint64_t bytes, std::uint32_t shorter,
                       std::uint32_t longer) {
  const double first = nanoseconds(run_recipes(gpu, {chase(bytes, shorter)}).kernels[0]);
  const double second = nanoseconds(run_recipes(gpu, {chase(bytes, longer)}).kernels[0]);
  return (second - first) / (longer - shorter);
}

// Issue to dependent issue of a load that misses the L1 alone: through four ports of the crossbar,
// one cycle each for 8 bytes of header and 32 of data, there and back, and through the slice.
double l2_hit_nanoseconds(const device::GpuSpec& gpu) {
  const Cycles in_cycles = gpu.sm.l1.miss_latency + gpu.sm.l1.fill_latency + Cycles(4);
  const Picoseconds in_flight =
      gpu.crossbar.request_latency + gpu.l2.hit_latency + gpu.crossbar.reply_latency;
  return static_cast<double>(in_cycles.count()) + static_cast<double>(in_flight.count()) / 1'000;
}

}  // namespace

TEST_CASE("a chase in the L1 takes its hit latency a load") {
  const device::GpuSpec gpu = small_gpu();
  CHECK(latency_between(gpu, 1 << 10, 100, 300) ==
        static_cast<double>(gpu.sm.l1.hit_latency.count()));
}

TEST_CASE("a chase in the L2 takes the sum of the parts of an L2 hit") {
  const device::GpuSpec gpu = small_gpu();
  // 512 lines: four times what the L1 holds, half of what the L2 does. Whole rounds.
  CHECK(latency_between(gpu, 64 << 10, 512, 1536) == l2_hit_nanoseconds(gpu));
}

TEST_CASE("a packet wider than a port takes a cycle more for each port's width") {
  device::GpuSpec gpu = small_gpu();
  gpu.crossbar.slice_reply_bytes_per_cycle = 16;  // 40 bytes: three cycles
  gpu.crossbar.sm_reply_bytes_per_cycle = 32;     // ... and two
  CHECK(latency_between(gpu, 64 << 10, 512, 1536) == l2_hit_nanoseconds(gpu) + 2 + 1);
}

TEST_CASE("a load from the DRAM takes what its row's state asks for and nothing else") {
  const device::GpuSpec gpu = small_gpu();
  const dram::PartSpec& part = gpu.memory.part;
  for (const std::uint64_t stride : {128u, 4224u, 65'536u}) {
    const std::uint32_t loads = 500;
    const trace::KernelRecipe recipe = chase(64 << 20, loads, stride);
    const device::KernelResult kernel = run_recipes(gpu, {recipe}).kernels[0];
    REQUIRE(kernel.dram.reads == loads);

    const std::int64_t column = dram::cycles_of(part, "CL").count() + part.burst_cycles().count();
    const std::int64_t activate = dram::cycles_of(part, "tRCDRD").count();
    const std::int64_t precharge = dram::cycles_of(part, "tRP").count();
    const auto hits = static_cast<std::int64_t>(kernel.dram.row_hits);
    const auto misses = static_cast<std::int64_t>(kernel.dram.row_misses);
    const auto conflicts = static_cast<std::int64_t>(kernel.dram.row_conflicts);
    REQUIRE(hits + misses + conflicts == loads);
    const std::int64_t in_dram =
        hits * column + misses * (activate + column) + conflicts * (precharge + activate + column);
    const double expected = loads * (l2_hit_nanoseconds(gpu) + 20) + static_cast<double>(in_dram);
    CHECK(static_cast<double>(kernel.load_latency.sum().count()) / 1'000 == expected);
  }
}

TEST_CASE("the stages of a lone load from the DRAM are the spec's own numbers") {
  const device::GpuSpec gpu = small_gpu();
  WarpScript warp;
  warp.load(10, {kArray, 1, 4, 4}).operate(trace::Op::integer, 11, {10}).exit();
  const device::KernelResult kernel = run_kernel(gpu, HandMadeKernel({warp}));
  using stats::Cause;
  const auto of = [&](Cause cause) { return kernel.stalls.of(cause).count(); };
  const dram::PartSpec& part = gpu.memory.part;
  const auto clocks = [&](const char* timing) {
    return dram::cycles_of(part, timing).count() * 1'000;
  };

  // The cycle in which the load issues is `selected`; its wait begins in the one after.
  CHECK(of(Cause::l1_tag) == 9'000);
  CHECK(of(Cause::xbar_request) == 51'000);
  CHECK(of(Cause::l2_queue) == 1'000);  // its own passage of the slice's port
  CHECK(of(Cause::dram_path) == 20'000);
  CHECK(of(Cause::dram_row_miss) == clocks("tRCDRD"));
  CHECK(of(Cause::dram_burst) == clocks("CL") + part.burst_cycles().count() * 1'000);
  CHECK(of(Cause::dram_queue) == 0);
  CHECK(of(Cause::l2_bank) == 0);
  CHECK(of(Cause::l2_hit) == 31'000);
  CHECK(of(Cause::xbar_reply) == 41'000);
  CHECK(of(Cause::l1_hit) == 6'000);
}

// The first of its 32 lines is on its way for another load and comes at any time before, between
// and after the lookups of the others, which are in the L1.
TEST_CASE("a load of many lines is as slow as the slowest of them, not as the last to be known") {
  for (std::uint32_t nops = 60; nops < 260; ++nops) {
    WarpScript nop, warp;
    nop.operate(trace::Op::nop);
    warp.load(10, {kArray + 128, 31, 4, 128}).operate(trace::Op::integer, 11, {10});
    warp.load(12, {kArray, 1, 4, 128}).repeat(nops, nop);
    warp.load(13, {kArray, 32, 4, 128}).operate(trace::Op::integer, 11, {13}).exit();
    const device::KernelResult kernel = run_kernel(small_gpu(), HandMadeKernel({warp}));
    REQUIRE(kernel.load_latency.count() == 3);
    CHECK(kernel.load_latency.percentile(0) >= Picoseconds(31'000 + 20'000));
  }
}

// A second load finds its line in the L2 or in the L1 while the first one waits for the DRAM.
TEST_CASE("where misses return in order one waits for those before it, and a hit does not") {
  constexpr std::uint64_t kFar = kArray + (1 << 20), kInL2 = kArray, kInL1 = kArray + 4096;
  device::GpuSpec gpu = small_gpu();
  const auto sum_of_latencies = [&](const std::vector<std::uint64_t>& lines) {
    WarpScript before, warp;
    warp.load(10, {kInL1, 1}).operate(trace::Op::integer, 11, {10});
    std::uint8_t destination = 12;
    for (const std::uint64_t line : lines) warp.load(destination++, {line, 1});
    HandMadeProgram program(HandMadeKernel({before.load(10, {kInL2, 1}).exit()}));
    program.add(HandMadeKernel({warp.exit()}));
    return static_cast<double>(run_on(gpu, program).kernels[1].load_latency.sum().count()) / 1'000;
  };
  for (const bool in_order : {false, true}) {
    gpu.sm.l1.misses_return_in_order = in_order;
    const double first = sum_of_latencies({});
    const double far = sum_of_latencies({kFar}) - first;
    const double near = sum_of_latencies({kFar, kInL2}) - first - far;
    const double hit = sum_of_latencies({kFar, kInL1}) - first - far;
    CHECK(hit == static_cast<double>(gpu.sm.l1.hit_latency.count()));
    if (in_order) {
      CHECK(near < far);
      CHECK(near >= far - 4);  // they are issued one after the other
    } else {
      CHECK(near == l2_hit_nanoseconds(gpu));
    }
  }
}

TEST_CASE("a shared-memory load returns after its latency, and a cycle more for each conflict") {
  const device::GpuSpec gpu = small_gpu();
  const auto time_with_stride = [&](std::int64_t stride) {
    WarpScript warp;
    for (int i = 0; i < 10; ++i) {
      warp.access(trace::Op::load, trace::Space::shared, {0, 32, 4, stride}, 10, {10});
    }
    return nanoseconds(run_kernel(gpu, HandMadeKernel({warp.operate(trace::Op::exit, 255, {10})})));
  };
  WarpScript nothing;
  nothing.operate(trace::Op::exit);
  const double empty = nanoseconds(run_kernel(gpu, HandMadeKernel({nothing})));
  CHECK(time_with_stride(4) - empty == 10 * 20);
  CHECK(time_with_stride(8) - empty == 10 * 21);    // two lanes a bank
  CHECK(time_with_stride(128) - empty == 10 * 51);  // all lanes in one bank
}

TEST_CASE("words that all lanes share return a register a cycle, two where pairs are packed") {
  device::GpuSpec gpu = small_gpu();
  const auto time_of = [&](std::uint8_t bytes, std::int64_t stride) {
    WarpScript warp;
    for (int i = 0; i < 10; ++i) {
      warp.access(trace::Op::load, trace::Space::shared, {0, 32, bytes, stride}, 10, {10});
    }
    return nanoseconds(run_kernel(gpu, HandMadeKernel({warp.operate(trace::Op::exit, 255, {10})})));
  };
  const double one_register = time_of(4, 0);
  CHECK(time_of(8, 0) - one_register == 10 * 1);
  CHECK(time_of(16, 0) - one_register == 10 * 3);
  gpu.sm.shared_pair_registers = 2;
  CHECK(time_of(4, 0) == one_register);
  CHECK(time_of(16, 0) - one_register == 10 * 1);
  CHECK(time_of(16, 16) - one_register == 10 * 3);  // every lane its own
}

TEST_CASE("lines are looked up while shared memory returns what was read") {
  const device::GpuSpec gpu = small_gpu();
  const auto time_of = [&](std::uint32_t pairs) {
    WarpScript pair, warp;
    pair.access(trace::Op::load, trace::Space::shared, {0, 32, 16, 16});
    pair.load(trace::kNoRegister,
              {1 << 20, 4, 4, 128});  // four lines: four cycles of the tag stage, one to return
    return nanoseconds(run_kernel(gpu, HandMadeKernel({warp.repeat(pairs, pair).exit()})));
  };
  CHECK(time_of(300) - time_of(200) == 100 * 5);
}

// After the first round all lines are in the L1, whose data take a cycle for 128 bytes.
TEST_CASE("lines of a load are looked up several a cycle, and no faster than their data pass") {
  device::GpuSpec gpu = small_gpu();
  const auto cycles_of_load = [&](std::uint8_t bytes, std::int64_t stride) {
    WarpScript load;
    load.load(trace::kNoRegister, {1 << 20, 32, bytes, stride});
    const auto time_of = [&](std::uint32_t loads) {
      WarpScript warp;
      return nanoseconds(run_kernel(gpu, HandMadeKernel({warp.repeat(loads, load).exit()})));
    };
    return (time_of(300) - time_of(200)) / 100;
  };
  for (const std::uint32_t tags : {1U, 4U}) {
    gpu.sm.l1.tags_per_cycle = tags;
    CHECK(cycles_of_load(4, 4) == 1);                       // one line
    CHECK(cycles_of_load(16, 16) == 4);                     // four whole lines
    CHECK(cycles_of_load(4, 128) == 32 / tags);             // a sector each of 32
    CHECK(cycles_of_load(16, 64) == (tags == 1 ? 16 : 8));  // two sectors each of 16
  }
}

TEST_CASE("dependent arithmetic takes the pipe's latency an instruction") {
  const device::GpuSpec gpu = small_gpu();
  const auto time_of = [&](std::uint32_t instructions) {
    WarpScript step, warp;
    step.operate(trace::Op::fp32, 10, {10});
    warp.repeat(instructions, step).exit();
    return nanoseconds(run_kernel(gpu, HandMadeKernel({warp})));
  };
  CHECK(time_of(300) - time_of(100) == 200 * 4);
}

TEST_CASE("a kernel without memory takes its CTA's way there, its launch and its instructions") {
  const device::GpuSpec gpu = small_gpu();
  WarpScript warp;
  warp.operate(trace::Op::nop).operate(trace::Op::nop).exit();
  // 30 ns to the SM, 10 cycles of launch, three issues, 30 ns back.
  CHECK(nanoseconds(run_kernel(gpu, HandMadeKernel({warp}))) == 30 + 10 + 3 + 30);
}

TEST_CASE("an L1 that is one with shared memory keeps what is stored, whole sectors of it") {
  WarpScript warp;
  warp.store({kArray, 32, 4, 4}).store({kArray + 4096, 7, 4, 4});
  warp.load(7, {kArray, 32, 4, 4}).load(8, {kArray + 4096, 7, 4, 4}).exit();
  for (const bool unified : {false, true}) {
    device::GpuSpec gpu = small_gpu();
    gpu.sm.l1.unified_with_shared = unified;
    gpu.sm.shared_max = Bytes(8 << 10);
    const device::KernelResult kernel = run_kernel(gpu, HandMadeKernel({warp}));
    CHECK(kernel.sm.global_load_sectors == 5);
    CHECK(kernel.sm.global_load_sector_hits == (unified ? 4 : 0));
  }
}

TEST_CASE("lines on their way to the L1 drive out what was used before them") {
  WarpScript warp;
  warp.load(7, {kArray, 32, 4, 4}).operate(trace::Op::integer, 8, {7});
  for (std::uint8_t i = 0; i < 5; ++i) {  // 160 lines; the L1 holds 128
    warp.load(static_cast<std::uint8_t>(10 + i), {kArray + 128 + i * 4096ULL, 32, 4, 128});
  }
  warp.load(9, {kArray, 32, 4, 4}).exit();
  const device::KernelResult kernel = run_kernel(small_gpu(), HandMadeKernel({warp}));
  CHECK(kernel.sm.global_load_sectors == 4 + 160 + 4);
  CHECK(kernel.sm.global_load_sector_hits == 0);
}
