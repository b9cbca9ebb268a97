#include "sim/device/quantity_text.h"

#include "tests/support/catch.h"

using namespace strobe;
using namespace strobe::device;

namespace {

std::int64_t count_of(std::string_view text, Dimension dimension) {
  const ParsedQuantity parsed = parse_quantity(text, dimension);
  CAPTURE(text);
  CHECK(parsed.problem == "");
  return parsed.count;
}

std::string problem_of(std::string_view text, Dimension dimension) {
  return parse_quantity(text, dimension).problem;
}

}  // namespace

TEST_CASE("every unit is converted to what the simulator counts in", "[device]") {
  CHECK(count_of("1 ps", Dimension::time) == 1);
  CHECK(count_of("13.714 ns", Dimension::time) == 13'714);
  CHECK(count_of("29 us", Dimension::time) == 29'000'000);
  CHECK(count_of("64 ms", Dimension::time) == 64'000'000'000);
  CHECK(count_of("2 s", Dimension::time) == 2'000'000'000'000);
  CHECK(count_of("4 tCK", Dimension::cycles) == 4);
  CHECK(count_of("1 cycle", Dimension::cycles) == 1);
  CHECK(count_of("28 cycles", Dimension::cycles) == 28);
  CHECK(count_of("5000 Hz", Dimension::frequency) == 5);
  CHECK(count_of("7 kHz", Dimension::frequency) == 7);
  CHECK(count_of("3500.5 MHz", Dimension::frequency) == 3'500'500);
  CHECK(count_of("1.38 GHz", Dimension::frequency) == 1'380'000);
  CHECK(count_of("256 B", Dimension::size) == 256);
  CHECK(count_of("96 KiB", Dimension::size) == 98'304);
  CHECK(count_of("1.5 MiB", Dimension::size) == 1'572'864);
  CHECK(count_of("128 GiB", Dimension::size) == 137'438'953'472);
  CHECK(count_of("3 KB", Dimension::size) == 3'000);
  CHECK(count_of("2 MB", Dimension::size) == 2'000'000);
  CHECK(count_of("16 GB", Dimension::size) == 16'000'000'000);
  CHECK(count_of("5 B/s", Dimension::bandwidth) == 5);
  CHECK(count_of("5 KB/s", Dimension::bandwidth) == 5'000);
  CHECK(count_of("5 MB/s", Dimension::bandwidth) == 5'000'000);
  CHECK(count_of("12.35 GB/s", Dimension::bandwidth) == 12'350'000'000);
  CHECK(count_of("9 kb/s", Dimension::pin_rate) == 9);
  CHECK(count_of("9 Mb/s", Dimension::pin_rate) == 9'000);
  CHECK(count_of("8.533 Gb/s", Dimension::pin_rate) == 8'533'000);
  CHECK(count_of("40 B/cycle", Dimension::width) == 40);
  CHECK(count_of("64 bit", Dimension::bits) == 64);
}

TEST_CASE("a value that is no whole number of the base unit is refused", "[device]") {
  CHECK(problem_of("0.5 ps", Dimension::time) == "is not a whole number of ps");
  CHECK(problem_of("1.2345 ns", Dimension::time) == "is not a whole number of ps");
  CHECK(problem_of("1 Hz", Dimension::frequency) == "is not a whole number of kHz");
  CHECK(problem_of("1.3333 MHz", Dimension::frequency) == "is not a whole number of kHz");
  CHECK(problem_of("0.3 KiB", Dimension::size) == "is not a whole number of B");
}

TEST_CASE("a unit of another dimension or of none is refused with those expected", "[device]") {
  CHECK(problem_of("14 MHz", Dimension::time) ==
        "has the unit 'MHz', expected ps, ns, us, ms or s");
  CHECK(problem_of("14 ns", Dimension::bits) == "has the unit 'ns', expected bit");
  CHECK(problem_of("14", Dimension::time) ==
        "has no unit (a number, a space and ps, ns, us, ms or s)");
  CHECK(problem_of("14ns", Dimension::time) ==
        "has no unit (a number, a space and ps, ns, us, ms or s)");
  CHECK(problem_of("8 Gb/s", Dimension::bandwidth) ==
        "has the unit 'Gb/s', expected B/s, KB/s, MB/s or GB/s");
}

TEST_CASE("what is no plain decimal number is refused", "[device]") {
  CHECK(problem_of("-1 ns", Dimension::time) == "must not be negative");
  for (const char* text : {" ns", "1e3 ns", ".5 ns", "5. ns", "1.2.3 ns", "+1 ns", "1,5 ns",
                           "0x10 ns", "1234567890123456789 ns", "  1 ns"}) {
    CAPTURE(text);
    CHECK(problem_of(text, Dimension::time).starts_with("is no number"));
  }
  CHECK(problem_of("999999999999999999 s", Dimension::time) == "is too large");
}
