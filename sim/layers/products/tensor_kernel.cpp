#include "sim/layers/products/tensor_kernel.h"

#include <algorithm>
#include <optional>

#include "sim/layers/products/tensor_code.h"
#include "sim/layers/products/tensor_grid.h"

namespace strobe::layers {
namespace {

constexpr std::uint32_t kSumBytes = 4;

std::uint64_t ceil_div(std::uint64_t a, std::uint64_t b) {
  return (a + b - 1) / b;
}

class TensorKernel : public Kernel {
 public:
  TensorKernel(const TensorProduct& product, const TensorPlan& plan, const TensorGrid& grid)
      : product_(product), plan_(plan), grid_(grid) {
    const TensorTile& tile = plan.tile;
    depth_ = tile.depth / product.unit_bytes;
    rounds_ = ceil_div(ceil_div(product.k, depth_), plan.parts);
    header_.name = plan.kernel;
    header_.grid[0] = static_cast<std::uint32_t>(grid.ctas());
    header_.block[0] = threads_of(tile, plan.unit);
    header_.registers = registers_of(tile, plan.unit);
    header_.shared_bytes = shared_bytes_of(tile);
    size_arrays();
  }

  std::uint64_t loop_rounds() const override { return rounds_; }

  std::unique_ptr<Kernel> share(std::uint32_t shares) const override {
    const auto ctas = ctas_of_share(header_.cta_count(), shares, rounds_);
    if (!ctas) return nullptr;
    const std::optional<TensorGrid> grid = grid_.share(shares, *ctas);
    if (!grid) return nullptr;
    return std::make_unique<TensorKernel>(product_, plan_, *grid);
  }

  void fill(trace::Cta& into, std::uint64_t rounds) const override {
    const TensorGrid::Place place = grid_.place(into.index[0]);
    const TensorStrips strips = strips_of(place);
    const Rounds range{place.part * rounds_, rounds};
    const std::uint32_t multiplying = multiplying_warps(plan_.tile, plan_.unit);
    const std::uint32_t warps = threads_of(plan_.tile, plan_.unit) / 32;
    WarpCode code(into);
    TensorCode tile_code(code, plan_.tile, plan_.unit);
    const TensorOutput output = output_of(place);
    for (std::uint32_t warp = 0; warp < multiplying; ++warp) {
      code.start_warp();
      tile_code.multiply(strips, range, warp);
      write_tensor_tile(code, plan_.tile, output, warp, multiplying);
      code.end_warp();
    }
    for (std::uint32_t warp = multiplying; warp < warps; ++warp) {
      code.start_warp();
      if (warp == multiplying) tile_code.copy(strips, range);
      code.end_warp();
    }
  }

 private:
  void size_arrays() {
    const TensorGrid::Size& here = grid_.here();
    const std::uint64_t rows = ceil_div(product_.rows, plan_.tile.rows);
    const std::uint64_t columns = ceil_div(product_.columns, plan_.tile.columns);
    // The parts of k that are here, which are apart where there are fewer than in the whole.
    const bool has_all_parts = here.parts == plan_.parts;
    const std::uint64_t k =
        has_all_parts ? product_.k : std::min(product_.k, here.parts * rounds_ * depth_);
    const auto part_of = [&](std::uint64_t bytes, std::uint64_t some, std::uint64_t all) {
      return bytes * some / all * here.batch / product_.batch * k / product_.k;
    };
    const std::uint64_t sums = plan_.parts > 1 ? here.parts * kSumBytes : product_.output_bytes;
    here_rows_ = std::min(product_.rows, here.rows * plan_.tile.rows);
    arrays_ = {{},
               {},
               {here.batch * here_rows_ * product_.columns * sums, true},
               {product_.has_bias ? product_.columns * product_.output_bytes : 0, false}};
    arrays_[product_.of_rows.array].bytes = part_of(product_.of_rows.bytes, here.rows, rows);
    arrays_[product_.of_columns.array].bytes =
        part_of(product_.of_columns.bytes, grid_.column_strips(), columns);
    if (product_.scales > 0) {
      arrays_.push_back({scale_bytes(here.rows * plan_.tile.rows), false});
      arrays_.push_back({scale_bytes(grid_.column_strips() * plan_.tile.columns), false});
    }
    place_arrays(arrays_);
  }

  // A share's matrix of columns that runs along them is as much narrower.
  bool has_fewer_columns() const {
    const auto* const matrix = std::get_if<MatrixPlaces>(&product_.of_columns.places);
    return matrix != nullptr && matrix->k_block == 0 && !product_.of_columns.k_runs_fastest &&
           grid_.column_strips() * plan_.tile.columns < product_.columns;
  }

  std::uint64_t scale_bytes(std::uint64_t lines) const {
    return ceil_div(lines, kScaleLines) * product_.k * product_.scales / 256;
  }

  // CTAs that share the strip of a side, each asking for its part of it: that on which the two of a
  // pair or of a cluster are neighbours. Where there is one row of tiles, they are neighbours in
  // it.
  struct Sharing {
    std::uint32_t rows = 1, columns = 1;
  };

  Sharing sharing() const {
    if (!plan_.tile.pairs && !plan_.unit.multicasts()) return {};
    if (product_.rows > plan_.tile.rows) return {1, 2};
    return {product_.columns > plan_.tile.columns ? 2U : 1U, 1};
  }

  TensorStrips strips_of(const TensorGrid::Place& place) const {
    const TensorTile& tile = plan_.tile;
    const Sharing shared = sharing();
    const std::uint64_t row = place.row * tile.rows, column = place.column * tile.columns;
    const std::uint64_t strip = place.column / grid_.neighbours() * tile.columns;
    const std::uint64_t rows =
        std::min<std::uint64_t>(tile.rows, product_.rows - row) / shared.rows;
    const std::uint64_t columns =
        std::min<std::uint64_t>(tile.columns, product_.columns - column) / shared.columns;
    TensorStrips strips{strip_of(product_.of_rows, place.batch),
                        strip_of(product_.of_columns, place.batch)};
    strips[0].extent = tile.rows / shared.rows;
    strips[0].first = row + place.column % shared.rows * strips[0].extent;
    strips[0].limit = strips[0].first + rows;
    strips[1].extent = tile.columns / shared.columns;
    // In a share of the machine, neighbours stand for the rows of tiles that are not there.
    const std::uint64_t number = place.row + place.column % grid_.neighbours();
    strips[1].first = strip + number % shared.columns * strips[1].extent;
    strips[1].limit = strips[1].first + columns;
    if (has_fewer_columns()) {
      std::get<MatrixPlaces>(strips[1].places).k_stride =
          grid_.column_strips() * plan_.tile.columns;
    }
    if (product_.scales > 0) {
      strips.push_back(scales_of(arrays_[4].address, strips[0].first, strips[0].extent));
      strips.push_back(scales_of(arrays_[5].address, strips[1].first, strips[1].extent));
    }
    return strips;
  }

  TensorStrip strip_of(const TensorSide& side, std::uint64_t batch) const {
    TensorStrip strip;
    strip.address = arrays_[side.array].address + batch * side.batch_stride * product_.unit_bytes;
    strip.depth = depth_;
    strip.k_limit = product_.k;
    strip.places = side.places;
    strip.k_runs_fastest = side.k_runs_fastest;
    strip.unit_bytes = product_.unit_bytes;
    strip.width = side.width;
    return strip;
  }

  // Scales of 128 lines lie together, those of the next few k after them (cuBLAS, "1D Block
  // Scaling Factors Layout").
  TensorStrip scales_of(std::uint64_t address, std::uint64_t first, std::uint32_t extent) const {
    TensorStrip strip;
    strip.address = address;
    strip.first = first / kScaleLines;
    strip.extent = std::max(extent / kScaleLines, 1U);
    strip.limit = strip.first + strip.extent;
    strip.unit_bytes = 1;
    strip.depth = depth_ * product_.scales / 256;
    strip.k_limit = product_.k * product_.scales / 256;
    strip.places = MatrixPlaces{strip.k_limit, 1};
    strip.width = kPieceBytes;
    return strip;
  }

  TensorOutput output_of(const TensorGrid::Place& place) const {
    TensorOutput output;
    output.address = arrays_[2].address;
    output.row = place.row * plan_.tile.rows;
    output.column = place.column * plan_.tile.columns;
    output.rows = std::min(product_.rows, here_rows_);
    output.columns = product_.columns;
    output.places = product_.output;
    output.element_bytes = plan_.parts > 1 ? kSumBytes : product_.output_bytes;
    const std::uint64_t plane = here_rows_ * product_.columns * output.element_bytes;
    output.address += (place.batch * grid_.here().parts + place.part) * plane;
    output.width = aligned_width(product_.columns, output.element_bytes);
    if (product_.has_bias && plan_.parts == 1) output.bias = arrays_[3].address;
    return output;
  }

  static constexpr std::uint32_t kScaleLines = 128;

  TensorProduct product_;
  TensorPlan plan_;
  TensorGrid grid_;
  std::uint32_t depth_ = 0;
  std::uint64_t rounds_ = 1, here_rows_ = 0;
};

}  // namespace

std::uint32_t aligned_width(std::uint64_t stride, std::uint32_t unit_bytes) {
  std::uint32_t width = kPieceBytes / unit_bytes;
  while (stride % width != 0) width /= 2;
  return width;
}

std::uint32_t unit_bytes_of(DataType type) {
  return std::max(bits_of(type), 8U) / 8;
}

std::uint64_t units_of(DataType type, std::uint64_t elements) {
  return ceil_div(elements * bits_of(type), unit_bytes_of(type) * 8);
}

std::unique_ptr<Kernel> tensor_kernel(const TensorProduct& product, const TensorPlan& plan) {
  const TensorGrid::Size size{ceil_div(product.columns, plan.tile.columns),
                              ceil_div(product.rows, plan.tile.rows), plan.parts, product.batch};
  // Parts of a product of which neither side runs along k are of different places in memory.
  const bool parts_apart = !product.of_rows.k_runs_fastest && !product.of_columns.k_runs_fastest;
  return std::make_unique<TensorKernel>(product, plan, TensorGrid(size, parts_apart));
}

TensorProduct tensor_product_of(const Layer& layer) {
  TensorProduct product;
  product.rows = layer.m;
  product.columns = layer.n;
  product.k = units_of(layer.type, layer.k);
  product.batch = layer.batch;
  product.unit_bytes = unit_bytes_of(layer.type);
  const std::uint64_t k = product.k, unit = product.unit_bytes;
  const std::uint32_t along_k = aligned_width(k, product.unit_bytes);
  product.of_rows = {
      0, MatrixPlaces{k, 1}, true, along_k, layer.batch * layer.m * k * unit, layer.m * k};
  const bool by_k = layer.op == Operator::linear || bits_of(layer.type) < 16;
  product.of_columns = {1,
                        by_k ? MatrixPlaces{k, 1} : MatrixPlaces{1, layer.n},
                        by_k,
                        by_k ? along_k : aligned_width(layer.n, product.unit_bytes),
                        layer.batch * layer.n * k * unit,
                        layer.n * k};
  product.output = {layer.n, 1};
  product.output_bytes = bytes_of(result_of(layer.type));
  product.has_bias = layer.op == Operator::linear;
  const BlockScale scale = scale_of(layer.type);
  // Two fp4 are a unit.
  if (scale.elements > 0) product.scales = 128 * scale.bytes * 2 * 256 / scale.elements;
  return product;
}

}  // namespace strobe::layers
