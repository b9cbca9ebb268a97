#include "sim/report/nsight.h"

#include <fmt/format.h>

#include <cmath>

#include "sim/report/figures.h"
#include "sim/wire/message.h"

namespace strobe::report {
namespace {

using device::GpuSpec;
using device::KernelResult;
using stats::WarpState;

double number(std::uint64_t count) {
  return static_cast<double>(count);
}

double over(double part, double whole) {
  return whole > 0 ? part / whole : std::nan("");
}

double percent(double part, double whole) {
  return 100 * over(part, whole);
}

// What a kernel's metrics are worked out of.
struct Source {
  const KernelResult& kernel;
  const GpuSpec& gpu;
  Figures figures;
  std::vector<NsightMetric>& metrics;

  double cycles(Picoseconds time) const {  // of an SM
    return static_cast<double>(time.count()) * static_cast<double>(gpu.sm.clock.count()) * 1e-9;
  }
  double active_cycles() const {  // of sub-partitions, all together
    return number(kernel.sm.active_cycles) * gpu.sm.sub_partitions;
  }
  void add(std::string name, std::string unit, std::string meaning, double value) {
    metrics.push_back({std::move(name), std::move(unit), std::move(meaning), value});
  }
};

void add_times(Source& of) {
  const double seconds = of.figures.time;
  of.add("gpu__time_duration.sum", "ns", "of the kernel", seconds * 1e9);
  of.add("gpc__cycles_elapsed.avg", "cycle", "of the SMs' clock over that time",
         seconds * static_cast<double>(of.gpu.sm.clock.count()) * 1e3);
  of.add("sm__cycles_active.sum", "cycle", "with a resident warp, of all SMs",
         number(of.kernel.sm.active_cycles));
  of.add("sm__ctas_launched.sum", "block", "CTAs run", number(of.kernel.sm.ctas));
  of.add("launch__registers_per_thread", "register/thread", "32-bit registers of a thread",
         of.kernel.registers);
  of.add("launch__waves_per_multiprocessor", "", "CTAs over what all SMs hold at once",
         over(number(of.kernel.sm.ctas),
              static_cast<double>(of.gpu.sms) * of.kernel.occupancy.ctas_per_sm));
}

void add_warps(Source& of) {
  const sm::Counters& sm = of.kernel.sm;
  const double resident = of.cycles(of.kernel.stalls.resident);
  const double eligible = of.cycles(of.kernel.stalls.of(WarpState::selected) +
                                    of.kernel.stalls.of(WarpState::not_selected));
  of.add("smsp__inst_executed.sum", "inst", "warp instructions", number(sm.warp_instructions));
  of.add("smsp__thread_inst_executed.sum", "inst", "thread instructions",
         number(sm.thread_instructions));
  of.add("smsp__thread_inst_executed_per_inst_executed.ratio", "", "threads active in a warp",
         over(number(sm.thread_instructions), number(sm.warp_instructions)));
  of.add("smsp__issue_active.sum", "cycle", "of sub-partitions, with an instruction issued",
         number(sm.issue_active_cycles));
  of.add("smsp__issue_active.avg.per_cycle_active", "", "share of active cycles with an issue",
         of.figures.issue_active);
  of.add("smsp__warps_active.avg.per_cycle_active", "warp", "resident in a sub-partition",
         over(resident, of.active_cycles()));
  of.add("smsp__warps_eligible.avg.per_cycle_active", "warp", "of those, issued or could have",
         over(eligible, of.active_cycles()));
  of.add("sm__warps_active.avg.per_cycle_active", "warp", "resident in an SM",
         over(resident, number(sm.active_cycles)));
  of.add("sm__warps_active.avg.pct_of_peak_sustained_active", "%", "of an SM's warp slots",
         percent(resident, number(sm.active_cycles) * of.gpu.sm.max_warps));
  of.add("smsp__average_warp_latency_per_inst_issued.ratio", "cycle",
         "warps times cycles over instructions issued",
         over(resident, number(sm.warp_instructions)));
  of.add("smsp__average_warps_active_per_inst_executed.ratio", "warp",
         "the same over instructions executed", over(resident, number(sm.warp_instructions)));
}

// Warps times cycles in each state, over the cycles in which a sub-partition issued.
void add_stalls(Source& of) {
  const double issues = number(of.kernel.sm.issue_active_cycles);
  const auto add = [&](std::string_view state, std::string_view meaning, double cycles) {
    of.add(fmt::format("smsp__average_warps_issue_stalled_{}_per_issue_active.ratio", state),
           "inst", std::string(meaning), over(cycles, issues));
  };
  for (std::size_t i = 0; i < stats::kWarpStateCount; ++i) {
    if (static_cast<WarpState>(i) == WarpState::other) continue;
    add(stats::kWarpStates[i].name, stats::kWarpStates[i].meaning,
        of.cycles(of.kernel.stalls.by_state[i]));
  }
  // States of a profile that no warp of the model is ever in.
  for (const char* state : {"tex_throttle", "no_instruction", "dispatch_stall", "branch_resolving",
                            "sleeping", "misc"}) {
    add(state, "not modelled, so always 0", 0);
  }
}

void add_l1(Source& of) {
  const sm::Counters& sm = of.kernel.sm;
  const std::string load = "_pipe_lsu_mem_global_op_ld", store = "_pipe_lsu_mem_global_op_st";
  const double sectors = number(sm.global_load_sectors);
  const double hits = number(sm.global_load_sector_hits);
  of.add("l1tex__t_requests" + load + ".sum", "request", "global load instructions",
         number(sm.global_load_requests));
  of.add("l1tex__t_sectors" + load + ".sum", "sector", "asked of L1s by global loads", sectors);
  of.add("l1tex__t_sectors" + load + "_lookup_hit.sum", "sector", "of those, there", hits);
  of.add("l1tex__t_sectors" + load + "_lookup_miss.sum", "sector", "of those, not there",
         sectors - hits);
  of.add("l1tex__t_sector" + load + "_hit_rate.pct", "%", "share of those that were there",
         percent(hits, sectors));
  of.add("l1tex__average_t_sectors_per_request" + load + ".ratio", "sector/request",
         "sectors of a load: 4 when whole lines of 32-bit words are asked for",
         over(sectors, number(sm.global_load_requests)));
  of.add("l1tex__t_requests" + store + ".sum", "request", "global store instructions",
         number(sm.global_store_requests));
  of.add("l1tex__t_sectors" + store + ".sum", "sector", "written by global stores",
         number(sm.global_store_sectors));
  of.add("l1tex__average_t_sectors_per_request" + store + ".ratio", "sector/request",
         "sectors of a store",
         over(number(sm.global_store_sectors), number(sm.global_store_requests)));
  of.add("l1tex__t_sectors_pipe_lsu_mem_local_op_ld.sum", "sector", "asked by local loads",
         number(sm.local_load_sectors));
  of.add("l1tex__t_sectors_pipe_lsu_mem_local_op_st.sum", "sector", "written by local stores",
         number(sm.local_store_sectors));
  const double all = sectors + number(sm.global_store_sectors) + number(sm.local_load_sectors) +
                     number(sm.local_store_sectors) + number(sm.atomic_sectors);
  of.add("l1tex__t_sector_hit_rate.pct", "%",
         "share of sectors of loads, stores and atomics that were there",
         percent(hits + number(sm.local_load_sector_hits) + number(sm.store_sector_hits), all));
  of.add("l1tex__m_l1tex2xbar_write_bytes.sum", "byte",
         "sent to the L2 by stores and atomics, in whole sectors",
         (number(sm.global_store_sectors) + number(sm.local_store_sectors) +
          number(sm.atomic_sectors)) *
             static_cast<double>(wire::kSectorBytes));
  of.add("l1tex__data_bank_conflicts_pipe_lsu_mem_shared.sum", "",
         "cycles of shared memory beyond what the bytes need", number(sm.shared_bank_conflicts));
}

void add_l2(Source& of) {
  const l2::Counters& l2 = of.kernel.l2;
  const double reads = number(l2.read_sectors), read_hits = number(l2.read_sector_hits);
  const double writes = number(l2.write_sectors), write_hits = number(l2.write_sector_hits);
  of.add("lts__t_sectors_srcunit_tex_op_read.sum", "sector", "read by SMs", reads);
  of.add("lts__t_sectors_srcunit_tex_op_read_lookup_hit.sum", "sector", "of those, there",
         read_hits);
  of.add("lts__t_sectors_srcunit_tex_op_read_lookup_miss.sum", "sector", "of those, not there",
         reads - read_hits);
  of.add("lts__t_sectors_srcunit_tex_op_write.sum", "sector", "written by SMs", writes);
  of.add("lts__t_sectors_srcunit_tex_op_write_lookup_hit.sum", "sector",
         "of those, there or written whole", write_hits);
  of.add("lts__t_sectors_op_read.sum", "sector", "read by SMs and by the other partition",
         reads + number(l2.far_read_sectors));
  of.add("lts__t_sector_op_read_hit_rate.pct", "%", "share of those that were there",
         percent(read_hits + number(l2.far_read_sector_hits), reads + number(l2.far_read_sectors)));
  of.add("lts__t_sector_hit_rate.pct", "%", "share of sectors read, written and changed, likewise",
         percent(read_hits + number(l2.far_read_sector_hits) + write_hits +
                     number(l2.atomic_sector_hits),
                 reads + number(l2.far_read_sectors) + writes + number(l2.atomic_sectors)));
  of.add("lts__t_sector_op_write_hit_rate.pct", "%", "share of sectors written by SMs, likewise",
         percent(write_hits, writes));
}

void add_dram(Source& of) {
  const dram::Counters& dram = of.kernel.dram;
  const auto burst = static_cast<double>(of.gpu.memory.part.geometry.burst.count());
  const double read = number(dram.reads) * burst, written = number(dram.writes) * burst;
  const auto sector = static_cast<double>(wire::kSectorBytes);
  const double pins = per_second(of.gpu.memory.part.peak_of_pseudo_channel()) *
                      of.gpu.memory.part.geometry.pseudo_channels * of.gpu.memory.channels;
  of.add("dram__bytes_read.sum", "byte", "from the DRAM", read);
  of.add("dram__bytes_write.sum", "byte", "to the DRAM", written);
  of.add("dram__sectors_read.sum", "sector", "from the DRAM", read / sector);
  of.add("dram__sectors_write.sum", "sector", "to the DRAM", written / sector);
  of.add("dram__bytes_read.sum.per_second", "byte/second", "over the kernel's time",
         of.figures.dram_read);
  of.add("dram__bytes_write.sum.per_second", "byte/second", "over the kernel's time",
         of.figures.dram_write);
  of.add("dram__bytes.sum.per_second", "byte/second", "both", of.figures.dram());
  of.add("gpu__dram_throughput.avg.pct_of_peak_sustained_elapsed", "%", "of what the pins move",
         percent(of.figures.dram(), pins));
}

std::string number_text(double value) {
  return std::isnan(value) ? "nan" : fmt::format("{}", value);
}

// A field of a CSV file: quoted, as the profiler does.
std::string field(std::string_view text) {
  std::string quoted = "\"";
  for (const char c : text) {
    if (c == '"') quoted += '"';
    quoted += c;
  }
  return quoted + '"';
}

std::string extents(const std::array<std::uint32_t, 3>& of) {
  return fmt::format("({}, {}, {})", of[0], of[1], of[2]);
}

}  // namespace

std::vector<NsightMetric> nsight_metrics(const KernelResult& kernel, const GpuSpec& gpu) {
  std::vector<NsightMetric> metrics;
  Source of{kernel, gpu, figures_of(kernel, gpu), metrics};
  add_times(of);
  add_warps(of);
  add_stalls(of);
  add_l1(of);
  add_l2(of);
  add_dram(of);
  return metrics;
}

std::string nsight_csv(const device::RunResult& result, const GpuSpec& gpu) {
  std::string names = R"("ID","Kernel Name","Block Size","Grid Size")", units = R"("","","","")";
  for (const NsightMetric& metric : nsight_metrics({}, gpu)) {
    names += ',' + field(metric.name);
    units += ',' + field(metric.unit);
  }
  std::string text = names + '\n' + units + '\n';
  for (std::size_t i = 0; i < result.kernels.size(); ++i) {
    const KernelResult& kernel = result.kernels[i];
    text += fmt::format("{},{},{},{}", field(std::to_string(i)), field(kernel.name),
                        field(extents(kernel.block)), field(extents(kernel.grid)));
    for (const NsightMetric& metric : nsight_metrics(kernel, gpu)) {
      text += ',' + field(number_text(metric.value));
    }
    text += '\n';
  }
  return text;
}

}  // namespace strobe::report
