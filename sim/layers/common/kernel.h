#pragma once

// A kernel that a layer is lowered to. It is immutable and makes the instructions of any of its
// CTAs when asked, so that nothing of a grid is in memory but the CTAs in flight.

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "sim/layers/common/layer.h"
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

// CTAs of each when they are dealt out to `shares` equal parts of a machine (machine_share.h);
// nothing where that would be off by more than a few per cent. `rounds` of a CTA's main loop ask
// the memory for as much as so many CTAs without one.
std::optional<std::uint64_t> ctas_of_share(std::uint64_t ctas, std::uint32_t shares,
                                           std::uint64_t rounds = 1);

// The layer of one share, where every CTA has a row of its own; nothing where it cannot be dealt
// out.
std::optional<Layer> rows_of_share(const Layer& layer, std::uint64_t ctas, std::uint32_t shares);

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

  // How many CTAs there are, in the order of their launch, before the last ones that may have less
  // to do, as tiles at an edge have.
  virtual std::uint64_t alike_ctas() const { return header_.cta_count(); }

  // CTAs that are so many apart, in the order of their launch, do the same on data of their own.
  virtual std::uint64_t period() const { return 1; }

  // Fills `into`, which is empty but for its index, with the CTA going `rounds` times round the
  // loop; one that has less to do than others, as much less often. REQUIRES: 1 <= rounds, and
  // rounds <= loop_rounds().
  virtual void fill(trace::Cta& into, std::uint64_t rounds) const = 0;

  // What one of `shares` equal parts of a machine has to do of this kernel: the same CTAs, but as
  // many fewer, which touch as much less of each array and share it between as many CTAs as in the
  // whole. Null where there is no such part.
  virtual std::unique_ptr<Kernel> share(std::uint32_t /*shares*/) const { return nullptr; }

 protected:
  trace::KernelHeader header_;
  std::vector<Array> arrays_;
};

}  // namespace strobe::layers
