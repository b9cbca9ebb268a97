#include "sim/report/what_if.h"

#include "tests/support/catch.h"
#include "tests/support/print_units.h"

using namespace strobe;
using namespace strobe::report;
using Catch::Contains;

namespace {

const std::vector<WithoutCause> kRows{{"dram.refresh", "the DRAM is never refreshed", 950_ns},
                                      {"dram.queue", "no queue", 1_us + 12_ns}};

}  // namespace

TEST_CASE("what a run saves has its unit and its sign, and a loss is explained") {
  const std::string text = what_if_text(kRows, 1_us, {});
  INFO(text);
  CHECK_THAT(text, Contains("50.00 ns   5.0 %"));
  CHECK_THAT(text, Contains("-12.00 ns  -1.2 %"));
  CHECK_THAT(text, Contains("A minus: the run takes longer without it."));
}

TEST_CASE("where nothing is lost there is nothing to explain") {
  CHECK_THAT(what_if_text(std::span(kRows).first(1), 1_us, {}), !Contains("A minus"));
}

TEST_CASE("JSON has what each saves") {
  CHECK_THAT(what_if_json(kRows, 1_us), Contains(R"("saves":-1.2)"));
}
