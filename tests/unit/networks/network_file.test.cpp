// Networks as files: what the shipped ones are, what blocks become, and what is said of mistakes.

#include "sim/networks/network_file.h"

#include "sim/device/catalogue.h"
#include "tests/support/catch.h"

using namespace strobe;
using namespace strobe::networks;

namespace {

std::string complaint_about(const std::string& layers) {
  try {
    parse_network("[network]\ninput = [3, 8, 8]\n" + layers, "net.toml");
  } catch (const UserError& error) {
    return error.what();
  }
  return {};
}

}  // namespace

TEST_CASE("every shipped network has as many parameters as were published") {
  const std::vector<std::string> names = device::list_networks();
  CHECK(names.size() >= 20);
  for (const std::string& name : names) {
    CAPTURE(name);
    const Network network = read_network(name);  // refuses a count that differs
    // Of two in a comparison nobody says how many they have.
    const bool is_published = name != "cifar-cnn-2" && name != "cifar-cnn-3";
    CHECK((network.parameters > 0) == is_published);
    CHECK(network.nodes.front().kind == Kind::input);
  }
  CHECK(read_network("cifar-cnn-1").counted_parameters() == 122'570);
  CHECK(read_network("resnet50").counted_parameters() == 25'557'032);
  CHECK(read_network("llama-3.1-8b").counted_parameters() == 8'030'261'248);
}

TEST_CASE("shapes follow from the layers") {
  const Network network = read_network("resnet50");
  CHECK(text_of(network.nodes[1].shape) == "64 x 112 x 112");
  CHECK(text_of(network.nodes[network.nodes.size() - 4].shape) == "2048 x 7 x 7");
  CHECK(text_of(network.nodes.back().shape) == "1000");
  const Network llama = read_network("llama-3.1-8b", {1, 2048});
  CHECK(text_of(llama.nodes.back().shape) == "1 x 128256");
  CHECK(llama.context == 2048);
}

TEST_CASE("a block is repeated, each time on what the last one made") {
  const Network network = parse_network(R"(
[network]
input = [4]
[block.unit]
layer = [{ op = "linear", out = "width" }, { op = "add", inputs = ["linear1", "input"] }]
[[layer]]
block = "unit"
width = 4
repeat = 3
)",
                                        "net.toml");
  REQUIRE(network.nodes.size() == 7);
  CHECK(network.nodes[3].name == "unit1.1.linear1");
  CHECK(network.nodes[3].inputs == std::vector<std::size_t>{2});
  CHECK(network.nodes[4].inputs == std::vector<std::size_t>{3, 2});
  CHECK(network.counted_parameters() == 3 * 20);
}

TEST_CASE("mistakes in a network are told with their line") {
  const auto has = [](const std::string& text, std::string_view part) {
    CAPTURE(text, part);
    CHECK(text.find(part) != std::string::npos);
  };
  has(complaint_about("[[layer]]\nop = \"conf\"\nout = 3\n"), "net.toml:3");
  has(complaint_about("[[layer]]\nop = \"conf\"\nout = 3\n"), "did you mean conv");
  has(complaint_about("[[layer]]\nop = \"conv\"\nout = 3\n"), "needs kernel");
  has(complaint_about("[[layer]]\nop = \"relu\"\nout = 3\n"), "unknown key 'out'");
  has(complaint_about("[[layer]]\nop = \"conv\"\nout = 3\nkernel = 9\n"), "larger than the padded");
  has(complaint_about("[[layer]]\nop = \"linear\"\nout = 3\n"), "flatten it first");
  has(complaint_about("[[layer]]\nop = \"add\"\n"), "needs 2 inputs, not 1");
  has(complaint_about("[[layer]]\nop = \"relu\"\ninputs = [\"x\"]\n"), "called 'x'");
  has(complaint_about("[[layer]]\nblock = \"none\"\n"), "no block is called 'none'");
  has(complaint_about("[block.a]\nlayer = [{ block = \"a\" }]\n[[layer]]\nblock = \"a\"\n"),
      "without end");
  has(complaint_about(""), "needs a [[layer]]");
  has(complaint_about("parameters = 7\n[[layer]]\nop = \"batch_norm\"\n"),
      "have 6 parameters, not 7");
}
