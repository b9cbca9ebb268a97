#pragma once

// The HDF5 file of a replayed trace; docs/FORMATS.md says what is in it, and a test holds the two
// together.

#include <filesystem>

#include "sim/device/result.h"
#include "sim/device/spec.h"
#include "sim/report/figures.h"
#include "sim/report/provenance.h"

namespace strobe::report {

// Throws UserError when the file cannot be written; an existing one is then as it was.
void write_run_file(const std::filesystem::path& path, const device::RunResult& result,
                    const device::GpuSpec& gpu, const Limits& limits, const Provenance& provenance);

}  // namespace strobe::report
