#pragma once

// One run of a memory part alone.

#include <filesystem>
#include <optional>
#include <string>

#include "sim/device/read_dram.h"
#include "sim/model/dram/replay.h"
#include "sim/report/provenance.h"
#include "sim/run/offered_requests.h"

namespace strobe::run {

struct MemoryRequestRun {
  std::string part;      // as the user named it
  std::string settings;  // in place of the config's, see device/overrides.h
  RequestInput input;
  std::optional<BytesPerSecond> load;
  std::optional<std::uint32_t> ecc_bursts;  // kept of inline ECC, if there is any
  std::optional<std::filesystem::path> output, command_trace;
  int threads = 1;
  bool check_dram = false;
  bool energy_over_time = false;  // is asked for
  std::string command_line;       // for the result file
};

struct MemoryOutcome {
  dram::PartSpec part;
  dram::ReplayResult result;
};

// Requests with times are offered at them, or evenly at the load if one is given, else as fast as
// the memory takes them; a trace that has requests with and without times is refused. Throws
// UserError.
MemoryOutcome run_on_memory(const MemoryRequestRun& request);

// The part of the run's config. Throws UserError.
device::SourcedPart part_of(const MemoryRequestRun& request);

// What a result file says of where it came from.
report::Provenance provenance_of(const MemoryRequestRun& request, const device::SourcedPart& part);

}  // namespace strobe::run
