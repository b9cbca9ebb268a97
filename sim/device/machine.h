#pragma once

// A whole GPU, wired from its spec, that runs programs: copies move over the host link, kernels run
// one after another, and what the L2 and the DRAM hold carries over from each to the next.
//
// Partitions come from the machine's structure (an SM; a DRAM channel with the L2 slices in front
// of it; the dispatcher with the host link), never from the number of threads, and the results show
// neither (tests/determinism).

#include <memory>
#include <optional>
#include <vector>

#include "sim/device/partition.h"
#include "sim/device/progress.h"
#include "sim/device/result.h"
#include "sim/device/spec.h"
#include "sim/kernel/executor.h"
#include "sim/kernel/sides.h"
#include "sim/trace/program.h"

namespace strobe::device {

// How components are grouped. Only speed depends on it.
struct Grouping {
  std::uint32_t sms_per_partition = 1;
  std::uint32_t channels_per_partition = 1;
};

struct MachineOptions {
  int threads = 1;
  bool check_dram = false;  // every DRAM command is shown to a checker
  Grouping grouping = {};
  bool sample = false;     // leaves out waves of homogeneous grids once they take the same time
  bool over_time = false;  // stalls, queues, hit rates and watts go into the series too
  std::uint64_t most_cta_spans = 0;  // of so many CTAs it is told when they were on which SM
};

class Machine {
 public:
  explicit Machine(const GpuSpec& spec, const MachineOptions& options = {});

  // Runs every step of `program`. Throws UserError when a kernel does not fit the GPU or the trace
  // turns out damaged.
  RunResult run(trace::Program& program, Progress& progress);

 private:
  void place_components(const Grouping& grouping);
  void build_sms(bool over_time);
  void build_slices();
  void build_system_caches();
  void build_channels(const MachineOptions& options);
  void build_cpus();
  void start_cpus(Instant at);
  void build_front(bool sample);
  l2::Wiring slice_wiring(std::uint32_t slice) const;
  std::optional<ComponentId> first_cpu_of(std::uint32_t channel) const;
  std::optional<l2::Crossing> crossing_of(std::uint32_t slice) const;
  std::uint32_t cpus() const { return has_cpu_load(spec_) ? pseudo_channels() : 0; }
  std::uint32_t pseudo_channels() const {
    return spec_.memory.channels * spec_.memory.part.geometry.pseudo_channels;
  }

  void drain(const Sides& sides);
  void hold_in_l2(const trace::Step& step);
  CopyResult run_copy(const trace::Step& step);
  std::uint64_t give_to_host(const trace::Step& step);
  link::PagerCounters pager_total() const;
  KernelResult run_kernel(const trace::Step& step, trace::CtaSource& source, Progress& progress);
  l2::Counters l2_total() const;
  l2::Counters system_cache_total() const;
  cpu::Counters cpu_total() const;
  dram::Counters dram_total();  // until nothing was under way
  SeriesResult collect_series();
  DramCheck collect_checks() const;

  template <class Visit>
  void for_each_sm(const Visit& visit);

  GpuSpec spec_;
  wire::AddressMap map_;
  wire::Directory directory_;
  ComponentId first_sm_{}, first_slice_{}, first_bank_{}, first_channel_{}, first_cpu_{},
      dispatcher_id_{}, host_link_id_{}, pager_id_{};
  std::uint32_t slices_per_channel_;
  std::uint64_t most_cta_spans_;
  wire::L2Sides sides_;
  trace::CtaPool ctas_;
  std::vector<Partition> partitions_;
  wire::Neighbours neighbours_;
  Partition* front_ = nullptr;
  Executor executor_;
  Sides kernel_sides_, copy_sides_;
  Instant now_;         // the host's: when the last step ended
  Instant quiet_from_;  // nothing is under way in the machine from here on
  std::vector<sm::Counters> sm_totals_;
};

}  // namespace strobe::device
