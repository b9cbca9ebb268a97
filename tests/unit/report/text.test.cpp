#include "sim/report/text.h"

#include <cmath>
#include <cstdlib>
#include <numeric>

#include "tests/support/catch.h"

using namespace strobe;
using namespace strobe::report;

TEST_CASE("numbers keep four digits and the unit that keeps them short", "[report]") {
  CHECK(time_text(12.34e-6) == "12.34 us");
  CHECK(time_text(0.99999e-3) == "1.000 ms");
  CHECK(time_text(3e-12) == "3.000 ps");
  CHECK(time_text(0) == "0 ps");
  CHECK(time_text(-4.2e-9) == "-4.200 ns");
  CHECK(bandwidth_text(897.2e9) == "897.2 GB/s");
  CHECK(bandwidth_text(7.1e12) == "7.100 TB/s");
  CHECK(bytes_text(512) == "512 B");
  CHECK(bytes_text(16.0 * 1024 * 1024) == "16.00 MiB");
  CHECK(percent_text(0.9021) == "90.2 %");
  CHECK(percent_text(std::nan("")) == "-");
  CHECK(count_text(1234567) == "1,234,567");
  CHECK(count_text(123) == "123");
}

TEST_CASE("kernel names are shown as written, without arguments", "[report]") {
  CHECK(kernel_text("_Z9vectorAddPKfS0_Pfi") == "vectorAdd");
  CHECK(kernel_text("_Z5scaleIfEvPT_i") == "scale<float>");
  CHECK(kernel_text("volta_sgemm_128x64_nn") == "volta_sgemm_128x64_nn");
  CHECK(kernel_text("bad\033[2Jname") == "bad?[2Jname");
}

TEST_CASE("thousandths of a whole add up to a thousand", "[report]") {
  const std::vector<std::int64_t> thirds{1, 1, 1};
  CHECK(thousandths(thirds) == std::vector<std::int64_t>{334, 333, 333});
  const std::vector<std::int64_t> primes{2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41};
  const std::vector<std::int64_t> parts = thousandths(primes);
  CHECK(std::accumulate(parts.begin(), parts.end(), std::int64_t{0}) == 1000);
  const std::vector<std::int64_t> nothing{0, 0};
  CHECK(thousandths(nothing) == std::vector<std::int64_t>{0, 0});
}

TEST_CASE("bars stand in the order of their share, or as given, and leave zeros out", "[report]") {
  const std::vector<Bar> all{{"low", "few", 1}, {"none", "nothing", 0}, {"high", "many", 3}};
  CHECK(bars(all, TextStyle{.width = 36}) ==
        "  high  #######    75.0 %\n"
        "  low   ##         25.0 %\n");
  CHECK(bars(all, TextStyle{.width = 80, .unicode = true}) ==
        "  high  ███████████████       75.0 %  many\n"
        "  low   █████                 25.0 %  few\n");
  CHECK(bars(all, TextStyle{.width = 36}, BarOrder::as_given) ==
        "  low   ##         25.0 %\n"
        "  high  #######    75.0 %\n");
}

TEST_CASE("a table's first column gives way, the others stay whole", "[report]") {
  Table table({Table::Row{"kernel", "time"}});
  table.add({"a_kernel_with_a_very_long_name", "12.34 us"});
  CHECK(table.text(TextStyle{.width = 32}) ==
        "  kernel                    time\n"
        "  a_kernel_with_a_ve..  12.34 us\n");
}

TEST_CASE("what is not a terminal gets no colour, and COLUMNS decides the width", "[report]") {
  ::setenv("COLUMNS", "100", 1);
  const TextStyle style = style_of(-1);
  CHECK(style.width == 100);
  CHECK_FALSE(style.colour);
  ::setenv("COLUMNS", "7", 1);
  CHECK(style_of(-1).width == 60);
  ::unsetenv("COLUMNS");
  CHECK(style_of(-1).width == 80);
}
