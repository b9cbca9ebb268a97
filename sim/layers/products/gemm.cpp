#include "sim/layers/products/gemm.h"

#include <algorithm>
#include <array>
#include <bit>

#include "sim/layers/products/gemm_tile_code.h"

namespace strobe::layers {
namespace {

using trace::Op;

constexpr std::uint32_t kFloatBytes = 4;

std::uint64_t ceil_div(std::uint64_t a, std::uint64_t b) {
  return (a + b - 1) / b;
}

// Four elements where every line starts at a multiple of 16 bytes.
std::uint32_t access_width(std::uint64_t stride) {
  return stride % 4 == 0 ? 4 : 1;
}

// Which of a product's CTAs there are: all of them, or those of a share of the machine.
struct Dealt {
  std::uint64_t ctas;
  // So many neighbours along x take the same strip of the matrix that lies along it, so that a
  // strip is taken by as many CTAs as take it in the whole.
  std::uint64_t neighbours_of_strip;
};

class Gemm : public Kernel {
 public:
  Gemm(const Layer& layer, const GemmPlan& plan, const std::optional<Dealt>& dealt = {})
      : layer_(layer), plan_(plan), split_(plan.tile), dealt_(dealt) {
    const GemmTile& tile = plan.tile;
    grid_columns_ = ceil_div(layer.n, tile.columns);
    grid_rows_ = ceil_div(layer.m, tile.rows);
    header_.name = tile.kernel;
    header_.block[0] = tile.threads;
    header_.registers = registers_of(tile);
    header_.shared_bytes = shared_bytes_of(tile);
    // A part is a whole number of strips, as even as can be.
    part_k_ = ceil_div(ceil_div(layer.k, plan.parts), tile.depth) * tile.depth;
    dealt ? size_share(*dealt) : size_whole();
    const std::uint64_t copies = plan.sum == SplitSum::workspace ? plan.parts : 1;
    arrays_ = {{batch_ * input_rows_ * layer.k * plan_.tile.element_bytes, false},
               {batch_ * layer.k * weight_columns_ * plan_.tile.element_bytes, false},
               {copies * batch_ * output_rows_ * output_columns_ * plan_.tile.element_bytes, true},
               {layer.op == Operator::linear ? layer.n * plan_.tile.element_bytes : 0, false}};
    place_arrays(arrays_);
  }

  std::uint64_t loop_rounds() const override { return part_k_ / plan_.tile.depth; }

  // The last tiles of what y runs along, where they are parts of one. A share has few of them or
  // none, and many batches have them everywhere.
  std::uint64_t alike_ctas() const override {
    const GemmTile& tile = plan_.tile;
    const bool divides = tile.rows_first ? layer_.n % tile.columns == 0 : layer_.m % tile.rows == 0;
    const std::uint64_t all = header_.cta_count();
    if (divides || dealt_ || header_.grid[1] == 1 || header_.grid[2] > 1) return all;
    return all - header_.grid[0];
  }

  // Some batches, or some of what the grid's y runs along in a single one.
  std::unique_ptr<Kernel> share(std::uint32_t shares) const override {
    const auto ctas = ctas_of_share(header_.cta_count(), shares);
    const bool splits_batch = layer_.batch < shares;
    if (!ctas || (splits_batch && shares % layer_.batch != 0)) return nullptr;
    const std::uint64_t along_y = plan_.tile.rows_first ? grid_columns_ : grid_rows_;
    const std::uint64_t neighbours =
        splits_batch ? std::min(along_y, shares / layer_.batch) : std::uint64_t{1};
    return std::make_unique<Gemm>(layer_, plan_, Dealt{*ctas, neighbours});
  }

  void fill(trace::Cta& into, std::uint64_t rounds) const override {
    const GemmTile& tile = plan_.tile;
    const Place place = place_of(into.index);
    const std::uint64_t first_k = place.part * part_k_;
    const std::uint64_t last_k = std::min(first_k + part_k_, layer_.k);
    const bool weights_by_k = layer_.op == Operator::linear;
    const std::uint64_t neighbours = dealt_ ? dealt_->neighbours_of_strip : 1;
    const std::uint64_t strip = place.column / (tile.rows_first ? 1 : neighbours) * tile.columns;
    const std::uint64_t first_row = place.row / (tile.rows_first ? neighbours : 1) * tile.rows;
    const std::uint64_t rows = std::min<std::uint64_t>(tile.rows, layer_.m - place.row * tile.rows);
    const std::uint64_t width =
        std::min<std::uint64_t>(tile.columns, layer_.n - place.column * tile.columns);
    const std::uint64_t weights_stride = weights_by_k ? layer_.k : weight_columns_;
    const Strip weights{
        arrays_[1].address + place.batch * layer_.k * weight_columns_ * plan_.tile.element_bytes,
        strip,
        strip + width,
        tile.columns,
        weights_by_k ? MatrixPlaces{weights_stride, 1} : MatrixPlaces{1, weights_stride},
        weights_by_k,
        access_width(weights_stride)};
    const Strip inputs{
        arrays_[0].address + place.batch * input_rows_ * layer_.k * plan_.tile.element_bytes,
        first_row,
        first_row + rows,
        tile.rows,
        MatrixPlaces{layer_.k, 1},
        true,
        access_width(layer_.k)};
    const KRange range{first_k, last_k, rounds};
    const PlacedStrip placed_weights(weights, range, tile), placed_inputs(inputs, range, tile);
    WarpCode code(into);
    for (std::uint32_t warp = 0; warp < tile.threads / 32; ++warp) {
      code.start_warp();
      TileCode tile_code(code, tile, split_, warp);
      tile_code.prologue();
      tile_code.main_loop(placed_weights, placed_inputs, rounds);
      tile_code.bring_slices_together();
      add_epilogue(code, place, warp);
      code.end_warp();
    }
  }

 private:
  // What a CTA computes, in tiles and parts of k.
  struct Place {
    std::uint64_t column, row, part, batch;
  };

  void size_whole() {
    header_.grid = {static_cast<std::uint32_t>(grid_columns_),
                    static_cast<std::uint32_t>(grid_rows_),
                    static_cast<std::uint32_t>(layer_.batch * plan_.parts)};
    if (plan_.tile.rows_first) std::swap(header_.grid[0], header_.grid[1]);
    batch_ = layer_.batch;
    input_rows_ = output_rows_ = layer_.m;
    weight_columns_ = output_columns_ = layer_.n;
  }

  // The CTAs lie along x: what x runs along first, then parts, what y runs along, and batches.
  void size_share(const Dealt& dealt) {
    const bool rows_first = plan_.tile.rows_first;
    header_.grid[0] = static_cast<std::uint32_t>(dealt.ctas);
    const std::uint64_t all_along_x = rows_first ? grid_rows_ : grid_columns_;
    const std::uint64_t along_x = std::min(all_along_x, dealt.ctas);
    const std::uint64_t along_y = ceil_div(ceil_div(dealt.ctas, all_along_x), plan_.parts);
    batch_ = ceil_div(along_y, rows_first ? grid_columns_ : grid_rows_);
    const std::uint64_t strips = ceil_div(along_x, dealt.neighbours_of_strip);
    input_rows_ = rows_of(rows_first ? strips : along_y);
    output_rows_ = rows_of(rows_first ? along_x : along_y);
    weight_columns_ = columns_of(rows_first ? std::min(along_y, grid_columns_) : strips);
    output_columns_ = columns_of(rows_first ? std::min(along_y, grid_columns_) : along_x);
  }

  std::uint64_t rows_of(std::uint64_t tiles) const {
    return std::min<std::uint64_t>(layer_.m, tiles * plan_.tile.rows);
  }

  // So many tiles wide, and aligned as the whole is.
  std::uint64_t columns_of(std::uint64_t tiles) const {
    const std::uint64_t width = plan_.tile.columns;
    return tiles == grid_columns_ ? layer_.n : tiles * width + layer_.n % width;
  }

  Place place_of(const std::array<std::uint32_t, 3>& index) const {
    const bool rows_first = plan_.tile.rows_first;
    if (!dealt_) {
      return {index[rows_first ? 1 : 0], index[rows_first ? 0 : 1], index[2] % plan_.parts,
              index[2] / plan_.parts};
    }
    const std::uint64_t all_along_x = rows_first ? grid_rows_ : grid_columns_;
    const std::uint64_t all_along_y = rows_first ? grid_columns_ : grid_rows_;
    const std::uint64_t along_x = index[0] % all_along_x;
    const std::uint64_t y_and_part = index[0] / all_along_x;
    const std::uint64_t y = y_and_part / plan_.parts;
    const std::uint64_t along_y = y % all_along_y;
    return {rows_first ? along_y : along_x, rows_first ? along_x : along_y,
            y_and_part % plan_.parts, y / all_along_y};
  }

  // The tile is written row by row, whole sectors at a time; warps take the rows in turn.
  void add_epilogue(WarpCode& code, const Place& place, std::uint32_t warp) const {
    const GemmTile& tile = plan_.tile;
    const bool to_workspace = plan_.sum == SplitSum::workspace && plan_.parts > 1;
    const std::uint64_t output = arrays_[2].address + (to_workspace ? place.part : place.batch) *
                                                          output_rows_ * output_columns_ *
                                                          plan_.tile.element_bytes;
    const bool has_bias = layer_.op == Operator::linear && place.part == 0 && !to_workspace;
    const std::uint64_t column = place.column * tile.columns;
    const std::uint64_t row = place.row * tile.rows;
    const std::uint32_t width = layer_.n % 4 == 0 ? 4 : 1;
    if (has_bias) add_bias(code, column, width);
    const OutputTile tile_of_output{
        output, row, column, layer_.m, output_columns_, {output_columns_, 1}, width};
    const bool adds_up = place.part > 0 && !to_workspace;
    write_tile(code, tile, tile_of_output, {warp, adds_up});
  }

  void add_bias(WarpCode& code, std::uint64_t column, std::uint32_t width) const {
    const std::uint64_t columns = std::min<std::uint64_t>(plan_.tile.columns, layer_.n - column);
    const std::uint32_t bytes = width * plan_.tile.element_bytes;
    for (std::uint64_t at = 0; at < columns; at += std::uint64_t{32} * width) {
      code.load(kBias, kAddress,
                {first_lanes(ceil_div(columns - at, width)),
                 arrays_[3].address + (column + at) * plan_.tile.element_bytes, bytes, bytes});
    }
    code.arithmetic(Op::fp32, kAccumulators, {kAccumulators, kBias},
                    plan_.tile.words(plan_.tile.outputs_of_thread()));
  }

  Layer layer_;
  GemmPlan plan_;
  ThreadSplit split_;
  std::optional<Dealt> dealt_;
  std::uint64_t grid_columns_, grid_rows_;  // of the whole, in tiles
  std::uint64_t part_k_;
  // Of what there is of the arrays: a share has less of them.
  std::uint64_t batch_ = 0, input_rows_ = 0, weight_columns_ = 0;
  std::uint64_t output_rows_ = 0, output_columns_ = 0;
};

// splitKreduce_kernel: a thread an element (cuBLAS launches 32 x 16 threads a CTA).
class SplitSumKernel : public Kernel {
 public:
  SplitSumKernel(const Layer& layer, const GemmPlan& plan) : parts_(plan.parts) {
    elements_ = layer.batch * layer.m * layer.n;
    layer_ = layer;
    plan_ = plan;
    header_.name = "splitKreduce_kernel";
    header_.block = {32, 16, 1};
    header_.grid[0] = static_cast<std::uint32_t>(ceil_div(elements_, kElementsOfCta));
    header_.registers = 32;
    result_bytes_ = bytes_of(result_of(layer.type));
    arrays_ = {{parts_ * elements_ * kFloatBytes, false},
               {elements_ * result_bytes_, true},
               {layer.n * result_bytes_, false}};
    place_arrays(arrays_);
    columns_ = layer.n;
  }

  std::unique_ptr<Kernel> share(std::uint32_t shares) const override {
    const auto ctas = ctas_of_share(header_.cta_count(), shares);
    if (!ctas) return nullptr;
    Layer layer = layer_;
    layer.batch = 1;
    layer.m = *ctas;
    layer.n = kElementsOfCta;
    return std::make_unique<SplitSumKernel>(layer, plan_);
  }

  void fill(trace::Cta& into, std::uint64_t) const override {
    WarpCode code(into);
    for (std::uint32_t warp = 0; warp < 16; ++warp) {
      const std::uint64_t first = into.index[0] * kElementsOfCta + warp * 32;
      const std::uint64_t left = first < elements_ ? elements_ - first : 0;
      const auto lanes = [&](std::uint64_t address, std::uint32_t bytes) {
        return Lanes{first_lanes(left), address, bytes, bytes};
      };
      code.start_warp();
      chain(code, Op::integer, kAddress, 6);
      for (std::uint32_t part = 0; part < parts_; ++part) {
        code.load(
            static_cast<Register>(kAccumulators + part % 8), kAddress,
            lanes(arrays_[0].address + (part * elements_ + first) * kFloatBytes, kFloatBytes));
      }
      code.load(kBias, kAddress,
                lanes(arrays_[2].address + first % columns_ * result_bytes_, result_bytes_));
      for (std::uint32_t part = 0; part < parts_; ++part) {
        code.arithmetic(Op::fp32, kBias, {kBias, static_cast<Register>(kAccumulators + part % 8)});
      }
      code.store(kBias, kAddress, lanes(arrays_[1].address + first * result_bytes_, result_bytes_));
      code.end_warp();
    }
  }

 private:
  static constexpr std::uint64_t kElementsOfCta = 512;

  Layer layer_;
  GemmPlan plan_;
  std::uint64_t elements_, columns_ = 1;
  std::uint32_t parts_, result_bytes_ = kFloatBytes;
};

}  // namespace

// Accumulators, two sets of fragments, what is on its way to shared memory, and about eighteen for
// addresses and counts: 122 for 128x128 in 256 threads, 126 for 128x64 in 128 and 55 for 128x32 in
// 256, which is what profilers show for cuBLAS's kernels of these names.
std::uint32_t registers_of(const GemmTile& tile) {
  constexpr std::uint32_t kAddresses = 18;
  const ThreadSplit split(tile);
  const std::uint32_t fragments = 2 * (split.columns + split.rows);
  const std::uint32_t on_the_way =
      tile.async ? 0 : (tile.columns + tile.rows) * tile.depth / tile.threads;
  const std::uint32_t values = tile.words(tile.outputs_of_thread() + fragments + on_the_way);
  return std::min(values + kAddresses, 255U);
}

std::uint32_t shared_bytes_of(const GemmTile& tile) {
  const std::uint32_t strips = tile.stages * (tile.columns + tile.rows) * tile.depth;
  const std::uint32_t partial_sums = tile.slices > 1 ? tile.slices * tile.columns * tile.rows : 0;
  return std::max(strips, partial_sums) * tile.element_bytes;
}

std::unique_ptr<Kernel> gemm_kernel(const Layer& layer, const GemmPlan& plan) {
  return std::make_unique<Gemm>(layer, plan);
}

std::unique_ptr<Kernel> split_sum_kernel(const Layer& layer, const GemmPlan& plan) {
  return std::make_unique<SplitSumKernel>(layer, plan);
}

}  // namespace strobe::layers
