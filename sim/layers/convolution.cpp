#include "sim/layers/convolution.h"

#include <algorithm>
#include <array>
#include <optional>

#include "sim/layers/gemm.h"
#include "sim/layers/gemm_tile_code.h"
#include "sim/layers/placement.h"

namespace strobe::layers {
namespace {

constexpr std::uint64_t kFloatBytes = 4;

std::uint64_t ceil_div(std::uint64_t a, std::uint64_t b) {
  return (a + b - 1) / b;
}

std::uint32_t access_width(bool four_lie_together) {
  return four_lie_together ? 4 : 1;
}

// One side of the product: which array, and how it is read.
struct Side {
  std::size_t array = 0;
  Places places;
  bool k_runs_fastest = true;
  std::uint32_t width = 1;
};

struct Product {
  std::uint64_t rows = 0, columns = 0, k = 0;
  Side of_rows, of_columns;
  MatrixPlaces output;
  std::uint32_t output_width = 1;
};

// A window of one pixel that goes over every pixel: four neighbours can be read at once.
bool is_pointwise(const ImageSizes& image) {
  return image.taps() == 1 && image.stride == 1 && image.padding == 0;
}

Product forward_of(const ImageSizes& image) {
  const std::uint64_t taps = image.channels * image.taps(), pixels = image.out_pixels();
  Product product;
  product.rows = image.filters;
  product.columns = image.images * pixels;
  product.k = taps;
  product.of_rows = {1, MatrixPlaces{taps, 1}, true, access_width(taps % 4 == 0)};
  product.of_columns = {0, WindowPlaces{WindowPlaces::Lines::outputs, image}, false,
                        access_width(is_pointwise(image) && pixels % 4 == 0)};
  product.output = {pixels, 1, pixels, image.filters * pixels};
  product.output_width = access_width(pixels % 4 == 0);
  return product;
}

Product data_gradient_of(const ImageSizes& image) {
  const std::uint64_t taps = image.taps(), pixels = image.pixels();
  Product product;
  product.rows = image.channels;
  product.columns = image.images * pixels;
  product.k = ceil_div(image.filters * taps, image.stride * image.stride);
  if (taps == 1) {
    product.of_rows = {1, MatrixPlaces{1, image.channels}, false,
                       access_width(image.channels % 4 == 0)};
  } else {
    product.of_rows = {1, MatrixPlaces{taps, 1, taps, image.channels * taps}, true, 1};
  }
  product.of_columns = {0, WindowPlaces{WindowPlaces::Lines::inputs, image}, false,
                        access_width(is_pointwise(image) && pixels % 4 == 0)};
  product.output = {pixels, 1, pixels, image.channels * pixels};
  product.output_width = access_width(pixels % 4 == 0);
  return product;
}

Product weight_gradient_of(const ImageSizes& image) {
  const std::uint64_t taps = image.channels * image.taps(), pixels = image.out_pixels();
  Product product;
  product.rows = image.filters;
  product.columns = taps;
  product.k = image.images * pixels;
  if (image.pixels() == 1 && taps == image.channels) {  // plain matrices, both transposed
    product.of_rows = {1, MatrixPlaces{1, image.filters}, false,
                       access_width(image.filters % 4 == 0)};
    product.of_columns = {0, MatrixPlaces{1, taps}, false, access_width(taps % 4 == 0)};
  } else {
    product.of_rows = {1, MatrixPlaces{pixels, 1, pixels, image.filters * pixels}, true,
                       access_width(pixels % 4 == 0)};
    product.of_columns = {0, WindowPlaces{WindowPlaces::Lines::taps, image}, true,
                          access_width(is_pointwise(image) && pixels % 4 == 0)};
  }
  product.output = {taps, 1};
  product.output_width = access_width(taps % 4 == 0);
  return product;
}

Product product_of(const Layer& layer) {
  if (layer.op == Operator::convolution) return forward_of(layer.image);
  if (layer.op == Operator::convolution_data) return data_gradient_of(layer.image);
  return weight_gradient_of(layer.image);
}

// The scudnn kernels of cuDNN for FP32, columns along the pixels, as profilers show them. Which one
// cuDNN takes is not published; this takes the one whose busiest SM has the fewest products to
// make, those of a small tile weighing more by what reading fragments takes. Where k is long and
// tiles are few, as in gradients of filters, k is split until every SM has two.
GemmPlan choose_tile(const Product& product, const device::GpuSpec& gpu, bool may_split) {
  const std::array<GemmTile, 3> tiles{{{"scudnn_128x128", 128, 128, 8, 256},
                                       {"scudnn_128x64", 128, 64, 8, 128},
                                       {"scudnn_128x32", 128, 32, 8, 128}}};
  GemmPlan best;
  double least = 0;
  for (const GemmTile& tile : tiles) {
    const std::uint64_t ctas =
        ceil_div(product.columns, tile.columns) * ceil_div(product.rows, tile.rows);
    constexpr std::uint64_t kLeastStrips = 16, kMostParts = 64;
    std::uint64_t parts = 1;
    if (may_split) {
      const std::uint64_t most =
          std::clamp(product.k / (kLeastStrips * tile.depth), std::uint64_t{1}, kMostParts);
      parts = std::min(ceil_div(2ULL * gpu.sms, ctas), most);
    }
    const auto of_sm = static_cast<double>(ceil_div(ctas * parts, gpu.sms));
    const double fragment_reads = 1 + 16.0 / tile.outputs_of_thread();
    const double work = of_sm * tile.columns * tile.rows * fragment_reads / double(parts);
    if (best.tile.threads != 0 && work >= least) continue;
    best = {tile, static_cast<std::uint32_t>(parts), SplitSum::in_place};
    least = work;
  }
  return best;
}

std::string name_of(const Layer& layer, const GemmTile& tile) {
  if (layer.op == Operator::convolution) return tile.kernel + "_relu_interior_nn";
  if (layer.op == Operator::convolution_data) return tile.kernel + "_dgrad";
  return tile.kernel + "_wgrad";
}

// What a share of the machine has of a product: its layer has as much less of the columns.
struct Dealt {
  // Where the columns do not divide evenly, some rows of CTAs have one more: it does what the first
  // one does.
  std::uint64_t ctas;
  // Of the strips of rows only so many are different, so that each is read by as many CTAs as in
  // the whole.
  std::uint64_t row_strips;
};

class Convolution : public Kernel {
 public:
  Convolution(const Layer& layer, const GemmPlan& plan, const std::optional<Dealt>& dealt = {})
      : layer_(layer), product_(product_of(layer)), plan_(plan), split_(plan_.tile) {
    const GemmTile& tile = plan_.tile;
    columns_ = ceil_div(product_.columns, tile.columns);
    rows_ = ceil_div(product_.rows, tile.rows);
    row_strips_ = dealt ? dealt->row_strips : rows_;
    header_.name = name_of(layer, tile);
    if (dealt) {
      header_.grid[0] = static_cast<std::uint32_t>(dealt->ctas);
    } else {
      header_.grid = {static_cast<std::uint32_t>(columns_), static_cast<std::uint32_t>(rows_),
                      plan_.parts};
    }
    is_dealt_ = dealt.has_value();
    header_.block[0] = tile.threads;
    header_.registers = registers_of(tile);
    header_.shared_bytes = shared_bytes_of(tile);
    part_k_ = ceil_div(ceil_div(product_.k, plan_.parts), tile.depth) * tile.depth;

    const ImageSizes& image = layer.image;
    const std::uint64_t images = image.images * image.channels * image.pixels() * kFloatBytes;
    const std::uint64_t filters = image.filters * image.channels * image.taps() * kFloatBytes;
    const std::uint64_t outputs = image.images * image.filters * image.out_pixels() * kFloatBytes;
    if (layer.op == Operator::convolution) {
      arrays_ = {{images, false}, {filters, false}, {outputs, true}};
    } else if (layer.op == Operator::convolution_data) {
      arrays_ = {{outputs, false}, {filters, false}, {images, true}};
    } else {
      arrays_ = {{images, false}, {outputs, false}, {filters, true}};
    }
    place_arrays(arrays_);
    arrays_[1].bytes = arrays_[1].bytes * row_strips_ / rows_;
  }

  // As many pixels as fill the share's columns of CTAs. Gradients of filters are not dealt out:
  // their parts meet where they are added up, and in a share they would be fewer.
  std::unique_ptr<Kernel> share(std::uint32_t shares) const override {
    if (layer_.op == Operator::convolution_weights) return nullptr;
    const auto ctas = ctas_of_share(header_.cta_count(), shares);
    if (!ctas) return nullptr;
    const std::uint64_t columns = (*ctas + rows_ / 2) / rows_;
    const std::uint64_t even = columns * rows_;
    constexpr std::uint64_t kMostUneven = 8;  // one in so many CTAs with a column that is not its
    if (std::max(even, *ctas) - std::min(even, *ctas) > *ctas / kMostUneven) return nullptr;
    Layer layer = layer_;
    const std::uint64_t pixels = product_.columns / layer.image.images;
    layer.image.images = ceil_div(columns * plan_.tile.columns, pixels);
    return std::make_unique<Convolution>(layer, plan_, Dealt{*ctas, ceil_div(rows_, shares)});
  }

  std::uint64_t loop_rounds() const override { return part_k_ / plan_.tile.depth; }

  void fill(trace::Cta& into, std::uint64_t rounds) const override {
    const GemmTile& tile = plan_.tile;
    const Place place = place_of(into.index);
    const std::uint64_t first_k = place.part * part_k_;
    const std::uint64_t last_k = std::min(first_k + part_k_, product_.k);
    const std::uint64_t column = place.column * tile.columns;
    const std::uint64_t row = place.row * tile.rows;
    const Strip columns = strip_of(product_.of_columns, {column, product_.columns, tile.columns});
    const std::uint64_t strip = place.row % row_strips_ * tile.rows;
    const std::uint64_t length = std::min<std::uint64_t>(tile.rows, product_.rows - row);
    const Strip rows = strip_of(product_.of_rows, {strip, strip + length, tile.rows});
    const OutputTile output{
        arrays_[2].address,   row, column, product_.rows, product_.columns, product_.output,
        product_.output_width};
    WarpCode code(into);
    for (std::uint32_t warp = 0; warp < tile.threads / 32; ++warp) {
      code.start_warp();
      TileCode tile_code(code, tile, split_, warp);
      tile_code.prologue();
      tile_code.main_loop(columns, rows, {first_k, last_k, rounds});
      write_tile(code, tile, output, {warp, place.part > 0});
      code.end_warp();
    }
  }

 private:
  struct Extent {
    std::uint64_t first, limit;
    std::uint32_t length;
  };

  Strip strip_of(const Side& side, const Extent& extent) const {
    return {arrays_[side.array].address, extent.first, extent.limit, extent.length, side.places,
            side.k_runs_fastest,         side.width};
  }

  // What a CTA computes, in tiles and parts of k.
  struct Place {
    std::uint64_t column, row, part;
  };

  // A share's CTAs lie along x, in the order of the whole: columns first, then rows, then parts.
  Place place_of(const std::array<std::uint32_t, 3>& index) const {
    if (!is_dealt_) return {index[0], index[1], index[2]};
    const std::uint64_t groups = rows_ * plan_.parts, of_group = header_.grid[0] / groups;
    const std::uint64_t longer = header_.grid[0] % groups, in_longer = longer * (of_group + 1);
    const bool is_in_longer = index[0] < in_longer;
    const std::uint64_t length = is_in_longer ? of_group + 1 : of_group;
    const std::uint64_t at = is_in_longer ? index[0] : index[0] - in_longer;
    const std::uint64_t group = (is_in_longer ? 0 : longer) + at / length;
    return {at % length % columns_, group % rows_, group / rows_};
  }

  Layer layer_;
  Product product_;
  GemmPlan plan_;
  ThreadSplit split_;
  bool is_dealt_;
  std::uint64_t columns_, rows_;  // in tiles
  std::uint64_t row_strips_, part_k_;
};

}  // namespace

std::unique_ptr<Kernel> convolution_kernel(const Layer& layer, const device::GpuSpec& gpu) {
  const Product product = product_of(layer);
  const GemmPlan plan = choose_tile(product, gpu, layer.op == Operator::convolution_weights);
  return std::make_unique<Convolution>(layer, plan);
}

}  // namespace strobe::layers
