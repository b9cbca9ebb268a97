#pragma once

// A run as a timeline that ui.perfetto.dev and chrome://tracing open (Trace Event Format, JSON):
// kernels and copies, the CTAs on each SM, and over time what the DRAM moved, what the L2 hit and
// what the resident warps did.

#include <filesystem>

#include "sim/device/result.h"
#include "sim/device/spec.h"
#include "sim/report/figures.h"

namespace strobe::report {

// A browser shows this many slices without effort, and the file stays below 5 MB.
inline constexpr std::uint64_t kMostTimelineCtas = 20'000;

void write_timeline(const std::filesystem::path& path, const device::RunResult& result,
                    const device::GpuSpec& gpu, const Limits& limits);

}  // namespace strobe::report
