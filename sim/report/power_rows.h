#pragma once

// The power of the DRAM over time, in the files of GPUs and of memory parts alike.

#include <span>
#include <vector>

#include "sim/model/dram/power_series.h"
#include "sim/report/hdf5_file.h"

namespace strobe::report {

// Lengths of the intervals in seconds; the last one ends with the run.
std::vector<double> interval_lengths(std::size_t count, Picoseconds interval, Instant end);

// Watts in each interval, all shares of one after the other's. A share that ends early has consumed
// nothing since.
std::vector<double> watts_of(const dram::EnergyOverTime& energy, std::span<const double> lengths);

// REQUIRES: `time` is a coordinate of the group with a value for each of `lengths`.
void write_power(Hdf5Group& group, const dram::EnergyOverTime& energy,
                 std::span<const double> lengths);

}  // namespace strobe::report
