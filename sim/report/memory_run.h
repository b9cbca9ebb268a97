#pragma once

// A run of a memory part alone: its result file and what it says on the terminal.

#include <filesystem>
#include <optional>
#include <span>
#include <string>

#include "sim/device/spec.h"
#include "sim/model/dram/replay.h"
#include "sim/report/provenance.h"
#include "sim/report/text.h"

namespace strobe::report {

struct MemoryRun {
  const dram::PartSpec& part;
  std::uint32_t channels = 0;
  const dram::ReplayResult& result;
  std::optional<BytesPerSecond> offered = {};  // the load, if one was chosen
};

// Bytes per second of all pins.
double peak_of(const MemoryRun& run);

// Throws UserError when the file cannot be written; an existing one is then as it was.
void write_memory_run_file(const std::filesystem::path& path, const MemoryRun& run,
                           std::span<const device::Sourced> sources, const Provenance& provenance);

std::string memory_summary(const MemoryRun& run, const std::string& trace, const TextStyle& style);

}  // namespace strobe::report
