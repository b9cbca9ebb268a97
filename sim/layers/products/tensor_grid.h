#pragma once

// In which order the CTAs of a product go through its tiles, and which of them there are in a share
// of the machine: as many fewer, of which each strip is taken by as many as in the whole.

#include <cstdint>
#include <optional>

namespace strobe::layers {

class TensorGrid {
 public:
  struct Size {
    std::uint64_t columns = 0, rows = 0, parts = 1, batch = 1;  // tiles, but for the batch
  };
  struct Place {
    std::uint64_t column = 0, row = 0, part = 0, batch = 0;
  };

  // Where parts are apart, a share has some of them, else some of the rows.
  TensorGrid(const Size& size, bool parts_apart)
      : all_(size), here_(size), ctas_(all()), parts_apart_(parts_apart) {}

  // `ctas` is what a share has of them.
  std::optional<TensorGrid> share(std::uint32_t shares, std::uint64_t ctas) const {
    TensorGrid part(*this);
    part.ctas_ = ctas;
    if (all_.batch % shares == 0) {
      part.here_.batch = all_.batch / shares;
      return part;
    }
    if (parts_apart_) {
      if (all_.parts % shares != 0) return std::nullopt;
      part.here_.parts = all_.parts / shares;
      return part;
    }
    if (shares % all_.batch != 0) return std::nullopt;
    const std::uint64_t of_product = shares / all_.batch;
    part.here_.batch = 1;
    if (all_.rows >= of_product) {
      part.here_.rows = ceil_div(all_.rows, of_product);
      part.neighbours_ = of_product;
      return part;
    }
    // Where there are few rows, their strip is read whole by every share: little beside the others.
    constexpr std::uint64_t kMostOfRows = 32;
    if (all_.rows * of_product * kMostOfRows > all_.columns) return std::nullopt;
    part.here_.columns = ceil_div(all_.columns, of_product);
    return part;
  }

  std::uint64_t ctas() const { return ctas_; }
  const Size& here() const { return here_; }
  // So many neighbours along a row take the same strip of columns.
  std::uint64_t neighbours() const { return neighbours_; }
  std::uint64_t column_strips() const { return ceil_div(here_.columns, neighbours_); }

  Place place(std::uint64_t index) const {
    constexpr std::uint64_t kBand = 8;
    const std::uint64_t plane = here_.columns * here_.rows;
    const std::uint64_t in_plane = index % plane, z = index / plane;
    const std::uint64_t band = in_plane / (kBand * here_.rows);
    const std::uint64_t in_band = in_plane % (kBand * here_.rows);
    const std::uint64_t left = here_.columns - band * kBand;
    const std::uint64_t width = left < kBand ? left : kBand;
    return {band * kBand + in_band % width, in_band / width, z % here_.parts,
            z / here_.parts % here_.batch};
  }

 private:
  static std::uint64_t ceil_div(std::uint64_t a, std::uint64_t b) { return (a + b - 1) / b; }
  std::uint64_t all() const { return all_.columns * all_.rows * all_.parts * all_.batch; }

  Size all_, here_;
  std::uint64_t ctas_;
  bool parts_apart_;
  std::uint64_t neighbours_ = 1;
};

}  // namespace strobe::layers
