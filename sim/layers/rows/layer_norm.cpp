#include "sim/layers/rows/layer_norm.h"

#include "sim/layers/common/row_code.h"
#include "sim/layers/common/warp_code.h"

namespace strobe::layers {
namespace {

using trace::Op;

constexpr std::uint32_t kWarps = 4, kElementsOfVector = 4;
constexpr Register kIndex = 1, kAddress = 2, kCount = 3, kReciprocal = 4, kDelta = 5, kMean = 6,
                   kVariance = 7, kFirstElement = 16, kGamma = 20, kBeta = 24;

// The reciprocal of a count: MUFU.RCP and a Newton step, behind a branch around the slow path for
// denormal numbers, which keeps neighbouring elements from overlapping.
void reciprocal(WarpCode& code, Register of) {
  code.arithmetic(Op::integer, kReciprocal, {of}, 2);
  code.control(trace::Op::branch);
  code.arithmetic(Op::special, kReciprocal, {of});
  chain(code, Op::fp32, kReciprocal, 3);
}

// cuWelfordOnlineSum: one more element.
void welford_step(WarpCode& code) {
  code.arithmetic(Op::fp32, kDelta, {kFirstElement, kMean});
  code.arithmetic(Op::fp32, kCount, {kCount});
  reciprocal(code, kCount);
  code.arithmetic(Op::fp32, kMean, {kMean, kDelta, kReciprocal});
  code.arithmetic(Op::fp32, kFirstElement, {kFirstElement, kMean});
  code.arithmetic(Op::fp32, kVariance, {kVariance, kDelta, kFirstElement});
}

// cuWelfordCombine: two partial results become one.
void welford_combine(WarpCode& code) {
  code.arithmetic(Op::fp32, kDelta, {kMean});
  code.arithmetic(Op::fp32, kCount, {kCount});
  reciprocal(code, kCount);
  code.arithmetic(Op::fp32, kReciprocal, {kReciprocal, kCount}, 2);
  code.arithmetic(Op::fp32, kMean, {kMean, kDelta, kReciprocal}, 2);
  code.arithmetic(Op::fp32, kVariance, {kVariance, kDelta, kReciprocal}, 3);
}

class RowNorm : public Kernel {
 public:
  explicit RowNorm(const Layer& layer)
      : layer_(layer),
        columns_(layer.columns),
        element_bytes_(bytes_of(layer.type)),
        is_rms_(layer.op == Operator::rms_norm) {
    header_.name = "vectorized_layer_norm_kernel";
    header_.grid[0] = static_cast<std::uint32_t>(layer.rows);
    header_.block = {32, kWarps, 1};
    header_.registers = 32;
    header_.shared_bytes = kWarps / 2 * 3 * 4;  // mean, variance and count of half the warps
    const std::uint64_t bytes = layer.rows * columns_ * element_bytes_;
    const std::uint64_t weights = columns_ * element_bytes_;
    const Array statistic{layer.rows * 4, true};
    arrays_ = {{bytes, false}, {weights, false}};
    if (!is_rms_) arrays_.push_back({weights, false});
    result_ = arrays_.size();
    arrays_.insert(arrays_.end(), {{bytes, true}, statistic});
    if (!is_rms_) arrays_.push_back(statistic);
    place_arrays(arrays_);
  }

  void fill(trace::Cta& into, std::uint64_t) const override {
    const RowAccess row{columns_, element_bytes_, header_.block[0] * kWarps, into.index[0],
                        kElementsOfVector * element_bytes_};
    WarpCode code(into);
    for (std::uint32_t warp = 0; warp < kWarps; ++warp) {
      code.start_warp();
      chain(code, Op::integer, kIndex, 4);
      code.arithmetic(Op::integer, kAddress, {kIndex}, 8);
      add_statistics(code, row, warp);
      add_result(code, row, warp);
      code.end_warp();
    }
  }

  std::unique_ptr<Kernel> share(std::uint32_t shares) const override {
    const auto part = rows_of_share(layer_, header_.cta_count(), shares);
    return part ? std::make_unique<RowNorm>(*part) : nullptr;
  }

 private:
  // Without a mean there is a sum of squares only, but the exchanges are those of all three.
  void add_element(WarpCode& code) const {
    if (!is_rms_) return welford_step(code);
    code.arithmetic(Op::fp32, kVariance, {kVariance, kFirstElement});
  }
  void combine(WarpCode& code) const {
    if (!is_rms_) return welford_combine(code);
    code.arithmetic(Op::fp32, kVariance, {kVariance});
  }

  void add_statistics(WarpCode& code, const RowAccess& row, std::uint32_t warp) const {
    row.for_each_access(arrays_[0].address, warp, [&](const Lanes& lanes, bool is_vector) {
      code.load(kFirstElement, kAddress, lanes);
      const std::uint32_t count = is_vector ? row.elements_of_vector() : 1;
      for (std::uint32_t i = 0; i < count; ++i) add_element(code);
      code.arithmetic(Op::integer, kAddress, {kAddress}, 2);
      code.control(trace::Op::branch);
    });
    for (int exchange = 0; exchange < 5; ++exchange) {
      for (const Register value : {kMean, kVariance, kCount}) shuffle(code, value);
      combine(code);
    }
    // The upper half of the warps leaves its results to the lower half, until one has them all.
    for (std::uint32_t half = kWarps / 2; half > 0; half /= 2) {
      if (warp >= half && warp < 2 * half) {
        for (const Register value : {kMean, kVariance, kCount}) {
          code.store<trace::Space::shared>(value, kNone, {1, warp * 4, 4, 4});
        }
      }
      code.control(trace::Op::barrier);
      if (warp < half) {
        for (const Register value : {kMean, kVariance, kCount}) {
          code.load<trace::Space::shared>(value, kNone, {1, warp * 4, 4, 4});
        }
        combine(code);
      }
      code.control(trace::Op::barrier);
    }
    if (warp == 0) {
      reciprocal(code, kCount);
      code.arithmetic(Op::special, kVariance, {kVariance, kReciprocal});
      for (const Register value : {kMean, kVariance}) {
        code.store<trace::Space::shared>(value, kNone, {1, 0, 4, 4});
      }
    }
    code.control(trace::Op::barrier);
    for (const Register value : {kMean, kVariance}) {
      code.load<trace::Space::shared>(value, kNone, {1, 0, 4, 4});
    }
  }

  void add_result(WarpCode& code, const RowAccess& row, std::uint32_t warp) const {
    const std::uint64_t start = arrays_[0].address + row.row * columns_ * element_bytes_;
    row.for_each_access(arrays_[0].address, warp, [&](const Lanes& lanes, bool is_vector) {
      const auto at = [&](std::uint64_t array) {
        Lanes moved = lanes;
        moved.base += array - start;
        return moved;
      };
      code.load(kFirstElement, kAddress, lanes);
      code.load(kGamma, kAddress, at(arrays_[1].address));
      if (!is_rms_) code.load(kBeta, kAddress, at(arrays_[2].address));
      const std::uint32_t count = is_vector ? row.elements_of_vector() : 1;
      // Less the mean, times the deviation's reciprocal; times gamma, plus beta.
      code.arithmetic(Op::fp32, kFirstElement, {kFirstElement, kMean, kVariance},
                      is_rms_ ? count : 2 * count);
      code.arithmetic(Op::fp32, kFirstElement, {kFirstElement, kGamma, kBeta}, count);
      code.store(kFirstElement, kAddress,
                 at(arrays_[result_].address + (start - arrays_[0].address)));
      code.arithmetic(Op::integer, kAddress, {kAddress}, 2);
      code.control(trace::Op::branch);
    });
    if (warp != 0) return;
    for (std::size_t array = result_ + 1; array < arrays_.size(); ++array) {
      code.store(kMean, kAddress, {1, arrays_[array].address + row.row * 4, 4, 4});
    }
  }

  Layer layer_;
  std::uint64_t columns_;
  std::uint32_t element_bytes_;
  bool is_rms_;
  std::size_t result_ = 0;  // its array
};

}  // namespace

std::unique_ptr<Kernel> norm_kernel(const Layer& layer) {
  return std::make_unique<RowNorm>(layer);
}

}  // namespace strobe::layers
