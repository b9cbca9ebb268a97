#pragma once

// Under which power limit something runs, and what a layer's kernels then take.

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "sim/device/power_cap.h"
#include "sim/layers/layer_time.h"

namespace strobe::run {

struct PowerLimit {
  bool of_board = true;         // as the GPU's file has it
  std::optional<double> watts;  // another one; none: nothing is held back

  // What it comes to on this GPU; without a limit more than any board takes.
  double watts_of(const device::GpuSpec& gpu) const;
};

// "board", "off" or a number of watts. Throws UserError.
PowerLimit power_limit_named(const std::string& text);

// The same layer again and again, as it is measured: at the clock that the board keeps up.
device::Sustained<device::RunResult> time_sustained(
    const std::vector<std::unique_ptr<layers::Kernel>>& kernels, const device::GpuSpec& gpu,
    const PowerLimit& limit, const layers::TimingOptions& options, device::Progress& progress);

// What the kernels took, launches included.
device::Load load_of(const device::RunResult& result, const device::GpuSpec& gpu);

}  // namespace strobe::run
