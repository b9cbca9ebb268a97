#include "sim/layers/products/convolution.h"

#include <algorithm>
#include <cmath>
#include <optional>

#include "sim/layers/products/convolution_product.h"
#include "sim/layers/products/gemm.h"
#include "sim/layers/products/gemm_tile_code.h"

namespace strobe::layers {
namespace {

constexpr std::uint64_t kFloatBytes = 4;

std::uint64_t ceil_div(std::uint64_t a, std::uint64_t b) {
  return (a + b - 1) / b;
}

std::string name_of(const Layer& layer, const GemmTile& tile) {
  if (layer.op == Operator::convolution) return tile.kernel + "_relu_interior_nn";
  if (layer.op == Operator::convolution_data) return tile.kernel + "_dgrad";
  return tile.kernel + "_wgrad";
}

// What a share of the machine has of a product.
struct Dealt {
  std::uint64_t ctas;
  // Rows of CTAs, of one part of k after the other. Where they do not divide evenly, some have one
  // CTA more: it does what the first one of its row does.
  std::uint64_t groups;
  // Of the strips of either side only so many are different, so that each is read by as many CTAs
  // as in the whole.
  std::uint64_t row_strips, column_strips;
  std::uint64_t parts;  // of k
  std::uint64_t tiles;  // of the output, so that as many parts meet in each as in the whole
  ImageSizes image;     // what of the images is read
};

// To the nearest, but never nothing.
std::uint64_t quotient(std::uint64_t dividend, std::uint64_t divisor) {
  return std::max<std::uint64_t>((dividend + divisor / 2) / divisor, 1);
}

bool are_alike(double a, double b) {
  constexpr double kMostApart = 0.125;
  return std::abs(a - b) <= kMostApart * b;
}

class Convolution : public Kernel {
 public:
  Convolution(const Layer& layer, const GemmPlan& plan, const std::optional<Dealt>& dealt = {})
      : layer_(layer),
        product_(product_of(layer)),
        plan_(plan),
        split_(plan_.tile),
        dealt_(dealt),
        sums_pixels_(layer.op == Operator::convolution_weights) {
    const GemmTile& tile = plan_.tile;
    part_k_ = ceil_div(ceil_div(product_.k, plan_.parts), tile.depth) * tile.depth;
    if (dealt) read_only(dealt->image);
    columns_ = ceil_div(product_.columns, tile.columns);
    rows_ = ceil_div(product_.rows, tile.rows);
    header_.name = name_of(layer, tile);
    header_.grid = {static_cast<std::uint32_t>(columns_), static_cast<std::uint32_t>(rows_),
                    plan_.parts};
    if (dealt) header_.grid = {static_cast<std::uint32_t>(dealt->ctas), 1, 1};
    header_.block[0] = tile.threads;
    header_.registers = registers_of(tile);
    header_.shared_bytes = shared_bytes_of(tile);
    list_arrays(dealt ? dealt->image : layer.image);
  }

  std::unique_ptr<Kernel> share(std::uint32_t shares) const override {
    const auto ctas = ctas_of_share(header_.cta_count(), shares, loop_rounds());
    if (!ctas) return nullptr;
    const auto dealt = sums_pixels_ ? deal_parts(*ctas) : deal_pixels(*ctas, shares);
    if (!dealt) return nullptr;
    return std::make_unique<Convolution>(layer_, plan_, dealt);
  }

  std::uint64_t loop_rounds() const override { return part_k_ / plan_.tile.depth; }

  // The last row of tiles, where it is a part of one.
  std::uint64_t alike_ctas() const override {
    const std::uint64_t all = header_.cta_count();
    if (sums_pixels_ || rows_ == 1 || product_.rows % plan_.tile.rows == 0) return all;
    return all - (dealt_ ? all / dealt_->groups : columns_);
  }

  void fill(trace::Cta& into, std::uint64_t rounds) const override {
    const GemmTile& tile = plan_.tile;
    const Place place = place_of(into.index);
    const std::uint64_t first_k = place.part * part_k_;
    const std::uint64_t last_k = std::min(first_k + part_k_, product_.k);
    const auto strip_of = [&](const ConvolutionSide& side, std::uint64_t strip, std::uint64_t lines,
                              std::uint32_t extent) {
      return Strip{arrays_[side.array].address,
                   strip * extent,
                   strip * extent + std::min<std::uint64_t>(lines, extent),
                   extent,
                   side.places,
                   side.k_runs_fastest,
                   side.width};
    };
    const std::uint64_t column_strip = dealt_ ? place.column % dealt_->column_strips : place.column;
    const std::uint64_t row_strip = dealt_ ? place.row % dealt_->row_strips : place.row;
    const Strip columns = strip_of(product_.of_columns, column_strip,
                                   product_.columns - place.column * tile.columns, tile.columns);
    const Strip rows =
        strip_of(product_.of_rows, row_strip, product_.rows - place.row * tile.rows, tile.rows);
    const Place result = result_of(into.index, place);
    const OutputTile output{
        arrays_[2].address, result.row * tile.rows, result.column * tile.columns, product_.rows,
        product_.columns,   product_.output,        product_.output_width};
    const KRange range{first_k, last_k, rounds};
    const PlacedStrip placed_columns(columns, range, tile), placed_rows(rows, range, tile);
    WarpCode code(into);
    for (std::uint32_t warp = 0; warp < tile.threads / 32; ++warp) {
      code.start_warp();
      TileCode tile_code(code, tile, split_, warp);
      tile_code.prologue();
      tile_code.main_loop(placed_columns, placed_rows, rounds);
      write_tile(code, tile, output, {warp, result.part > 0});
      code.end_warp();
    }
  }

 private:
  // What a CTA computes, in tiles and parts of k.
  struct Place {
    std::uint64_t column, row, part;
  };

  // The sides lie as in a layer of this size; one that has pixels as columns has as many fewer.
  void read_only(const ImageSizes& image) {
    Layer part = layer_;
    part.image = image;
    const ConvolutionProduct read = product_of(part);
    product_.of_rows = read.of_rows;
    product_.of_columns = read.of_columns;
    if (!sums_pixels_) product_.columns = read.columns;
  }

  void list_arrays(const ImageSizes& image) {
    const std::uint64_t images = image.images * image.channels * image.pixels() * kFloatBytes;
    const std::uint64_t outputs = image.images * image.filters * image.out_pixels() * kFloatBytes;
    const ImageSizes& all = layer_.image;
    const std::uint64_t filters = all.filters * all.channels * all.taps() * kFloatBytes;
    if (sums_pixels_) {
      arrays_ = {{images, false}, {outputs, false}, {filters, true}};
    } else if (layer_.op == Operator::convolution) {
      arrays_ = {{images, false}, {filters, false}, {outputs, true}};
    } else {
      arrays_ = {{outputs, false}, {filters, false}, {images, true}};
    }
    place_arrays(arrays_);
    if (!dealt_) return;
    std::uint64_t& of_filters = arrays_[sums_pixels_ ? 2 : 1].bytes;
    of_filters = sums_pixels_ ? of_filters * dealt_->tiles / (rows_ * columns_)
                              : of_filters * dealt_->row_strips / rows_;
  }

  // As many pixels as fill the share's columns of CTAs.
  std::optional<Dealt> deal_pixels(std::uint64_t ctas, std::uint32_t shares) const {
    const std::uint64_t columns = quotient(ctas, rows_);
    if (!are_alike(double(columns * rows_), double(ctas))) return std::nullopt;
    ImageSizes image = layer_.image;
    const std::uint64_t pixels = product_.columns / image.images;
    image.images = ceil_div(columns * plan_.tile.columns, pixels);
    return Dealt{ctas, rows_, ceil_div(rows_, shares), columns, 1, ctas, image};
  }

  // As many parts of k as there are CTAs for, or, where a part has more, some of its tiles.
  std::optional<Dealt> deal_parts(std::uint64_t ctas) const {
    const GemmTile& tile = plan_.tile;
    Dealt dealt{ctas, quotient(ctas, columns_),    rows_, columns_,
                1,    quotient(ctas, plan_.parts), {}};
    dealt.parts = quotient(dealt.groups, rows_);
    if (dealt.groups < rows_) {
      dealt.row_strips = dealt.groups;
      dealt.column_strips = std::min(quotient(ctas, rows_), columns_);
    }
    const auto reads_of_cta = [&](std::uint64_t of_rows, std::uint64_t of_columns, double count) {
      return double(of_rows * tile.rows + of_columns * tile.columns) / count;
    };
    if (!are_alike(
            reads_of_cta(dealt.row_strips, dealt.column_strips, double(ctas) / double(dealt.parts)),
            reads_of_cta(rows_, columns_, double(rows_ * columns_)))) {
      return std::nullopt;
    }
    ImageSizes& image = dealt.image = layer_.image;
    image.images = std::min(ceil_div(dealt.parts * part_k_, image.out_pixels()), image.images);
    image.filters = std::min(dealt.row_strips * tile.rows, image.filters);
    image.channels =
        std::min(ceil_div(dealt.column_strips * tile.columns, image.taps()), image.channels);
    return dealt;
  }

  // A share's CTAs lie along x, in the order of the whole: columns first, then rows, then parts.
  Place place_of(const std::array<std::uint32_t, 3>& index) const {
    if (!dealt_) return {index[0], index[1], index[2]};
    const std::uint64_t of_group = dealt_->ctas / dealt_->groups;
    const std::uint64_t longer = dealt_->ctas % dealt_->groups, in_longer = longer * (of_group + 1);
    const bool is_in_longer = index[0] < in_longer;
    const std::uint64_t length = is_in_longer ? of_group + 1 : of_group;
    const std::uint64_t at = is_in_longer ? index[0] : index[0] - in_longer;
    const std::uint64_t group = (is_in_longer ? 0 : longer) + at / length;
    return {at % length % columns_, group % rows_, group / rows_ % dealt_->parts};
  }

  // Where its tile goes: all parts of a tile to the same place.
  Place result_of(const std::array<std::uint32_t, 3>& index, const Place& computed) const {
    if (!dealt_ || !sums_pixels_) return computed;
    const std::uint64_t tile = index[0] % dealt_->tiles;
    return {tile % columns_, tile / columns_, index[0] / dealt_->tiles};
  }

  Layer layer_;
  ConvolutionProduct product_;
  GemmPlan plan_;
  ThreadSplit split_;
  std::optional<Dealt> dealt_;
  bool sums_pixels_;
  std::uint64_t columns_, rows_;  // in tiles
  std::uint64_t part_k_;
};

}  // namespace

std::unique_ptr<Kernel> convolution_kernel(const Layer& layer, const GemmPlan& plan) {
  return std::make_unique<Convolution>(layer, plan);
}

}  // namespace strobe::layers
