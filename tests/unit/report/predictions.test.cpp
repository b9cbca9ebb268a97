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
  for (int i = 1; i <= 5; ++i) rows.push_back(row("a", i * 1e-6, (i + 20 + 0.1 * i) * 1e-6));
  rows.push_back(row("a", 1000e-6, 1001e-6));  // its kernel is predicted too long
  estimate_overheads(rows);
  CHECK(rows[0].overhead.value() == Approx(20.3e-6));
  CHECK(rows[5].overhead.value() == Approx(20.3e-6));
}

TEST_CASE("an overhead is not told from few short rows, and is not negative") {
  std::vector<Prediction> rows;
  for (int i = 1; i <= 4; ++i) rows.push_back(row("a", 10e-6, 9e-6));
  for (int i = 1; i <= 9; ++i) rows.push_back(row("a", 201e-6, 220e-6));
  estimate_overheads(rows);
  CHECK_FALSE(rows[0].overhead.has_value());
  CHECK(rows[4].predicted() == Approx(201e-6));
  rows.push_back(row("a", 10e-6, 9e-6));
  estimate_overheads(rows);
  CHECK(rows[4].overhead.value() == 0);
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
