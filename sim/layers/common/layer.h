#pragma once

// A layer of a network as the user names it: what is computed, on which sizes, in which type. How a
// GPU's library computes it is lower.h's matter.

#include <cstdint>
#include <string>

#include "sim/layers/common/data_type.h"
#include "sim/layers/common/weight_format.h"

namespace strobe::layers {

enum class Operator : std::uint8_t {
  elementwise,  // see elementwise.h for which
  softmax,
  log_softmax,
  softmax_backward,
  log_softmax_backward,
  layer_norm,
  rms_norm,
  layer_norm_backward,
  rms_norm_backward,
  cross_entropy,  // of a softmax; see cross_entropy.h
  cross_entropy_backward,
  embedding,  // rows of a table
  embedding_backward,
  dropout,  // in training
  linear,   // with a bias, the weights stored with k running fastest
  bmm,      // batched, both matrices stored by rows
  // Of few rows, see matrix_vector.h:
  gemv,
  attention_decode,
  // Of many queries, see attention.h:
  attention,
  attention_backward,
  // Of images:
  pooling,  // see pooling.h for which
  channel,  // see channel_kernel.h for which
  convolution,
  convolution_data,     // the gradient of its input
  convolution_weights,  // the gradient of its filters
};

// Images and the windows that go over them.
struct ImageSizes {
  std::uint64_t images = 0, channels = 0, height = 0, width = 0;  // of the input
  std::uint64_t filters = 0;                                      // channels of the output
  std::uint64_t kernel_height = 0, kernel_width = 0, stride = 1, padding = 0;

  std::uint64_t out_height() const { return (height + 2 * padding - kernel_height) / stride + 1; }
  std::uint64_t out_width() const { return (width + 2 * padding - kernel_width) / stride + 1; }
  std::uint64_t pixels() const { return height * width; }
  std::uint64_t out_pixels() const { return out_height() * out_width(); }
  std::uint64_t taps() const { return kernel_height * kernel_width; }
};

// Queries and what they look at; groups of heads may share keys and values.
struct AttentionSizes {
  std::uint64_t batch = 1, heads = 0, kv_heads = 0;
  std::uint64_t queries = 0, keys = 0;  // of one sample and head
  std::uint64_t depth = 0;              // elements of a head
  std::uint64_t causal = 0;             // 1: a query sees the keys up to its own place only
  std::uint64_t splits = 0;             // of the keys, over CTAs; 0: as the library chooses

  std::uint64_t group() const { return heads / kv_heads; }
  // Pairs of a query and a key that it sees; queries are the last ones of the keys.
  double pairs() const;
};

struct Layer {
  Operator op{};
  std::string name;  // as the user wrote it: "add", "ln", "linear"
  DataType type = DataType::fp32;
  std::uint64_t rows = 0, columns = 0;           // of what goes over rows
  std::uint64_t table = 0;                       // rows of an embedding's
  std::uint64_t batch = 1, m = 0, n = 0, k = 0;  // (m x k) times (k x n), batch times
  ImageSizes image;                              // of what has images
  AttentionSizes attention;                      // of attention but for decoding
  std::string weights;                           // format of a gemv's, empty: `type`
};

bool is_product(Operator op);  // has m, n and k
bool is_embedding(Operator op);
bool is_norm(Operator op);  // of rows
bool has_images(Operator op);
bool is_attention(Operator op);  // of many queries

// One line that says everything of a layer, and reads back as it: "add rows=4 cols=8 dtype=fp32".
std::string to_text(const Layer& layer);

}  // namespace strobe::layers
