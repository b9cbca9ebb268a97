// GPUs side by side: what each row says, against which, and what most of a step is bound by.

#include "sim/report/comparison.h"

#include "tests/support/catch.h"

using namespace strobe;
using namespace strobe::report;

namespace {

OperationReport operation(Bound bound, double time, double launch_time) {
  OperationReport report;
  report.bound = bound;
  report.time = time;
  report.launch_time = launch_time;
  report.dram_energy = 1e-3;
  report.energy.dram = 0.4 * time;
  report.energy.idle = 10 * (time + launch_time);
  return report;
}

ComparisonRow row(const std::string& gpu, std::uint64_t batch, double faster) {
  ComparisonRow made{gpu, 1000, {}};
  made.report.network = "net";
  made.report.options.batch = batch;
  made.report.samples = 10 * batch;
  made.report.memory.parameters = 400;
  made.report.copy_time = 0.7e-3 / faster;
  made.report.copy_back_time = 0.3e-3 / faster;
  made.report.copy_energy.idle = 10 * copies_time(made.report);
  made.report.operations = {operation(Bound::dram_bandwidth, 4e-3 / faster, 1e-3 / faster),
                            operation(Bound::latency, 3e-3 / faster, 1e-3 / faster)};
  return made;
}

std::size_t count(const std::string& text, const std::string& what) {
  std::size_t found = 0;
  for (std::size_t at = 0; (at = text.find(what, at)) != std::string::npos; ++at) ++found;
  return found;
}

const TextStyle kWide{200};

}  // namespace

TEST_CASE("each network and batch is a table whose ratios are to its first GPU") {
  const std::vector<ComparisonRow> rows{row("slow", 4, 1), row("fast", 4, 2.5), row("slow", 8, 2),
                                        row("fast", 8, 3)};
  const std::string text = comparison_text(rows, false, kWide);
  CHECK(count(text, "net, inference, batch") == 2);
  CHECK(count(text, " 2.50 ") == 2);  // of the rate and of what a joule does
  CHECK(count(text, " 1.50 ") == 2);
  CHECK(count(text, " 400.0  ") == 1);  // 4 samples in 10 ms, copies included
}

TEST_CASE("an epoch is all steps with their copies, which stand apart too") {
  const std::vector<ComparisonRow> rows{row("gpu", 4, 1)};
  const std::string text = comparison_text(rows, true, kWide);
  CHECK(count(text, "10 steps an epoch") == 1);
  CHECK(count(text, "100.0 ms") == 1);
  CHECK(count(text, "10.00 ms") == 1);
  CHECK(count(text, "1.028 J") == 1);   // ten times 90 + 2.8 mJ, and 10 of the copy
  CHECK(count(text, "100.0 mJ") == 1);  // the copies of it
}

TEST_CASE("a network that does not fit is a row that says so, and others have no ratio to it") {
  std::vector<ComparisonRow> rows{row("small", 4, 1), row("large", 4, 1)};
  rows[0].capacity = 399;
  rows[0].report.operations.clear();
  const std::string text = comparison_text(rows, false, kWide);
  CHECK(count(text, "needs 400 B of 399 B") == 1);
  CHECK(text.find("1.00 ", text.find("large")) == text.find("1.00 ms"));
  CHECK(count(text, " inf ") == 0);
  const std::string json = comparison_json(rows).text();
  CHECK(count(json, "\"step_time\":null") == 1);
  CHECK(count(json, "\"fits\":false") == 1);
}

TEST_CASE("efficiency is samples of all energy, copies included, and its ratio is to the first") {
  const std::vector<ComparisonRow> rows{row("slow", 4, 1), row("fast", 4, 2)};
  CHECK(rows[0].efficiency() == Approx(4 / 0.1028));
  const std::string text = comparison_text(rows, false, kWide);
  CHECK(count(text, " 10.3 ") == 2);  // watts of both, copies left out
  CHECK(count(text, " 2.00 ") == 2);  // rate and efficiency alike
  const std::string json = comparison_json(rows).text();
  CHECK(count(json, "\"efficiency\":77.8") == 1);
}

TEST_CASE("what bounds most of a step is what most of its time goes to, launches too") {
  ComparisonRow one = row("gpu", 4, 1);
  CHECK(main_bound(one.report).name == "DRAM");
  CHECK(main_bound(one.report).share == Approx(4.0 / 9));
  one.report.operations[1].launch_time = 4e-3;
  CHECK(main_bound(one.report).name == "launch");
  CHECK(main_bound(one.report).share == Approx(5.0 / 12));
  one.report.operations[0].host_wait = 8e-3;
  CHECK(main_bound(one.report).name == "host");
  CHECK(main_bound(one.report).share == Approx(8.0 / 20));
}
