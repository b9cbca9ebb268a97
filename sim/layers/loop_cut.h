#pragma once

// What is simulated of a kernel's long main loop, every round of which does the same: some rounds,
// and in another run three times as many. What the additional rounds took is what the rest is taken
// to take.

#include <cstdint>
#include <memory>
#include <vector>

#include "sim/device/spec.h"
#include "sim/layers/common/kernel.h"

namespace strobe::layers {

// The same number twice where the loop is simulated whole.
struct LoopCut {
  std::uint64_t few = 0, many = 0;

  bool is_whole() const { return few == many; }
  std::uint64_t simulated() const { return is_whole() ? many : few + many; }
};

LoopCut cut_of(const Kernel& kernel, const device::GpuSpec& gpu);
// Three times as many of both, or the whole loop.
LoopCut longer(const LoopCut& cut, const Kernel& kernel);

// How often the CTAs of each kernel go round its loop.
using Rounds = std::vector<std::uint64_t>;
Rounds all_rounds(const std::vector<std::unique_ptr<Kernel>>& kernels);

}  // namespace strobe::layers
