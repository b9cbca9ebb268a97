#include "sim/run/memory_run.h"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>
#include <vector>

#include "sim/base/error.h"
#include "sim/device/overrides.h"
#include "sim/device/read_dram.h"
#include "sim/kernel/executor.h"
#include "sim/report/memory_run.h"
#include "sim/report/output_file.h"
#include "sim/report/provenance.h"
#include "sim/run/version.h"

namespace strobe::run {

namespace {

struct CloseFile {
  void operator()(std::FILE* file) const { std::fclose(file); }
};
using File = std::unique_ptr<std::FILE, CloseFile>;

[[noreturn]] void fail_to_write(const std::filesystem::path& path) {
  throw UserError({path.string()}, std::string("cannot be written: ") + std::strerror(errno));
}

// A text file that gets its name when it is whole.
class CommandTrace {
 public:
  explicit CommandTrace(const std::filesystem::path& path)
      : path_(path), temporary_(path.string() + ".tmp") {
    report::ensure_writable(path);
    file_.reset(std::fopen(temporary_.c_str(), "w"));
    if (!file_) fail_to_write(path);
  }
  CommandTrace(const CommandTrace&) = delete;
  CommandTrace& operator=(const CommandTrace&) = delete;
  ~CommandTrace() {
    if (!file_) return;
    file_.reset();
    std::error_code ignored;
    std::filesystem::remove(temporary_, ignored);
  }

  std::FILE* file() { return file_.get(); }
  void commit() {
    const bool written = std::fflush(file_.get()) == 0 && std::ferror(file_.get()) == 0;
    if (!written) fail_to_write(path_);
    file_.reset();
    std::filesystem::rename(temporary_, path_);
  }

 private:
  std::filesystem::path path_, temporary_;
  File file_;
};

}  // namespace

device::SourcedPart part_of(const MemoryRequestRun& request) {
  const device::TomlNode settings = device::overrides_of_part(request.settings);
  return device::read_dram(request.part, {nullptr, nullptr, &settings});
}

MemoryOutcome run_on_memory(const MemoryRequestRun& request) {
  const device::SourcedPart sourced = part_of(request);
  MemoryOutcome outcome{sourced.part, {}};
  if (request.output) report::ensure_writable(*request.output);
  std::optional<CommandTrace> commands;
  if (request.command_trace) commands.emplace(*request.command_trace);

  OfferedRequests requests(request.input, outcome.part.command_clock(), request.load);
  dram::ReplaySpec spec;
  spec.channels = outcome.part.geometry.channels;
  spec.saturating = !requests.timed();
  spec.check = request.check_dram;
  spec.ecc_bursts = request.ecc_bursts;
  spec.energy_over_time = request.energy_over_time;
  spec.command_trace = commands ? commands->file() : nullptr;
  Executor executor(request.threads);
  outcome.result = dram::replay(outcome.part, spec, requests, executor);
  if (commands) commands->commit();

  if (request.output) {
    const report::MemoryRun run{outcome.part, spec.channels, outcome.result, request.load};
    report::write_memory_run_file(*request.output, run, sourced.sources,
                                  provenance_of(request, sourced));
  }
  return outcome;
}

report::Provenance provenance_of(const MemoryRequestRun& request, const device::SourcedPart& part) {
  std::vector<std::filesystem::path> files;
  std::uint64_t seed = 0;
  if (const auto* recipe = std::get_if<trace::RequestRecipe>(&request.input)) {
    seed = recipe->seed();
  } else if (const std::string& trace = std::get<RequestFile>(request.input).name;
             trace != trace::kStandardInput) {
    files.emplace_back(trace);
  }
  files.insert(files.end(), part.files.begin(), part.files.end());
  return {.strobe_version = kVersion,
          .command_line = request.command_line,
          .created = report::utc_now(),
          .trace = name_of(request.input),
          .inputs = report::hash_inputs(files),
          .seed = seed,
          .host_threads = static_cast<std::uint32_t>(request.threads)};
}

}  // namespace strobe::run
