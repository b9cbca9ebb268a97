#include "sim/layers/common/data_type.h"

#include <array>
#include <string>

#include "sim/base/check.h"

namespace strobe::layers {
namespace {

struct TypeFacts {
  std::string_view name;
  std::uint32_t bits = 0;
  DataType result{};
  BlockScale scale;
};
constexpr std::array<TypeFacts, 8> kTypes{{{"fp32", 32, DataType::fp32, {}},
                                           {"fp16", 16, DataType::fp16, {}},
                                           {"bf16", 16, DataType::bf16, {}},
                                           {"tf32", 32, DataType::fp32, {}},
                                           {"int8", 8, DataType::fp32, {}},
                                           {"fp8", 8, DataType::bf16, {}},
                                           {"nvfp4", 4, DataType::bf16, {16, 1}},
                                           {"mxfp4", 4, DataType::bf16, {32, 1}}}};

const TypeFacts& facts_of(DataType type) {
  return kTypes[static_cast<std::size_t>(type)];
}

}  // namespace

std::string_view name_of(DataType type) {
  return facts_of(type).name;
}

std::optional<DataType> data_type_named(std::string_view name) {
  for (std::size_t i = 0; i < kTypes.size(); ++i) {
    if (kTypes[i].name == name) return static_cast<DataType>(i);
  }
  return std::nullopt;
}

std::string known_data_types() {
  std::string text;
  for (const TypeFacts& type : kTypes) text += (text.empty() ? "" : ", ") + std::string(type.name);
  return text;
}

bool is_general(DataType type) {
  return type <= DataType::bf16;
}

std::uint32_t bits_of(DataType type) {
  return facts_of(type).bits;
}

std::uint32_t bytes_of(DataType type) {
  STROBE_CHECK(bits_of(type) >= 8);
  return bits_of(type) / 8;
}

BlockScale scale_of(DataType type) {
  return facts_of(type).scale;
}

DataType result_of(DataType operands) {
  return facts_of(operands).result;
}

DataType storage_of(DataType products) {
  if (products == DataType::tf32) return DataType::fp32;
  return is_general(products) ? products : DataType::bf16;
}

}  // namespace strobe::layers
