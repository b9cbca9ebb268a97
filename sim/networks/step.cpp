#include "sim/networks/step.h"

#include <algorithm>
#include <map>

#include "sim/networks/step_builder.h"

namespace strobe::networks {

std::string_view name_of(Pass pass) {
  constexpr std::string_view kNames[] = {"forward", "backward", "update"};
  return kNames[static_cast<std::size_t>(pass)];
}

std::uint64_t Step::bytes_of(Tensor::Use use) const {
  std::uint64_t sum = 0;
  for (const Tensor& tensor : tensors) sum += tensor.use == use ? tensor.bytes : 0;
  return sum;
}

std::uint64_t Step::least_bytes(const Operation& operation) const {
  std::uint64_t sum = 0;
  for (const std::size_t i : operation.reads) sum += tensors[i].bytes;
  for (const std::size_t i : operation.writes) sum += tensors[i].bytes;
  return sum;
}

std::uint64_t Step::bytes_to_host(const Network& network, const StepOptions& options) const {
  constexpr std::uint64_t kLoss = 4, kToken = 8;  // a float, a 64-bit integer
  if (options.training) return kLoss;
  if (network.tokens > 0) return kToken * options.batch;
  std::uint64_t sum = 0;
  if (operations.empty()) return sum;
  for (const std::size_t i : operations.back().writes) sum += tensors[i].bytes;
  return sum;
}

std::vector<std::vector<std::size_t>> Step::needs() const {
  std::vector<std::vector<std::size_t>> all(operations.size());
  std::map<std::size_t, std::size_t> writer;
  for (std::size_t i = 0; i < operations.size(); ++i) {
    for (const auto* tensors_of : {&operations[i].reads, &operations[i].writes}) {
      for (const std::size_t tensor : *tensors_of) {
        const auto last = writer.find(tensor);
        if (last != writer.end()) all[i].push_back(last->second);
      }
    }
    for (const std::size_t tensor : operations[i].writes) writer[tensor] = i;
  }
  return all;
}

StepOptions options_for(const Network& network, const StepOptions& options) {
  StepOptions own = options;
  if (network.type && !options.is_type_given) own.type = *network.type;
  return own;
}

Step make_step(const Network& network, const StepOptions& options) {
  StepBuilder builder(network, options_for(network, options));
  builder.add_forward();
  if (options.training) {
    builder.add_loss();
    builder.add_backward();
    builder.add_update();
  }
  return builder.take();
}

namespace {

// A layer's output can go once its last reader is done: the most that is alive at once. In training
// what a gradient is reckoned from stays for the backward pass, but not what only the next layer
// reads: what goes into an addition, say.
std::uint64_t most_alive(const Step& step) {
  const auto place_of = [&](std::size_t tensor) {
    while (step.tensors[tensor].overwrites) tensor = *step.tensors[tensor].overwrites;
    return tensor;
  };
  std::vector<std::size_t> last_use(step.tensors.size());
  for (std::size_t i = 0; i < step.operations.size(); ++i) {
    for (const std::size_t tensor : step.operations[i].reads) last_use[place_of(tensor)] = i;
    for (const std::size_t tensor : step.operations[i].writes) last_use[place_of(tensor)] = i;
  }
  std::uint64_t alive = 0, most = 0;
  std::vector<bool> is_alive(step.tensors.size());
  for (std::size_t i = 0; i < step.operations.size(); ++i) {
    for (const std::size_t written : step.operations[i].writes) {
      const std::size_t tensor = place_of(written);
      if (step.tensors[tensor].use != Tensor::Use::activation || is_alive[tensor]) continue;
      is_alive[tensor] = true;
      alive += step.tensors[tensor].bytes;
    }
    most = std::max(most, alive);
    for (std::size_t tensor = 0; tensor < is_alive.size(); ++tensor) {
      if (!is_alive[tensor] || last_use[tensor] != i) continue;
      is_alive[tensor] = false;
      alive -= step.tensors[tensor].bytes;
    }
  }
  return most;
}

}  // namespace

MemoryNeed memory_need(const Step& step, const StepOptions& options) {
  using Use = Tensor::Use;
  MemoryNeed need;
  need.parameters = step.bytes_of(Use::parameter);
  need.state = step.bytes_of(Use::state);
  need.cache = step.bytes_of(Use::cache);
  need.input = step.bytes_of(Use::input);
  need.activations = most_alive(step);
  // The gradients of parameters stay, those of activations go as the backward pass goes on.
  if (options.training) need.gradients = need.parameters;
  return need;
}

}  // namespace strobe::networks
