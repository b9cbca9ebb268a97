#include "sim/layers/layer.h"

#include <fmt/format.h>

namespace strobe::layers {
namespace {

constexpr std::array<std::string_view, 3> kTypeNames{"fp32", "fp16", "bf16"};

}  // namespace

std::uint32_t bytes_of(DataType type) {
  return type == DataType::fp32 ? 4 : 2;
}

std::string_view name_of(DataType type) {
  return kTypeNames[static_cast<std::size_t>(type)];
}

std::optional<DataType> data_type_named(std::string_view name) {
  for (std::size_t i = 0; i < kTypeNames.size(); ++i) {
    if (kTypeNames[i] == name) return static_cast<DataType>(i);
  }
  return std::nullopt;
}

std::string to_text(const Layer& layer) {
  const std::string_view type = name_of(layer.type);
  if (layer.op == Operator::linear || layer.op == Operator::bmm) {
    const std::string batch =
        layer.op == Operator::bmm ? fmt::format("batch={} ", layer.batch) : "";
    return fmt::format("{} {}m={} n={} k={} dtype={}", layer.name, batch, layer.m, layer.n, layer.k,
                       type);
  }
  return fmt::format("{} rows={} cols={} dtype={}", layer.name, layer.rows, layer.columns, type);
}

}  // namespace strobe::layers
