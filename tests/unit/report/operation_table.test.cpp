#include "sim/report/operation_table.h"

#include "tests/support/catch.h"

namespace strobe::report {
namespace {

OperationReport operation(std::string name, std::string layer, double time) {
  OperationReport report;
  report.name = std::move(name);
  report.pass = "forward";
  report.layer = std::move(layer);
  report.launches = 1;
  report.time = time;
  report.resident = 1;
  report.l2 = 2048;
  return report;
}

NetworkReport network(std::vector<OperationReport> operations) {
  NetworkReport report;
  report.operations = std::move(operations);
  return report;
}

std::size_t lines_with(const std::string& text, std::string_view part) {
  std::size_t lines = 0;
  for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) {
    ++lines;
  }
  return lines;
}

}  // namespace

TEST_CASE("operations of one shape whose names differ in a number are one line", "[report]") {
  const auto groups = group_alike(std::vector{operation("decoder1.0.gate", "gemv n=8", 1e-3),
                                              operation("decoder1.0.up", "gemv n=8", 1e-3),
                                              operation("decoder1.11.gate", "gemv n=8", 3e-3)});
  REQUIRE(groups.size() == 2);
  CHECK(groups[0].sum.name == "decoder1.*.gate");
  CHECK(groups[0].count == 2);
  CHECK(groups[0].sum.launches == 2);
  CHECK(groups[0].sum.time == 4e-3);
  CHECK(groups[1].sum.name == "decoder1.0.up");
}

TEST_CASE("operations of two shapes or passes stay apart", "[report]") {
  std::vector<OperationReport> operations{operation("conv1", "conv k=8", 1e-3),
                                          operation("conv2", "conv k=16", 1e-3),
                                          operation("conv3", "conv k=8", 1e-3)};
  operations[2].pass = "backward";
  CHECK(group_alike(operations).size() == 3);
}

TEST_CASE("what a group's warps mostly did is weighted by how long they were there", "[report]") {
  OperationReport shorter = operation("a1", "add", 1e-3), longer = operation("a2", "add", 1e-3);
  shorter.states[0] = 1;
  longer.states[1] = 1;
  longer.resident = 3;
  const auto groups = group_alike(std::vector{shorter, longer});
  REQUIRE(groups.size() == 1);
  CHECK(groups[0].sum.states[0] == 0.25);
  CHECK(groups[0].sum.states[1] == 0.75);
}

TEST_CASE("every line of the table has a value under each of its titles", "[report]") {
  const std::string text = operations_text(network({operation("relu1", "relu", 1e-3)}), {});
  CHECK_THAT(text, Catch::Contains("2.000 KiB"));  // the last title: what the L2 moved
}

TEST_CASE("a pass begins with its name", "[report]") {
  std::vector<OperationReport> operations{operation("relu1", "relu", 1e-3),
                                          operation("relu1", "relu_backward", 1e-3)};
  operations[1].pass = "backward";
  const std::string text = operations_text(network(operations), {});
  CHECK(text.find("backward:") > text.find("relu1"));
  CHECK(lines_with(text, "relu1") == 2);
}

TEST_CASE("a long name is known by its end", "[report]") {
  const std::string text = operations_text(
      network({operation("a.block.with.a.long.name.of.which.nothing.fits.gate", "g", 1e-3)}), {});
  CHECK_THAT(text, Catch::Contains("its.gate"));
}

TEST_CASE("of many lines the longest are listed with their share of the step", "[report]") {
  std::vector<OperationReport> operations;
  for (int i = 0; i < 50; ++i) {
    operations.push_back(operation("x", "layer " + std::to_string(i), i < 30 ? 1e-3 : 2e-3));
  }
  CHECK_THAT(operations_text(network(operations), {}),
             Catch::Contains("the 20 longest of 50 lines, 57.1 % of the step"));
}

}  // namespace strobe::report
