#pragma once

// How the weights of a matrix are stored where they have fewer bits than what they are multiplied
// with: blocks of neighbours along k that share a scale.

#include <cstdint>
#include <optional>
#include <string_view>

namespace strobe::layers {

struct WeightFormat {
  std::string_view name;
  std::uint32_t block = 1;            // weights
  std::uint32_t block_bytes = 4;      // scales included
  std::uint32_t integer_of_four = 0;  // instructions that unpack and scale four weights
  // Checkpoints in it leave the last layer, which makes the vocabulary's scores, as it was trained:
  // TensorRT-LLM's and ModelOpt's quantisation excludes lm_head unless told otherwise
  // (github NVIDIA/TensorRT-LLM pull request 3567), vLLM's reading of them too (pull request
  // 45132). llama.cpp's formats are those of all layers.
  bool spares_head = false;

  std::uint64_t bytes(std::uint64_t weights) const {
    return (weights + block - 1) / block * block_bytes;
  }
};

const WeightFormat* weight_format_named(std::string_view name);

}  // namespace strobe::layers
