#pragma once

// A table of layers in a CSV file: the columns gpu, op, shape, dtype, latency_us, main_kernel,
// kernels, grid, block, l2 and source by name, in any order; only op and shape must be there.
// Fields with commas are quoted, lines that start with # are comments.

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "sim/layers/common/layer.h"
#include "sim/layers/products/gemm_choice.h"

namespace strobe::layers {

struct TableRow {
  std::int64_t line = 0;
  std::string gpu;  // in lower case, as configs are named; empty when the table does not say
  Layer layer;
  std::optional<double> measured;  // s
  std::optional<GivenKernel> kernel;
  // The L2 held other things ("cold"), not what the layer left when it ran last ("warm", or empty).
  bool is_l2_cold = false;
  std::string source;  // who measured it; rows of one were measured in the same way
};

// A row that cannot be used, and why.
struct RefusedRow {
  std::int64_t line = 0;
  std::string why;
};

struct LayerTable {
  std::vector<TableRow> rows;
  std::vector<RefusedRow> refused;
};

// Whether its first line names the columns of such a table.
bool is_layer_table(const std::filesystem::path& path);

// Throws UserError when the file cannot be read or has not the columns.
LayerTable read_layer_table(const std::filesystem::path& path);

}  // namespace strobe::layers
