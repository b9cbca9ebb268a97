// What an optimiser launches for each tensor of parameters: as many kernels, and as many bytes, as
// torch/optim's sources have.

#include "sim/networks/optimiser.h"

#include <algorithm>

#include "sim/networks/network_file.h"
#include "sim/networks/step.h"
#include "tests/support/catch.h"

using namespace strobe;
using namespace strobe::networks;

namespace {

constexpr std::uint64_t kParameters = 122'570, kTensors = 10;  // of cifar-cnn-1

StepOptions by_tensor(Optimiser optimiser) {
  StepOptions options;
  options.training = true;
  options.optimiser = optimiser;
  options.updates_by_tensor = true;
  return options;
}

struct Launches {
  std::uint64_t count = 0, bytes = 0;
};

template <class Is>
Launches launches_of(const Step& step, const Is& is) {
  Launches sum;
  for (const Operation& operation : step.operations) {
    if (!is(operation)) continue;
    ++sum.count;
    sum.bytes += step.least_bytes(operation);
  }
  return sum;
}

Launches named(const Step& step, const std::string& start) {
  return launches_of(step,
                     [&](const Operation& operation) { return operation.name.starts_with(start); });
}

}  // namespace

TEST_CASE("tensor by tensor each optimiser launches torch/optim's kernels with their bytes") {
  struct Expected {
    Optimiser optimiser;
    std::uint64_t kernels, values;  // of a tensor; read and written for each parameter
  };
  constexpr Expected kExpected[] = {{Optimiser::sgd, 1, 3},
                                    {Optimiser::momentum, 3, 2 + 3 + 3},
                                    {Optimiser::adam, 8, 2 + 3 + 2 + 3 + 2 + 2 + 2 + 4},
                                    {Optimiser::adadelta, 11, 6 * 2 + 5 * 3}};
  for (const Expected& expected : kExpected) {
    CAPTURE(name_of(expected.optimiser));
    const Step step = make_step(read_network("cifar-cnn-1"), by_tensor(expected.optimiser));
    const Launches update = named(step, std::string(name_of(expected.optimiser)) + " ");
    CHECK(update.count == kTensors * expected.kernels);
    CHECK(update.bytes == kParameters * expected.values * 4);
  }
}

TEST_CASE("gradients that are kept are added to and set to zero, tensor by tensor") {
  const Step step = make_step(read_network("cifar-cnn-1"), by_tensor(Optimiser::sgd));
  const Launches zero = named(step, "zero ");
  CHECK(zero.count == kTensors);
  CHECK(zero.bytes == kParameters * 4);
  const Launches kept = launches_of(step, [](const Operation& operation) {
    return operation.pass == Pass::backward && operation.layer.name == "add_";
  });
  CHECK(kept.count == kTensors);
  CHECK(kept.bytes == kParameters * 3 * 4);
}

TEST_CASE("a norm's scale and shift are two tensors: ResNet-50 has 161, an LSTM four a layer") {
  const auto tensors_of = [](const std::string& name) {
    return named(make_step(read_network(name), by_tensor(Optimiser::sgd)), "zero ");
  };
  CHECK(tensors_of("resnet50").count == 161);
  CHECK(tensors_of("resnet50").bytes == 25'557'032 * 4);
  const Network lstm = read_network("lstm");
  const auto layers = std::ranges::count(lstm.nodes, Kind::lstm, &Node::kind);
  const auto dense = std::ranges::count(lstm.nodes, Kind::linear, &Node::kind);
  const auto tables = std::ranges::count(lstm.nodes, Kind::embedding, &Node::kind);
  CHECK(tensors_of("lstm").count == static_cast<std::uint64_t>(4 * layers + 2 * dense + tables));
}

TEST_CASE("Adadelta keeps two values for each parameter, however it is launched") {
  const Network network = read_network("cifar-cnn-1");
  StepOptions options = by_tensor(Optimiser::adadelta);
  for (const bool updates_by_tensor : {false, true}) {
    options.updates_by_tensor = updates_by_tensor;
    CHECK(memory_need(make_step(network, options), options).state == 2 * kParameters * 4);
  }
}

TEST_CASE("one launch updates all parameters unless each tensor is asked for") {
  StepOptions options = by_tensor(Optimiser::adadelta);
  options.updates_by_tensor = false;
  const Step step = make_step(read_network("resnet50"), options);
  const Launches update =
      launches_of(step, [](const Operation& operation) { return operation.pass == Pass::update; });
  CHECK(update.count == 1);
  CHECK(update.bytes == 25'557'032ULL * 7 * 4);  // as Adam: four read, three of them written
}

TEST_CASE("in 16 bits each tensor is updated in 32, from a copy of the optimiser's own") {
  StepOptions options = by_tensor(Optimiser::momentum);
  options.type = layers::DataType::fp16;
  const Step step = make_step(read_network("cifar-cnn-1"), options);
  const MemoryNeed need = memory_need(step, options);
  CHECK(need.state == 2 * kParameters * 4);
  for (const Operation& operation : step.operations) {
    if (!operation.name.starts_with("momentum ")) continue;
    CHECK(operation.layer.type == layers::DataType::fp32);
  }
}
