#include "sim/layers/products/tensor_names.h"

#include <charconv>
#include <vector>

#include "sim/base/error.h"

namespace strobe::layers {
namespace {

std::uint64_t ceil_div(std::uint64_t a, std::uint64_t b) {
  return (a + b - 1) / b;
}

// "128x64x32": up to three numbers with an x between, from the start of the text.
std::vector<std::uint32_t> extents_at(std::string_view text) {
  std::vector<std::uint32_t> extents;
  const char* at = text.data();
  const char* const end = at + text.size();
  while (extents.size() < 3) {
    std::uint32_t number = 0;
    const auto [stop, error] = std::from_chars(at, end, number);
    if (error != std::errc{}) break;
    extents.push_back(number);
    if (stop == end || *stop != 'x') break;
    at = stop + 1;
  }
  return extents;
}

// All numbers with an x between that stand alone among the name's words; of a word that starts with
// `label`, what comes after it.
std::vector<std::vector<std::uint32_t>> all_extents(std::string_view name, std::string_view label) {
  std::vector<std::vector<std::uint32_t>> all;
  while (!name.empty()) {
    const std::size_t end = std::min(name.find('_'), name.size());
    std::string_view word = name.substr(0, end);
    if (word.starts_with(label)) word.remove_prefix(label.size());
    std::vector<std::uint32_t> extents = extents_at(word);
    if (extents.size() > 1) all.push_back(std::move(extents));
    name.remove_prefix(std::min(end + 1, name.size()));
  }
  return all;
}

// Of a tile by as many warps (or groups of four) as were launched, each has an even part that is as
// square as can be.
bool share_out(TensorTile& tile, std::uint32_t parts) {
  tile.part_rows = tile.rows;
  tile.part_columns = tile.columns;
  for (; parts > 1 && parts % 2 == 0; parts /= 2) {
    std::uint32_t& longer =
        tile.part_rows >= tile.part_columns ? tile.part_rows : tile.part_columns;
    longer /= 2;
  }
  return parts == 1 && tile.part_rows >= 8 && tile.part_columns >= 8;
}

}  // namespace

TensorPlan given_tensor(const TensorProduct& product, const TensorUnit& unit,
                        const GivenKernel& kernel) {
  TensorPlan plan{kernel.name, {}, unit, 1};
  TensorTile& tile = plan.tile;
  const auto extents = all_extents(kernel.name, "tilesize");
  // In xmma kernels the tile's first number is of m, and k comes third.
  const bool rows_first = kernel.name.find("tilesize") != std::string::npos;
  const std::uint32_t threads = kernel.block[0] * kernel.block[1] * kernel.block[2];
  const std::uint32_t copying = unit.is_grouped() ? 128 : 0;
  bool is_tile = !extents.empty() && threads % 32 == 0 && threads > copying;
  if (is_tile) {
    tile.columns = extents[0][rows_first ? 1 : 0];
    tile.rows = extents[0][rows_first ? 0 : 1];
    const std::uint32_t k = extents[0].size() > 2 ? extents[0][2]
                            : extents.size() > 1  ? extents[1][0]
                                                  : 512 / unit.bits;
    tile.depth = k * unit.bits / 8;
    if (extents.size() > 1 && unit.copies_ahead()) tile.stages = std::max(extents[1][1], 2U);
    if (unit.is_grouped()) tile.stages = 4;
    is_tile = tile.rows <= 512 && tile.columns <= 512 && tile.depth >= unit.step_bytes() &&
              share_out(tile, (threads - copying) / (unit.is_grouped() ? 128 : 32));
  }
  if (!is_tile) throw UserError("kernel '" + kernel.name + "': its name and block say no tile");
  const std::uint64_t tiles =
      ceil_div(product.rows, tile.rows) * ceil_div(product.columns, tile.columns) * product.batch;
  const std::uint64_t ctas = std::uint64_t{kernel.grid[0]} * kernel.grid[1] * kernel.grid[2];
  if (ctas % tiles != 0 || ctas == 0) {
    throw UserError("kernel '" + kernel.name + "': its grid is not that of the product");
  }
  plan.parts = static_cast<std::uint32_t>(ctas / tiles);
  return plan;
}

}  // namespace strobe::layers
