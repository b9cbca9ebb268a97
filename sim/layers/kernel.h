#pragma once

// A kernel that a layer is lowered to. It is immutable and makes the instructions of any of its
// CTAs when asked, so that nothing of a grid is in memory but the CTAs in flight.

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "sim/trace/kernel_trace.h"

namespace strobe::layers {

// Something in global memory that a kernel reads or writes.
struct Array {
  std::uint64_t bytes = 0;
  bool written = false;
  std::uint64_t address = 0;  // given by place_arrays
};

// Gives every array its place, one after the other at multiples of 2 MiB, as an allocator does that
// takes its memory from the driver in such blocks.
void place_arrays(std::vector<Array>& arrays);

class Kernel {
 public:
  virtual ~Kernel() = default;

  const trace::KernelHeader& header() const { return header_; }
  // Those that are only read in the order in which the layer takes them, those that are written in
  // the order in which it gives them.
  const std::vector<Array>& arrays() const { return arrays_; }

  // How often every CTA goes round the kernel's main loop; 1 for a kernel that has none worth
  // cutting short.
  virtual std::uint64_t loop_rounds() const { return 1; }

  // Fills `into`, which is empty but for its index, with the CTA going `rounds` times round the
  // loop. REQUIRES: 1 <= rounds <= loop_rounds().
  virtual void fill(trace::Cta& into, std::uint64_t rounds) const = 0;

 protected:
  trace::KernelHeader header_;
  std::vector<Array> arrays_;
};

}  // namespace strobe::layers
