#pragma once

// What a run says on the terminal.

#include <span>
#include <string>

#include "sim/device/result.h"
#include "sim/device/spec.h"
#include "sim/report/figures.h"
#include "sim/report/text.h"
#include "sim/trace/program.h"

namespace strobe::report {

struct RunContext {
  const device::GpuSpec& gpu;
  const Limits& limits;
  std::string trace;  // as the user named it
  std::span<const trace::Warning> warnings;
};

// Time, bandwidth and hit rates by kernel, both levels of stalls, what bounds the run. Its length
// is bounded whatever the number of kernels.
std::string run_summary(const device::RunResult& result, const RunContext& context,
                        const TextStyle& style);

}  // namespace strobe::report
