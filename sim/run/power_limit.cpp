#include "sim/run/power_limit.h"

#include <charconv>
#include <limits>

#include "sim/base/error.h"

namespace strobe::run {

double PowerLimit::watts_of(const device::GpuSpec& gpu) const {
  if (of_board) return static_cast<double>(gpu.board.power.count()) * 1e-6;
  return watts.value_or(std::numeric_limits<double>::infinity());
}

PowerLimit power_limit_named(const std::string& text) {
  if (text == "board") return {};
  if (text == "off") return {.of_board = false, .watts = {}};
  double watts = 0;
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), watts);
  const bool is_number = parsed.ec == std::errc{} && parsed.ptr == text.data() + text.size();
  if (!is_number || !(watts >= 1) || !(watts <= 1e5)) {
    throw UserError("'" + text + "' is none of board, off and a number of watts");
  }
  return {.of_board = false, .watts = watts};
}

device::Load load_of(const device::RunResult& result, const device::GpuSpec& gpu) {
  device::Load load;
  load.clock = gpu.sm.clock;
  const double launch = static_cast<double>(gpu.dispatch.launch_latency.count()) * 1e-12;
  for (const device::KernelResult& kernel : result.kernels) {
    load.seconds += static_cast<double>(kernel.time().count()) * 1e-12 + launch;
    load.energy += device::energy_of(kernel, gpu);
    load.energy += device::energy_of_waiting(launch, gpu);
  }
  return load;
}

device::Sustained<device::RunResult> time_sustained(
    const std::vector<std::unique_ptr<layers::Kernel>>& kernels, const device::GpuSpec& gpu,
    const PowerLimit& limit, const layers::TimingOptions& options, device::Progress& progress) {
  return device::run_within<device::RunResult>(
      limit.watts_of(gpu), gpu,
      [&](const device::GpuSpec& at, const layers::BreaksOff& is_far) {
        return layers::time_kernels(kernels, at, options, progress, is_far);
      },
      load_of);
}

}  // namespace strobe::run
