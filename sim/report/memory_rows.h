#pragma once

// Runs of a memory part alone as rows of a result file: what a single run and a sweep have in
// common.

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "sim/report/columns.h"
#include "sim/report/energy.h"
#include "sim/report/memory_run.h"
#include "sim/report/run_fields.h"
#include "sim/report/text.h"

namespace strobe::report {

double seconds(Picoseconds duration);
double time_of(const MemoryRun& run);                 // s
double bandwidth(Bytes bytes, const MemoryRun& run);  // B/s over that
inline Bytes bytes_moved(const MemoryRun& run) {
  return run.result.bytes_read + run.result.bytes_written;
}
double mean_latency(
    const stats::LatencyHistogram& latencies);  // s; not a number when there is none

EnergyFigures energy_of(const MemoryRun& run);

// What a request can wait for below the L2, with the time of all those of a direction in each.
std::vector<Bar> waits_of(const dram::ReplayResult& result, dram::Direction direction);

// "hbm2-2000: HBM2, 8 channels, 256.0 GB/s"
std::string memory_heading(const MemoryRun& run, const TextStyle& style);

// Root attributes.
void write_part_attributes(Hdf5File& file, const MemoryRun& run);

// Every variable of the runs. REQUIRES: `dimension` is a coordinate of the group with a value for
// each.
void write_memory_rows(Hdf5Group& group, std::string_view dimension,
                       std::span<const MemoryRun> rows);

// The same of one run, for a sweep.
RunFields fields_of(const MemoryRun& run);

}  // namespace strobe::report
