#pragma once

// A layer of a network as the user names it: what is computed, on which sizes, in which type. How a
// GPU's library computes it is lower.h's matter.

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace strobe::layers {

enum class Operator : std::uint8_t {
  elementwise,  // see elementwise.h for which
  softmax,
  layer_norm,
  linear,  // with a bias, the weights stored with k running fastest
  bmm,     // batched, both matrices stored by rows
};

enum class DataType : std::uint8_t { fp32, fp16, bf16 };
std::uint32_t bytes_of(DataType type);
std::string_view name_of(DataType type);
std::optional<DataType> data_type_named(std::string_view name);

struct Layer {
  Operator op{};
  std::string name;  // as the user wrote it: "add", "ln", "linear"
  DataType type = DataType::fp32;
  std::uint64_t rows = 0, columns = 0;           // of elementwise, softmax and layer norm
  std::uint64_t batch = 1, m = 0, n = 0, k = 0;  // (m x k) times (k x n), batch times
};

// One line that says everything of a layer, and reads back as it: "add rows=4 cols=8 dtype=fp32".
std::string to_text(const Layer& layer);

}  // namespace strobe::layers
