#include "sim/networks/onnx_fusion.h"

#include <algorithm>
#include <map>
#include <set>
#include <vector>

namespace strobe::networks {
namespace {

constexpr std::size_t kNone = static_cast<std::size_t>(-1);

class Fusion {
 public:
  explicit Fusion(onnx::Model& model) : model_(model), gone_(model.nodes.size()) {
    for (const onnx::Tensor& weights : model.weights) constants_.insert(weights.name);
    for (std::size_t i = 0; i < model.nodes.size(); ++i) {
      const onnx::Node& node = model.nodes[i];
      if (node.op == "Constant" && !node.outputs.empty()) constants_.insert(node.outputs[0]);
      for (const std::string& output : node.outputs) makers_[output] = i;
      for (const std::string& input : node.inputs) readers_[input].push_back(i);
    }
    for (const std::string& output : model.outputs) readers_[output].push_back(kNone);
  }

  void run() {
    for (std::size_t i = 0; i < model_.nodes.size(); ++i) {
      if (gone_[i]) continue;
      const std::string& op = model_.nodes[i].op;
      if (op == "Erf") {
        fuse_gelu(i);
      } else if (op == "Sigmoid") {
        fuse_silu(i);
      } else if (op == "Sqrt") {
        fuse_layer_norm(i);
      }
    }
    std::vector<onnx::Node> kept;
    for (std::size_t i = 0; i < model_.nodes.size(); ++i) {
      if (!gone_[i]) kept.push_back(std::move(model_.nodes[i]));
    }
    model_.nodes = std::move(kept);
  }

 private:
  const onnx::Node& node(std::size_t i) const { return model_.nodes[i]; }
  bool is(std::size_t i, std::string_view op) const {
    return i != kNone && node(i).op == op && node(i).outputs.size() == 1;
  }
  std::size_t maker(const std::string& value) const {
    const auto found = makers_.find(value);
    return found == makers_.end() ? kNone : found->second;
  }
  // Input `k` of node `i`; empty where it takes fewer: files leave out what an operator must have.
  std::string input(std::size_t i, std::size_t k = 0) const {
    return k < node(i).inputs.size() ? node(i).inputs[k] : std::string();
  }

  // The only node that takes what node `i` makes.
  std::size_t reader(std::size_t i) const {
    if (i == kNone || node(i).outputs.empty()) return kNone;
    const auto found = readers_.find(node(i).outputs[0]);
    return found == readers_.end() || found->second.size() != 1 ? kNone : found->second[0];
  }

  // What an operator of two takes beside `value`, or beside a constant; empty when it does not.
  std::string beside(std::size_t i, const std::string& value) const {
    if (i == kNone || node(i).inputs.size() != 2) return {};
    const std::vector<std::string>& inputs = node(i).inputs;
    return inputs[0] == value ? inputs[1] : inputs[1] == value ? inputs[0] : std::string();
  }
  std::string beside_constant(std::size_t i) const {
    if (i == kNone || node(i).inputs.size() != 2) return {};
    const std::vector<std::string>& inputs = node(i).inputs;
    if (constants_.contains(inputs[1])) return inputs[0];
    return constants_.contains(inputs[0]) ? inputs[1] : std::string();
  }

  // `last` becomes the whole.
  void replace(const std::vector<std::size_t>& all, std::size_t last, const std::string& op,
               const std::string& input) {
    for (const std::size_t i : all) gone_[i] = i != last || gone_[i];
    onnx::Node& whole = model_.nodes[last];
    whole.op = op;
    whole.domain.clear();
    whole.inputs = {input};
    whole.attributes.clear();
  }

  // x / sqrt(2), its erf, plus 1, times x, times 1/2; the half may come first.
  void fuse_gelu(std::size_t erf) {
    const std::size_t scale = maker(input(erf));
    if (!is(scale, "Div") && !is(scale, "Mul")) return;
    const std::string x = beside_constant(scale);
    const std::size_t plus = reader(erf), product = reader(plus);
    if (x.empty() || reader(scale) != erf || !is(plus, "Add") || !is(product, "Mul")) return;
    const std::string other = beside(product, node(plus).outputs[0]);
    if (other == x) {
      const std::size_t half = reader(product);
      if (is(half, "Mul") && !beside_constant(half).empty()) {
        replace({scale, erf, plus, product, half}, half, "Gelu", x);
      }
      return;
    }
    const std::size_t half = maker(other);
    if (is(half, "Mul") && beside_constant(half) == x && reader(half) == product) {
      replace({scale, erf, plus, half, product}, product, "Gelu", x);
    }
  }

  void fuse_silu(std::size_t sigmoid) {
    const std::size_t product = reader(sigmoid);
    const std::string x = input(sigmoid);
    if (x.empty() || !is(product, "Mul")) return;
    if (beside(product, node(sigmoid).outputs[0]) == x) {
      replace({sigmoid, product}, product, "Silu", x);
    }
  }

  // x less its mean, over the root of the mean of that squared and a little more; times a scale,
  // plus a shift.
  void fuse_layer_norm(std::size_t root) {
    const std::size_t more = maker(input(root));
    if (!is(more, "Add") || beside_constant(more).empty()) return;
    const std::size_t variance = maker(beside_constant(more));
    if (!is(variance, "ReduceMean")) return;
    const std::size_t square = maker(input(variance));
    if (!is(square, "Pow") && !is(square, "Mul")) return;
    const std::size_t deviation = maker(input(square));
    if (!is(deviation, "Sub") || node(deviation).inputs.size() != 2) return;
    const std::size_t mean = maker(input(deviation, 1));
    const std::string x = input(deviation);
    if (!is(mean, "ReduceMean") || input(mean) != x) return;
    const std::size_t quotient = reader(root), scale = reader(quotient), shift = reader(scale);
    const bool is_whole = is(quotient, "Div") && is(scale, "Mul") && is(shift, "Add") &&
                          !beside_constant(scale).empty() && !beside_constant(shift).empty();
    if (!is_whole) return;
    std::vector<std::size_t> all{mean, deviation, square, variance, more,
                                 root, quotient,  scale,  shift};
    // Some exporters take the mean off twice.
    const std::size_t again = maker(beside(quotient, node(root).outputs[0]));
    if (again != deviation) {
      if (!is(again, "Sub") || node(again).inputs != node(deviation).inputs) return;
      all.push_back(again);
    }
    replace(all, shift, "LayerNormalization", x);
  }

  onnx::Model& model_;
  std::vector<bool> gone_;
  std::set<std::string, std::less<>> constants_;
  std::map<std::string, std::size_t> makers_;
  std::map<std::string, std::vector<std::size_t>> readers_;
};

}  // namespace

void fuse_layers(onnx::Model& model) {
  Fusion(model).run();
}

}  // namespace strobe::networks
