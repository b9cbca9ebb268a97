#include "sim/layers/softmax.h"

#include <algorithm>
#include <bit>

#include "sim/layers/row_code.h"
#include "sim/layers/warp_code.h"

namespace strobe::layers {
namespace {

using trace::Op;

constexpr Register kIndex = 1, kAddress = 2, kMaximum = 3, kSum = 4, kFirstElement = 16;

// expf without fast-math: range reduction, MUFU.EX2 and scaling.
constexpr std::uint32_t kExpFp32 = 6, kExpInteger = 1;
// An IEEE division: FCHK, MUFU.RCP, Newton steps and the branch around the slow path.
constexpr std::uint32_t kDivideFp32 = 6, kDivideInteger = 2;

void exponentials(WarpCode& code, Register values, std::uint32_t count) {
  code.arithmetic(Op::fp32, values, {values, kMaximum}, count * kExpFp32);
  code.arithmetic(Op::integer, values, {values}, count * kExpInteger);
  code.arithmetic(Op::special, values, {values}, count);
}

void divisions(WarpCode& code, Register values, std::uint32_t count) {
  code.arithmetic(Op::special, values, {values, kSum}, count);
  code.arithmetic(Op::integer, values, {values}, count * kDivideInteger);
  code.arithmetic(Op::fp32, values, {values}, count * kDivideFp32);
}

// softmax_warp_forward: 32x4 threads, a warp a row, or two rows of at most 128.
class WarpSoftmax : public Kernel {
 public:
  explicit WarpSoftmax(const Layer& layer)
      : layer_(layer),
        rows_(layer.rows),
        columns_(layer.columns),
        element_bytes_(bytes_of(layer.type)) {
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
    for (std::uint64_t row = first; row < first + rows; ++row) {
      for (std::uint32_t step = 0; step < steps_; ++step) {
        const Register value = element_register(row - first, step);
        divisions(code, value, 1);
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
  std::uint32_t rows_of_warp_ = 1;
  std::uint32_t steps_ = 1;  // elements of a row in one thread
};

// How the threads of a CTA go over a row in ilpReduce and WriteFpropResultsVectorized: in vectors
// of 16 bytes, but only as long as every thread has one. What is left over, up to a vector for each
// thread, is taken element by element, and so is a first step that ends at a multiple of 16 bytes
// where the row does not begin at one. nvcc unrolls none of the three loops (a copy of them
// compiled by CUDA 13 for compute capability 7.5 and 8.0 has one LDG in each).
struct RowSteps {
  std::uint64_t columns;
  std::uint32_t element_bytes;
  std::uint32_t threads;

  std::uint32_t elements_of_vector() const { return 16 / element_bytes; }

  // Calls `each(lanes, is_vector)` for every access of the warp to the row that begins at `row`.
  template <class Each>
  void for_each(std::uint64_t row, std::uint32_t warp, const Each& each) const {
    const std::uint64_t first_thread = std::uint64_t{warp} * trace::kWarpLanes;
    const std::uint64_t shift = row % 16 / element_bytes;
    std::uint64_t at = row - shift * element_bytes, left = columns + shift;
    const auto single = [&](std::uint64_t skipped) {
      const std::uint64_t there = left > first_thread ? left - first_thread : 0;
      Lanes lanes{first_lanes(there), at + first_thread * element_bytes, element_bytes,
                  element_bytes};
      if (skipped > first_thread) {
        const std::uint64_t unused = skipped - first_thread;
        lanes.mask &= ~first_lanes(unused);
        lanes.base += unused * element_bytes;
      }
      each(lanes, false);
      at += std::uint64_t{threads} * element_bytes;
      left -= std::min<std::uint64_t>(left, threads);
    };
    if (shift > 0) single(shift);
    const std::uint64_t step = std::uint64_t{threads} * elements_of_vector();
    for (; left >= step; left -= step, at += step * element_bytes) {
      each(Lanes{0xFFFFFFFF, at + first_thread * 16, 16, 16}, true);
    }
    while (left > first_thread) single(0);
  }
};

// blockReduce of SoftMax.cu up to PyTorch 2.3: every thread leaves its value in shared memory, a
// thread of the first warp for each warp goes over 32 of them, which all lie in the same banks, and
// then one thread over what came of it.
void reduce_in_order(WarpCode& code, Register value, Op op, const WarpOfCta& place) {
  constexpr std::uint32_t kLanes = trace::kWarpLanes;
  code.control(Op::barrier);
  code.store<trace::Space::shared>(value, kNone,
                                   {0xFFFFFFFF, std::uint64_t{place.warp} * kLanes * 4, 4, 4});
  code.control(Op::barrier);
  if (place.warp == 0) {
    code.load<trace::Space::shared>(value, kNone, {first_lanes(place.warps), 0, kLanes * 4, 16});
    code.repeat(kLanes / 4);
    chain(code, op, value, kLanes);
    code.store<trace::Space::shared>(value, kNone, {first_lanes(place.warps), 0, 4, 4});
  }
  code.control(Op::barrier);
  if (place.warp == 0) {
    code.load<trace::Space::shared>(value, kNone, {1, 0, 16, 16});
    code.repeat(std::max(place.warps / 4, 1U));
    chain(code, op, value, place.warps);
    code.store<trace::Space::shared>(value, kNone, {1, 0, 4, 4});
  }
  code.control(Op::barrier);
  code.load<trace::Space::shared>(value, kNone, {1, 0, 4, 4});
}

// cunn_SoftMaxForward: a CTA a row, gone over three times. (From PyTorch 2.4 on, rows that are
// aligned and fit shared memory are kept there.)
class BlockSoftmax : public Kernel {
 public:
  explicit BlockSoftmax(const Layer& layer)
      : layer_(layer), columns_(layer.columns), element_bytes_(bytes_of(layer.type)) {
    header_.name = "cunn_SoftMaxForward";
    header_.grid[0] = static_cast<std::uint32_t>(layer.rows);
    header_.block[0] = threads();
    header_.registers = 32;
    header_.shared_bytes = threads() * 4;
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
      chain(code, Op::integer, kIndex, 4);
      code.arithmetic(Op::integer, kAddress, {kIndex}, 6);
      add_passes(code, row, warp);
      code.end_warp();
    }
  }

  std::unique_ptr<Kernel> share(std::uint32_t shares) const override {
    const auto part = rows_of_share(layer_, header_.cta_count(), shares);
    return part ? std::make_unique<BlockSoftmax>(*part) : nullptr;
  }

 private:
  // SoftMax_getBlockSize: the largest power of two not above half of the row's vectors, from a warp
  // to 1024 threads. (The loop doubles while the size is below half of that limit.)
  std::uint32_t threads() const {
    const std::uint64_t vector = 16 / element_bytes_;
    const std::uint64_t most = std::min<std::uint64_t>(columns_ / vector, 1024);
    std::uint32_t threads = 1;
    while (threads < most / 2) threads *= 2;
    return std::max(threads, 32U);
  }

  void add_passes(WarpCode& code, std::uint64_t row, std::uint32_t warp) const {
    const std::uint32_t warps = header_.warps_per_cta();
    const RowSteps steps{columns_, element_bytes_, header_.block[0]};
    const std::uint32_t width = steps.elements_of_vector();
    steps.for_each(row, warp, [&](const Lanes& lanes, bool is_vector) {
      add_loop_step(code, lanes);
      const std::uint32_t count = is_vector ? width : 1;
      for (std::uint32_t i = 0; i < count; ++i) {
        code.arithmetic(Op::integer, kMaximum, {kMaximum, kFirstElement});
      }
    });
    reduce_in_order(code, kMaximum, Op::integer, {warp, warps});
    steps.for_each(row, warp, [&](const Lanes& lanes, bool is_vector) {
      add_loop_step(code, lanes);
      const std::uint32_t count = is_vector ? width : 1;
      exponentials(code, kFirstElement, count);
      code.arithmetic(Op::fp32, kSum, {kSum, kFirstElement});
      for (std::uint32_t i = 1; i < count; ++i) code.arithmetic(Op::fp32, kSum, {kSum});
    });
    reduce_in_order(code, kSum, Op::fp32, {warp, warps});
    steps.for_each(row, warp, [&](const Lanes& lanes, bool is_vector) {
      add_loop_step(code, lanes);
      const std::uint32_t count = is_vector ? width : 1;
      exponentials(code, kFirstElement, count);
      divisions(code, kFirstElement, count);
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
};

}  // namespace

std::unique_ptr<Kernel> softmax_kernel(const Layer& layer) {
  if (layer.columns <= 1024) return std::make_unique<WarpSoftmax>(layer);
  return std::make_unique<BlockSoftmax>(layer);
}

}  // namespace strobe::layers
