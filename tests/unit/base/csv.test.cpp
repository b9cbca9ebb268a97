// Lines of CSV files become fields.

#include "sim/base/csv.h"

#include "tests/support/catch.h"

using namespace strobe;

TEST_CASE("commas separate fields but for those in quotes") {
  using Fields = std::vector<std::string>;
  CHECK(csv_fields("a,,c") == Fields{"a", "", "c"});
  CHECK(csv_fields("a,\"b, c\",d\r") == Fields{"a", "b, c", "d"});
  CHECK(csv_fields("\"say \"\"so\"\"\"") == Fields{"say \"so\""});
  CHECK(csv_fields("").size() == 1);
  CHECK_THROWS_AS(csv_fields("a,\"b"), UserError);
}

TEST_CASE("titles say which field is what, and how many there are") {
  const CsvColumns columns({"gpu", "op"});
  CHECK(columns.has("op"));
  CHECK(columns.of({"t4", "add"}, "op") == "add");
  CHECK(columns.of({"t4", "add"}, "shape").empty());
  CHECK_THROWS_AS(columns.require_all({"t4"}), UserError);
}
