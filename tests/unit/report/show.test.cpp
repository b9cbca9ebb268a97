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

TEST_CASE("showing a memory part says what its timings allow, and names every number", "[report]") {
  const device::SourcedPart sourced = device::read_dram("hbm2-2000");
  const std::string text = show_part(sourced, TextStyle{.width = 400});
  CHECK_THAT(text, Contains("8 channels of 2 x 64 bits, 256.0 GB/s"));
  CHECK_THAT(text, Contains("1 x 4 x 4 banks"));
  CHECK_THAT(text, Contains("read at rest          30.00 ns"));  // 14 + 14 + 2 clocks
  CHECK_THAT(text, Contains("a burst of each row 128.0 GB/s"));  // tFAW of 16 ns
  CHECK_THAT(text, Contains("one bank group          50.0 %"));  // tCCD_L of 4, tCCD_S of 2
  CHECK_THAT(text, Contains("all-bank refresh         9.0 %"));  // 350 ns of 3900
  for (const device::Sourced& number : sourced.sources) {
    INFO(number.key);
    CHECK_THAT(text, Contains(number.value) && Contains(number.from));
  }
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
