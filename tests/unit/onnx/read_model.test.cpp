// Reading ONNX files: what is taken from them, that weights are passed over, and that whatever is
// wrong with the bytes is the user's mistake.

#include "sim/onnx/model.h"

#include <filesystem>
#include <fstream>

#include "sim/base/error.h"
#include "tests/support/catch.h"
#include "tests/support/onnx_file.h"
#include "tests/support/temporary_directory.h"

using namespace strobe;
using test::OnnxFile;

namespace {

std::string complaint_about(const std::string& bytes) {
  const test::TemporaryDirectory folder;
  const std::string path = (folder / "net.onnx").string();
  std::ofstream(path, std::ios::binary) << bytes;
  try {
    onnx::read_model(path);
  } catch (const UserError& error) {
    return error.what();
  }
  return {};
}

}  // namespace

TEST_CASE("a model has the operators, shapes and attributes that were written") {
  const test::TemporaryDirectory folder;
  const std::string path = (folder / "net.onnx").string();
  OnnxFile file(15);
  file.input("x", {"N", 3, 8, 8}).weights("w", {4, 3, 3, 3}).numbers("n", {5, -1});
  file.node("Conv", {"x", "w"}, {"y"},
            {test::ints("pads", {1, 1, 1, 1}), test::text("auto_pad", "VALID")});
  std::ofstream(path, std::ios::binary) << file.bytes();
  const onnx::Model model = onnx::read_model(path);
  CHECK(model.opset == 15);
  REQUIRE(model.inputs.size() == 1);
  CHECK(model.inputs[0].sizes[0].name == "N");
  CHECK(model.inputs[0].sizes[1].count == 3);
  REQUIRE(model.weights.size() == 2);
  CHECK(model.weights[0].sizes == std::vector<std::int64_t>{4, 3, 3, 3});
  CHECK_FALSE(model.weights[0].has_integers);
  CHECK(model.weights[1].integers == std::vector<std::int64_t>{5, -1});
  REQUIRE(model.nodes.size() == 1);
  CHECK(model.nodes[0].name == "y");
  CHECK(model.nodes[0].integers("pads") == std::vector<std::int64_t>{1, 1, 1, 1});
  CHECK(model.nodes[0].text("auto_pad", "") == "VALID");
  CHECK(model.nodes[0].integer("group", 1) == 1);
  CHECK(model.outputs == std::vector<std::string>{"y"});
}

TEST_CASE("a file that is cut off anywhere is no sound ONNX file") {
  OnnxFile file;
  file.input("x", {"N", 3}).weights("w", {3, 3}).numbers("n", {1, 2});
  const std::string whole = file.node("MatMul", {"x", "w"}, {"y"}).bytes();
  CHECK(complaint_about(whole).empty());
  for (std::size_t bytes = 0; bytes < whole.size(); ++bytes) {
    CAPTURE(bytes);
    CHECK(complaint_about(whole.substr(0, bytes)).find("no sound ONNX file") != std::string::npos);
  }
}

TEST_CASE("what is no ONNX file at all is refused with its name") {
  CHECK(complaint_about("[network]\ntitle = \"TOML\"\n").find("net.onnx: no sound") !=
        std::string::npos);
  CHECK_THROWS_AS(onnx::read_model("nowhere.onnx"), UserError);
  CHECK_THROWS_AS(onnx::read_model("."), UserError);
}
