// Attention made of operators that know nothing of each other, where there is no kernel for all of
// it or a program does without: each reads all scores and writes them. As BERT's own programs have
// it (NVIDIA DeepLearningExamples, Hugging Face transformers' "eager"): the product of queries and
// keys, divided by the root of a head's size, the mask added, a softmax, dropout, and the product
// with the values. Heads that share keys are rows of one product. A batched product wants each head
// by itself where layers leave and take them side by side: PyTorch's matmul copies them there and
// `contiguous` back (aten/src/ATen/native/LinearAlgebra.cpp: expand, reshape).

#include <algorithm>

#include "sim/networks/step_builder.h"

namespace strobe::networks {

using layers::Layer;
using Use = Tensor::Use;

Layer StepBuilder::scores_of(const Node& node) const {
  const Sizes& sizes = node.sizes;
  const std::uint64_t places = node.shape[0];
  Layer scores;
  scores.batch = options_.batch * sizes.kv_heads;
  scores.m = places * (sizes.heads / sizes.kv_heads);
  scores.n = std::max(network_.context, places);
  scores.k = node.shape[1] / sizes.heads;
  return scores;
}

std::size_t StepBuilder::heads_moved(const Node& node, const std::string& what, std::size_t from,
                                     std::uint64_t elements) {
  if (node.sizes.heads == 1) return from;
  const Use use = pass_ == Pass::forward ? Use::activation : Use::gradient;
  const std::size_t moved = tensor(node.name + "." + what, use, elements);
  launch(node, {what, over("copy", elements), {from}, {moved}, 0});
  return moved;
}

void StepBuilder::forward_eager(const Node& node, NodeTensors& tensors, const KeysAndValues& all) {
  const Layer scores = scores_of(node);
  const std::uint64_t elements = scores.batch * scores.m * scores.n;
  const auto count = static_cast<double>(elements);
  const double products = 2 * count * static_cast<double>(scores.k);
  const std::uint64_t cached = options_.batch * scores.n * key_features(network_, node);
  const std::size_t queries =
      heads_moved(node, "query_heads", input_of(node), samples_of(node.shape));
  const std::size_t keys = heads_moved(node, "key_heads", all.keys, cached);
  const std::size_t values = heads_moved(node, "value_heads", all.values, cached);
  std::size_t last = tensor(node.name + ".scores", Use::activation, elements);
  launch(node, {"scores", product("bmm", scores), {queries, keys}, {last}, products});
  const auto then = [&](const std::string& what, const Layer& layer, double operations) {
    const std::size_t next = tensor(node.name + "." + what, Use::activation, elements);
    launch(node, {what, layer, {last}, {next}, operations * count});
    last = next;
  };
  then("scale", over("mulu", elements), 1);
  if (node.sizes.mask || node.sizes.causal) then("mask", over("addu", elements), 1);
  Layer softmax = over("softmax", elements);
  softmax.rows = scores.batch * scores.m;
  softmax.columns = scores.n;
  then("softmax", softmax, 5);
  const std::size_t weights = last;
  if (node.sizes.dropout && options_.training) {
    tensors.places = dropout_mask(node, elements);
    last = tensor(node.name + ".dropout", Use::activation, elements);
    launch(node,
           {"dropout", over("dropout", elements), {weights}, {last, *tensors.places}, 2 * count});
  }
  Layer sums = scores;
  sums.n = scores.k;
  sums.k = scores.n;
  const std::uint64_t made = samples_of(node.shape);
  const bool is_one = node.sizes.heads == 1;
  const std::size_t apart =
      is_one ? tensors.output : tensor(node.name + ".values", Use::activation, made);
  launch(node, {"values", product("bmm", sums), {last, values}, {apart}, products});
  if (!is_one) launch(node, {"joined_heads", over("copy", made), {apart}, {tensors.output}, 0});
  tensors.extra = {weights, last, queries, keys, values};
}

// The mask is a constant: what is added to the scores gets no gradient and changes none.
void StepBuilder::backward_eager(const Node& node, const NodeTensors& tensors) {
  const Layer scores = scores_of(node);
  const std::uint64_t elements = scores.batch * scores.m * scores.n;
  const auto count = static_cast<double>(elements);
  const double products = 2 * count * static_cast<double>(scores.k);
  const std::size_t weights = tensors.extra[0], kept = tensors.extra[1], queries = tensors.extra[2],
                    keys = tensors.extra[3], values = tensors.extra[4];
  const std::size_t output =
      heads_moved(node, "joined_heads", *tensors.gradient, samples_of(node.shape));
  std::size_t last = tensor(node.name + ".values.gradient", Use::gradient, elements);
  launch(node, {"weights", product("bmm", scores), {output, values}, {last}, products});
  const auto then = [&](const std::string& what, const Layer& layer,
                        const std::vector<std::size_t>& saved, double operations) {
    const std::size_t next = tensor(node.name + "." + what + ".gradient", Use::gradient, elements);
    std::vector<std::size_t> reads{last};
    reads.insert(reads.end(), saved.begin(), saved.end());
    launch(node, {what, layer, reads, {next}, operations * count});
    last = next;
  };
  if (tensors.places) then("dropout", over("dropout_backward", elements), {*tensors.places}, 2);
  const Shape rows{scores.batch * scores.m / options_.batch, scores.n};
  then("softmax", over_rows(layers::Operator::softmax_backward, "softmax_backward", rows),
       {weights}, 4);
  then("scale", over("mulu", elements), {}, 1);
  Layer to_values = scores;  // the weights' transpose times the output's gradient
  to_values.m = scores.n;
  to_values.n = scores.k;
  to_values.k = scores.m;
  Layer to_queries = scores;
  to_queries.n = scores.k;
  to_queries.k = scores.n;
  const std::size_t of_query = gradient_of_input(node, 0), of_key = gradient_of_input(node, 1),
                    of_value = gradient_of_input(node, 2);
  launch(node, {"values", product("bmm", to_values), {kept, output}, {of_value}, products});
  launch(node, {"queries", product("bmm", to_queries), {last, keys}, {of_query}, products});
  launch(node, {"keys", product("bmm", to_values), {last, queries}, {of_key}, products});
  const std::uint64_t cached = options_.batch * scores.n * key_features(network_, node);
  give_gradient(node, 0, heads_moved(node, "query_heads", of_query, samples_of(node.shape)));
  give_gradient(node, 1, heads_moved(node, "key_heads", of_key, cached));
  give_gradient(node, 2, heads_moved(node, "value_heads", of_value, cached));
}

}  // namespace strobe::networks
