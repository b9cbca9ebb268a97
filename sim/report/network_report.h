#pragma once

// What is said of a network's step: on the terminal, as JSON and in a result file.

#include <array>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "sim/device/board_energy.h"
#include "sim/device/spec.h"
#include "sim/networks/step.h"
#include "sim/report/figures.h"
#include "sim/report/json.h"
#include "sim/report/provenance.h"
#include "sim/report/text.h"

namespace strobe::report {

// All launches of an operation together. What sampling left out is counted as what was simulated.
struct OperationReport {
  std::string name, pass, layer, kernel;  // kernel: the longest
  std::uint64_t launches = 0;
  double time = 0;         // s, kernels
  double launch_time = 0;  // s, until their first CTAs start
  double host_wait = 0;    // s, before them, for the host to call them
  double spread = 0;       // of the waves that were sampled
  Bound bound = Bound::latency;
  double operations = 0, least_bytes = 0;
  double dram_read = 0, dram_write = 0, l2 = 0, l1 = 0;  // bytes; l2: between SMs and L2
  double dram_energy = 0;                                // J; see report/energy.h
  double dram_idle_power = 0;                            // W, of its refresh and standby alone
  device::BoardEnergy energy;                            // J, launches included
  double resident = 0;                                   // warps times s, of the longest kernel
  std::array<double, stats::kWarpStateCount> states{};   // shares of resident warps' time
  std::array<double, stats::kCauseCount> causes{};       // of that

  double total() const { return time + launch_time + host_wait; }
  // What decides its time, "launch" or "host" where that is most of it.
  std::string_view bound_by() const;
};

struct NetworkReport {
  std::string network, title;
  networks::StepOptions options;
  std::uint64_t parameters = 0, samples = 0, tokens = 0, context = 0;
  networks::MemoryNeed memory;
  std::vector<OperationReport> operations;
  Kilohertz clock;                            // of the SMs
  std::optional<dram::Microwatts> power_cap;  // that holds it below the GPU's own
  std::size_t simulated = 0;                  // kinds of operation, each simulated once
  std::uint64_t calls = 0;                    // of operators by the host
  double critical_path = 0;                   // s
  double input_bytes = 0;                     // of a step, from the host
  double copy_time = 0;                       // s, of that over the host link; 0 on unified memory
  double output_bytes = 0;                    // of a step, back to the host
  double copy_back_time = 0;                  // s, of that, likewise
  device::BoardEnergy copy_energy;            // J, of both, apart from the operations'

  double kernel_time() const;
  double launch_time() const;
  double dram_energy() const;          // J, of the DRAM alone, while kernels run and are launched
  device::BoardEnergy energy() const;  // J, of all operations; nothing where it is not known
  double power() const { return energy().total() / step_time(); }  // W
  // J, for all samples of an epoch, copies included.
  double epoch_energy() const {
    return static_cast<double>(steps_of_epoch()) * (energy().total() + copy_energy.total());
  }
  double step_time() const;  // kernels, launches and waits for the host
  double samples_per_second() const {
    return static_cast<double>(options.batch) / (step_time() + copy_time + copy_back_time);
  }
  // Places of sequences. REQUIRES: the network has some.
  double tokens_per_second() const { return static_cast<double>(tokens) * samples_per_second(); }
  std::uint64_t steps_of_epoch() const {
    return samples == 0 ? 0 : (samples + options.batch - 1) / options.batch;
  }
};

// s: how long the GPU waits for the host, and what the host takes for all calls.
double host_wait(const NetworkReport& report);
double host_time(const NetworkReport& report);
// Whether the host takes longer for its calls than the GPU for what they call.
bool is_host_bound(const NetworkReport& report);

// s, both ways
inline double copies_time(const NetworkReport& report) {
  return report.copy_time + report.copy_back_time;
}

std::string network_summary(const NetworkReport& report, const device::GpuSpec& gpu, bool epoch,
                            const TextStyle& style);
JsonObject network_json(const NetworkReport& report, const device::GpuSpec& gpu);
// Throws UserError when the file cannot be written; an existing one is then as it was.
void write_network_file(const std::filesystem::path& path, const NetworkReport& report,
                        const device::GpuSpec& gpu, const Provenance& provenance);

}  // namespace strobe::report
