// The gradients of layer norm and RMS norm: of the rows, and of gamma and beta.

#include <algorithm>

#include "sim/layers/common/row_code.h"
#include "sim/layers/common/warp_code.h"
#include "sim/layers/rows/layer_norm.h"

namespace strobe::layers {
namespace {

using trace::Op;

constexpr Register kIndex = 1, kAddress = 2, kSum = 4, kMean = 6, kDeviation = 7, kResult = 12,
                   kFirstGradient = 16, kFirstInput = 32, kGamma = 48;

bool has_mean(const Layer& layer) {
  return layer.op == Operator::layer_norm_backward;
}

// layer_norm_grad_input_kernel_vectorized: the first pass sums the gradient times gamma, and that
// times the normalised element; the second makes the result of both.
class NormRowsBackward : public Kernel {
 public:
  explicit NormRowsBackward(const Layer& layer)
      : layer_(layer), columns_(layer.columns), element_bytes_(bytes_of(layer.type)) {
    header_.name = "layer_norm_grad_input_kernel_vectorized";
    header_.grid[0] = static_cast<std::uint32_t>(layer.rows);
    header_.block[0] = kWarps * 32;
    header_.registers = 40;
    header_.shared_bytes = kWarps * 4;
    const std::uint64_t bytes = layer.rows * columns_ * element_bytes_;
    const Array statistic{layer.rows * 4, false};
    arrays_ = {{bytes, false}, {bytes, false}, {columns_ * element_bytes_, false}, statistic};
    if (has_mean(layer)) arrays_.push_back(statistic);
    arrays_.push_back({bytes, true});
    place_arrays(arrays_);
  }

  void fill(trace::Cta& into, std::uint64_t) const override {
    const RowAccess row{columns_, element_bytes_, kWarps * 32, into.index[0],
                        kElementsOfVector * element_bytes_};
    WarpCode code(into);
    for (std::uint32_t warp = 0; warp < kWarps; ++warp) {
      code.start_warp();
      chain(code, Op::integer, kIndex, 4);
      code.arithmetic(Op::integer, kAddress, {kIndex}, 8);
      for (std::size_t array = 3; array + 1 < arrays_.size(); ++array) {
        code.load(array == 3 ? kDeviation : kMean, kAddress,
                  {0xFFFFFFFF, arrays_[array].address + row.row * 4, 0, 4});
      }
      add_sums(code, row, warp);
      add_result(code, row, warp);
      code.end_warp();
    }
  }

  std::unique_ptr<Kernel> share(std::uint32_t shares) const override {
    const auto part = rows_of_share(layer_, header_.cta_count(), shares);
    return part ? std::make_unique<NormRowsBackward>(*part) : nullptr;
  }

 private:
  static constexpr std::uint32_t kWarps = 4, kElementsOfVector = 4;

  void load_inputs(WarpCode& code, const Lanes& lanes, std::uint64_t row) const {
    const auto at = [&](std::uint64_t address) {
      Lanes moved = lanes;
      moved.base += address - arrays_[0].address;
      return moved;
    };
    code.load(kGamma, kAddress, at(arrays_[2].address - row * columns_ * element_bytes_));
    code.load(kFirstInput, kAddress, at(arrays_[1].address));
    code.load(kFirstGradient, kAddress, lanes);
    const std::uint32_t narrow = element_bytes_ < 4 ? lanes.bytes / element_bytes_ : 0;
    for (const Register value : {kGamma, kFirstInput, kFirstGradient}) {
      code.arithmetic(Op::integer, value, {value}, narrow);
    }
  }

  void add_sums(WarpCode& code, const RowAccess& row, std::uint32_t warp) const {
    row.for_each_access(arrays_[0].address, warp, [&](const Lanes& lanes, bool) {
      load_inputs(code, lanes, row.row);
      // The gradient times gamma; with a mean its sum; the normalised element; the sum of both.
      const std::uint32_t of_element = has_mean(layer_) ? 5 : 3;
      code.arithmetic(Op::fp32, kSum,
                      {kSum, kGamma, kFirstInput, kFirstGradient, kMean, kDeviation},
                      of_element * (lanes.bytes / element_bytes_));
      code.arithmetic(Op::integer, kAddress, {kAddress}, 2);
      code.control(Op::branch);
    });
    for (int sum = 0; sum < (has_mean(layer_) ? 2 : 1); ++sum) {
      reduce_block(code, kSum, Op::fp32, {warp, kWarps});
    }
  }

  void add_result(WarpCode& code, const RowAccess& row, std::uint32_t warp) const {
    row.for_each_access(arrays_[0].address, warp, [&](const Lanes& lanes, bool) {
      load_inputs(code, lanes, row.row);
      const std::uint32_t elements = lanes.bytes / element_bytes_;
      const std::uint32_t of_element = has_mean(layer_) ? 7 : 5;
      code.arithmetic(Op::fp32, kResult,
                      {kSum, kGamma, kFirstInput, kFirstGradient, kMean, kDeviation},
                      of_element * elements);
      if (element_bytes_ < 4) code.arithmetic(Op::conversion, kResult, {kResult}, elements / 2);
      Lanes result = lanes;
      result.base += arrays_.back().address - arrays_[0].address;
      code.store(kResult, kAddress, result);
      code.arithmetic(Op::integer, kAddress, {kAddress}, 2);
      code.control(Op::branch);
    });
  }

  Layer layer_;
  std::uint64_t columns_;
  std::uint32_t element_bytes_;
};

// The rows' sums. Many rows: 32 warps a CTA, each of which takes eight rows at a time, whose
// statistics eight of its lanes read for all; the warps' sums meet in shared memory. Few: a thread
// goes down its column alone.
class NormWeightsBackward : public Kernel {
 public:
  explicit NormWeightsBackward(const Layer& layer)
      : layer_(layer),
        columns_(layer.columns),
        element_bytes_(bytes_of(layer.type)),
        is_tall_(layer.rows >= kLeastTall) {
    header_.name =
        is_tall_ ? "GammaBetaBackwardCUDAKernel_32x32" : "GammaBetaBackwardSimpleCUDAKernel";
    header_.grid[0] = static_cast<std::uint32_t>((columns_ + of_cta() - 1) / of_cta());
    header_.block = {is_tall_ ? 32U : kSimpleThreads, is_tall_ ? 32U : 1U, 1};
    header_.registers = 48;
    header_.shared_bytes = is_tall_ ? sums() * 33 * 32 * 4 : 0;
    const std::uint64_t bytes = layer.rows * columns_ * element_bytes_;
    const Array statistic{layer.rows * 4, false}, result{columns_ * element_bytes_, true};
    // Where the other kernel has gamma, this one has its gradient.
    arrays_ = {{bytes, false}, {bytes, false}, result, statistic};
    if (has_mean(layer)) arrays_.insert(arrays_.end(), {statistic, result});
    place_arrays(arrays_);
  }

  std::uint64_t loop_rounds() const override {
    const std::uint64_t of_round = is_tall_ ? 32 * kUnrolled : 1;
    return (layer_.rows + of_round - 1) / of_round;
  }

  std::unique_ptr<Kernel> share(std::uint32_t shares) const override {
    const auto ctas = ctas_of_share(header_.cta_count(), shares, loop_rounds());
    if (!ctas) return nullptr;
    Layer part = layer_;
    part.columns = *ctas * of_cta();
    return std::make_unique<NormWeightsBackward>(part);
  }

  void fill(trace::Cta& into, std::uint64_t rounds) const override {
    WarpCode code(into);
    for (std::uint32_t warp = 0; warp < header_.warps_per_cta(); ++warp) {
      const std::uint64_t column =
          std::uint64_t{into.index[0]} * of_cta() + (is_tall_ ? 0 : warp * 32);
      const std::uint32_t lanes = first_lanes(columns_ > column ? columns_ - column : 0);
      code.start_warp();
      chain(code, Op::integer, kIndex, 4);
      code.arithmetic(Op::integer, kAddress, {kIndex}, 6);
      for (std::uint64_t round = 0; round < rounds && lanes != 0; ++round) {
        const std::uint64_t first = is_tall_ ? (round * 32 + warp) * kUnrolled : round;
        add_rows(code, {lanes, column}, first);
      }
      if (is_tall_) add_up_warps(code);
      if (!is_tall_ || warp == 0) write(code, {lanes, column});
      code.end_warp();
    }
  }

 private:
  static constexpr std::uint64_t kLeastTall = 128, kUnrolled = 8;
  static constexpr std::uint32_t kSimpleThreads = 256;

  struct Columns {
    std::uint32_t lanes;
    std::uint64_t first;
  };

  std::uint64_t of_cta() const { return is_tall_ ? 32 : kSimpleThreads; }
  std::uint32_t sums() const { return has_mean(layer_) ? 2 : 1; }

  Lanes lanes_of(std::size_t array, const Columns& columns, std::uint64_t row) const {
    const std::uint64_t element = row * columns_ + columns.first;
    return {columns.lanes, arrays_[array].address + element * element_bytes_, element_bytes_,
            element_bytes_};
  }

  void load_statistics(WarpCode& code, std::uint64_t row, std::uint64_t count) const {
    const Lanes lanes =
        is_tall_ ? Lanes{first_lanes(count), row * 4, 4, 4} : Lanes{0xFFFFFFFF, row * 4, 0, 4};
    for (std::uint32_t i = 0; i < sums(); ++i) {
      Lanes at = lanes;
      at.base += arrays_[3 + i].address;
      code.load(i == 0 ? kDeviation : kMean, kAddress, at);
    }
  }

  void add_rows(WarpCode& code, const Columns& columns, std::uint64_t first) const {
    if (first >= layer_.rows) return;
    const std::uint64_t most = is_tall_ ? kUnrolled : 1;
    const std::uint64_t count = std::min(most, layer_.rows - first);
    load_statistics(code, first, count);
    for (std::uint64_t i = 0; i < count; ++i) {
      code.load(static_cast<Register>(kFirstGradient + i), kAddress,
                lanes_of(0, columns, first + i));
      code.load(static_cast<Register>(kFirstInput + i), kAddress, lanes_of(1, columns, first + i));
    }
    for (std::uint64_t i = 0; i < count; ++i) {
      const auto gradient = static_cast<Register>(kFirstGradient + i);
      const auto input = static_cast<Register>(kFirstInput + i);
      if (is_tall_) {
        for (std::uint32_t sum = 0; sum < sums(); ++sum) shuffle(code, kDeviation);
      }
      if (element_bytes_ < 4) code.arithmetic(Op::integer, input, {input, gradient}, 2);
      // The normalised element times the gradient; and the gradient's own sum.
      code.arithmetic(Op::fp32, kSum, {kSum, gradient, input, kMean, kDeviation},
                      has_mean(layer_) ? 4 : 2);
    }
    code.arithmetic(Op::integer, kAddress, {kAddress}, 2);
    code.control(Op::branch);
  }

  // Each warp then adds up one column.
  void add_up_warps(WarpCode& code) const {
    for (std::uint32_t sum = 0; sum < sums(); ++sum) {
      code.store<trace::Space::shared>(kSum, kNone, {0xFFFFFFFF, 0, 4, 4});
    }
    code.control(Op::barrier);
    for (std::uint32_t sum = 0; sum < sums(); ++sum) {
      code.load<trace::Space::shared>(kSum, kNone, {0xFFFFFFFF, 0, 33 * 4, 4});
      reduce_warp(code, kSum, Op::fp32);
    }
  }

  void write(WarpCode& code, const Columns& columns) const {
    for (std::uint32_t sum = 0; sum < sums(); ++sum) {
      code.store(kSum, kAddress, lanes_of(sum == 0 ? 2 : arrays_.size() - 1, columns, 0));
    }
  }

  Layer layer_;
  std::uint64_t columns_;
  std::uint32_t element_bytes_;
  bool is_tall_;
};

}  // namespace

std::unique_ptr<Kernel> norm_rows_backward_kernel(const Layer& layer) {
  return std::make_unique<NormRowsBackward>(layer);
}

std::unique_ptr<Kernel> norm_weights_backward_kernel(const Layer& layer) {
  return std::make_unique<NormWeightsBackward>(layer);
}

}  // namespace strobe::layers
