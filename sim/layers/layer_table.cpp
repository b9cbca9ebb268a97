#include "sim/layers/layer_table.h"

#include <algorithm>
#include <charconv>
#include <fstream>

#include "sim/base/csv.h"
#include "sim/layers/layer_text.h"

namespace strobe::layers {
namespace {

using Fields = std::vector<std::string>;

std::string lower_case(std::string text) {
  std::ranges::transform(text, text.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  return text;
}

std::optional<double> measured_in(const std::string& text) {
  if (text.empty()) return std::nullopt;
  double microseconds = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), microseconds);
  if (error != std::errc{} || end != text.data() + text.size() || !(microseconds > 0)) {
    throw UserError("latency_us '" + text + "' is no time");
  }
  return microseconds * 1e-6;
}

std::optional<GivenKernel> kernel_in(const CsvColumns& columns, const Fields& fields) {
  GivenKernel kernel;
  kernel.name = columns.of(fields, "main_kernel");
  if (kernel.name.empty()) return std::nullopt;
  const auto grid = parse_extents(columns.of(fields, "grid"));
  const auto block = parse_extents(columns.of(fields, "block"));
  if (!grid || !block) throw UserError("main_kernel needs a grid and a block such as 14x3x1");
  kernel.grid = *grid;
  kernel.block = *block;
  const std::string all = lower_case(columns.of(fields, "kernels"));
  kernel.sums_in_workspace = all.find("splitkreduce") != std::string::npos;
  return kernel;
}

TableRow row_of(const CsvColumns& columns, const Fields& fields) {
  columns.require_all(fields);
  TableRow row;
  row.gpu = lower_case(columns.of(fields, "gpu"));
  row.layer = parse_layer(columns.of(fields, "op"), columns.of(fields, "shape"),
                          columns.of(fields, "dtype"));
  row.measured = measured_in(columns.of(fields, "latency_us"));
  row.kernel = kernel_in(columns, fields);
  const std::string l2 = columns.of(fields, "l2");
  if (!l2.empty() && l2 != "cold" && l2 != "warm") {
    throw UserError("l2 '" + l2 + "' is neither cold nor warm");
  }
  row.is_l2_cold = l2 == "cold";
  row.source = columns.of(fields, "source");
  return row;
}

}  // namespace

bool is_layer_table(const std::filesystem::path& path) {
  std::ifstream file(path);
  std::string text;
  while (std::getline(file, text)) {
    if (text.empty() || text.starts_with('#') || text == "\r") continue;
    const CsvColumns columns(csv_fields(text));
    return columns.has("op") && columns.has("shape");
  }
  return false;
}

LayerTable read_layer_table(const std::filesystem::path& path) {
  std::ifstream file(path);
  if (!file) throw UserError({path.string()}, "cannot be read");
  LayerTable table;
  std::optional<CsvColumns> columns;
  std::string text;
  for (std::int64_t line = 1; std::getline(file, text); ++line) {
    if (text.empty() || text.starts_with('#') || text == "\r") continue;
    try {
      const Fields fields = csv_fields(text);
      if (!columns) {
        columns.emplace(fields);
        if (columns->has("op") && columns->has("shape")) continue;
        throw UserError({path.string(), line}, "the columns op and shape are missing");
      }
      table.rows.push_back(row_of(*columns, fields));
      table.rows.back().line = line;
    } catch (const UserError& error) {
      if (table.rows.empty() && !(columns && columns->has("op") && columns->has("shape"))) throw;
      table.refused.push_back({line, error.what()});
    }
  }
  if (!columns) throw UserError({path.string()}, "is empty");
  return table;
}

}  // namespace strobe::layers
