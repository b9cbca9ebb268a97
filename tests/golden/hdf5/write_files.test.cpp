// Writes the result files that tools/check_output.py and check_values.py open.

#include <algorithm>

#include "sim/base/error.h"
#include "sim/report/grid.h"
#include "sim/report/load_sweep.h"
#include "sim/report/memory_rows.h"
#include "sim/report/memory_run.h"
#include "sim/report/predictions.h"
#include "sim/report/run_file.h"
#include "sim/report/validation.h"
#include "tests/support/catch.h"
#include "tests/support/sample_run.h"

using namespace strobe;
using namespace strobe::report;

namespace {

const std::string kFolder = STROBE_OUTPUT_FOLDER;

// A file name that is not UTF-8, as Linux allows.
const Provenance kProvenance{"0.1.0",
                             "strobe run sample-gpu caf\xE9/kernelslist.g",
                             "2025-01-01T00:00:00Z",
                             "caf\xE9/kernelslist.g",
                             {{"caf\xE9/kernelslist.g", 3, "ba7816bf"}},
                             7,
                             2};

dram::ReplayResult sample_replay() {
  dram::ReplayResult result;
  result.requests = 150;
  result.bytes_read = Bytes(6'400);
  result.bytes_written = Bytes(3'200);
  result.finish = Instant(1_us);
  result.counters.reads = 200;
  result.counters.writes = 100;
  result.counters.row_hits = 135;
  result.counters.row_misses = 10;
  result.counters.row_conflicts = 5;
  for (int i = 0; i < 100; ++i) result.read_latency.add(50_ns);
  result.counters.read_requests = 100;
  result.counters.write_requests = 50;
  result.finished = {100, 50};
  result.check_bytes = Bytes(640);
  result.energy.interval = 400_ns;
  for (auto& share : result.energy.femtojoules) share = {0, 0, 0};
  result.energy.femtojoules[5] = {40'000'000, 80'000'000, 20'000'000};
  constexpr auto kQueue =
      static_cast<std::size_t>(stats::Cause::dram_queue) - stats::StageTimes::kFirst;
  for (dram::StageSums& sums : result.stages) {
    sums.back() = 9_ns;  // the L2's, which a memory alone does not have
  }
  result.stages[0][kQueue] = 4_us;
  result.stages[0][kQueue + 1] = 1_us;
  result.stages[1][kQueue] = 3_us;
  result.channels.resize(2);
  for (dram::ChannelCounters& channel : result.channels) channel.banks.resize(3);
  result.channels[1].all.reads = 200;
  result.channels[1].banks[2].reads = 200;
  return result;
}

// A sweep of two places, of which the second failed.
Grid sweep_of(const RunFields& fields) {
  Grid grid;
  for (const char* name : {"title", "strobe_version", "strobe_program", "command_line", "sweep",
                           "plan", "target", "work", "shard", "run"}) {
    grid.attributes.push_back({name, std::string("a text")});
  }
  grid.dimensions = {
      {{"x", "1", "a swept dimension"}, {"x"}, {2}, std::vector<std::int64_t>{1, 2}}};
  grid.inner = fields.inner;
  grid.columns = fields.columns;
  grid.rows = {{RunStatus::done, "", fields.values}, {RunStatus::failed, "no luck", {}}};
  return grid;
}

}  // namespace

TEST_CASE("sweeps on a GPU and on a memory part are written", "[golden]") {
  const device::GpuSpec gpu = test::sample_gpu();
  const dram::ReplayResult replay = sample_replay();
  CHECK_NOTHROW(write_grid(kFolder + "/golden_sweep.h5",
                           sweep_of(fields_of(test::sample_run(), gpu, test::sample_limits()))));
  CHECK_NOTHROW(write_grid(kFolder + "/golden_memory_sweep.h5",
                           sweep_of(fields_of(MemoryRun{gpu.memory.part, 2, replay}))));
}

TEST_CASE("a run's file is written", "[golden]") {
  CHECK_NOTHROW(write_run_file(kFolder + "/golden_run.h5", test::sample_run(), test::sample_gpu(),
                               test::sample_limits(), kProvenance));
}

TEST_CASE("a run without kernels, copies or intervals is written too", "[golden]") {
  CHECK_NOTHROW(write_run_file(kFolder + "/golden_empty_run.h5", {}, test::sample_gpu(),
                               test::sample_limits(), kProvenance));
}

TEST_CASE("a memory run's file is written", "[golden]") {
  const device::GpuSpec gpu = test::sample_gpu();
  const dram::ReplayResult result = sample_replay();
  CHECK_NOTHROW(write_memory_run_file(kFolder + "/golden_memory_run.h5",
                                      {gpu.memory.part, 2, result}, gpu.sources, kProvenance));
}

TEST_CASE("a sweep of loads is written", "[golden]") {
  const device::GpuSpec gpu = test::sample_gpu();
  const std::vector<LoadPoint> points{{0.5, BytesPerSecond(4'800'000'000), sample_replay()},
                                      {1, BytesPerSecond(0), sample_replay()}};
  CHECK_NOTHROW(write_load_sweep_file(kFolder + "/golden_load_sweep.h5",
                                      {gpu.memory.part, 2, points}, gpu.sources, kProvenance));
}

TEST_CASE("a validation is written", "[golden]") {
  const std::vector<ValidationRow> rows{
      {"sample-gpu", "latency", "chase", "footprint=2M", "ns", "a caf\xE9", 100, 101, 0.05, false},
      {"sample-gpu", "bandwidth", "copy", "", "GB/s", "likewise", 800, 900, 0.03, true}};
  CHECK_NOTHROW(write_validation_file(kFolder + "/golden_validation.h5", rows, kProvenance));
}

TEST_CASE("predictions of layers are written, measured or not", "[golden]") {
  Prediction measured{2, "v100", "add", "add rows=1 cols=2 dtype=fp32", "kernel", 1e-5, 0.001};
  measured.measured = 3e-5;
  Prediction not_measured = measured;
  not_measured.measured.reset();
  const std::vector<Prediction> predictions{measured, not_measured};
  CHECK_NOTHROW(
      write_predictions_file(kFolder + "/golden_predictions.h5", predictions, kProvenance));
}

TEST_CASE("a sweep's summary has a line and a mark for each load", "[golden]") {
  using Catch::Contains;
  const device::GpuSpec gpu = test::sample_gpu();
  std::vector<LoadPoint> points{{0.5, BytesPerSecond(4'800'000'000), sample_replay()},
                                {1, BytesPerSecond(0), sample_replay()}};
  points[0].result.finish = Instant(2_us);
  for (int i = 0; i < 100; ++i) points[1].result.read_latency.add(150_ns);
  const std::string text = load_sweep_summary({gpu.memory.part, 2, points}, "random", {});
  INFO(text);
  CHECK_THAT(text, Contains("4.800 GB/s    4.800 GB/s  15.0 %  50.00 ns"));
  CHECK_THAT(text, Contains("all it takes  9.600 GB/s  30.0 %  100.0 ns"));
  CHECK_THAT(text,
             Contains("100.0 ns |                                                           *"));
  CHECK(std::count(text.begin(), text.end(), '*') == 2);
}

TEST_CASE("a memory run's summary has its bandwidths, rows, latencies and commands", "[golden]") {
  using Catch::Contains;
  const device::GpuSpec gpu = test::sample_gpu();
  const dram::ReplayResult result = sample_replay();
  const std::string text = memory_summary({gpu.memory.part, 2, result}, "requests.txt", {});
  INFO(text);
  CHECK_THAT(text, Contains("simulated 1.000 us: 150 requests"));
  CHECK_THAT(text, Contains("6.400 GB/s, 20.0 % of 32.00 GB/s"));
  CHECK_THAT(text, Contains("9.600 GB/s, 30.0 % of 32.00 GB/s"));
  CHECK_THAT(text, Contains("90.0 % hits, 6.7 % misses, 3.3 % conflicts"));
  CHECK_THAT(text, Contains("mean 50.00 ns") && Contains("max 50.00 ns"));
  CHECK_THAT(text, Contains("200 read, 100 write"));
  CHECK_THAT(text, Contains("300.0 nJ, 300.0 mW, 3.906 pJ a bit"));
  CHECK_THAT(text, Contains("read 60%, pins 7%, standby 33%"));
  CHECK_THAT(text, Contains("Where reads spent their time: 50.00 ns on average"));
  CHECK_THAT(text, Contains("Reads by latency") && Contains("49.15 ns to 65.54 ns"));
  CHECK_THAT(text, Contains("dram.queue") && Contains("80.0 %  40.00 ns  behind older"));
  CHECK_THAT(text, Contains("Where writes spent their time: 60.00 ns on average"));
}
