#include "sim/layers/rows/embedding.h"

#include <algorithm>
#include <array>
#include <bit>

#include "sim/base/random.h"
#include "sim/layers/common/warp_code.h"
#include "sim/layers/rows/elementwise.h"

namespace strobe::layers {
namespace {

using trace::Op;

constexpr Register kIndex = 1, kAddress = 2, kNumber = 4, kValue = 8, kSum = 16;
constexpr std::uint64_t kNumberBytes = 8;
constexpr std::uint64_t kMostUnsorted = 3072;

std::uint64_t table_row(const Layer& layer, std::uint64_t row) {
  return mix64(row + 1) % layer.table;
}

// Of a row a CTA takes up to 256 vectors; rows that 16 bytes do not divide go in smaller ones.
class RowGather : public Kernel {
 public:
  explicit RowGather(const Layer& layer)
      : layer_(layer), row_bytes_(layer.columns * bytes_of(layer.type)) {
    width_ = static_cast<std::uint32_t>(std::min<std::uint64_t>(16, row_bytes_ & -row_bytes_));
    const std::uint64_t vectors = row_bytes_ / width_;
    const std::uint64_t threads = std::min<std::uint64_t>((vectors + 31) / 32 * 32, 256);
    header_.name = "vectorized_gather_kernel";
    header_.block[0] = static_cast<std::uint32_t>(threads);
    header_.grid = {static_cast<std::uint32_t>(layer.rows),
                    static_cast<std::uint32_t>((vectors + threads - 1) / threads), 1};
    header_.registers = 24;
    arrays_ = {{layer.table * row_bytes_, false},
               {layer.rows * kNumberBytes, false},
               {layer.rows * row_bytes_, true}};
    place_arrays(arrays_);
  }

  std::unique_ptr<Kernel> share(std::uint32_t shares) const override {
    const auto part = rows_of_share(layer_, layer_.rows, shares);
    return part ? std::make_unique<RowGather>(*part) : nullptr;
  }

  void fill(trace::Cta& into, std::uint64_t) const override {
    const std::uint64_t row = into.index[0];
    WarpCode code(into);
    for (std::uint32_t warp = 0; warp < header_.warps_per_cta(); ++warp) {
      const std::uint64_t first =
          (std::uint64_t{into.index[1]} * header_.block[0] + warp * 32) * width_;
      const std::uint64_t left = row_bytes_ > first ? (row_bytes_ - first) / width_ : 0;
      const auto lanes = [&](std::size_t array, std::uint64_t of_row) {
        return Lanes{first_lanes(left), arrays_[array].address + of_row * row_bytes_ + first,
                     width_, width_};
      };
      code.start_warp();
      chain(code, Op::integer, kIndex, 4);
      code.load(kNumber, kAddress,
                {0xFFFFFFFF, arrays_[1].address + row * kNumberBytes, 0, kNumberBytes});
      code.arithmetic(Op::integer, kNumber, {kNumber}, 6);
      code.load(kValue, kNumber, lanes(0, table_row(layer_, row)));
      code.store(kValue, kAddress, lanes(2, row));
      code.end_warp();
    }
  }

 private:
  Layer layer_;
  std::uint64_t row_bytes_;
  std::uint32_t width_ = 0;
};

// embedding_backward_feature_kernel: 16 warps leave a row's 32 columns each in shared memory, and
// the first that has a number adds up all that have the same one and adds them to the table.
class AddByColumns : public Kernel {
 public:
  explicit AddByColumns(const Layer& layer) : layer_(layer), element_bytes_(bytes_of(layer.type)) {
    header_.name = "embedding_backward_feature_kernel";
    header_.grid[0] = static_cast<std::uint32_t>((layer.columns + 31) / 32);
    header_.block = {32, kWarps, 1};
    header_.registers = 32;
    header_.shared_bytes = kWarps * 32 * 4 * 2;
    const std::uint64_t row = layer.columns * element_bytes_;
    arrays_ = {
        {layer.table * row, true}, {layer.rows * row, false}, {layer.rows * kNumberBytes, false}};
    place_arrays(arrays_);
  }

  std::uint64_t loop_rounds() const override { return (layer_.rows + kWarps - 1) / kWarps; }

  std::unique_ptr<Kernel> share(std::uint32_t shares) const override {
    const auto ctas = ctas_of_share(header_.cta_count(), shares, loop_rounds());
    if (!ctas) return nullptr;
    Layer part = layer_;
    part.columns = *ctas * 32;
    return std::make_unique<AddByColumns>(part);
  }

  void fill(trace::Cta& into, std::uint64_t rounds) const override {
    const std::uint64_t column = std::uint64_t{into.index[0]} * 32;
    const std::uint32_t mask = first_lanes(layer_.columns - column);
    WarpCode code(into);
    for (std::uint32_t warp = 0; warp < kWarps; ++warp) {
      const auto lanes = [&](std::size_t array, std::uint64_t row) {
        return Lanes{mask,
                     arrays_[array].address + (row * layer_.columns + column) * element_bytes_,
                     element_bytes_, element_bytes_};
      };
      code.start_warp();
      chain(code, Op::integer, kIndex, 6);
      for (std::uint64_t round = 0; round < rounds; ++round) {
        const std::uint64_t row = round * kWarps + warp;
        add_chunk(code, row, lanes(1, std::min(row, layer_.rows - 1)),
                  lanes(0, table_row(layer_, row)));
      }
      code.end_warp();
    }
  }

 private:
  static constexpr std::uint32_t kWarps = 16;

  // The numbers of 512 rows are read together.
  void add_chunk(WarpCode& code, std::uint64_t row, const Lanes& gradient,
                 const Lanes& place) const {
    if (row / kWarps % 32 == 0) {
      const std::uint64_t first = row - row % kWarps + row % kWarps * 32;
      code.control(Op::barrier);
      code.load(kNumber, kAddress,
                {first_lanes(layer_.rows > first ? layer_.rows - first : 0),
                 arrays_[2].address + first * kNumberBytes, kNumberBytes, kNumberBytes});
      code.store<trace::Space::shared>(kNumber, kNone, {0xFFFFFFFF, 0, 4, 4});
      code.control(Op::barrier);
    }
    if (row < layer_.rows) code.load(kValue, kAddress, gradient);
    code.store<trace::Space::shared>(kValue, kNone, {0xFFFFFFFF, 0, 4, 4});
    code.control(Op::barrier);
    if (row < layer_.rows) {
      code.load<trace::Space::shared>(kNumber, kNone, {first_lanes(kWarps), 0, 4, 4});
      code.arithmetic(Op::integer, kNumber, {kNumber}, 8);  // a vote over those that are alike
      code.load(kSum, kNumber, place);
      code.arithmetic(Op::fp32, kSum, {kSum, kValue});
      code.store(kSum, kNumber, place);
    }
    code.control(Op::barrier);
    code.control(Op::branch);
  }

  Layer layer_;
  std::uint32_t element_bytes_;
};

// A kernel of the sort and of the search for segments: so many 64-bit words are read and written
// for each row.
struct NumbersStep {
  const char* name;
  std::uint32_t loads, stores;
  std::uint32_t integer;  // instructions for each
  bool scatters;          // what is written lies in runs, one for each of 256 digits
};

class NumbersKernel : public Kernel {
 public:
  NumbersKernel(const Layer& layer, const NumbersStep& step) : layer_(layer), step_(step) {
    header_.name = step.name;
    header_.grid[0] = static_cast<std::uint32_t>((layer.rows + kOfCta - 1) / kOfCta);
    header_.block[0] = kThreads;
    header_.registers = 64;
    header_.shared_bytes = kOfCta * 4;
    for (std::uint32_t i = 0; i < step.loads + step.stores; ++i) {
      arrays_.push_back({layer.rows * kNumberBytes, i >= step.loads});
    }
    place_arrays(arrays_);
  }

  // A kernel of so few bytes takes as long as it waits, on any part of a machine.
  std::unique_ptr<Kernel> share(std::uint32_t shares) const override {
    Layer part = layer_;
    part.rows = std::max<std::uint64_t>(layer_.rows / shares, 1);
    return std::make_unique<NumbersKernel>(part, step_);
  }

  void fill(trace::Cta& into, std::uint64_t) const override {
    WarpCode code(into);
    for (std::uint32_t warp = 0; warp < kThreads / 32; ++warp) {
      const std::uint64_t first = std::uint64_t{into.index[0]} * kOfCta + warp * 32 * kOfThread;
      code.start_warp();
      chain(code, Op::integer, kIndex, 6);
      for (std::uint32_t array = 0; array < step_.loads; ++array) move(code, array, first);
      code.arithmetic(Op::integer, kSum, {kValue}, step_.integer * kOfThread);
      code.control(Op::barrier);
      chain(code, Op::integer, kSum, 16);  // how many of each digit come before
      code.control(Op::barrier);
      for (std::uint32_t i = 0; i < step_.stores; ++i) move(code, step_.loads + i, first);
      code.end_warp();
    }
  }

 private:
  static constexpr std::uint32_t kThreads = 256, kOfThread = 8, kOfCta = kThreads * kOfThread;

  void move(WarpCode& code, std::size_t array, std::uint64_t first) const {
    const bool stores = array >= step_.loads;
    for (std::uint32_t i = 0; i < kOfThread; ++i) {
      const std::uint64_t at = first + std::uint64_t{i} * 32;
      const std::uint32_t mask = first_lanes(layer_.rows > at ? layer_.rows - at : 0);
      const Lanes lanes{mask, arrays_[array].address + at * kNumberBytes, kNumberBytes,
                        kNumberBytes};
      if (!stores) {
        code.load(kValue, kAddress, lanes);
        continue;
      }
      code.store(kValue, kAddress, lanes);
      if (!step_.scatters) continue;
      std::array<std::uint64_t, trace::kWarpLanes> places{};
      for (std::uint64_t lane = 0; lane < places.size(); ++lane) {
        const std::uint64_t place = mix64(at + lane + 1) % layer_.rows;
        places[lane] = arrays_[array].address + place * kNumberBytes;
      }
      code.list_addresses(places.data());
    }
  }

  Layer layer_;
  NumbersStep step_;
};

// compute_grad_weight and sum_and_scatter: a thread has a column of a segment; the sums are kept in
// 32 bits in between.
class SegmentSums : public Kernel {
 public:
  SegmentSums(const Layer& layer, bool scatters)
      : layer_(layer), element_bytes_(bytes_of(layer.type)), scatters_(scatters) {
    header_.name = scatters ? "sum_and_scatter" : "compute_grad_weight";
    header_.block[0] = kThreads;
    const std::uint64_t of_row = (layer.columns + kThreads - 1) / kThreads;
    header_.grid = {static_cast<std::uint32_t>(layer.rows), static_cast<std::uint32_t>(of_row), 1};
    header_.registers = 32;
    const std::uint64_t elements = layer.rows * layer.columns;
    const Array table{layer.table * layer.columns * element_bytes_, true};
    const Array gradient{elements * element_bytes_, false}, numbers{layer.rows * 8, false};
    arrays_ = {table, gradient, numbers, {elements * 4, !scatters}};
    place_arrays(arrays_);
  }

  std::unique_ptr<Kernel> share(std::uint32_t shares) const override {
    const auto part = rows_of_share(layer_, layer_.rows, shares);
    return part ? std::make_unique<SegmentSums>(*part, scatters_) : nullptr;
  }

  void fill(trace::Cta& into, std::uint64_t) const override {
    const std::uint64_t segment = into.index[0];
    const std::uint64_t number = table_row(layer_, segment);
    WarpCode code(into);
    for (std::uint32_t warp = 0; warp < kThreads / 32; ++warp) {
      const std::uint64_t column = std::uint64_t{into.index[1]} * kThreads + warp * 32;
      const std::uint32_t mask = first_lanes(layer_.columns > column ? layer_.columns - column : 0);
      const auto lanes = [&](std::size_t array, std::uint64_t row, std::uint32_t bytes) {
        const std::uint64_t element = row * layer_.columns + column;
        return Lanes{mask, arrays_[array].address + element * bytes, bytes, bytes};
      };
      const Lanes sums = lanes(3, segment, 4);
      code.start_warp();
      chain(code, Op::integer, kIndex, 6);
      // Where the segment begins and ends, then the number there.
      code.load(kNumber, kAddress, {0xFFFFFFFF, arrays_[2].address + segment * 8, 0, 8});
      code.load(kNumber, kNumber, {0xFFFFFFFF, arrays_[2].address + segment * 8, 0, 8});
      code.load(kValue, kNumber,
                scatters_ ? sums : lanes(1, mix64(segment) % layer_.rows, element_bytes_));
      code.arithmetic(Op::fp32, kSum, {kValue});
      code.store(kSum, kNumber, scatters_ ? lanes(0, number, element_bytes_) : sums);
      code.end_warp();
    }
  }

 private:
  static constexpr std::uint32_t kThreads = 128;

  Layer layer_;
  std::uint32_t element_bytes_;
  bool scatters_;
};

Layer zeros_of_table(const Layer& layer) {
  Layer zeros = layer;
  zeros.op = Operator::elementwise;
  zeros.name = "fill";
  zeros.rows = layer.table;
  return zeros;
}

}  // namespace

std::unique_ptr<Kernel> embedding_kernel(const Layer& layer) {
  return std::make_unique<RowGather>(layer);
}

std::vector<std::unique_ptr<Kernel>> embedding_backward_kernels(const Layer& layer) {
  std::vector<std::unique_ptr<Kernel>> kernels;
  kernels.push_back(elementwise_kernel(zeros_of_table(layer)));
  if (layer.rows <= kMostUnsorted) {
    kernels.push_back(std::make_unique<AddByColumns>(layer));
    return kernels;
  }
  const auto add = [&](const NumbersStep& step) {
    kernels.push_back(std::make_unique<NumbersKernel>(layer, step));
  };
  add({"DeviceRadixSortHistogramKernel", 1, 0, 12, false});
  for (int bit = 0; bit < static_cast<int>(std::bit_width(layer.table - 1)); bit += 8) {
    add({"DeviceRadixSortOnesweepKernel", 2, 2, 24, true});
  }
  add({"DeviceUniqueByKeySweepKernel", 2, 2, 8, false});
  add({"krn_partials_per_segment", 1, 1, 4, false});
  add({"krn_partial_segment_offset", 2, 1, 4, false});
  kernels.push_back(std::make_unique<SegmentSums>(layer, false));
  kernels.push_back(std::make_unique<SegmentSums>(layer, true));
  return kernels;
}

}  // namespace strobe::layers
