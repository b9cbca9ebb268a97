// Tables of measured figures, and which microbenchmark a figure is of.

#include <fstream>

#include "sim/base/error.h"
#include "sim/report/validation.h"
#include "sim/validate/benchmark.h"
#include "sim/validate/validate.h"
#include "tests/support/catch.h"
#include "tests/support/scratch_folder.h"

using namespace strobe;
using namespace strobe::test;
using namespace strobe::validate;
using Catch::Contains;

namespace {

std::vector<Figure> figures_of(const std::string& rows) {
  const ScratchFolder folder;
  const std::string path = folder.path("table.csv");
  std::ofstream(path) << kColumns << "\n" << rows;
  return read_figures(path);
}

std::string error_of_row(const std::string& row) {
  try {
    for (const Figure& figure : figures_of(row + "\n")) benchmark_of(figure);
  } catch (const UserError& error) {
    return error.what();
  }
  return "";
}

report::ValidationRow row(double simulated, bool marked) {
  return {"gpu", "suite", "chase", "", "ns", "", 100, simulated, 0.05, marked};
}

}  // namespace

TEST_CASE("a row of a table is a figure", "[validate]") {
  const std::vector<Figure> figures = figures_of(
      "v100,latency,chase,footprint=2M stride=128,153.7,ns,1380,no,\"a \"\"log\"\", of 2025\",m\n");
  REQUIRE(figures.size() == 1);
  const Figure& figure = figures[0];
  CHECK(figure.gpu == "v100");
  CHECK(figure.parameter("footprint") == 2U << 20);
  CHECK(figure.parameter("stride", 7) == 128);
  CHECK_FALSE(figure.parameter("blocks"));
  CHECK(figure.value == 153.7);
  CHECK(figure.source == "a \"log\", of 2025");
  CHECK_FALSE(figure.deviates);
  CHECK(figure.line == 2);
  CHECK(benchmark_of(figure).unit == "ns");
}

TEST_CASE("a row that says something else is refused with its line", "[validate]") {
  CHECK_THAT(error_of_row("v100,latency,chase,footprint=2M,1,ns,,no,s"), Contains("table.csv:2: "));
  CHECK_THAT(error_of_row("v100,latency,chase,footprint=2M,1,ns,,no,s"), Contains("9 cells"));
  CHECK_THAT(error_of_row("v100,latency,chase,footprint,1,ns,,no,s,m"), Contains("name=number"));
  CHECK_THAT(error_of_row("v100,latency,chase,footprint=2T,1,ns,,no,s,m"), Contains("2T"));
  CHECK_THAT(error_of_row("v100,latency,chase,,-1,ns,,no,s,m"), Contains("above 0"));
  CHECK_THAT(error_of_row("v100,latency,chase,,1,ns,,maybe,s,m"), Contains("yes or no"));
  CHECK_THAT(error_of_row("v100,latency,hunt,,1,ns,,no,s,m"), Contains("'hunt'"));
  CHECK_THAT(error_of_row("v100,latency,chase,,1,GB/s,,no,s,m"), Contains("measured in ns"));
  CHECK_THAT(error_of_row("v100,latency,chase,stages=2,1,ns,,no,s,m"), Contains("'stages'"));
  CHECK_THAT(error_of_row("v100,l2,read,new_blocks=1,1,GB/s,,no,s,m"), Contains("blocks says"));
  CHECK(error_of_row("v100,latency,chase,,1,cycles,,no,s,m").empty());
}

TEST_CASE("every table that comes with the program names its suite and can be run", "[validate]") {
  std::size_t rows = 0;
  for (const Suite& suite : kSuites) {
    const auto table = measured_folder() / (std::string(suite.name) + ".csv");
    if (!std::filesystem::exists(table)) continue;
    for (const Figure& figure : read_figures(table)) {
      CHECK(figure.suite == suite.name);
      CHECK_NOTHROW(benchmark_of(figure));
      CHECK_FALSE(figure.source.empty());
      ++rows;
    }
  }
  CHECK(rows > 100);
}

TEST_CASE("a miss has to be marked, and a mark has to miss", "[validate]") {
  using report::Verdict;
  CHECK(row(104, false).verdict() == Verdict::within);
  CHECK(row(94, false).verdict() == Verdict::missed);
  CHECK(row(106, true).verdict() == Verdict::deviates);
  CHECK(row(104, true).verdict() == Verdict::no_longer);
  CHECK(row(std::numeric_limits<double>::quiet_NaN(), false).verdict() == Verdict::missed);
  const std::vector<report::ValidationRow> good{row(104, false), row(106, true)};
  CHECK(report::all_as_expected(good));
  const std::vector<report::ValidationRow> bad{row(104, false), row(104, true)};
  CHECK_FALSE(report::all_as_expected(bad));
}

TEST_CASE("a summary counts what is beyond its tolerance", "[validate]") {
  const std::vector<report::ValidationRow> rows{row(104, false), row(90, false), row(108, true)};
  const std::string text = report::validation_summary(rows, {});
  INFO(text);
  CHECK_THAT(text, Contains("gpu, suite within 5 %"));
  CHECK_THAT(text, Contains("-10.0 %    MISSED"));
  CHECK_THAT(text, Contains("3  7.3 %  10.0 %          2"));
  CHECK_THAT(report::validation_markdown(rows),
             Contains("| gpu | suite | chase | 100 ns | 108 ns | +8.0 % | deviates |"));
}
