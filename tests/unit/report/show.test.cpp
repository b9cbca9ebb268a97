#include "sim/report/show.h"

#include "tests/support/catch.h"
#include "tests/support/sample_run.h"

using namespace strobe;
using namespace strobe::report;
using Catch::Contains;

TEST_CASE("showing a GPU names every number with its origin and source", "[report]") {
  const device::GpuSpec gpu = test::sample_gpu();
  const std::string text = show_gpu(gpu, test::sample_limits(), TextStyle{});
  for (const device::Sourced& number : gpu.sources) {
    INFO(number.key);
    CHECK_THAT(text, Contains(number.value) && Contains(number.from) && Contains(number.source) &&
                         Contains(number.file));
  }
  CHECK_THAT(text, Contains("DRAM pins     32.00 GB/s"));
  CHECK_THAT(text, Contains("DRAM to SMs   30.00 GB/s  through 2 x DRAM pins"));
  CHECK_THAT(text, Contains("2 SMs at 1.000 GHz, 2 L2 slices of 64.00 KiB"));
}

TEST_CASE("a long source is broken at spaces and stays within the terminal", "[report]") {
  device::GpuSpec gpu = test::sample_gpu();
  gpu.sources[1].source = "one two three four five six seven eight nine ten eleven twelve thirteen";
  const std::string text = show_gpu(gpu, test::sample_limits(), TextStyle{.width = 60});
  std::size_t begin = 0;
  while (begin < text.size()) {
    const std::size_t end = text.find('\n', begin);
    INFO(text.substr(begin, end - begin));
    CHECK(end - begin <= 60);
    begin = end + 1;
  }
  CHECK_THAT(text, Contains("thirteen"));
}
