#pragma once

// A neural network as a graph of layers: what each computes, from which others, and the shape and
// the parameters that follow. How it runs on a GPU is operations.h's matter.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/base/error.h"
#include "sim/layers/common/layer.h"

namespace strobe::networks {

enum class Kind : std::uint8_t {
  input,
  convolution,
  linear,
  max_pool,
  average_pool,  // over the whole image unless a window is given
  batch_norm,
  layer_norm,
  rms_norm,
  activation,  // which one is Node::function
  add,
  multiply,
  softmax,
  embedding,
  positions,  // a learned vector for each place of a sequence, added
  flatten,
  first,      // the first place of a sequence
  attention,  // of queries, keys and values; see Sizes
  rotary,     // rotary position embedding of queries and keys
  lstm,
  dropout,  // in training
  // Of models that other programs wrote:
  copy,    // of its inputs' elements, in another order or place
  matmul,  // of two inputs' matrices, side by side; Sizes::out is what the first's lines have
};

// What a file may say of a layer. Zero: not said.
struct Sizes {
  std::uint64_t out = 0;  // filters of a convolution, features of a linear layer or an LSTM
  std::uint64_t kernel = 0, kernel_width = 0, stride = 0, padding = 0, groups = 0;
  std::uint64_t heads = 0, kv_heads = 0;  // of attention; groups of heads may share keys
  std::uint64_t vocabulary = 0;
  bool bias = true;
  bool causal = false;   // a place of attention sees those before it only
  bool mask = false;     // what it sees is said by a tensor beside the scores, of padding
  bool dropout = false;  // some of its weights are dropped in training
  bool tied = false;     // the weights are those of the embedding
};

// Of one sample: channels, height, width of an image; places, features of a sequence; features.
using Shape = std::vector<std::uint64_t>;
std::uint64_t elements_of(const Shape& shape);
std::string text_of(const Shape& shape);  // "64 x 8 x 8"

struct Node {
  std::string name;
  Kind kind{};
  std::string function;             // of an activation: "relu", ...
  std::vector<std::size_t> inputs;  // nodes
  Sizes sizes;
  Place place;  // where the file says so
  Shape shape;  // of the output
  std::uint64_t parameters = 0;
};

struct Network {
  std::string name, title;
  std::uint64_t samples = 0;     // of an epoch; 0: none is known
  std::uint64_t parameters = 0;  // as published, 0: not known
  std::uint64_t tokens = 0;      // of a sequence's places, one sample has; 0: samples are images
  std::uint64_t context = 0;     // places that attention looks back at
  std::optional<layers::DataType> type;  // that the file has weights in
  std::string file;
  std::vector<Node> nodes;  // in an order in which each comes after its inputs; the input first

  std::uint64_t counted_parameters() const;
};

// Works out every node's shape and parameters. Throws UserError at the node that does not fit.
void infer_shapes(Network& network);

// Keys and values that attention reads, for each place: the second and third inputs' features.
std::uint64_t key_features(const Network& network, const Node& attention);

}  // namespace strobe::networks
