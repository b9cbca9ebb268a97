#include "sim/layers/rows/softmax.h"

#include <algorithm>
#include <bit>

#include "sim/layers/rows/softmax_code.h"

namespace strobe::layers {
namespace {

using namespace softmax_code;

// IEEE divisions: MUFU.RCP and a Newton step, quotient, remainder and correction, and FCHK, whose
// answer the branch around the slow path waits for, so that no division begins before the last one
// has ended.
void divisions(WarpCode& code, Register values, std::uint32_t count) {
  for (std::uint32_t i = 0; i < count; ++i) {
    code.arithmetic(Op::special, kReciprocal, {kSum});
    chain(code, Op::fp32, kReciprocal, 2);
    code.arithmetic(Op::conversion, kCheck, {values});
    code.arithmetic(Op::fp32, values, {values, kReciprocal});
    chain(code, Op::fp32, values, 3);
    code.arithmetic(Op::integer, kNone, {kCheck}, 2);
    code.control(Op::branch);
    code.control(Op::branch);
  }
}

// logf: a polynomial.
void logarithm(WarpCode& code, Register value) {
  code.arithmetic(Op::integer, value, {value}, 4);
  chain(code, Op::fp32, value, 12);
}

// softmax_warp_forward: 32x4 threads, a warp a row, or two rows of at most 128.
class WarpSoftmax : public Kernel {
 public:
  explicit WarpSoftmax(const Layer& layer)
      : layer_(layer),
        rows_(layer.rows),
        columns_(layer.columns),
        element_bytes_(bytes_of(layer.type)),
        is_log_(layer.op == Operator::log_softmax) {
    const auto padded = static_cast<std::uint32_t>(std::bit_ceil(columns_));
    rows_of_warp_ = padded <= 128 ? 2 : 1;
    steps_ = std::max(padded / 32, 1U);
    const std::uint32_t rows_of_cta = kWarps * rows_of_warp_;
    header_.name = "softmax_warp_forward";
    header_.grid[0] = static_cast<std::uint32_t>((rows_ + rows_of_cta - 1) / rows_of_cta);
    header_.block = {32, kWarps, 1};
    header_.registers = 16 + steps_ * rows_of_warp_;  // the elements stay in registers
    const std::uint64_t bytes = rows_ * columns_ * element_bytes_;
    arrays_ = {{bytes, false}, {bytes, true}};
    place_arrays(arrays_);
  }

  void fill(trace::Cta& into, std::uint64_t) const override {
    WarpCode code(into);
    for (std::uint32_t warp = 0; warp < kWarps; ++warp) {
      const std::uint64_t first = (std::uint64_t{into.index[0]} * kWarps + warp) * rows_of_warp_;
      code.start_warp();
      chain(code, Op::integer, kIndex, 5);
      code.arithmetic(Op::integer, kAddress, {kIndex}, 4);
      const std::uint64_t rows =
          first < rows_ ? std::min<std::uint64_t>(rows_ - first, rows_of_warp_) : 0;
      if (rows > 0) add_rows(code, first, rows);
      code.end_warp();
    }
  }

  std::unique_ptr<Kernel> share(std::uint32_t shares) const override {
    const auto ctas = ctas_of_share(header_.cta_count(), shares);
    if (!ctas) return nullptr;
    Layer layer = layer_;
    layer.rows = *ctas * kWarps * rows_of_warp_;
    return std::make_unique<WarpSoftmax>(layer);
  }

 private:
  static constexpr std::uint32_t kWarps = 4;

  void add_rows(WarpCode& code, std::uint64_t first, std::uint64_t rows) const {
    const auto elements = static_cast<std::uint32_t>(steps_ * rows_of_warp_);
    for (std::uint64_t row = first; row < first + rows; ++row) {
      for (std::uint32_t step = 0; step < steps_; ++step) {
        code.arithmetic(Op::integer, kNone, {kIndex});  // is the element within the row?
        code.load(element_register(row - first, step), kAddress, lanes(0, row, step));
      }
    }
    for (std::uint32_t row = 0; row < rows; ++row) {
      for (std::uint32_t step = 0; step < steps_; ++step) {
        code.arithmetic(Op::integer, kMaximum, {kMaximum, element_register(row, step)});
      }
    }
    reduce_warp(code, kMaximum, Op::integer);
    exponentials(code, kFirstElement, elements);
    code.arithmetic(Op::fp32, kSum, {kFirstElement});
    for (std::uint32_t i = 1; i < elements; ++i) code.arithmetic(Op::fp32, kSum, {kSum});
    reduce_warp(code, kSum, Op::fp32);
    if (is_log_) logarithm(code, kSum);
    for (std::uint64_t row = first; row < first + rows; ++row) {
      for (std::uint32_t step = 0; step < steps_; ++step) {
        const Register value = element_register(row - first, step);
        if (is_log_) {
          code.arithmetic(Op::fp32, value, {value, kSum});
        } else {
          divisions(code, value, 1);
        }
        code.store(value, kAddress, lanes(1, row, step));
      }
    }
  }

  Register element_register(std::uint64_t row, std::uint64_t step) const {
    return static_cast<Register>(kFirstElement + row * steps_ + step);
  }
  Lanes lanes(std::size_t array, std::uint64_t row, std::uint64_t step) const {
    const std::uint64_t column = step * 32;
    const std::uint64_t there = columns_ > column ? columns_ - column : 0;
    return {first_lanes(there), arrays_[array].address + (row * columns_ + column) * element_bytes_,
            element_bytes_, element_bytes_};
  }

  Layer layer_;
  std::uint64_t rows_, columns_;
  std::uint32_t element_bytes_;
  bool is_log_;
  std::uint32_t rows_of_warp_ = 1;
  std::uint32_t steps_ = 1;  // elements of a row in one thread
};

// cunn_SoftMaxForward: a CTA a row, gone over three times. (From PyTorch 2.4 on, rows that are
// aligned and fit shared memory are kept there.)
class BlockSoftmax : public Kernel {
 public:
  BlockSoftmax(const Layer& layer, std::uint32_t registers)
      : layer_(layer),
        columns_(layer.columns),
        element_bytes_(bytes_of(layer.type)),
        is_log_(layer.op == Operator::log_softmax) {
    header_.name = "cunn_SoftMaxForward";
    header_.grid[0] = static_cast<std::uint32_t>(layer.rows);
    header_.block[0] = softmax_threads(columns_, element_bytes_);
    header_.registers = registers;
    header_.shared_bytes = header_.block[0] * 4;
    const std::uint64_t bytes = layer.rows * columns_ * element_bytes_;
    arrays_ = {{bytes, false}, {bytes, true}};
    place_arrays(arrays_);
  }

  void fill(trace::Cta& into, std::uint64_t) const override {
    const std::uint64_t row =
        arrays_[0].address + std::uint64_t{into.index[0]} * columns_ * element_bytes_;
    WarpCode code(into);
    const std::uint32_t warps = header_.warps_per_cta();
    for (std::uint32_t warp = 0; warp < warps; ++warp) {
      code.start_warp();
      find_row(code);
      add_passes(code, row, warp);
      code.end_warp();
    }
  }

  std::unique_ptr<Kernel> share(std::uint32_t shares) const override {
    const auto part = rows_of_share(layer_, header_.cta_count(), shares);
    return part ? std::make_unique<BlockSoftmax>(*part, header_.registers) : nullptr;
  }

 private:
  void add_passes(WarpCode& code, std::uint64_t row, std::uint32_t warp) const {
    const std::uint32_t warps = header_.warps_per_cta();
    const RowSteps steps{columns_, element_bytes_, header_.block[0]};
    const std::uint32_t width = steps.elements_of_vector();
    find_last_vector(code);
    steps.for_each(row, warp, [&](const Lanes& lanes, bool is_vector) {
      add_loop_step(code, lanes);
      const std::uint32_t count = is_vector ? width : 1;
      for (std::uint32_t i = 0; i < count; ++i) {
        code.arithmetic(Op::integer, kMaximum, {kMaximum, kFirstElement});
      }
    });
    reduce_in_order(code, kMaximum, {Op::integer, 2}, {warp, warps});  // FSETP and FSEL
    find_last_vector(code);
    steps.for_each(row, warp, [&](const Lanes& lanes, bool is_vector) {
      add_loop_step(code, lanes);
      const std::uint32_t count = is_vector ? width : 1;
      exponentials(code, kFirstElement, count);
      code.arithmetic(Op::fp32, kSum, {kSum, kFirstElement});
      for (std::uint32_t i = 1; i < count; ++i) code.arithmetic(Op::fp32, kSum, {kSum});
    });
    reduce_in_order(code, kSum, {Op::fp32, 1}, {warp, warps});
    if (is_log_) logarithm(code, kSum);
    find_last_vector(code);
    steps.for_each(row, warp, [&](const Lanes& lanes, bool is_vector) {
      add_loop_step(code, lanes);
      const std::uint32_t count = is_vector ? width : 1;
      if (is_log_) {
        code.arithmetic(Op::fp32, kFirstElement, {kFirstElement, kMaximum, kSum}, 2 * count);
      } else {
        exponentials(code, kFirstElement, count);
        divisions(code, kFirstElement, count);
      }
      Lanes result = lanes;
      result.base += arrays_[1].address - arrays_[0].address;
      code.store(kFirstElement, kAddress, result);
    });
  }

  static void add_loop_step(WarpCode& code, const Lanes& lanes) {
    code.load(kFirstElement, kAddress, lanes);
    code.arithmetic(Op::integer, kAddress, {kAddress});
    code.arithmetic(Op::integer, kNone, {kAddress});
    code.control(trace::Op::branch);
  }

  Layer layer_;
  std::uint64_t columns_;
  std::uint32_t element_bytes_;
  bool is_log_;
};

// Of a thread of cunn_SoftMaxForward, as CUDA 11.8, which PyTorch 2.0 was built with, compiles a
// copy of it: for compute capability 6.0 and 7.0 more than 2048 threads of an SM can have, 39 and
// 34 (of the logarithm 40 and 32). For 7.5 and 8.6 there are 34 and 36 (34 and 38), which hold up
// no thread there, for 8.0 and 9.0 30 (32).
std::uint32_t registers_of_block(const Layer& layer, const device::GpuSpec& gpu) {
  const bool is_log = layer.op == Operator::log_softmax;
  switch (gpu.tensor.instruction) {
    case device::TensorInstruction::none:
      return is_log ? 40 : 39;
    case device::TensorInstruction::hmma_884:
      return is_log ? 32 : 34;
    default:
      return 32;
  }
}

}  // namespace

std::unique_ptr<Kernel> softmax_kernel(const Layer& layer, const device::GpuSpec& gpu) {
  if (layer.columns <= 1024) return std::make_unique<WarpSoftmax>(layer);
  return std::make_unique<BlockSoftmax>(layer, registers_of_block(layer, gpu));
}

}  // namespace strobe::layers
