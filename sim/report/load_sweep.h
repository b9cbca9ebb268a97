#pragma once

// A memory part at a ladder of loads: the latency-bandwidth curve as a result file, and on the
// terminal as a table and a small picture.

#include <filesystem>
#include <span>
#include <string>

#include "sim/device/spec.h"
#include "sim/model/dram/replay.h"
#include "sim/report/provenance.h"
#include "sim/report/text.h"

namespace strobe::report {

struct LoadPoint {
  double share = 0;  // of the bandwidth at saturation; 1 is as fast as the memory takes requests
  BytesPerSecond offered;  // 0 at saturation
  dram::ReplayResult result;
};

struct LoadSweep {
  const dram::PartSpec& part;
  std::uint32_t channels = 0;
  std::span<const LoadPoint> points;  // by load
};

// Throws UserError when the file cannot be written; an existing one is then as it was.
void write_load_sweep_file(const std::filesystem::path& path, const LoadSweep& sweep,
                           std::span<const device::Sourced> sources, const Provenance& provenance);

std::string load_sweep_summary(const LoadSweep& sweep, const std::string& requests,
                               const TextStyle& style);

}  // namespace strobe::report
