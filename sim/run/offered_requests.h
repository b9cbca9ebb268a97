#pragma once

// The requests of a run of memory alone, whichever way the user asked for them: a trace, standard
// input or a pattern, offered at the trace's own times, at a given load, or as fast as the memory
// takes them.

#include <optional>
#include <string>
#include <variant>

#include "sim/kernel/clock.h"
#include "sim/model/dram/replay.h"
#include "sim/trace/request_pattern.h"
#include "sim/trace/request_trace.h"

namespace strobe::run {

// A trace file, or trace::kStandardInput. Traces do not say how much a request asks for.
struct RequestFile {
  std::string name;
  std::uint64_t request_bytes = 32;
};

using RequestInput = std::variant<RequestFile, trace::RequestRecipe>;

std::string name_of(const RequestInput& input);

// A dram::RequestSource.
class OfferedRequests {
 public:
  // Throws UserError when a trace cannot be read, or has times and a load is given too.
  OfferedRequests(const RequestInput& input, Kilohertz command_clock,
                  std::optional<BytesPerSecond> load);

  // They have times of arrival: of the trace or of the load.
  bool timed() const { return timed_ || load_; }

  // Throws UserError in the middle of a damaged trace.
  bool next(dram::ReplayRequest& into);

 private:
  void draw();
  Instant arrival_of(const trace::MemoryRequest& request) const;
  Instant next_at_load();

  std::string name_;
  std::variant<trace::RequestTrace, trace::PatternedRequests> source_;
  std::uint32_t request_bytes_;
  Clock clock_;
  std::optional<BytesPerSecond> load_;
  trace::MemoryRequest pending_;
  bool has_pending_ = false, timed_ = false;
  // At a load: when the next request comes, and the part of a picosecond that was cut off, in units
  // of one over the load.
  Instant due_;
  std::int64_t cut_off_ = 0;
};

}  // namespace strobe::run
