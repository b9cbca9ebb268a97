#include "sim/report/nsight.h"

#include <algorithm>
#include <cmath>

#include "tests/support/catch.h"
#include "tests/support/sample_run.h"

using namespace strobe;
using namespace strobe::report;

namespace {

double value_of(const device::KernelResult& kernel, const std::string& name) {
  const std::vector<NsightMetric> metrics = nsight_metrics(kernel, test::sample_gpu());
  const auto found = std::ranges::find(metrics, name, &NsightMetric::name);
  INFO(name);
  REQUIRE(found != metrics.end());
  return found->value;
}

std::string stalled(const std::string& state) {
  return "smsp__average_warps_issue_stalled_" + state + "_per_issue_active.ratio";
}

struct Expected {
  std::string name;
  double value;
};

void check_all(const device::KernelResult& kernel, const std::vector<Expected>& all) {
  for (const Expected& one : all) {
    CAPTURE(one.name);
    CHECK(value_of(kernel, one.name) == Approx(one.value));
  }
}

// Two SMs of four sub-partitions at 1 GHz for 1 us: 64 us of warps are 64,000 warp cycles.
device::KernelResult profiled() {
  device::KernelResult kernel = test::sample_kernel();
  kernel.sm.warp_instructions = 400;
  kernel.sm.thread_instructions = 6'400;
  kernel.sm.ctas = 8;
  kernel.sm.global_load_requests = 250;
  kernel.sm.global_store_requests = 20;
  kernel.sm.global_store_sectors = 60;
  kernel.sm.local_load_sectors = 5;
  kernel.sm.local_load_sector_hits = 2;
  kernel.sm.local_store_sectors = 7;
  kernel.sm.store_sector_hits = 31;
  kernel.sm.atomic_sectors = 60;
  kernel.sm.shared_bank_conflicts = 11;
  kernel.l2.write_sectors = 67;
  kernel.l2.write_sector_hits = 50;
  kernel.l2.atomic_sectors = 33;
  kernel.l2.atomic_sector_hits = 30;
  kernel.l2.far_read_sectors = 250;
  kernel.l2.far_read_sector_hits = 50;
  kernel.dram.writes = 100;
  return kernel;
}

}  // namespace

TEST_CASE("stalls are warp cycles in a state over the cycles with an issue") {
  check_all(profiled(), {{stalled("long_scoreboard"), 32'000.0 / 400},
                         {stalled("selected"), 16'000.0 / 400},
                         {stalled("wait"), 16'000.0 / 400},
                         {stalled("barrier"), 0},
                         {stalled("tex_throttle"), 0},
                         {stalled("no_instruction"), 0}});
}

TEST_CASE("stalls of all states add up to the warps active for each issue") {
  const device::KernelResult kernel = profiled();
  double sum = 0;
  for (const NsightMetric& metric : nsight_metrics(kernel, test::sample_gpu())) {
    if (metric.name.starts_with("smsp__average_warps_issue_stalled_")) sum += metric.value;
  }
  CHECK(sum == Approx(64'000.0 / 400));
}

TEST_CASE("warps and instructions have the profiler's denominators") {
  check_all(profiled(), {{"smsp__inst_executed.sum", 400},
                         {"smsp__thread_inst_executed.sum", 6'400},
                         {"smsp__thread_inst_executed_per_inst_executed.ratio", 16},
                         {"smsp__issue_active.sum", 400},
                         {"smsp__issue_active.avg.per_cycle_active", 0.05},
                         {"smsp__warps_active.avg.per_cycle_active", 8},
                         {"smsp__warps_eligible.avg.per_cycle_active", 2},
                         {"sm__warps_active.avg.per_cycle_active", 32},
                         {"sm__warps_active.avg.pct_of_peak_sustained_active", 50},
                         {"smsp__average_warp_latency_per_inst_issued.ratio", 160},
                         {"smsp__average_warps_active_per_inst_executed.ratio", 160}});
}

TEST_CASE("times and launches are the kernel's") {
  check_all(profiled(), {{"gpu__time_duration.sum", 1000},
                         {"gpc__cycles_elapsed.avg", 1000},
                         {"sm__cycles_active.sum", 2000},
                         {"sm__ctas_launched.sum", 8},
                         {"launch__registers_per_thread", 16},
                         {"launch__waves_per_multiprocessor", 1}});
}

TEST_CASE("the L1's metrics are of sectors and requests of one kind of instruction") {
  check_all(profiled(),
            {{"l1tex__t_requests_pipe_lsu_mem_global_op_ld.sum", 250},
             {"l1tex__t_sectors_pipe_lsu_mem_global_op_ld.sum", 1000},
             {"l1tex__t_sectors_pipe_lsu_mem_global_op_ld_lookup_hit.sum", 250},
             {"l1tex__t_sectors_pipe_lsu_mem_global_op_ld_lookup_miss.sum", 750},
             {"l1tex__t_sector_pipe_lsu_mem_global_op_ld_hit_rate.pct", 25},
             {"l1tex__average_t_sectors_per_request_pipe_lsu_mem_global_op_ld.ratio", 4},
             {"l1tex__t_requests_pipe_lsu_mem_global_op_st.sum", 20},
             {"l1tex__t_sectors_pipe_lsu_mem_global_op_st.sum", 60},
             {"l1tex__average_t_sectors_per_request_pipe_lsu_mem_global_op_st.ratio", 3},
             {"l1tex__t_sectors_pipe_lsu_mem_local_op_ld.sum", 5},
             {"l1tex__t_sectors_pipe_lsu_mem_local_op_st.sum", 7},
             {"l1tex__t_sector_hit_rate.pct", 100 * (250 + 2 + 31) / (1000 + 60 + 5 + 7 + 60.0)},
             {"l1tex__m_l1tex2xbar_write_bytes.sum", 32 * (60 + 7 + 60)},
             {"l1tex__data_bank_conflicts_pipe_lsu_mem_shared.sum", 11}});
}

TEST_CASE("the L2's reads by SMs are told from all reads, which the other partition's are of") {
  check_all(profiled(), {{"lts__t_sectors_srcunit_tex_op_read.sum", 750},
                         {"lts__t_sectors_srcunit_tex_op_read_lookup_hit.sum", 150},
                         {"lts__t_sectors_srcunit_tex_op_read_lookup_miss.sum", 600},
                         {"lts__t_sectors_srcunit_tex_op_write.sum", 67},
                         {"lts__t_sectors_srcunit_tex_op_write_lookup_hit.sum", 50},
                         {"lts__t_sectors_op_read.sum", 1000},
                         {"lts__t_sector_op_read_hit_rate.pct", 20},
                         {"lts__t_sector_op_write_hit_rate.pct", 100 * 50.0 / 67},
                         {"lts__t_sector_hit_rate.pct", 100 * 280.0 / 1100}});
}

TEST_CASE("the DRAM's bytes are bursts, its throughput a share of the pins") {
  check_all(profiled(), {{"dram__bytes_read.sum", 19'200},
                         {"dram__bytes_write.sum", 3'200},
                         {"dram__sectors_read.sum", 600},
                         {"dram__sectors_write.sum", 100},
                         {"dram__bytes_read.sum.per_second", 19.2e9},
                         {"dram__bytes_write.sum.per_second", 3.2e9},
                         {"dram__bytes.sum.per_second", 22.4e9},
                         {"gpu__dram_throughput.avg.pct_of_peak_sustained_elapsed", 70}});
}

TEST_CASE("a ratio of nothing is not a number, and no metric is named twice") {
  const std::vector<NsightMetric> metrics = nsight_metrics({}, test::sample_gpu());
  for (const NsightMetric& metric : metrics) {
    CHECK(std::ranges::count(metrics, metric.name, &NsightMetric::name) == 1);
  }
  CHECK(std::isnan(value_of({}, "lts__t_sector_op_read_hit_rate.pct")));
}

TEST_CASE("the table has names, units and a line a kernel, each field quoted") {
  using Catch::StartsWith;
  const std::string text = nsight_csv(test::sample_run(), test::sample_gpu());
  CHECK(std::ranges::count(text, '\n') == 4);
  CHECK_THAT(text, StartsWith(R"("ID","Kernel Name","Block Size","Grid Size","gpu__time_dur)"));
  CHECK(text.find("\"\",\"\",\"\",\"\",\"ns\",\"cycle\"") != text.npos);
  CHECK(text.find(R"-("1","_Z5scaleIfEvPT_i","(256, 1, 1)","(8, 1, 1)","1000",)-") != text.npos);
}
