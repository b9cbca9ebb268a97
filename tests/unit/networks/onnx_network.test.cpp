// ONNX files as networks: that they are the same layers as the TOML files', which parts become
// what, and what is said of what is not supported.

#include "sim/networks/onnx_network.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "sim/networks/network_file.h"
#include "sim/networks/step.h"
#include "tests/support/catch.h"
#include "tests/support/onnx_file.h"
#include "tests/support/temporary_directory.h"

using namespace strobe;
using namespace strobe::networks;
using test::integer;
using test::ints;
using test::OnnxFile;

namespace {

Network network_in(const OnnxFile& file, const SequenceSizes& sizes = {}) {
  const test::TemporaryDirectory folder;
  const std::string path = (folder / "net.onnx").string();
  std::ofstream(path, std::ios::binary) << file.bytes();
  return read_network(path, sizes);
}

std::string complaint_about(const OnnxFile& file) {
  try {
    network_in(file);
  } catch (const UserError& error) {
    return error.what();
  }
  return {};
}

std::vector<std::string> layers_of(const Network& network, const StepOptions& options) {
  std::vector<std::string> texts;
  for (const Operation& operation : make_step(network, options).operations) {
    texts.push_back(operation.text());
  }
  return texts;
}

const Node& node_named(const Network& network, const std::string& name) {
  const auto found = std::ranges::find(network.nodes, name, &Node::name);
  REQUIRE(found != network.nodes.end());
  return *found;
}

std::size_t count_of_kind(const Network& network, Kind kind) {
  return static_cast<std::size_t>(std::ranges::count(network.nodes, kind, &Node::kind));
}

OnnxFile images(std::int64_t channels, std::int64_t side) {
  OnnxFile file;
  return file.input("x", {"batch", channels, side, side});
}

}  // namespace

TEST_CASE("a CNN from an ONNX file launches what the same one from TOML launches") {
  const Network ours = read_network("cifar-cnn-1");
  StepOptions options;
  options.batch = 32;
  for (const test::OnnxSize& batch : {test::OnnxSize("N"), test::OnnxSize(1), test::OnnxSize(7)}) {
    const Network theirs = network_in(test::cifar_cnn_1(batch));
    CHECK(theirs.counted_parameters() == 122'570);
    for (const bool training : {false, true}) {
      CAPTURE(batch.count, training);
      options.training = training;
      CHECK(layers_of(theirs, options) == layers_of(ours, options));
    }
  }
}

TEST_CASE("norms and activations that an exporter took apart are one layer again") {
  const Network network = network_in(test::transformer_layer("batch", 24));
  CHECK(count_of_kind(network, Kind::layer_norm) == 1);
  CHECK(count_of_kind(network, Kind::linear) == 6);
  CHECK(count_of_kind(network, Kind::matmul) == 2);
  CHECK(count_of_kind(network, Kind::copy) == 4);       // heads apart and together
  CHECK(count_of_kind(network, Kind::positions) == 0);  // biases are the products'
  CHECK(node_named(network, "gelu").function == "gelu");
  CHECK(network.counted_parameters() ==
        100 * 32 + 4 * (32 * 32 + 32) + (32 + 1) * 128 + 128 * 32 + 64);
  StepOptions options;
  options.batch = 3;
  const std::vector<std::string> layers = layers_of(network, options);
  const auto has = [&](const std::string& layer) {
    CAPTURE(layer);
    CHECK(std::ranges::find(layers, layer) != layers.end());
  };
  has("bmm batch=6 m=24 n=24 k=16 dtype=fp32");
  has("bmm batch=6 m=24 n=16 k=24 dtype=fp32");
  has("softmax rows=144 cols=24 dtype=fp32");
  has("layer_norm rows=72 cols=32 dtype=fp32");
  has("linear m=72 n=128 k=32 dtype=fp32");
}

TEST_CASE("pieces of a norm that lack what they must take are refused, not looked at") {
  // The norm of a fuzzer's file: first the mean takes nothing, then what it is taken of, ...
  const std::vector<std::string> none;
  for (const std::string lacking : {"var", "sq", "dev", "mean"}) {
    CAPTURE(lacking);
    const auto inputs = [&](const std::string& of, const std::vector<std::string>& all) {
      return of == lacking ? none : all;
    };
    OnnxFile file(13);
    file.input("x", {"N", 32}).weights("one", {});
    file.node("ReduceMean", inputs("mean", {"x"}), {"mean"}, {ints("axes", {-1})});
    file.node("Sub", inputs("dev", {"x", "mean"}), {"dev"});
    file.node("Pow", inputs("sq", {"dev", "one"}), {"sq"});
    file.node("ReduceMean", inputs("var", {"sq"}), {"var"}, {ints("axes", {-1})});
    file.node("Add", {"var", "one"}, {"v1"}).node("Sqrt", {"v1"}, {"root"});
    file.node("Div", {"dev", "root"}, {"quotient"}).node("Mul", {"quotient", "one"}, {"scaled"});
    file.node("Add", {"scaled", "one"}, {"norm"});
    CHECK_FALSE(complaint_about(file).empty());
  }
}

TEST_CASE("an open size beside the batch is what --tokens says, or refused by its name") {
  const OnnxFile file = test::transformer_layer("batch", "sequence");
  CHECK(complaint_about(file).find("'sequence'") != std::string::npos);
  const Network network = network_in(file, {48, 0});
  CHECK(text_of(node_named(network, "p").shape) == "96 x 48");
  CHECK(network.tokens == 48);
  CHECK_THROWS_AS(network_in(test::cifar_cnn_1("N"), {48, 0}), UserError);
}

TEST_CASE("weights decide the type unless the user does") {
  OnnxFile file;
  file.input("x", {"N", 64}, OnnxFile::kHalf).weights("w", {64, 8}, OnnxFile::kHalf);
  file.node("Sigmoid", {"x"}, {"y"});
  const Network network = network_in(file);
  StepOptions options;
  CHECK(layers_of(network, options)[0].find("dtype=fp16") != std::string::npos);
  options.is_type_given = true;
  CHECK(layers_of(network, options)[0].find("dtype=fp32") != std::string::npos);
}

TEST_CASE("windows are padded by their kernel where all sides are alike, else before it") {
  const auto conv = [](const std::vector<std::int64_t>& pads, std::int64_t stride) {
    OnnxFile file = images(8, 16);
    file.weights("w", {8, 8, 3, 3});
    return network_in(file.node("Conv", {"x", "w"}, {"y"},
                                {ints("pads", pads), ints("strides", {stride, stride})}));
  };
  const Network even = conv({1, 1, 1, 1}, 1);
  CHECK(even.nodes.size() == 2);
  CHECK(text_of(even.nodes.back().shape) == "8 x 16 x 16");
  CHECK(even.nodes.back().sizes.padding == 1);
  const Network uneven = conv({0, 0, 1, 1}, 2);
  REQUIRE(uneven.nodes.size() == 3);
  CHECK(uneven.nodes[1].kind == Kind::copy);
  CHECK(text_of(uneven.nodes[1].shape) == "8 x 17 x 17");
  CHECK(text_of(uneven.nodes[2].shape) == "8 x 8 x 8");
  // Nothing of the last row and column is under a window.
  CHECK(conv({0, 0, 1, 1}, 3).nodes.size() == 2);

  OnnxFile pool = images(4, 7);
  const Network rounded = network_in(
      pool.node("MaxPool", {"x"}, {"y"},
                {ints("kernel_shape", {2, 2}), ints("strides", {2, 2}), integer("ceil_mode", 1)}));
  CHECK(text_of(rounded.nodes.back().shape) == "4 x 4 x 4");
}

TEST_CASE("shapes of tensors are what the operators say") {
  const auto shape_after = [](const std::string& op, const std::vector<std::int64_t>& parameter,
                              const std::vector<test::OnnxAttribute>& attributes = {}) {
    OnnxFile file;
    file.input("x", {"N", 4, 6, 10});
    std::vector<std::string> inputs{"x"};
    if (!parameter.empty()) inputs.emplace_back("p");
    file.numbers("p", parameter).node(op, inputs, {"y"}, attributes);
    return text_of(network_in(file.node("Exp", {"y"}, {"z"})).nodes.back().shape);
  };
  CHECK(shape_after("Reshape", {0, 0, -1}) == "4 x 60");
  CHECK(shape_after("Reshape", {-1, 60}) == "4 x 60");
  CHECK(shape_after("Reshape", {-1, 5}) == "48 x 5");
  CHECK(shape_after("Flatten", {}) == "240");
  CHECK(shape_after("Transpose", {}, {ints("perm", {0, 3, 1, 2})}) == "10 x 4 x 6");
  CHECK(shape_after("Unsqueeze", {1, -1}) == "1 x 4 x 6 x 10 x 1");
  CHECK(shape_after("ReduceMean", {}, {ints("axes", {2, 3}), integer("keepdims", 0)}) == "4");
  CHECK(shape_after("Pad", {0, 0, 1, 0, 0, 0, 1, 3}) == "4 x 8 x 13");
  CHECK(shape_after("GlobalAveragePool", {}) == "4 x 1 x 1");

  OnnxFile slice;
  slice.input("x", {"N", 4, 10}).numbers("b", {-3}).numbers("e", {INT64_MAX}).numbers("a", {2});
  slice.node("Slice", {"x", "b", "e", "a"}, {"y"});
  slice.node("Split", {"y"}, {"l", "r"}, {integer("axis", 1)});
  slice.node("Concat", {"r", "l", "y"}, {"z"}, {integer("axis", 1)});
  CHECK(text_of(network_in(slice).nodes.back().shape) == "8 x 3");
}

TEST_CASE("all operators that are not known are named at once") {
  OnnxFile file = images(4, 8);
  file.node("Bernoulli", {"x"}, {"coin"}).node("Relu", {"coin"}, {"y"});
  file.node("NonMaxSuppression", {"y"}, {"z"});
  const std::string text = complaint_about(file);
  CAPTURE(text);
  CHECK(text.find("net.onnx: 2 of its operators are not supported") != std::string::npos);
  CHECK(text.find("Bernoulli in coin") != std::string::npos);
  CHECK(text.find("NonMaxSuppression in z") != std::string::npos);
}

TEST_CASE("what is known but used in a way that is not is told with its name") {
  const auto has = [](const OnnxFile& file, std::string_view part) {
    const std::string text = complaint_about(file);
    CAPTURE(text, part);
    CHECK(text.find(part) != std::string::npos);
  };
  OnnxFile dilated = images(8, 16);
  has(dilated.weights("w", {8, 8, 3, 3})
          .node("Conv", {"x", "w"}, {"y"}, {ints("dilations", {2, 2})}),
      "Conv y: dilations");
  OnnxFile channels = images(8, 16);
  has(channels.weights("w", {8, 4, 3, 3}).node("Conv", {"x", "w"}, {"y"}), "8 x 4 x 3 x 3");
  OnnxFile reshape = images(8, 16);
  has(reshape.numbers("p", {0, 7, -1}).node("Reshape", {"x", "p"}, {"y"}), "cannot become");
  OnnxFile nowhere = images(8, 16);
  has(nowhere.node("Relu", {"z"}, {"y"}), "no operator before it gives 'z'");
  OnnxFile summed = images(8, 16);
  has(summed.node("Transpose", {"x"}, {"t"}, {ints("perm", {1, 0})}), "perm");
  has(OnnxFile().weights("w", {3}).node("Relu", {"w"}, {"y"}), "nothing goes in");
}

TEST_CASE("what a gradient is not known of can run, but not be trained") {
  OnnxFile file = images(4, 8);
  file.weights("w", {4, 4, 1, 1}).node("Conv", {"x", "w"}, {"c"});
  const Network network = network_in(file.node("Softplus", {"c"}, {"y"}));
  StepOptions options;
  CHECK(make_step(network, options).operations.size() == 2);
  options.training = true;
  CHECK_THROWS_WITH(make_step(network, options), Catch::Contains("gradient of 'softplus'"));
}

TEST_CASE("a transformer's gradients go back through copies and products") {
  StepOptions options;
  options.training = true;
  options.batch = 2;
  const Step step = make_step(network_in(test::transformer_layer(2, 24)), options);
  double forward = 0, backward = 0;
  for (const Operation& operation : step.operations) {
    if (!layers::is_product(operation.layer.op) && !layers::has_images(operation.layer.op))
      continue;
    (operation.pass == Pass::forward ? forward : backward) += operation.operations;
  }
  CHECK(backward / forward == Approx(2).epsilon(0.02));
}

TEST_CASE("published networks have the parameters and products that are known of them") {
  const std::filesystem::path folder = "../shared/onnx";
  if (!std::filesystem::exists(folder)) {
    WARN("skipped: there is no " << folder);
    return;
  }
  const auto parameters = [&](const std::string& name) {
    return read_network((folder / ("light_" + name + ".onnx")).string()).counted_parameters();
  };
  CHECK(parameters("resnet50") == 25'557'032);
  CHECK(parameters("vgg19") == 143'667'240);
  CHECK(parameters("bvlc_alexnet") == 60'965'224);
  CHECK(parameters("squeezenet") == 1'235'496);
}
