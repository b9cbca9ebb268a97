// The gradients of softmax and its logarithm, as softmax_warp_backward and cunn_SoftMaxBackward
// make them: one pass for the sum over the row, one for the result.

#include <algorithm>
#include <bit>

#include "sim/layers/rows/softmax.h"
#include "sim/layers/rows/softmax_code.h"

namespace strobe::layers {
namespace {

using namespace softmax_code;

constexpr Register kFirstOutput = 64;

// The sum is of the gradient, and its share is taken by the output: of a logarithm by its
// exponential. (Of a softmax both have been multiplied already.)
void result(WarpCode& code, Register gradient, Register output, std::uint32_t elements) {
  code.arithmetic(Op::fp32, gradient, {gradient, output, kSum}, elements);
}

// As the forward kernel: 32x4 threads, a warp a row, or two rows of at most 128, in registers.
class WarpSoftmaxBackward : public Kernel {
 public:
  explicit WarpSoftmaxBackward(const Layer& layer)
      : layer_(layer),
        rows_of_warp_(layer.columns <= 128 ? 2 : 1),
        steps_(std::max(static_cast<std::uint32_t>(std::bit_ceil(layer.columns)) / 32, 1U)) {
    const std::uint64_t of_cta = kWarps * rows_of_warp_;
    header_.name = "softmax_warp_backward";
    header_.grid[0] = static_cast<std::uint32_t>((layer.rows + of_cta - 1) / of_cta);
    header_.block = {32, kWarps, 1};
    header_.registers = 16 + 2 * steps_ * static_cast<std::uint32_t>(rows_of_warp_);
    const std::uint64_t bytes = layer.rows * layer.columns * bytes_of(layer.type);
    arrays_ = {{bytes, false}, {bytes, false}, {bytes, true}};
    place_arrays(arrays_);
  }

  void fill(trace::Cta& into, std::uint64_t) const override {
    WarpCode code(into);
    for (std::uint32_t warp = 0; warp < kWarps; ++warp) {
      const std::uint64_t first = (std::uint64_t{into.index[0]} * kWarps + warp) * rows_of_warp_;
      const std::uint64_t end = std::min(first + rows_of_warp_, layer_.rows);
      code.start_warp();
      chain(code, Op::integer, kIndex, 5);
      code.arithmetic(Op::integer, kAddress, {kIndex}, 4);
      if (first < end) add_rows(code, first, end);
      code.end_warp();
    }
  }

  std::unique_ptr<Kernel> share(std::uint32_t shares) const override {
    const auto ctas = ctas_of_share(header_.cta_count(), shares);
    if (!ctas) return nullptr;
    Layer part = layer_;
    part.rows = *ctas * kWarps * rows_of_warp_;
    return std::make_unique<WarpSoftmaxBackward>(part);
  }

 private:
  static constexpr std::uint32_t kWarps = 4;

  void add_rows(WarpCode& code, std::uint64_t first, std::uint64_t end) const {
    for (std::uint64_t row = first; row < end; ++row) {
      for (std::uint32_t step = 0; step < steps_; ++step) {
        code.arithmetic(Op::integer, kNone, {kIndex});  // is the element within the row?
        code.load(in_register(kFirstElement, row - first, step), kAddress, lanes(0, row, step));
        code.load(in_register(kFirstOutput, row - first, step), kAddress, lanes(1, row, step));
      }
    }
    for (std::uint64_t row = 0; row < end - first; ++row) {
      for (std::uint32_t step = 0; step < steps_; ++step) {
        code.arithmetic(Op::fp32, kSum, {kSum, in_register(kFirstElement, row, step)});
      }
    }
    reduce_warp(code, kSum, Op::fp32);
    for (std::uint64_t row = first; row < end; ++row) {
      for (std::uint32_t step = 0; step < steps_; ++step) {
        const Register gradient = in_register(kFirstElement, row - first, step);
        const Register output = in_register(kFirstOutput, row - first, step);
        if (layer_.op == Operator::log_softmax_backward) exponentials(code, output, 1);
        result(code, gradient, output, 1);
        code.store(gradient, kAddress, lanes(2, row, step));
      }
    }
  }

  Register in_register(Register base, std::uint64_t row, std::uint64_t step) const {
    return static_cast<Register>(base + row * steps_ + step);
  }
  Lanes lanes(std::size_t array, std::uint64_t row, std::uint64_t step) const {
    const std::uint32_t bytes = bytes_of(layer_.type);
    const std::uint64_t column = step * 32;
    const std::uint64_t there = layer_.columns > column ? layer_.columns - column : 0;
    return {first_lanes(there), arrays_[array].address + (row * layer_.columns + column) * bytes,
            bytes, bytes};
  }

  Layer layer_;
  std::uint64_t rows_of_warp_;
  std::uint32_t steps_;
};

// A CTA a row: the gradient is read twice, the output once.
class BlockSoftmaxBackward : public Kernel {
 public:
  explicit BlockSoftmaxBackward(const Layer& layer) : layer_(layer) {
    const std::uint32_t element_bytes = bytes_of(layer.type);
    header_.name = "cunn_SoftMaxBackward";
    header_.grid[0] = static_cast<std::uint32_t>(layer.rows);
    header_.block[0] = softmax_threads(layer.columns, element_bytes);
    header_.registers = 32;
    header_.shared_bytes = header_.block[0] * 4;
    const std::uint64_t bytes = layer.rows * layer.columns * element_bytes;
    arrays_ = {{bytes, false}, {bytes, false}, {bytes, true}};
    place_arrays(arrays_);
  }

  void fill(trace::Cta& into, std::uint64_t) const override {
    const std::uint32_t element_bytes = bytes_of(layer_.type);
    const RowSteps steps{layer_.columns, element_bytes, header_.block[0]};
    const std::uint64_t row =
        arrays_[0].address + std::uint64_t{into.index[0]} * layer_.columns * element_bytes;
    const std::uint32_t warps = header_.warps_per_cta();
    WarpCode code(into);
    for (std::uint32_t warp = 0; warp < warps; ++warp) {
      code.start_warp();
      find_row(code);
      find_last_vector(code);
      steps.for_each(row, warp, [&](const Lanes& lanes, bool) {
        code.load(kFirstElement, kAddress, lanes);
        chain(code, Op::fp32, kSum, lanes.bytes / element_bytes - 1);
        code.arithmetic(Op::fp32, kSum, {kSum, kFirstElement});
        next_step(code);
      });
      reduce_in_order(code, kSum, {Op::fp32, 1}, {warp, warps});
      find_last_vector(code);
      steps.for_each(row, warp, [&](const Lanes& lanes, bool) { add_result(code, lanes); });
      code.end_warp();
    }
  }

  std::unique_ptr<Kernel> share(std::uint32_t shares) const override {
    const auto part = rows_of_share(layer_, header_.cta_count(), shares);
    return part ? std::make_unique<BlockSoftmaxBackward>(*part) : nullptr;
  }

 private:
  static void next_step(WarpCode& code) {
    code.arithmetic(Op::integer, kAddress, {kAddress});
    code.arithmetic(Op::integer, kNone, {kAddress});
    code.control(Op::branch);
  }

  void add_result(WarpCode& code, const Lanes& lanes) const {
    const auto at = [&](std::size_t array) {
      Lanes moved = lanes;
      moved.base += arrays_[array].address - arrays_[0].address;
      return moved;
    };
    const std::uint32_t elements = lanes.bytes / bytes_of(layer_.type);
    code.load(kFirstElement, kAddress, lanes);
    code.load(kFirstOutput, kAddress, at(1));
    if (layer_.op == Operator::log_softmax_backward) exponentials(code, kFirstOutput, elements);
    result(code, kFirstElement, kFirstOutput, elements);
    code.store(kFirstElement, kAddress, at(2));
    next_step(code);
  }

  Layer layer_;
};

}  // namespace

std::unique_ptr<Kernel> softmax_backward_kernel(const Layer& layer) {
  if (layer.columns <= 1024) return std::make_unique<WarpSoftmaxBackward>(layer);
  return std::make_unique<BlockSoftmaxBackward>(layer);
}

}  // namespace strobe::layers
