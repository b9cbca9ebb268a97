#pragma once

// A step of a network as a row of a sweep: what it has in common with runs of kernels, and what
// only steps have.

#include "sim/report/network_report.h"
#include "sim/report/run_fields.h"

namespace strobe::report {

// The columns that runs of kernels have. What is not known of a step is not a number: its kernels
// are simulated apart, and nobody counts all of them together.
RunFields fields_of(const NetworkReport& report, const device::GpuSpec& gpu, const Limits& limits);

// The columns that come after those where any run of a sweep is a step.
RunFields step_fields(const NetworkReport& report);

}  // namespace strobe::report
