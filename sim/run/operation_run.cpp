#include "sim/run/operation_run.h"

#include <algorithm>

#include "sim/layers/layer_time.h"
#include "sim/layers/lower.h"
#include "sim/report/energy.h"
#include "sim/wire/message.h"

namespace strobe::run {
namespace {

// Commands are those of the part that was simulated; refresh and standby take as much power in the
// rest of the time and until the launch.
void add_dram_energy(report::OperationReport& row, const device::KernelResult& kernel,
                     const device::GpuSpec& gpu, double whole) {
  const report::EnergyFigures figures =
      report::energy_figures(gpu.memory.part, gpu.memory.channels, kernel.dram, kernel.dram_time);
  const double waiting = figures.energy.refresh + figures.energy.standby;
  row.dram_idle_power = figures.time > 0 ? waiting / figures.time : 0;
  const Picoseconds time = kernel.time() + gpu.dispatch.launch_latency;
  row.dram_energy += (figures.energy.total() - waiting) * whole +
                     row.dram_idle_power * static_cast<double>(time.count()) * 1e-12;
}

void add_kernel(report::OperationReport& row, const device::KernelResult& kernel,
                const device::GpuSpec& gpu) {
  // Rates are those of the part that was simulated.
  const double whole =
      static_cast<double>(kernel.time().count()) /
      static_cast<double>(std::max<std::int64_t>(kernel.simulated_time().count(), 1));
  const auto bytes = [whole](std::uint64_t sectors) {
    return static_cast<double>(sectors * wire::kSectorBytes) * whole;
  };
  row.dram_read += bytes(kernel.l2.fill_sectors);
  row.dram_write += bytes(kernel.l2.written_back_sectors);
  row.l2 += bytes(kernel.l2.read_sectors + kernel.l2.write_sectors + kernel.l2.atomic_sectors);
  row.l1 += bytes(kernel.sm.global_load_sectors + kernel.sm.global_store_sectors);
  add_dram_energy(row, kernel, gpu, whole);
  if (gpu.energy) {
    row.energy += device::energy_of(kernel, gpu);
    row.energy += device::energy_of_waiting(
        static_cast<double>(gpu.dispatch.launch_latency.count()) * 1e-12, gpu);
  }
  row.time += static_cast<double>(kernel.time().count()) * 1e-12;
  row.spread = std::max(row.spread, kernel.left_out.spread);
  ++row.launches;
}

}  // namespace

report::OperationReport run_operation(const layers::Layer& layer,
                                      const layers::L2Contents& contents,
                                      const device::GpuSpec& gpu, const report::Limits& limits,
                                      bool exact) {
  const auto kernels = layers::lower(layer, gpu);
  layers::TimingOptions options;
  options.exact = exact;
  options.held = contents;
  device::NoProgress nobody_watches;
  const device::RunResult result = layers::time_kernels(kernels, gpu, options, nobody_watches);
  const auto longest = std::ranges::max_element(
      result.kernels, {}, [](const device::KernelResult& kernel) { return kernel.time(); });
  report::OperationReport row;
  row.kernel = longest->name;
  row.bound = report::bound_of(report::figures_of(*longest, gpu), limits);
  for (const device::KernelResult& kernel : result.kernels) {
    add_kernel(row, kernel, gpu);
  }
  const auto resident = static_cast<double>(longest->stalls.resident.count());
  row.resident = resident * 1e-12 * static_cast<double>(longest->time().count()) /
                 static_cast<double>(std::max<std::int64_t>(longest->simulated_time().count(), 1));
  for (std::size_t i = 0; resident > 0 && i < row.states.size(); ++i) {
    row.states[i] = static_cast<double>(longest->stalls.by_state[i].count()) / resident;
  }
  for (std::size_t i = 0; resident > 0 && i < row.causes.size(); ++i) {
    row.causes[i] = static_cast<double>(longest->stalls.by_cause[i].count()) / resident;
  }
  return row;
}

}  // namespace strobe::run
