// Predicted against measured times: what the overhead is taken from, and what the errors are.

#include "sim/report/predictions.h"
#include "tests/support/catch.h"

using namespace strobe;
using namespace strobe::report;

namespace {

Prediction row(const std::string& family, double simulated, double measured) {
  Prediction prediction;
  prediction.gpu = "gpu";
  prediction.family = family;
  prediction.layer = family + " of " + std::to_string(simulated);
  prediction.simulated = simulated;
  prediction.measured = measured;
  return prediction;
}

}  // namespace

TEST_CASE("the overhead is the median excess of the shortest rows, never of the long ones") {
  std::vector<Prediction> rows;
  for (int i = 1; i <= 5; ++i) rows.push_back(row("a", 10e-6, (30 + 0.1 * i) * 1e-6));
  rows.push_back(row("a", 1000e-6, 1001e-6));  // its kernel is predicted too long
  estimate_overheads(rows);
  CHECK(rows[0].overhead.value() == Approx(20.3e-6));
  CHECK(rows[5].overhead.value() == Approx(20.3e-6));
}

TEST_CASE("a row of 3 us says more of an overhead than four that take ten times as long") {
  std::vector<Prediction> rows{row("a", 3e-6, 4e-6)};
  for (int i = 1; i <= 4; ++i) rows.push_back(row("a", 60e-6, 70e-6));
  estimate_overheads(rows);
  CHECK(rows[4].overhead.value() == Approx(1e-6));
}

TEST_CASE("each source that measured a family has an overhead of its own") {
  std::vector<Prediction> rows;
  for (int i = 1; i <= 3; ++i) rows.push_back(row("a", 10e-6, 12e-6));
  for (int i = 1; i <= 3; ++i) rows.push_back(row("a", 10e-6, 35e-6));
  for (std::size_t i = 3; i < 6; ++i) rows[i].source = "another";
  estimate_overheads(rows);
  CHECK(rows[0].overhead.value() == Approx(2e-6));
  CHECK(rows[3].overhead.value() == Approx(25e-6));
  CHECK(overhead_text(error_figures(rows).front()) == "2.000 us to 25.00 us");
}

TEST_CASE("an overhead is not told from few short rows, and is not negative") {
  std::vector<Prediction> rows;
  for (int i = 1; i <= 2; ++i) rows.push_back(row("a", 10e-6, 9e-6));
  for (int i = 1; i <= 9; ++i) rows.push_back(row("a", 201e-6, 220e-6));
  estimate_overheads(rows);
  CHECK_FALSE(rows[0].overhead.has_value());
  CHECK(rows[2].predicted() == Approx(201e-6));
  rows.push_back(row("a", 10e-6, 9e-6));
  estimate_overheads(rows);
  CHECK(rows[2].overhead.value() == 0);
}

TEST_CASE("errors are told by GPU and family") {
  std::vector<Prediction> rows{row("a", 11, 10), row("a", 8, 10), row("b", 10, 10)};
  rows.push_back(row("b", 10, 10));
  rows.back().measured.reset();
  const std::vector<ErrorFigures> errors = error_figures(rows);
  REQUIRE(errors.size() == 2);
  CHECK(errors[0].rows == 2);
  CHECK(errors[0].mean_absolute == Approx(0.15));
  CHECK(errors[0].bias == Approx(-0.05));
  CHECK(errors[0].worst == Approx(0.2));
  CHECK(errors[1].rows == 1);
  CHECK(errors[1].mean_absolute == Approx(0));
}

TEST_CASE("a long table lists the farthest off, a short one everything") {
  std::vector<Prediction> rows;
  for (int i = 1; i <= 30; ++i) rows.push_back(row("a", 100 + i, 100));
  const std::string text = predictions_summary(rows, {});
  CHECK(text.find("The 10 farthest off of 30") != std::string::npos);
  CHECK(text.find("+30.0 %") != std::string::npos);
  CHECK(text.find("+1.0 %") == std::string::npos);
  rows.resize(3);
  CHECK(predictions_summary(rows, {}).find("+1.0 %") != std::string::npos);
}
