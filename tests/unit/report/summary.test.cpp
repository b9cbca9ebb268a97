#include "sim/report/summary.h"

#include <algorithm>
#include <iterator>
#include <sstream>

#include "tests/support/catch.h"
#include "tests/support/sample_run.h"

using namespace strobe;
using namespace strobe::report;
using Catch::Contains;

namespace {

std::string summary_of(const device::RunResult& result,
                       std::span<const trace::Warning> warnings = {}) {
  static const device::GpuSpec gpu = test::sample_gpu();
  static const Limits limits = test::sample_limits();
  return run_summary(result, {gpu, limits, "traces/sample", warnings}, TextStyle{.width = 100});
}

// The line that begins with `start`, blanks aside.
std::string line_of(const std::string& text, const std::string& start) {
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    const std::size_t first = line.find_first_not_of(' ');
    if (first != line.npos && line.compare(first, start.size(), start) == 0) return line;
  }
  return {};
}

// The percentages of the lines between one heading and the next empty line.
double percent_sum_below(const std::string& text, const std::string& heading) {
  std::istringstream lines(text.substr(text.find(heading)));
  std::string line;
  std::getline(lines, line);
  double sum = 0;
  while (std::getline(lines, line) && !line.empty()) {
    const std::size_t percent = line.find(" %");
    sum += std::stod(line.substr(line.rfind(' ', percent - 1)));
  }
  return sum;
}

}  // namespace

TEST_CASE("each kernel's line has its time, bandwidths, hit rates and bound", "[report]") {
  const std::string text = summary_of(test::sample_run());
  const std::string line = line_of(text, "1 vectorAdd");
  INFO(text);
  // 19.2 GB/s of 32 at the pins and 30 in the machine; 24 GB/s from the L2; 32 of 64 warps
  std::istringstream words(line);
  const std::vector<std::string> cells{std::istream_iterator<std::string>(words), {}};
  CHECK(cells == std::vector<std::string>{"1", "vectorAdd", "1.000", "us", "19.2", "60%", "64%",
                                          "24.0", "20%", "25%", "50%", "queues"});
  CHECK_THAT(line_of(text, "2 scale<float>"), Contains("1.000 us"));
  CHECK_THAT(line_of(text, "all 2"), Contains("2.000 us"));
}

TEST_CASE("the shares of both stall bars add up to a hundred per cent", "[report]") {
  const std::string text = summary_of(test::sample_run());
  INFO(text);
  CHECK(percent_sum_below(text, "What the resident warps did") == Approx(100));
  CHECK(percent_sum_below(text, "Where they waited for memory") == Approx(100));
  CHECK_THAT(line_of(text, "long_scoreboard"), Contains("50.0 %"));
  CHECK_THAT(line_of(text, "dram.queue"),
             Contains("75.0 %") && Contains("behind older requests at the DRAM"));
  CHECK_THAT(line_of(text, "top of all:"), Contains("dram.queue 37.5 %, selected 25.0 %"));
}

TEST_CASE("the verdict comes with the levels' use and Little's law", "[report]") {
  const std::string text = summary_of(test::sample_run());
  INFO(text);
  CHECK_THAT(text, Contains("bandwidth-bound: warps wait for memory, mostly behind other"));
  CHECK_THAT(text, Contains("19.20 GB/s, 60.0 % of 32.00 GB/s (its pins)"));
  CHECK_THAT(text, Contains("19.20 GB/s, 64.0 % of 30.00 GB/s (max flow: 2 x DRAM pins)"));
  CHECK_THAT(text, Contains("11.72 KiB / 500.0 ns = 24.00 GB/s"));
  CHECK_THAT(line_of(text, "loads"), Contains("mean 405.0 ns") && Contains("max 900.0 ns"));
}

TEST_CASE("a latency-bound run says how many bytes in flight would fill the DRAM", "[report]") {
  device::RunResult result = test::sample_run();
  for (device::KernelResult& kernel : result.kernels) {
    kernel.stalls.by_cause.fill(Picoseconds(0));
    kernel.stalls.charge(stats::Cause::dram_row_miss, 32_us);
  }
  const std::string text = summary_of(result);
  INFO(text);
  CHECK_THAT(text, Contains("latency-bound: "));
  CHECK_THAT(text, Contains("14.65 KiB in flight would fill the DRAM"));  // 30 GB/s for 500 ns
}

TEST_CASE("copies say what they moved, or that there was nothing to move", "[report]") {
  device::RunResult result = test::sample_run();
  CHECK_THAT(summary_of(result), Contains("1 copy to the device, 11.72 KiB: 1.000 us, 12.00"));
  result.copies.push_back(result.copies[0]);
  result.copies[1].to_host = true;
  CHECK_THAT(summary_of(result), Contains("1 copy to the device, 11.72 KiB: 1.000 us, 12.00"));
  CHECK_THAT(summary_of(result), Contains("1 copy to the host, 11.72 KiB: 1.000 us, 12.00"));
  result.copies.pop_back();
  result.copies[0].over_link = false;
  CHECK_THAT(summary_of(result), Contains("host and device share the memory"));
}

TEST_CASE("of many kernels the longest are listed, and all are in the total", "[report]") {
  device::RunResult result = test::sample_run();
  result.kernels.assign(40, test::sample_kernel());
  result.kernels[30].end = result.kernels[30].start + 7_us;
  const std::string text = summary_of(result);
  INFO(text);
  CHECK_THAT(line_of(text, "31 vectorAdd"), Contains("7.000 us"));
  CHECK_THAT(text, Contains("the 8 longest of 40 kernels"));
  CHECK(line_of(text, "9 vectorAdd").empty());
  CHECK_THAT(line_of(text, "all 40"), Contains("46.00 us"));
}

TEST_CASE("warnings of the trace are repeated with their count", "[report]") {
  const std::vector<trace::Warning> warnings{{"unknown opcode FROB", 1200}};
  CHECK_THAT(summary_of(test::sample_run(), warnings),
             Contains("unknown opcode FROB (1,200 times)"));
}

TEST_CASE("a run without kernels has a summary", "[report]") {
  device::RunResult result;
  CHECK_THAT(summary_of(result), Contains("0 kernels"));
}

TEST_CASE("no line of a summary is wider than the terminal", "[report]") {
  device::RunResult result = test::sample_run();
  for (device::KernelResult& kernel : result.kernels) {
    for (Picoseconds& cause : kernel.stalls.by_cause) cause = 1_us;
  }
  const device::GpuSpec gpu = test::sample_gpu();
  const Limits limits = test::sample_limits();
  const std::size_t width = GENERATE(60u, 80u, 100u, 120u);
  std::istringstream lines(run_summary(result, {gpu, limits, "t", {}}, TextStyle{.width = width}));
  for (std::string line; std::getline(lines, line);) {
    INFO(line);
    CHECK(line.size() <= std::max<std::size_t>(width, 80));  // numbers are not cut to fit in 60
  }
}
