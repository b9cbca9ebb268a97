// The arithmetic of sweep files.

#include "sim/sweep/expression.h"

#include "tests/support/catch.h"

using namespace strobe;
using namespace strobe::sweep;

namespace {

const std::vector<Named> kNames{{"x", *amount_of("3")},
                                {"size", *amount_of("4 MiB")},
                                {"clock", *amount_of("1380 MHz")},
                                {"work", std::string("copy")}};

std::string result(const std::string& text) {
  const Expression expression{text, {"sweep.toml", 7, 3}};
  const Value value = evaluate(expression, kNames);
  if (const auto* amount = std::get_if<Amount>(&value)) return text_of(*amount, expression);
  return std::get<std::string>(value);
}

bool is_true(const std::string& text) {
  return holds({text, {"sweep.toml", 7, 3}}, kNames);
}

template <class Call>
std::string complaint(const Call& call) {
  try {
    call();
  } catch (const UserError& error) {
    return error.what();
  }
  return "";
}

}  // namespace

TEST_CASE("expressions are calculated exactly, with their units", "[unit]") {
  CHECK(result("1 + 2 * 3") == "7");
  CHECK(result("(1 + 2) * 3") == "9");
  CHECK(result("10 / 4 * 2") == "5");
  CHECK(result("96 KiB * x") == "288 KiB");
  CHECK(result("size / 64") == "64 KiB");
  CHECK(result("size/x*3") == "4 MiB");
  CHECK(result("size / 512 KiB") == "8");
  CHECK(result("1.5 ns + 500 ps") == "2 ns");
  CHECK(result("clock * 2") == "2760 MHz");
  CHECK(result("100 GB/s / 8") == "12500 MB/s");
  CHECK(result("32 B/cycle * x") == "96 B/cycle");
  CHECK(result("work") == "copy");
  CHECK(result("size - 1 MiB - 1 MiB") == "2 MiB");
}

TEST_CASE("conditions compare like with like", "[unit]") {
  CHECK(is_true("size == 4096 KiB"));
  CHECK_FALSE(is_true("size < 4 MiB"));
  CHECK(is_true("size <= 4 MiB and x >= 3"));
  CHECK(is_true("x > 100 or work == 'copy'"));
  CHECK(is_true("x > 100 and x > 200 or x != 4"));
  CHECK_FALSE(is_true("work != 'copy'"));
  CHECK(is_true("1 / 3 < 0.34"));
  CHECK_FALSE(is_true("x / 3 > 1"));
}

TEST_CASE("what is wrong with an expression is said with its place", "[unit]") {
  using Catch::Contains;
  const auto of = [](const std::string& text) { return complaint([&] { result(text); }); };
  CHECK_THAT(of("siz * 2"), Contains("sweep.toml:7:3: ") && Contains("did you mean size?"));
  CHECK_THAT(of("size + 3"), Contains("different units"));
  CHECK_THAT(of("size * size"), Contains("multiplies two quantities"));
  CHECK_THAT(of("x / 2"), Contains("not a whole number"));
  CHECK_THAT(of("size / 0"), Contains("divides by zero"));
  CHECK_THAT(of("1 B / 3"), Contains("not a whole number of B"));
  CHECK_THAT(of("x - 4"), Contains("is negative"));
  CHECK_THAT(of("work * 2"), Contains("calculates with a text"));
  CHECK_THAT(of("2 x"), Contains("goes on with 'x'"));
  CHECK_THAT(of("(2"), Contains("( without )"));
  CHECK_THAT(of("2 *"), Contains("ends too early"));
  CHECK_THAT(of("99999999999 GiB * 99999999999"), Contains("is too large"));
  CHECK_THAT(complaint([] { is_true("size"); }), Contains("compares nothing"));
  CHECK_THAT(complaint([] { is_true("work < 'd'"); }), Contains("which of two texts"));
  CHECK_THAT(complaint([] { is_true("work == 3"); }), Contains("a text with a number"));
}

TEST_CASE("an amount is a number with at most a unit", "[unit]") {
  CHECK(amount_of("12.5 ns")->numerator == 12'500);
  CHECK(amount_of("8")->numerator == 8);
  CHECK_FALSE(amount_of("copy"));
  CHECK_FALSE(amount_of("2 * 3"));
  CHECK_FALSE(amount_of("2-way"));
  CHECK_FALSE(amount_of(""));
}
