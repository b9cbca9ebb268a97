// Tensor cores, and warps that work as producer and consumers of what is copied to shared memory.

#include "tests/support/catch.h"
#include "tests/support/run_small.h"

using namespace strobe;
using namespace strobe::test;
using stats::Cause;
using stats::WarpState;
using trace::Op;

namespace {

trace::Instruction product(std::int32_t cycles, std::uint64_t shared_bytes = 0) {
  trace::Instruction instruction;
  instruction.op = Op::tensor;
  instruction.active_mask = 0xFFFF'FFFF;
  instruction.immediate = cycles;
  instruction.base = shared_bytes;
  return instruction;
}

double time_of(std::uint32_t count, const trace::Instruction& instruction, std::size_t warps = 1) {
  WarpScript warp;
  for (std::uint32_t i = 0; i < count; ++i) warp.add(instruction);
  warp.exit();
  return nanoseconds(run_kernel(small_gpu(), HandMadeKernel(std::vector<WarpScript>(warps, warp))));
}

trace::Instruction with_count(Op op, std::int32_t count) {
  trace::Instruction instruction;
  instruction.op = op;
  instruction.active_mask = 0xFFFF'FFFF;
  instruction.immediate = count;
  return instruction;
}

}  // namespace

TEST_CASE(
    "an instruction of the tensor pipe takes it for as long as it says, else the pipe's own") {
  CHECK(time_of(30, product(8)) - time_of(10, product(8)) == 20 * 8);
  CHECK(time_of(30, product(32)) - time_of(10, product(32)) == 20 * 32);
  CHECK(time_of(30, product(0)) - time_of(10, product(0)) == 20 * 2);
}

TEST_CASE("four warps read operands through one shared memory, two on a sub-partition one pipe") {
  // 1024 bytes are eight cycles of the shared memory, for each of four warps.
  CHECK(time_of(30, product(8, 1024), 4) - time_of(10, product(8, 1024), 4) == 20 * 32);
  CHECK(time_of(30, product(64, 1024), 4) - time_of(10, product(64, 1024), 4) == 20 * 64);
  CHECK(time_of(30, product(64, 1024), 8) - time_of(10, product(64, 1024), 8) == 20 * 128);
}

TEST_CASE("operands that a tensor core reads from shared memory are counted as passes through it") {
  const auto passes = [](std::uint64_t shared_bytes) {
    WarpScript warp;
    for (int i = 0; i < 10; ++i) warp.add(product(64, shared_bytes));
    warp.exit();
    return run_kernel(small_gpu(), HandMadeKernel({warp, warp})).sm.shared_passes;
  };
  CHECK(passes(0) == 0);
  CHECK(passes(1024) == 2 * 10 * 8);
}

TEST_CASE("consumers wait for as many groups of the copying warp as they ask for") {
  const auto waited = [](std::int32_t groups) {
    device::GpuSpec gpu = small_gpu();
    gpu.sm.l1.miss_lines = 1;  // one copy after the other
    WarpScript producer, consumer;
    for (std::uint64_t i = 0; i < 3; ++i) {
      producer.async_copy({kArray + i * 4096, 1, 4, 4}).commit();
    }
    producer.exit();
    consumer.add(with_count(Op::await_copies, groups)).exit();
    const auto kernel = run_kernel(gpu, HandMadeKernel({producer, consumer, consumer}));
    CHECK(kernel.stalls.adds_up());
    return kernel.stalls.of(WarpState::long_scoreboard).count() / 2;
  };
  const std::int64_t one = waited(1), two = waited(2), three = waited(3);
  CHECK(one > 100'000);
  CHECK(two > one + 100'000);
  CHECK(three > two + 100'000);
  CHECK(waited(0) == 0);
}

TEST_CASE("a producer waits until so many consumers have told that they are done") {
  WarpScript producer, early, late;
  producer.add(with_count(Op::await_arrivals, 2)).exit();
  early.add(with_count(Op::arrive, 0)).exit();
  for (int i = 0; i < 10; ++i) late.operate(Op::integer, 10, {10});
  late.add(with_count(Op::arrive, 0)).exit();
  const auto kernel = run_kernel(small_gpu(), HandMadeKernel({producer, early, late}));
  // Ten integer instructions, each four cycles after the one before, the late one's telling in the
  // cycle after the last of them, and the latency of barriers.
  CHECK(kernel.stalls.of(WarpState::barrier) == Picoseconds((9 * 4 + 1 + 5) * 1'000));
}

TEST_CASE("what a producer has copied is there for consumers that ask when it has left") {
  WarpScript producer, consumer;
  producer.async_copy({}).commit().exit();
  for (int i = 0; i < 1000; ++i) consumer.operate(Op::integer, 10, {10});
  consumer.add(with_count(Op::await_copies, 1)).exit();
  const auto kernel = run_kernel(small_gpu(), HandMadeKernel({producer, consumer}));
  CHECK(kernel.stalls.of(WarpState::long_scoreboard) == Picoseconds(0));
  CHECK(nanoseconds(kernel) < 5'000);
}
