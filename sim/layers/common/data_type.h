#pragma once

// The types that layers compute in, and what an element of each takes in memory.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace strobe::layers {

enum class DataType : std::uint8_t {
  fp32,
  fp16,
  bf16,
  // Of matrix products and convolutions only:
  tf32,  // stored as fp32
  int8,
  fp8,
  nvfp4,  // fp4 with an fp8 scale for 16 neighbours along k
  mxfp4,  // ... with an 8-bit exponent for 32 (OCP Microscaling Formats 1.0)
};

std::string_view name_of(DataType type);
std::optional<DataType> data_type_named(std::string_view name);
std::string known_data_types();  // "fp32, fp16, ...", for messages

// Whether layers other than products are known in it.
bool is_general(DataType type);

// Bits of an element, scales not included.
std::uint32_t bits_of(DataType type);
// REQUIRES: no fp4.
std::uint32_t bytes_of(DataType type);

// Elements that share a scale, and its bytes; 0 where there are none.
struct BlockScale {
  std::uint32_t elements = 0, bytes = 0;
};
BlockScale scale_of(DataType type);

// What a product of such operands gives: PyTorch and cublasLt return sums of narrow types in bf16,
// those of integers in 32 bits.
DataType result_of(DataType operands);

// In which the layers around such a product run.
DataType storage_of(DataType products);

}  // namespace strobe::layers
