// What a framework launches for the optimiser.

#include "sim/networks/optimiser.h"
#include "sim/networks/step_builder.h"

namespace strobe::networks {

using layers::Layer;
using Use = Tensor::Use;

namespace {

constexpr std::uint64_t kUpdatedBytes = 4;  // of a parameter where it is updated

// Of the node's tensors of parameters, those that a framework has two of: a norm's scale and shift,
// and of an LSTM the weights of its inputs, or of its state, and their bias.
std::uint64_t first_of_two(const Node& node, std::uint64_t elements) {
  if (node.kind == Kind::batch_norm || node.kind == Kind::layer_norm) return elements / 2;
  if (node.kind == Kind::lstm) return elements - 4 * node.sizes.out;
  return elements;
}

}  // namespace

Layer StepBuilder::over_updated(std::string_view op, std::uint64_t elements) const {
  Layer layer = over(op, elements);
  layer.type = layers::DataType::fp32;
  return layer;
}

std::size_t StepBuilder::updated_tensor(const std::string& name, Use use, std::uint64_t elements) {
  const std::size_t index = tensor(name, use, elements);
  step_.tensors[index].bytes = elements * kUpdatedBytes;
  return index;
}

// Of parameters in 16 bits the optimiser keeps a copy of its own in 32, and all that it adds up: it
// reads that and the gradients and writes both, which is as many bytes as in fp32 altogether.
bool StepBuilder::has_master_parameters() const {
  return layers::bytes_of(options_.type) < kUpdatedBytes;
}

void StepBuilder::add_update() {
  pass_ = Pass::update;
  options_.updates_by_tensor ? update_by_tensor() : update_all();
}

// One launch for all parameters, as PyTorch's fused optimisers do it.
void StepBuilder::update_all() {
  const std::uint64_t elements = network_.counted_parameters();
  Node optimiser;
  optimiser.name = name_of(options_.optimiser);
  std::vector<std::size_t> updated{has_master_parameters()
                                       ? updated_tensor("master parameters", Use::state, elements)
                                       : tensor("parameters", Use::view, elements)};
  for (std::size_t i = 1; i <= states_of(options_.optimiser); ++i) {
    updated.push_back(updated_tensor("moment" + std::to_string(i), Use::state, elements));
  }
  std::vector<std::size_t> reads = updated;
  reads.push_back(tensor("gradients", Use::view, elements));
  constexpr double kOperations[] = {2, 4, 12, 15};
  launch(optimiser, {"", over_updated(optimiser.name, elements), reads, updated,
                     kOperations[static_cast<std::size_t>(options_.optimiser)] *
                         static_cast<double>(elements)});
}

// The gradients of the node's parameters are added to those that are kept.
void StepBuilder::keep_gradients(const Node& node, const NodeTensors& tensors) {
  for (const auto& parameter : {tensors.weights, tensors.bias}) {
    if (!parameter || !gradients_.contains(*parameter)) continue;
    const std::uint64_t elements =
        step_.tensors[*parameter].bytes / layers::bytes_of(options_.type);
    const std::uint64_t first = first_of_two(node, elements);
    if (first == elements) {
      keep_gradient(node, {*parameter, Part::whole}, elements);
    } else {
      keep_gradient(node, {*parameter, Part::first}, first);
      keep_gradient(node, {*parameter, Part::second}, elements - first);
    }
  }
}

void StepBuilder::keep_gradient(const Node& node, PartOf part, std::uint64_t elements) {
  const auto [found, is_new] = trained_.try_emplace(part);
  Trained& trained = found->second;
  std::size_t gradient = gradients_.at(part.first);
  if (is_new) {
    constexpr std::string_view kParts[] = {"", ".first", ".second"};
    trained.name = step_.tensors[part.first].name;
    trained.name += kParts[static_cast<std::size_t>(part.second)];
    trained.elements = elements;
    trained.parameter = part.first;
    if (part.second != Part::whole) trained.parameter = tensor(trained.name, Use::view, elements);
    trained.gradient = tensor(trained.name + ".gradient.kept", Use::gradient, elements);
  }
  if (part.second != Part::whole) {
    gradient = tensor(trained.name + ".gradient", Use::view, elements);
  }
  launch(node, {"gradient kept",
                over("add_", elements),
                {trained.gradient, gradient},
                {trained.gradient},
                static_cast<double>(elements)});
}

void StepBuilder::update_by_tensor() {
  for (const auto& [part, trained] : trained_) update_tensor(trained);
  Node node;
  node.name = "zero";
  for (const auto& [part, trained] : trained_) {
    launch(node, {trained.name, over("fill", trained.elements), {}, {trained.gradient}});
  }
}

// What is scratch is freed after each tensor, and the next one of that size gets it again.
std::size_t StepBuilder::scratch(std::size_t slot, std::uint64_t elements) {
  const auto [found, is_new] = scratch_.try_emplace({slot, elements});
  if (is_new) {
    const std::string name = "scratch" + std::to_string(slot) + "." + std::to_string(elements);
    found->second = updated_tensor(name, Use::activation, elements);
  }
  return found->second;
}

void StepBuilder::update_tensor(const Trained& trained) {
  std::array<std::size_t, kOperands> operands{};
  const auto place_of = [&](Operand operand) -> std::size_t& {
    return operands[static_cast<std::size_t>(operand)];
  };
  const std::uint64_t elements = trained.elements;
  place_of(Operand::parameter) =
      has_master_parameters() ? updated_tensor(trained.name + ".master", Use::state, elements)
                              : trained.parameter;
  place_of(Operand::gradient) = trained.gradient;
  for (std::size_t i = 0; i < states_of(options_.optimiser); ++i) {
    const std::string state = trained.name + ".moment" + std::to_string(i + 1);
    operands[static_cast<std::size_t>(Operand::state1) + i] =
        updated_tensor(state, Use::state, elements);
  }
  for (const UpdateKernel& kernel : kernels_of_tensor(options_.optimiser)) {
    for (const Operand operand : {Operand::scratch1, Operand::scratch2}) {
      if (kernel.written == operand) {
        place_of(operand) = scratch(static_cast<std::size_t>(operand), elements);
      }
    }
    std::vector<std::size_t> reads;
    if (kernel.is_in_place()) reads.push_back(place_of(kernel.written));
    if (kernel.read) reads.push_back(place_of(*kernel.read));
    if (kernel.read_too) reads.push_back(place_of(*kernel.read_too));
    const double operations = static_cast<double>(reads.size() * elements);
    Node node;
    node.name = name_of(options_.optimiser);
    launch(node, {trained.name + " " + std::string(kernel.op),
                  over_updated(kernel.op, elements),
                  std::move(reads),
                  {place_of(kernel.written)},
                  operations});
  }
}

}  // namespace strobe::networks
