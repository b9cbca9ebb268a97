#include "sim/run/memory_run.h"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>
#include <vector>

#include "sim/base/error.h"
#include "sim/device/read_dram.h"
#include "sim/kernel/clock.h"
#include "sim/kernel/executor.h"
#include "sim/report/memory_run.h"
#include "sim/report/output_file.h"
#include "sim/report/provenance.h"
#include "sim/run/version.h"
#include "sim/trace/request_trace.h"

namespace strobe::run {

namespace {

// The requests of a trace file as the replay wants them: whole sectors with an instant of arrival.
class TraceRequests {
 public:
  TraceRequests(const std::string& path, Kilohertz command_clock)
      : path_(path), trace_(path), clock_(command_clock) {
    has_pending_ = trace_.next(pending_);
    timed_ = has_pending_ && is_timed(pending_);
  }

  bool timed() const { return timed_; }

  bool next(dram::ReplayRequest& into) {
    if (!has_pending_) return false;
    if (is_timed(pending_) != timed_) {
      throw UserError({path_}, timed_ ? "some requests have a time and some have none"
                                      : "the first request has no time and a later one has");
    }
    into.address = pending_.address;
    into.bytes = static_cast<std::uint32_t>(wire::kSectorBytes);
    into.is_write = pending_.is_write;
    if (timed_) into.arrival = arrival_of(pending_);
    has_pending_ = trace_.next(pending_);
    return true;
  }

 private:
  static bool is_timed(const trace::MemoryRequest& request) {
    return request.arrival >= Picoseconds(0) || request.arrival_cycle >= Cycles(0);
  }
  Instant arrival_of(const trace::MemoryRequest& request) const {
    if (request.arrival >= Picoseconds(0)) return Instant(request.arrival);
    return clock_.edge(request.arrival_cycle);
  }

  std::string path_;
  trace::RequestTrace trace_;
  Clock clock_;
  trace::MemoryRequest pending_;
  bool has_pending_ = false, timed_ = false;
};

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

MemoryOutcome run_on_memory(const MemoryRequestRun& request) {
  const device::SourcedPart sourced = device::read_dram(request.part);
  MemoryOutcome outcome{sourced.part, {}};
  if (request.output) report::ensure_writable(*request.output);
  std::optional<CommandTrace> commands;
  if (request.command_trace) commands.emplace(*request.command_trace);

  TraceRequests requests(request.trace, outcome.part.command_clock());
  dram::ReplaySpec spec;
  spec.channels = outcome.part.geometry.channels;
  spec.saturating = !requests.timed();
  spec.check = request.check_dram;
  spec.command_trace = commands ? commands->file() : nullptr;
  Executor executor(request.threads);
  outcome.result = dram::replay(outcome.part, spec, requests, executor);
  if (commands) commands->commit();

  if (request.output) {
    std::vector<std::filesystem::path> files{request.trace};
    files.insert(files.end(), sourced.files.begin(), sourced.files.end());
    const report::Provenance provenance{
        .strobe_version = kVersion,
        .command_line = request.command_line,
        .created = report::utc_now(),
        .trace = request.trace,
        .inputs = report::hash_inputs(files),
        .seed = 0,
        .host_threads = static_cast<std::uint32_t>(request.threads)};
    report::write_memory_run_file(*request.output, {outcome.part, spec.channels, outcome.result},
                                  sourced.sources, provenance);
  }
  return outcome;
}

}  // namespace strobe::run
