#pragma once

// What can be modelled: one GPU or memory part with every number it was built from, or all GPUs in
// a table.

#include <span>
#include <string>

#include "sim/device/read_dram.h"
#include "sim/device/spec.h"
#include "sim/report/figures.h"
#include "sim/report/text.h"

namespace strobe::report {

// Derived peaks and bounds first, then each number of the configuration, where it comes from and
// its source, in the order of the files.
std::string show_gpu(const device::GpuSpec& gpu, const Limits& limits, const TextStyle& style);
// Likewise, beginning with what follows on paper from its timings.
std::string show_part(const device::SourcedPart& sourced, const TextStyle& style);

std::string list_gpus(std::span<const device::GpuSpec> gpus, const TextStyle& style);

}  // namespace strobe::report
