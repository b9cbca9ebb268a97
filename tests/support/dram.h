#pragma once

// What tests of the DRAM model share: the parts, made-up request streams, a sink that keeps what a
// channel reports.

#include <cstdint>
#include <string>
#include <vector>

#include "sim/base/random.h"
#include "sim/device/catalogue.h"
#include "sim/device/read_dram.h"
#include "sim/model/dram/channel.h"
#include "sim/model/dram/checker.h"
#include "sim/model/dram/replay.h"

namespace strobe::dram_test {

// Every part that is shipped.
inline const std::vector<std::string>& part_names() {
  static const std::vector<std::string> names = device::list_parts();
  return names;
}

inline dram::PartSpec part_named(const std::string& name) {
  return device::read_dram(name).part;
}

// The cycles of a named timing as a number, to calculate with.
inline double cycles(const dram::PartSpec& part, const char* timing) {
  return static_cast<double>(dram::cycles_of(part, timing).count());
}

// The same part never refreshed within the run, and with lines laid plainly: first the bank group,
// then the rest of the row, then the bank, then the stack ID, then the row.
inline dram::PartSpec plain(dram::PartSpec part) {
  for (dram::Timing& timing : part.timings) {
    if (timing.name == "tREFI") timing.value = 100'000_us;
  }
  part.mapping.bank_hash = dram::BankHash::none;
  return part;
}

struct Spot {
  std::uint64_t row = 0, bank = 0, group = 0, line_of_row = 0, stack = 0;
};

inline std::uint64_t line_at(const dram::PartSpec& part, const Spot& spot) {
  const dram::Geometry& g = part.geometry;
  const std::uint64_t lines_of_row = g.bursts_per_row() / 4;
  const std::uint64_t bank = (spot.row * g.stack_ids + spot.stack) * g.banks_per_group + spot.bank;
  return (bank * lines_of_row + spot.line_of_row) * g.bank_groups + spot.group;
}

enum class Pattern { stream, write_stream, copy, random_reads, random_mix, stride, one_bank };
inline constexpr Pattern kPatterns[] = {
    Pattern::stream,     Pattern::write_stream, Pattern::copy,    Pattern::random_reads,
    Pattern::random_mix, Pattern::stride,       Pattern::one_bank};

// Requests for a memory of many channels, for Replay.
class Requests {
 public:
  Requests(Pattern pattern, std::uint64_t count, std::uint32_t bytes, Picoseconds gap = 0_ps)
      : pattern_(pattern), count_(count), bytes_(bytes), gap_(gap) {}

  bool next(dram::ReplayRequest& request) {
    if (index_ == count_) return false;
    const std::uint64_t units = kFootprint / bytes_;
    std::uint64_t unit = index_;
    request.is_write = pattern_ == Pattern::write_stream;
    switch (pattern_) {
      case Pattern::stream:
      case Pattern::write_stream:
        break;
      case Pattern::copy:  // sixteen reads, then their sixteen writes half the memory further on
        request.is_write = index_ / 16 % 2 == 1;
        unit = index_ / 32 * 16 + index_ % 16 + (request.is_write ? units / 2 + 37 : 0);
        break;
      case Pattern::random_reads:
        unit = random_.next() % units;
        break;
      case Pattern::random_mix:
        unit = random_.next() % units;
        request.is_write = random_.next() % 10 >= 7;
        break;
      case Pattern::stride:
        unit = index_ * (4096 / bytes_ + 1) % units;
        break;
      case Pattern::one_bank:  // far apart: mostly conflicts, with a hit now and then
        unit = (random_.next() % 64) * 8192 + random_.next() % 4;
        request.is_write = random_.next() % 2 == 0;
        break;
    }
    request.address = unit * bytes_;
    request.bytes = bytes_;
    request.arrival = Instant(gap_ * static_cast<std::int64_t>(index_));
    ++index_;
    return true;
  }

 private:
  static constexpr std::uint64_t kFootprint = std::uint64_t{1} << 28;
  Pattern pattern_;
  std::uint64_t count_;
  std::uint32_t bytes_;
  Picoseconds gap_;
  std::uint64_t index_ = 0;
  SplitMix64 random_{1};
};

struct Completion {
  std::uint32_t tag;
  Instant data_end;
  stats::StageTimes stages;
};

// Keeps everything; shows every command to a checker.
struct Recorder {
  static constexpr bool kWantsCommands = true;
  explicit Recorder(const dram::PartSpec& part) : checker(part) {}

  void completed(std::uint32_t tag, Instant data_end, const stats::StageTimes& stages) {
    completions.push_back({tag, data_end, stages});
  }
  void issued(const dram::IssuedCommand& command) {
    checker.see(command);
    commands.push_back(command);
  }

  dram::CommandChecker checker;
  std::vector<Completion> completions;
  std::vector<dram::IssuedCommand> commands;
};

// Until nothing waits any more.
template <class Sink>
void run_dry(dram::Channel& channel, Sink& sink) {
  for (Instant at = channel.next_at(); at != Instant::never(); at = channel.next_at()) {
    channel.run_until(at + 1_ps, sink);
  }
}

inline double bandwidth_share(const dram::PartSpec& part, const dram::ReplaySpec& spec,
                              const dram::ReplayResult& result) {
  const double bytes = static_cast<double>((result.bytes_read + result.bytes_written).count());
  const double seconds = static_cast<double>(result.finish.since_start().count()) * 1e-12;
  const double peak = static_cast<double>(part.peak_of_pseudo_channel().count()) *
                      part.geometry.pseudo_channels * spec.channels;
  return bytes / seconds / peak;
}

}  // namespace strobe::dram_test
