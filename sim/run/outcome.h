#pragma once

// What a run on a GPU yields, whatever it ran, and what is done with it.

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "sim/device/result.h"
#include "sim/device/spec.h"
#include "sim/report/provenance.h"
#include "sim/report/what_if.h"
#include "sim/trace/program.h"

namespace strobe::run {

struct GpuOutcome {
  device::GpuSpec gpu;
  device::RunResult result;
  std::vector<trace::Warning> warnings;
  std::vector<report::WithoutCause> what_ifs;
};

// Where the result is to be written, and what it says of where it came from.
struct ResultFile {
  std::filesystem::path path;
  report::Provenance provenance;
};

// Who asked for what.
struct RunOrigin {
  std::string command_line, work;  // work: the trace or the layer
  int threads = 1;
};

// Nothing without a path. Throws UserError where no file can be written, or an input not be read.
std::optional<ResultFile> result_file(const std::optional<std::filesystem::path>& path,
                                      const RunOrigin& origin,
                                      const std::vector<std::filesystem::path>& inputs);

// No route of the machine can carry more than the max-flow of its graph; a run that says otherwise
// has lost time or invented data, and stops here. Writes that drain after a kernel's end are not
// counted in its time, so only what it waited for is compared.
void check_against_bounds(const device::RunResult& result, const device::GpuSpec& gpu);

// The most CTAs that the result is to tell of for a timeline at `path`; none without one. Throws
// UserError where no file can be written.
std::uint64_t most_cta_spans(const std::optional<std::filesystem::path>& path);

void write_timeline(const GpuOutcome& outcome, const std::filesystem::path& path);

void write_result(const GpuOutcome& outcome, const ResultFile& file);

}  // namespace strobe::run
