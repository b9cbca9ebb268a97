#include "sim/layers/rows/elementwise.h"

#include <algorithm>
#include <array>

#include "sim/layers/common/warp_code.h"

namespace strobe::layers {
namespace {

using trace::Op;

constexpr std::uint32_t kThreads = 128;
constexpr std::uint32_t kElements = 4;  // of a thread
constexpr std::uint32_t kWarps = kThreads / 32;

// A division is a reciprocal (MUFU), its check (FCHK, BRA) and two Newton steps; tanh and erf are
// an exponential and a polynomial; a power of two tensors is a logarithm and an exponential in
// extended precision, a power to a constant two is a product.
constexpr std::array<ElementwiseOp, 49> kOps{{
    {"add", 2, 1, 0, 0},
    {"addu", 1, 1, 0, 0},
    {"mul", 2, 1, 0, 0},
    {"mulu", 1, 1, 0, 0},
    {"div", 2, 7, 2, 1},
    {"divu", 1, 1, 0, 0},  // by a constant: times its reciprocal
    {"pow", 2, 38, 14, 2},
    {"powu", 1, 1, 0, 0},
    {"relu", 1, 0, 1, 0},
    {"gelu", 1, 18, 3, 1},
    {"tanh", 1, 10, 3, 2},
    {"copy", 1, 0, 0, 0},
    {"fill", 0, 0, 0, 0},
    // masked_scale_kernel: the gradient times what was kept, a byte, times a constant.
    {"dropout_backward", 2, 2, 1, 0, 0, true},
    {"silu", 1, 10, 3, 2},         // x times the sigmoid: an exponential and a reciprocal
    {"scale_shift", 1, 1, 0, 0},   // a batch norm whose statistics are known
    {"rotary", 1, 3, 4, 0},        // a rotation of each pair by angles from a table
    {"lstm_cell", 4, 50, 15, 10},  // three sigmoids and two tanh of four gates
    {"relu_backward", 2, 0, 1, 0},
    {"gelu_backward", 2, 30, 4, 2},
    {"silu_backward", 2, 14, 3, 2},
    {"tanh_backward", 2, 2, 0, 0},
    {"max", 2, 0, 1, 0},
    {"clip", 1, 0, 2, 0},
    {"leaky_relu", 1, 1, 1, 0},
    {"elu", 1, 8, 2, 1},
    {"sigmoid", 1, 9, 3, 2},  // an exponential and a reciprocal
    {"hard_sigmoid", 1, 1, 2, 0},
    {"hard_swish", 1, 3, 2, 0},
    {"softplus", 1, 20, 5, 2},
    {"exp", 1, 4, 1, 1},
    {"log", 1, 12, 4, 0},  // a polynomial
    {"sqrt", 1, 4, 2, 1},  // a reciprocal root and its Newton step
    {"erf", 1, 15, 3, 1},
    {"lrn", 1, 30, 8, 3},  // five neighbours, which the caches hold, and a power
    {"sigmoid_backward", 2, 2, 0, 0},
    {"bias", 1, 1, 0, 0, 1},  // of a channel, which the caches hold
    {"sgd", 2, 1, 0, 0, 1},
    {"momentum", 3, 2, 0, 0, 2},
    {"adam", 4, 14, 3, 2, 3},      // a square root and a division
    {"adadelta", 4, 24, 6, 3, 3},  // two square roots and a division
    // In place, as PyTorch names them; a scalar beside the tensors is part of the product.
    {"addu_", 1, 1, 0, 0, 1},
    {"mulu_", 1, 1, 0, 0, 1},
    {"sqrt_", 1, 4, 2, 1, 1},
    {"add_", 2, 1, 0, 0, 1},
    {"mul_", 2, 1, 0, 0, 1},
    {"div_", 2, 7, 2, 1, 1},
    {"addcmul_", 2, 2, 0, 0, 1},  // both factors are one tensor: a square
    {"addcdiv_", 3, 8, 2, 1, 1},
}};

constexpr Register kIndex = 1, kAddress = 2, kFirstInput = 8, kResult = 32;

class ElementwiseKernel : public Kernel {
 public:
  ElementwiseKernel(const Layer& layer, const ElementwiseOp& op)
      : layer_(layer),
        op_(op),
        element_bytes_(bytes_of(layer.type)),
        elements_(layer.rows * layer.columns) {
    header_.name = "vectorized_elementwise_kernel_" + std::string(op.name);
    header_.grid[0] = static_cast<std::uint32_t>((elements_ + kPerCta - 1) / kPerCta);
    header_.block[0] = kThreads;
    // Addresses and indices take about sixteen, data the rest.
    header_.registers = 16 + kElements * (op.inputs + 1);
    for (std::uint32_t i = 0; i < op.inputs; ++i) {
      arrays_.push_back({elements_ * bytes_in(i), i < op.in_place});
    }
    if (op.in_place == 0) arrays_.push_back({elements_ * element_bytes_, true});
    place_arrays(arrays_);
  }

  void fill(trace::Cta& into, std::uint64_t) const override {
    WarpCode code(into);
    const std::uint64_t first = std::uint64_t{into.index[0]} * kThreads * kElements;
    const std::uint64_t left = elements_ - first;
    for (std::uint32_t warp = 0; warp < kWarps; ++warp) {
      code.start_warp();
      // Thread and block index, the block's first element, how many are left, and an address each.
      chain(code, Op::integer, kIndex, 4);
      code.arithmetic(Op::integer, kNone, {kIndex});
      code.control(trace::Op::branch);
      code.arithmetic(Op::integer, kAddress, {kIndex}, 2 * (op_.inputs + 1));
      if (left >= kThreads * kElements) {
        add_vectors(code, first + std::uint64_t{warp} * 32 * kElements);
      } else {
        add_singles(code, first, left, warp);
      }
      code.end_warp();
    }
  }

  std::unique_ptr<Kernel> share(std::uint32_t shares) const override {
    auto part = rows_of_share(layer_, header_.cta_count(), shares);
    if (!part) return nullptr;
    part->columns = kPerCta;
    return std::make_unique<ElementwiseKernel>(*part, op_);
  }

 private:
  static constexpr std::uint64_t kPerCta = kThreads * kElements;

  // Of an element of an array: masks are the last input.
  std::uint32_t bytes_in(std::size_t array) const {
    return op_.has_mask && array + 1 == op_.inputs ? 1 : element_bytes_;
  }
  // Of the arrays, those that are written.
  std::size_t first_result() const { return op_.in_place > 0 ? 0 : op_.inputs; }
  std::size_t end_of_results() const { return op_.in_place > 0 ? op_.in_place : op_.inputs + 1; }

  void compute(WarpCode& code, std::uint32_t elements) const {
    const auto input = [&](std::uint32_t i) {
      return static_cast<Register>(kFirstInput + kElements * std::min(i, op_.inputs - 1));
    };
    const Register first = input(0), second = input(1), third = input(2), last = input(3);
    const std::uint32_t narrow = element_bytes_ < 4 ? elements : 0;
    if (narrow > 0) code.arithmetic(Op::integer, first, {first}, narrow * op_.inputs);
    code.arithmetic(Op::integer, kResult, {first, second, third, last},
                    std::max(1U, op_.integer * elements));
    code.arithmetic(Op::special, kResult, {first, second}, op_.special * elements);
    code.arithmetic(Op::fp32, kResult, {first, second, kResult}, op_.fp32 * elements);
    if (narrow > 0) code.arithmetic(Op::conversion, kResult, {kResult}, narrow / 2);
  }

  void add_vectors(WarpCode& code, std::uint64_t element) const {
    const auto lanes = [&](std::size_t array) {
      const std::uint32_t width = bytes_in(array) * kElements;
      return Lanes{0xFFFFFFFF, arrays_[array].address + element * bytes_in(array), width, width};
    };
    for (std::uint32_t i = 0; i < op_.inputs; ++i) {
      code.load(static_cast<Register>(kFirstInput + kElements * i), kAddress, lanes(i));
    }
    compute(code, kElements);
    for (std::size_t i = first_result(); i < end_of_results(); ++i) {
      code.store(kResult, kAddress, lanes(i));
    }
  }

  // The CTA that is not full: element by element, a CTA's width apart.
  void add_singles(WarpCode& code, std::uint64_t first, std::uint64_t left,
                   std::uint32_t warp) const {
    const auto lanes = [&](std::size_t array, std::uint32_t i) {
      const std::uint64_t skipped = std::uint64_t{i} * kThreads + std::uint64_t{warp} * 32;
      const std::uint64_t there = left > skipped ? left - skipped : 0;
      const std::uint32_t bytes = bytes_in(array);
      return Lanes{first_lanes(there), arrays_[array].address + (first + skipped) * bytes, bytes,
                   bytes};
    };
    for (std::uint32_t input = 0; input < op_.inputs; ++input) {
      for (std::uint32_t i = 0; i < kElements; ++i) {
        code.load(static_cast<Register>(kFirstInput + kElements * input + i), kAddress,
                  lanes(input, i));
      }
    }
    compute(code, kElements);
    for (std::size_t result = first_result(); result < end_of_results(); ++result) {
      for (std::uint32_t i = 0; i < kElements; ++i) {
        code.store(kResult, kAddress, lanes(result, i));
      }
    }
  }

  Layer layer_;
  ElementwiseOp op_;
  std::uint32_t element_bytes_;
  std::uint64_t elements_;
};

}  // namespace

std::span<const ElementwiseOp> elementwise_operators() {
  return kOps;
}

std::optional<ElementwiseOp> elementwise_named(std::string_view name) {
  const auto* const found = std::find_if(kOps.begin(), kOps.end(),
                                         [&](const ElementwiseOp& op) { return op.name == name; });
  if (found == kOps.end()) return std::nullopt;
  return *found;
}

std::unique_ptr<Kernel> elementwise_kernel(const Layer& layer) {
  return std::make_unique<ElementwiseKernel>(layer, *elementwise_named(layer.name));
}

}  // namespace strobe::layers
