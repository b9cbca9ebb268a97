#include "sim/run/load_sweep.h"

#include <array>
#include <mutex>

#include "sim/base/error.h"
#include "sim/kernel/executor.h"
#include "sim/report/output_file.h"

namespace strobe::run {

namespace {

// Denser where the curve bends.
constexpr std::array kShares{0.05, 0.1, 0.2,  0.3, 0.4,   0.5,  0.6,  0.7,
                             0.75, 0.8, 0.85, 0.9, 0.925, 0.95, 0.975};

dram::ReplayResult run_at(const dram::PartSpec& part, const MemoryRequestRun& request,
                          std::optional<BytesPerSecond> load) {
  OfferedRequests requests(request.input, part.command_clock(), load);
  if (requests.timed() && !load) {
    throw UserError({name_of(request.input)},
                    "its requests have times of their own, which leave no load to choose");
  }
  dram::ReplaySpec spec;
  spec.channels = part.geometry.channels;
  spec.saturating = !load;
  spec.check = request.check_dram;
  spec.ecc_bursts = request.ecc_bursts;
  Executor here(1);  // the loads run side by side, not the channels of one
  return dram::replay(part, spec, requests, here);
}

BytesPerSecond bandwidth_of(const dram::ReplayResult& result) {
  const auto bytes = static_cast<double>((result.bytes_read + result.bytes_written).count());
  const auto seconds = static_cast<double>(result.finish.since_start().count()) * 1e-12;
  return BytesPerSecond(static_cast<std::int64_t>(bytes / seconds));
}

}  // namespace

LoadSweepOutcome sweep_load(const MemoryRequestRun& request, SweepProgress& progress) {
  const auto* file = std::get_if<RequestFile>(&request.input);
  if (file != nullptr && file->name == trace::kStandardInput) {
    throw UserError("--sweep-load offers the requests many times; standard input is read once");
  }
  const device::SourcedPart sourced = part_of(request);
  if (request.output) report::ensure_writable(*request.output);
  constexpr std::size_t kPoints = kShares.size() + 1;
  LoadSweepOutcome outcome{sourced.part, std::vector<report::LoadPoint>(kPoints)};
  report::LoadPoint& saturated = outcome.points.back();
  saturated = {1, BytesPerSecond(0), run_at(sourced.part, request, std::nullopt)};
  if (saturated.result.requests == 0) {
    throw UserError({name_of(request.input)}, "has no requests, and so no load to offer");
  }
  const auto most = static_cast<double>(bandwidth_of(saturated.result).count());

  std::mutex watching;
  std::size_t done = 1;
  progress.points_done(done, kPoints);
  Executor executor(request.threads);
  executor.for_each_index(kShares.size(), [&](std::size_t i) {
    const BytesPerSecond load(static_cast<std::int64_t>(most * kShares[i]));
    outcome.points[i] = {kShares[i], load, run_at(sourced.part, request, load)};
    const std::lock_guard lock(watching);
    progress.points_done(++done, kPoints);
  });

  if (request.output) {
    const report::LoadSweep sweep{outcome.part, outcome.part.geometry.channels, outcome.points};
    report::write_load_sweep_file(*request.output, sweep, sourced.sources,
                                  provenance_of(request, sourced));
  }
  return outcome;
}

}  // namespace strobe::run
