#pragma once

// A small program with something of everything: reads, writes, atomics, shared and local memory,
// barriers, async copies, arithmetic, copies from the host. Random, but the same for a seed and for
// every compiler: of the arguments of a call at most one is drawn.

#include "sim/base/random.h"
#include "tests/support/hand_made_program.h"

namespace strobe::test {

class MixedProgram {
 public:
  explicit MixedProgram(std::uint64_t seed) : random_(seed) {}

  HandMadeProgram make(std::uint32_t kernels, std::uint32_t ctas, std::uint32_t instructions) {
    HandMadeProgram program;
    for (std::uint32_t i = 0; i < kernels; ++i) {
      const std::uint64_t bytes = 1 + random_.next() % 20'000;
      program.copy(kArray + random_.next() % 4096, bytes);
      program.add(kernel(ctas, instructions));
    }
    return program;
  }

 private:
  HandMadeKernel kernel(std::uint32_t ctas, std::uint32_t instructions) {
    HandMadeKernel result;
    result.header.name = "mixed";
    result.header.registers = 32;
    result.header.shared_bytes = static_cast<std::uint32_t>(random_.next() % 8 * 1024);
    constexpr std::uint32_t kWarps = 3;
    result.header.block[0] = kWarps * trace::kWarpLanes;
    for (std::uint32_t i = 0; i < ctas; ++i) {
      std::vector<WarpScript> warps(kWarps);
      for (WarpScript& warp : warps) fill(warp, random_.next() % (instructions + 1));
      result.add_cta(warps);
    }
    return result;
  }

  std::uint8_t any_register() { return static_cast<std::uint8_t>(random_.next() % 24); }

  Lanes any_lanes() {
    constexpr std::uint8_t kWidths[] = {1, 2, 4, 8, 16};
    constexpr std::int64_t kStrides[] = {0, 4, 8, 16, 32, 128, 4096, -4, 36};
    Lanes lanes;
    lanes.bytes = kWidths[random_.next() % 5];
    lanes.stride = random_.next() % 2 == 0 ? lanes.bytes : kStrides[random_.next() % 9];
    lanes.lanes = 1 + static_cast<std::uint32_t>(random_.next() % 32);
    // Half of them where others have been a moment ago.
    const std::uint64_t range = random_.next() % 2 == 0 ? 1 << 19 : 1 << 12;
    lanes.address = kArray + random_.next() % range / lanes.bytes * lanes.bytes;
    return lanes;
  }

  void fill(WarpScript& warp, std::uint64_t instructions) {
    using trace::Op;
    using trace::Space;
    for (std::uint64_t i = 0; i < instructions; ++i) {
      const std::uint8_t to = any_register(), from = any_register();
      switch (random_.next() % 16) {
        case 0:
        case 1:
        case 2:
          warp.load(to, any_lanes(), {from});
          break;
        case 3:
        case 4:
          warp.store(any_lanes(), {from});
          break;
        case 5:
          warp.access(Op::atomic, Space::global, any_lanes(), to, {from});
          break;
        case 6:
          warp.access(Op::reduction, Space::global, any_lanes(), trace::kNoRegister, {from});
          break;
        case 7:
          warp.access(Op::load, Space::shared, any_lanes(), to, {from});
          break;
        case 8:
          warp.access(Op::store, Space::shared, any_lanes(), trace::kNoRegister, {from});
          break;
        case 9: {
          const std::uint64_t address = random_.next() % 64 * 4;
          warp.access(random_.next() % 2 == 0 ? Op::load : Op::store, Space::local,
                      {address, 32, 4, 0}, to, {from});
          break;
        }
        case 10:
          warp.async_copy(any_lanes());
          break;
        case 11:
          warp.commit();
          break;
        case 12:
          warp.wait_for_copies(static_cast<std::int32_t>(random_.next() % 3));
          break;
        case 13:
          warp.operate(random_.next() % 2 == 0 ? Op::barrier : Op::memory_barrier);
          break;
        default:
          warp.operate(static_cast<Op>(random_.next() % 9), to, {from});
      }
    }
    if (instructions > 0) warp.exit();
  }

  SplitMix64 random_;
};

}  // namespace strobe::test
