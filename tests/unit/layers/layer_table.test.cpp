// Tables of layers: what every column means, and that a bad row does not stop the others.

#include <fstream>

#include "sim/base/error.h"
#include "sim/layers/layer_table.h"
#include "tests/support/catch.h"
#include "tests/support/temporary_directory.h"

using namespace strobe;
using namespace strobe::layers;

namespace {

LayerTable table_of(const std::string& text) {
  const test::TemporaryDirectory folder;
  const std::filesystem::path path = folder.path() / "layers.csv";
  std::ofstream(path) << text;
  return read_layer_table(path);
}

}  // namespace

TEST_CASE("a row says the layer, the GPU, the time and the kernel, whatever the columns' order") {
  const LayerTable table = table_of(
      "# a comment\n"
      "op,grid,gpu,shape,latency_us,block,main_kernel,kernels\n"
      "linear,4x5x4,V100-PCIe-32GB,batch=1;M=133;N=427;K=12471,228.992,256x1x1,"
      "volta_sgemm_128x32_sliced1x4_tn,\"volta;splitKreduce_kernel<32, 16>\"\n");
  REQUIRE(table.rows.size() == 1);
  CHECK(table.refused.empty());
  const TableRow& row = table.rows[0];
  CHECK(row.line == 3);
  CHECK(row.gpu == "v100-pcie-32gb");
  CHECK(row.layer.k == 12471);
  CHECK(row.measured.value() == Approx(228.992e-6));
  CHECK(row.kernel->grid == std::array<std::uint32_t, 3>{4, 5, 4});
  CHECK(row.kernel->sums_in_workspace);
}

TEST_CASE("only op and shape must be there") {
  const LayerTable table = table_of("op,shape\nadd,rows=2;cols=3\r\n\nrelu,rows=1;cols=1\n");
  REQUIRE(table.rows.size() == 2);
  CHECK_FALSE(table.rows[0].measured);
  CHECK_FALSE(table.rows[0].kernel);
  CHECK_THROWS_AS(table_of("op,size\nadd,rows=2;cols=3\n"), UserError);
  CHECK_THROWS_AS(table_of(""), UserError);
  CHECK_THROWS_AS(read_layer_table("no such file"), UserError);
}

TEST_CASE("a row says who measured it, if the table does") {
  const LayerTable table = table_of("op,shape,source\nadd,rows=2;cols=3,\"us, 2024\"\n");
  CHECK(table.rows.at(0).source == "us, 2024");
  CHECK(table_of("op,shape\nadd,rows=2;cols=3\n").rows.at(0).source.empty());
}

TEST_CASE("a table of layers is known by the columns that it must have") {
  const test::TemporaryDirectory folder;
  const auto is_table = [&](const std::string& text) {
    const std::filesystem::path path = folder.path() / "layers.csv";
    std::ofstream(path) << text;
    return is_layer_table(path);
  };
  CHECK(is_table("# mine\ngpu,op,shape\n"));
  CHECK_FALSE(is_table("gpu,suite,benchmark,parameters\n"));
  CHECK_FALSE(is_table(""));
}

TEST_CASE("a row that cannot be used is named with its line and the rest is read") {
  const LayerTable table = table_of(
      "op,shape,latency_us\n"
      "addd,rows=2;cols=3,1\n"
      "add,rows=2;cols=3,fast\n"
      "add,rows=2;cols=3\n"
      "add,\"rows=2;cols=3,1\n"
      "add,rows=2;cols=3,1\n");
  CHECK(table.rows.size() == 1);
  REQUIRE(table.refused.size() == 4);
  CHECK(table.refused[0].line == 2);
  CHECK(table.refused[1].why.find("latency_us 'fast'") != std::string::npos);
  CHECK(table.refused[2].why.find("2 fields") != std::string::npos);
  CHECK(table.refused[3].why.find("quote") != std::string::npos);
}
