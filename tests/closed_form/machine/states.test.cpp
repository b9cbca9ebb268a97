// Each state that a warp can be in appears when what causes it is there, for as long as the spec's
// numbers say, and not otherwise.

#include "tests/support/catch.h"
#include "tests/support/run_small.h"

using namespace strobe;
using namespace strobe::test;
using stats::Cause;
using stats::WarpState;
using trace::Op;
using trace::Space;

namespace {

Picoseconds memory_time(const device::KernelResult& kernel) {
  return kernel.stalls.of(WarpState::long_scoreboard) + kernel.stalls.of(WarpState::lg_throttle) +
         kernel.stalls.of(WarpState::membar) + kernel.stalls.of(WarpState::drain);
}

WarpScript arithmetic(Op op, std::uint32_t count) {
  WarpScript step, warp;
  step.operate(op);
  warp.repeat(count, step).exit();
  return warp;
}

}  // namespace

TEST_CASE("a warp that only computes is selected once an instruction and never waits for memory") {
  const device::KernelResult kernel =
      run_kernel(small_gpu(), HandMadeKernel({arithmetic(Op::nop, 99)}));
  CHECK(kernel.stalls.of(WarpState::selected) == Picoseconds(100'000));
  CHECK(kernel.stalls.of(WarpState::other) == Picoseconds(10'000));  // its launch
  CHECK(kernel.stalls.resident == Picoseconds(110'000));
  CHECK(memory_time(kernel) == Picoseconds(0));
  CHECK(kernel.sm.active_cycles == 110);
}

TEST_CASE("a sub-partition issues one instruction a cycle and the others are not selected") {
  // Eight warps on four sub-partitions, two each: each issues half of the time.
  const std::vector<WarpScript> warps(8, arithmetic(Op::nop, 99));
  const device::KernelResult kernel = run_kernel(small_gpu(), HandMadeKernel(warps));
  CHECK(kernel.sm.warp_instructions == 800);
  CHECK(kernel.sm.active_cycles == 10 + 200);
  CHECK(kernel.stalls.of(WarpState::selected) == Picoseconds(800'000));
  // The younger of each pair goes last: it waits for the hundred issues of the older.
  CHECK(kernel.stalls.of(WarpState::not_selected) == Picoseconds(4 * 100'000));
}

// Answers come on the very edges of the SM's clock here, after what was issued in that cycle, and
// free places of the queue that another warp has waited for.
TEST_CASE("a warp that gets room in a cycle in which another has issued waits for the next one") {
  device::GpuSpec gpu = small_gpu();
  gpu.sm.sub_partitions = 1;
  gpu.sm.lsu_queue = 1;
  gpu.sm.l1.store_lines = 1;
  WarpScript stores;
  for (std::uint64_t i = 0; i < 8; ++i) stores.store({kArray + i * 4096, 32, 4, 4});
  stores.exit();
  const device::KernelResult kernel =
      run_kernel(gpu, HandMadeKernel({stores, arithmetic(Op::nop, 3000)}));
  CHECK(kernel.sm.warp_instructions == 9 + 3001);
  CHECK(kernel.sm.active_cycles >= 10 + kernel.sm.warp_instructions);
}

TEST_CASE("warps wait for a pipe that takes one of them in so many cycles") {
  const std::vector<WarpScript> warps(4, arithmetic(Op::special, 100));
  device::GpuSpec gpu = small_gpu();
  gpu.sm.pipes[static_cast<std::size_t>(sm::Pipe::special)] = {Cycles(16), Cycles(8)};
  const device::KernelResult kernel = run_kernel(gpu, HandMadeKernel(warps));
  // A warp a sub-partition: seven cycles of waiting between two issues, and no dependence.
  CHECK(kernel.stalls.of(WarpState::math_pipe_throttle) == Picoseconds(4 * 99 * 7'000));
  CHECK(kernel.stalls.of(WarpState::short_scoreboard) == Picoseconds(0));
}

TEST_CASE("a branch holds its warp up for its latency") {
  const device::KernelResult kernel =
      run_kernel(small_gpu(), HandMadeKernel({arithmetic(Op::branch, 10)}));
  CHECK(kernel.stalls.of(WarpState::wait) == Picoseconds(10 * 3'000));
}

TEST_CASE("results of special functions and constants are waited for as short scoreboard") {
  WarpScript warp;
  warp.operate(Op::special, 10).operate(Op::fp32, 11, {10});
  warp.operate(Op::constant_load, 12).operate(Op::fp32, 13, {12}).exit();
  const device::KernelResult kernel = run_kernel(small_gpu(), HandMadeKernel({warp}));
  CHECK(kernel.stalls.of(WarpState::short_scoreboard) == Picoseconds(3'000 + 7'000));
  CHECK(kernel.stalls.of(WarpState::wait) == Picoseconds(0));
}

TEST_CASE("the first warps at a barrier wait for the last one and its latency") {
  WarpScript early, late;
  early.operate(Op::barrier).exit();
  for (int i = 0; i < 10; ++i) late.operate(Op::integer, 10, {10});
  late.operate(Op::barrier).exit();
  const device::KernelResult kernel = run_kernel(small_gpu(), HandMadeKernel({early, late}));
  // The late one issues its barrier in cycle 37, one after its last instruction that depends on
  // another; the early one has waited since cycle 1.
  CHECK(kernel.stalls.of(WarpState::barrier) == Picoseconds(37'000 + 5'000 + 5'000));
}

TEST_CASE("a barrier does not wait for warps that have left, and opens when the last one leaves") {
  WarpScript waits, leaves;
  waits.operate(Op::barrier).exit();
  for (int i = 0; i < 10; ++i) leaves.operate(Op::integer, 10, {10});
  leaves.exit();
  WarpScript stores_and_leaves;
  stores_and_leaves.store({}).exit();
  const device::KernelResult kernel =
      run_kernel(small_gpu(), HandMadeKernel({waits, leaves, stores_and_leaves}));
  // EXIT issues in cycle 37, as it depends on nothing.
  CHECK(kernel.stalls.of(WarpState::barrier) == Picoseconds(37'000 + 5'000));
}

TEST_CASE("a warp that has exited leaves its store to itself, and the kernel waits for it") {
  WarpScript warp;
  warp.store({}).exit();
  const device::KernelResult kernel = run_kernel(small_gpu(), HandMadeKernel({warp}));
  CHECK(kernel.stalls.of(WarpState::drain) == Picoseconds(0));
  // 136 bytes take three cycles of a port of 64; the answer is a header.
  const std::int64_t answered = 10 + 3 + 50 + 3 + 1 + 30 + 40 + 1 + 6;
  const std::int64_t cta_way = 30, cta_launch = 10;
  CHECK(nanoseconds(kernel) == cta_way + cta_launch + answered + cta_way);
  CHECK(kernel.l2.write_sectors == 4);
  CHECK(kernel.l2.fill_sectors == 0);
}

TEST_CASE("a warp that has exited drains until its last store has left the load/store unit") {
  WarpScript warp;
  warp.store({.stride = 128}).exit();
  const device::KernelResult kernel = run_kernel(small_gpu(), HandMadeKernel({warp}));
  // The 32 lines pass in cycles 1 to 32; the warp has exited after cycle 1.
  CHECK(kernel.stalls.of(WarpState::drain) == Picoseconds(30'000));
}

// A warp's end is known as soon as its last answer is on its way into the registers; another warp
// may leave between that moment and the end.
TEST_CASE("a CTA ends with its last warp, not with the one whose end was known last") {
  WarpScript stores;
  stores.store({}).exit();
  const double alone = nanoseconds(run_kernel(small_gpu(), HandMadeKernel({stores})));
  for (std::uint32_t instructions = 120; instructions < 160; ++instructions) {
    const HandMadeKernel kernel({stores, arithmetic(Op::nop, instructions)});
    CHECK(nanoseconds(run_kernel(small_gpu(), kernel)) >= alone);
  }
}

TEST_CASE("a memory barrier waits for stores, reductions and atomics, queued ones included") {
  for (const Op op : {Op::store, Op::reduction, Op::atomic}) {
    WarpScript warp;
    warp.access(op, Space::global, {}, op == Op::atomic ? 10 : trace::kNoRegister);
    warp.operate(Op::memory_barrier).exit();
    const device::KernelResult kernel = run_kernel(small_gpu(), HandMadeKernel({warp}));
    CHECK(kernel.stalls.of(WarpState::membar) > 100_ns);
    CHECK(kernel.stalls.of(WarpState::drain) == Picoseconds(0));
  }
}

TEST_CASE("a memory barrier with nothing to wait for costs its issue") {
  WarpScript warp;
  warp.operate(Op::memory_barrier).exit();
  const device::KernelResult kernel = run_kernel(small_gpu(), HandMadeKernel({warp}));
  CHECK(kernel.stalls.of(WarpState::membar) == Picoseconds(0));
}

TEST_CASE("a full queue of memory instructions shows as lg_throttle, of shared memory as mio") {
  device::GpuSpec gpu = small_gpu();
  gpu.sm.lsu_queue = 2;
  const auto kernel_of = [&](Space space) {
    WarpScript step, warp;
    step.access(Op::load, space, {space == Space::shared ? 0 : kArray, 32, 4, 128}, 10);
    step.access(Op::load, space, {space == Space::shared ? 0 : kArray, 32, 4, 128}, 11);
    warp.repeat(4, step).exit();
    return run_kernel(gpu, HandMadeKernel(std::vector<WarpScript>(8, warp)));
  };
  const device::KernelResult global = kernel_of(Space::global), shared = kernel_of(Space::shared);
  CHECK(global.stalls.of(WarpState::lg_throttle) > Picoseconds(0));
  CHECK(global.stalls.of(WarpState::mio_throttle) == Picoseconds(0));
  CHECK(global.stalls.of(Cause::l1_coalesce) > Picoseconds(0));
  CHECK(shared.stalls.of(WarpState::mio_throttle) > Picoseconds(0));
  CHECK(shared.stalls.of(WarpState::lg_throttle) == Picoseconds(0));
}

TEST_CASE("a queue that is deep enough never throttles") {
  WarpScript warp;
  for (std::uint8_t i = 0; i < 4; ++i) warp.load(static_cast<std::uint8_t>(10 + i), {});
  warp.exit();
  const device::KernelResult kernel =
      run_kernel(small_gpu(), HandMadeKernel(std::vector<WarpScript>(8, warp)));
  CHECK(kernel.stalls.of(WarpState::lg_throttle) == Picoseconds(0));
}

// Places of the queue are promised to warps that then have to wait for their turn to issue: the
// queue is empty while others still wait for it.
TEST_CASE("stall levels add up when the queue is empty and all of its places are promised") {
  for (const std::uint32_t queue : {1u, 2u, 3u}) {
    device::GpuSpec gpu = small_gpu();
    gpu.sm.lsu_queue = queue;
    gpu.sm.sub_partitions = 1;
    gpu.sm.max_warps = 16;
    std::vector<WarpScript> warps;
    for (std::uint32_t i = 0; i < 16; ++i) {
      WarpScript step, warp;
      step.load(10, {kArray + i * 4096, 8, 4, 128});
      for (std::uint32_t j = 0; j < 1 + i % 3 * 4; ++j) step.operate(Op::nop);
      warp.repeat(6, step).exit();
      warps.push_back(warp);
    }
    const device::KernelResult kernel = run_kernel(gpu, HandMadeKernel(warps));
    CHECK(kernel.stalls.adds_up());  // the machine stops when it is not so
    CHECK(kernel.stalls.of(WarpState::lg_throttle) > Picoseconds(0));
  }
}

TEST_CASE("a full miss table holds up the L1 and is counted") {
  device::GpuSpec gpu = small_gpu();
  gpu.sm.l1.miss_lines = 1;
  WarpScript warp;
  warp.load(10, {kArray, 1, 4, 4}).load(11, {kArray + 4096, 1, 4, 4});
  warp.operate(Op::integer, 12, {10, 11}).exit();
  const device::KernelResult kernel = run_kernel(gpu, HandMadeKernel({warp}));
  CHECK(kernel.sm.miss_table_full_ps > 100'000);
  // The second load is the last to return: what it waited for an entry is the table's.
  CHECK(kernel.stalls.of(Cause::l1_mshr).count() ==
        static_cast<std::int64_t>(kernel.sm.miss_table_full_ps));
}

TEST_CASE("a wait for the DRAM stays the DRAM's when a shared result is still to come after it") {
  device::GpuSpec gpu = small_gpu();
  gpu.sm.l1.miss_lines = 1;
  WarpScript first, second;
  first.load(10, {kArray, 1, 4, 4});
  first.operate(Op::nop).operate(Op::nop).operate(Op::nop).operate(Op::nop);
  first.access(Op::load, Space::shared, {0, 32, 4, 4}, 11);
  first.operate(Op::integer, 12, {10, 11}).exit();
  second.operate(Op::nop).operate(Op::nop);
  second.load(10, {kArray + 4096, 1, 4, 4}).exit();  // stops the L1 with the shared load behind it
  const device::KernelResult kernel = run_kernel(gpu, HandMadeKernel({first, second}));
  CHECK(kernel.stalls.of(WarpState::short_scoreboard) > Picoseconds(0));
  CHECK(kernel.stalls.of(WarpState::long_scoreboard) > 100_ns);
  CHECK(kernel.stalls.of(Cause::l1_hit) <= Picoseconds(2 * 6'000));  // two fills
}

TEST_CASE("DEPBAR waits for all but the newest groups of copies, in the order of their closing") {
  const auto waited = [](std::int32_t groups_left) {
    device::GpuSpec gpu = small_gpu();
    gpu.sm.l1.miss_lines = 1;  // one copy after the other
    WarpScript warp;
    for (std::uint64_t i = 0; i < 3; ++i) {
      warp.async_copy({kArray + i * 4096, 1, 4, 4}).commit();
    }
    warp.wait_for_copies(groups_left).operate(Op::exit);
    return run_kernel(gpu, HandMadeKernel({warp})).stalls.of(WarpState::long_scoreboard);
  };
  CHECK(waited(3) == Picoseconds(0));
  CHECK(waited(2) > 150_ns);
  CHECK(waited(1) > waited(2) + 100_ns);
  CHECK(waited(0) > waited(1) + 100_ns);
}

TEST_CASE("DEPBAR waits for every group, however many are under way") {
  device::GpuSpec gpu = small_gpu();
  gpu.sm.l1.miss_lines = 1;
  const auto drained = [&](std::uint64_t groups) {
    WarpScript warp;
    for (std::uint64_t i = 0; i < groups; ++i) {
      warp.async_copy({kArray + i * 4096, 1, 4, 4}).commit();
    }
    warp.wait_for_copies(0).exit();
    return run_kernel(gpu, HandMadeKernel({warp})).stalls.of(WarpState::drain);
  };
  for (const std::uint64_t groups : {1u, 15u, 16u, 17u, 30u}) {
    CHECK(drained(groups) == Picoseconds(0));
  }
}

TEST_CASE("an atomic returns its value from the L2 and makes the L1's copy stale") {
  WarpScript warp;
  warp.load(10, {kArray, 8, 4, 4}).operate(Op::integer, 11, {10});
  warp.access(Op::atomic, Space::global, {kArray, 8, 4, 4}, 12).operate(Op::integer, 11, {12});
  warp.load(13, {kArray, 8, 4, 4}).operate(Op::integer, 11, {13}).exit();
  const device::KernelResult kernel = run_kernel(small_gpu(), HandMadeKernel({warp}));
  CHECK(kernel.sm.global_load_sector_hits == 0);
  CHECK(kernel.sm.atomic_sectors == 1);
  CHECK(kernel.l2.atomic_sectors == 1);
  CHECK(kernel.l2.read_sectors == 2);
  CHECK(kernel.l2.read_sector_hits == 1);
  CHECK(kernel.dram.reads == 1);
}

TEST_CASE("two kernels of different local memory never meet in the caches, nor global memory") {
  WarpScript warp;
  // The lowest global lines are where a local line would fall if its number overflowed.
  warp.load(9, {0, 32, 4, 4}).operate(Op::integer, 8, {9});
  warp.access(Op::load, Space::local, {0, 32, 4, 0}, 10).operate(Op::integer, 11, {10}).exit();
  const device::KernelResult kernel = run_kernel(small_gpu(), HandMadeKernel({warp}));
  CHECK(kernel.sm.local_load_sectors == 4);  // one word of 32 lanes is a line
  CHECK(kernel.l2.read_sectors == 8);
  CHECK(kernel.l2.read_sector_hits == 0);
}
