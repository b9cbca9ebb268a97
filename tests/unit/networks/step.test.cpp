// The launches of a step: what a forward pass needs, and that a backward pass follows from it.

#include "sim/networks/step.h"

#include <algorithm>

#include "sim/layers/lower.h"
#include "sim/networks/network_file.h"
#include "tests/support/catch.h"
#include "tests/support/small_gpu.h"

using namespace strobe;
using namespace strobe::networks;

namespace {

double operations_of(const Step& step, Pass pass) {
  double sum = 0;
  for (const Operation& operation : step.operations) {
    if (operation.pass == pass) sum += operation.operations;
  }
  return sum;
}

StepOptions training(std::uint64_t batch) {
  StepOptions options;
  options.batch = batch;
  options.training = true;
  return options;
}

}  // namespace

TEST_CASE("a ResNet-50 multiplies as often as its paper says") {
  const Step step = make_step(read_network("resnet50"), {});
  double products = 0;
  for (const Operation& operation : step.operations) {
    const bool is_product = operation.layer.op == layers::Operator::convolution ||
                            operation.layer.op == layers::Operator::linear;
    if (is_product) products += operation.operations / 2;
  }
  CHECK(products == Approx(4.09e9).epsilon(0.01));  // v1.5: 4.1 billion
}

TEST_CASE("a token of Llama 3.1 8B takes two operations for each parameter that it meets") {
  const Network network = read_network("llama-3.1-8b", {1, 1});
  const Step step = make_step(network, {});
  const double met = 8'030'261'248.0 - 128256.0 * 4096;  // one row of the embedding only
  CHECK(operations_of(step, Pass::forward) == Approx(2 * met).epsilon(0.001));
}

TEST_CASE("the host reads a loss of training, scores of images and a token of each sequence") {
  const auto read_back = [](const char* name, const StepOptions& options) {
    const Network network = read_network(name);
    return make_step(network, options).bytes_to_host(network, options);
  };
  StepOptions inference;
  inference.batch = 3;
  CHECK(read_back("resnet50", inference) == 3 * 1000 * 4);
  inference.type = layers::DataType::fp16;
  CHECK(read_back("resnet50", inference) == 3 * 1000 * 2);
  CHECK(read_back("llama-3.1-8b", inference) == 3 * 8);
  CHECK(read_back("resnet50", training(3)) == 4);
}

TEST_CASE("going back takes twice the products of going forward") {
  for (const char* const name : {"vgg16", "bert-base"}) {
    CAPTURE(name);
    const Step step = make_step(read_network(name), training(2));
    const double forward = operations_of(step, Pass::forward);
    CHECK(operations_of(step, Pass::backward) / forward == Approx(2).epsilon(0.03));
  }
}

TEST_CASE("every parameter gets a gradient of its size") {
  for (const std::string name : {"cifar-cnn-1", "resnet18", "lstm", "bert-base", "llama-3.1-8b"}) {
    CAPTURE(name);
    const Step step = make_step(read_network(name), training(2));
    for (const Tensor& tensor : step.tensors) {
      if (tensor.use != Tensor::Use::parameter) continue;
      const auto gradient =
          std::ranges::find(step.tensors, tensor.name + ".gradient", &Tensor::name);
      CAPTURE(tensor.name);
      REQUIRE(gradient != step.tensors.end());
      CHECK(gradient->bytes == tensor.bytes);
    }
    CHECK(step.operations.back().pass == Pass::update);
  }
}

TEST_CASE("dropout is launched in training only, and its gradient reads what was kept") {
  const auto launches = [](const Step& step, std::string_view name) {
    return std::ranges::count_if(step.operations,
                                 [&](const Operation& one) { return one.layer.name == name; });
  };
  const Network network = read_network("bert-base");
  const Step step = make_step(network, training(2));
  CHECK(launches(step, "dropout") == 1 + 3 * 12);
  CHECK(launches(step, "dropout_backward") == 1 + 3 * 12);
  CHECK(launches(make_step(network, {}), "dropout") == 0);
  const auto mask = std::ranges::find(step.tensors, std::string("dropout1.mask"), &Tensor::name);
  REQUIRE(mask != step.tensors.end());
  CHECK(mask->bytes == 2 * 128 * 768);
}

TEST_CASE("attention of many operators moves heads and scales, masks and drops scores") {
  const auto of_attention = [](const Step& step, Pass pass) {
    std::string names;
    for (const Operation& operation : step.operations) {
      if (operation.pass != pass) continue;
      if (operation.name.find("1.0.attention1 ") == std::string::npos) continue;
      names += operation.name.substr(operation.name.find(' '));
    }
    return names;
  };
  const Step bert = make_step(read_network("bert-base"), training(2));
  const std::string heads = " query_heads key_heads value_heads";
  CHECK(of_attention(bert, Pass::forward) ==
        heads + " scores scale mask softmax dropout values joined_heads");
  CHECK(of_attention(bert, Pass::backward) ==
        " joined_heads weights dropout softmax scale values queries keys" + heads);
  for (const Operation& operation : bert.operations) {
    const bool is_mask = operation.name == "encoder1.0.attention1 mask";
    if (!is_mask && operation.name != "encoder1.0.attention1 scale") continue;
    CHECK(operation.layer.rows * operation.layer.columns == 2 * 12 * 128 * 128);
  }
  const Network llama = read_network("llama-3.1-8b", {64, 64});
  CHECK(of_attention(make_step(llama, training(1)), Pass::forward) ==
        heads + " scores scale mask softmax values joined_heads");
  CHECK(of_attention(make_step(read_network("bert-base"), {}), Pass::forward) ==
        heads + " scores scale mask softmax values joined_heads");
}

TEST_CASE("norms, losses and embeddings are launched as themselves") {
  const Step step = make_step(read_network("llama-3.1-8b"), training(1));
  const auto count = [&](layers::Operator op) {
    return std::ranges::count_if(step.operations,
                                 [&](const Operation& one) { return one.layer.op == op; });
  };
  CHECK(count(layers::Operator::rms_norm) == 65);
  CHECK(count(layers::Operator::rms_norm_backward) == 65);
  CHECK(count(layers::Operator::layer_norm) == 0);
  CHECK(count(layers::Operator::cross_entropy) == 1);
  CHECK(count(layers::Operator::cross_entropy_backward) == 1);
  CHECK(count(layers::Operator::embedding) == 1);
  CHECK(count(layers::Operator::embedding_backward) == 1);
}

TEST_CASE("every launch of a step can be lowered to kernels") {
  const device::GpuSpec gpu = test::small_gpu();
  for (const std::string name :
       {"cifar-cnn-4", "alexnet", "resnet50-cifar10", "lstm", "bert-base"}) {
    CAPTURE(name);
    StepOptions options = training(2);
    options.optimiser = Optimiser::adadelta;
    options.updates_by_tensor = true;
    const Step step = make_step(read_network(name), options);
    for (const Operation& operation : step.operations) {
      CAPTURE(operation.text());
      CHECK_FALSE(layers::lower(operation.layer, gpu).empty());
    }
  }
}

TEST_CASE("what a step needs of the memory grows as the optimiser and the batch do") {
  const Network network = read_network("cifar-cnn-1");
  const StepOptions one = training(1);
  StepOptions adam = training(64);
  adam.optimiser = Optimiser::adam;
  const MemoryNeed small = memory_need(make_step(network, one), one);
  const MemoryNeed large = memory_need(make_step(network, adam), adam);
  CHECK(small.parameters == 122'570 * 4);
  CHECK(small.state == small.parameters);
  CHECK(large.state == 2 * small.parameters);
  CHECK(large.activations == 64 * small.activations);
  StepOptions inference;
  inference.batch = 64;
  // The first convolution's images, which its ReLU overwrites, and what the pooling makes of them,
  // each with its place in 64 bits, are the most that is alive at once.
  const std::uint64_t alive = memory_need(make_step(network, inference), inference).activations;
  CHECK(alive == 64 * 32 * (30 * 30 + 3 * 15 * 15) * 4);
}

// Zeus trained it on a board of 32 GB so, by PyTorch's Adadelta, which keeps what Adam does.
TEST_CASE("what only an addition reads makes room before the gradients are there") {
  const Network network = read_network("resnet50");
  const auto bytes_of_batch = [&](std::uint64_t batch) {
    StepOptions options = training(batch);
    options.optimiser = Optimiser::adam;
    return memory_need(make_step(network, options), options).total();
  };
  constexpr std::uint64_t kBoard = 32ULL << 30;
  CHECK(bytes_of_batch(360) < kBoard);
  CHECK(bytes_of_batch(400) > kBoard);
}

TEST_CASE("a token of a quantised model reads as many bytes as its file has") {
  const Network network = read_network("llama-3.1-8b", {1, 2048});
  StepOptions options;
  options.type = layers::DataType::bf16;
  const MemoryNeed whole = memory_need(make_step(network, options), options);
  CHECK(static_cast<double>(whole.parameters) == Approx(2 * 8'030'261'248.0));
  CHECK(whole.cache == 2ULL * 32 * 2048 * 1024 * 2);  // keys and values of every layer
  options.weights = "q4_0";
  const Step step = make_step(network, options);
  const double dense = 8'030'261'248.0 - 128256.0 * 4096 - 65 * 4096;
  const double expected = dense * 18 / 32 + (128256.0 * 4096 + 65 * 4096) * 2;
  CHECK(static_cast<double>(step.bytes_of(Tensor::Use::parameter)) == Approx(expected));
}

TEST_CASE("products of many rows name the format that their weights are unpacked from") {
  StepOptions options;
  options.type = layers::DataType::bf16;
  const Network network = read_network("bert-base");
  const auto packed = [&](const Step& step) {
    return std::ranges::count_if(step.operations, [](const Operation& one) {
      return one.layer.op == layers::Operator::linear && one.layer.weights == "q4_0";
    });
  };
  CHECK(packed(make_step(network, options)) == 0);
  options.weights = "bf16";
  CHECK(packed(make_step(network, options)) == 0);
  options.weights = "q4_0";
  CHECK(packed(make_step(network, options)) == 6 * 12);
  options.training = true;
  CHECK_THROWS_AS(make_step(network, options), UserError);
}

TEST_CASE("training in 16 bits keeps the optimiser's parameters and sums in 32") {
  StepOptions options;
  options.training = true;
  options.type = layers::DataType::fp16;
  const Step step = make_step(read_network("cifar-cnn-1"), options);
  const MemoryNeed need = memory_need(step, options);
  CHECK(need.parameters == 122'570 * 2);
  CHECK(need.gradients == need.parameters);
  CHECK(need.state == 2 * 122'570 * 4);  // a copy of the parameters, and the momentum
  for (const Operation& operation : step.operations) {
    const bool is_update = operation.pass == Pass::update;
    CHECK(operation.layer.type == (is_update ? layers::DataType::fp32 : layers::DataType::fp16));
  }
}

TEST_CASE("narrow types are of products with weights, the rest is in 16 bits") {
  StepOptions options;
  options.type = layers::DataType::fp8;
  const Network network = read_network("bert-base");
  const Step step = make_step(network, options);
  for (const Operation& operation : step.operations) {
    const bool has_weights = operation.layer.op == layers::Operator::linear;
    CHECK(operation.layer.type == (has_weights ? layers::DataType::fp8 : layers::DataType::bf16));
  }
  options.type = layers::DataType::tf32;
  CHECK(memory_need(make_step(network, options), options).parameters ==
        4 * network.counted_parameters());
}

TEST_CASE("checkpoints in few bits leave the vocabulary's layer as it was, unless that is said") {
  const Network network = read_network("llama-3.1-8b", {1, 1});
  StepOptions options;
  options.type = layers::DataType::bf16;
  const auto head_of = [&](const std::string& weights, const std::string& head) {
    options.weights = weights;
    options.head = head;
    return make_step(network, options).operations.back().layer.weights;
  };
  CHECK(head_of("nvfp4", "").empty());
  CHECK(head_of("nvfp4", "nvfp4") == "nvfp4");
  CHECK(head_of("q8_0", "") == "q8_0");
  CHECK(head_of("", "").empty());
}
