#pragma once

// Memory alone: requests with addresses go to the channels of one part, as fast as these take them
// or at given times. Channels do not know of each other, so they run side by side; what a channel
// does depends only on its own requests, and results are the same for any number of threads.

#include <array>
#include <concepts>
#include <cstdint>
#include <cstdio>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "sim/base/units.h"
#include "sim/kernel/executor.h"
#include "sim/model/dram/channel.h"
#include "sim/model/dram/check_bits.h"
#include "sim/model/dram/checker.h"
#include "sim/model/dram/power_series.h"
#include "sim/model/dram/spec.h"
#include "sim/stats/histogram.h"
#include "sim/stats/stalls.h"
#include "sim/wire/address_map.h"

namespace strobe::dram {

struct ReplayRequest {
  std::uint64_t address = 0;
  std::uint32_t bytes = 0;  // bursts that it touches are moved whole
  bool is_write = false;
  Instant arrival;  // not looked at when saturating; never before that of the request before it
};

// Fills in the next request; false at the end.
template <class S>
concept RequestSource = requires(S& source, ReplayRequest& request) {
  { source.next(request) } -> std::convertible_to<bool>;
};

struct ReplaySpec {
  std::uint32_t channels = 0;                    // of the part
  std::uint32_t interleave_lines = 2;            // consecutive lines in one pseudo-channel
  bool saturating = true;                        // else requests are offered at their arrival times
  bool check = false;                            // every command is shown to a CommandChecker
  std::optional<std::uint32_t> ecc_bursts = {};  // kept of inline ECC, if there is any
  bool energy_over_time = false;                 // is asked for
  std::FILE* command_trace = nullptr;  // every command is written to it, channel by channel
};

// Of one channel.
struct ChannelCounters {
  Counters all;
  std::vector<BankCounters> banks;  // of one pseudo-channel after the other
};

using StageSums = std::array<Picoseconds, stats::StageTimes::kCount>;

struct ReplayResult {
  std::uint64_t requests = 0;
  Bytes bytes_read, bytes_written;                        // of data
  Bytes check_bytes;                                      // of inline ECC, read and written
  std::array<std::uint64_t, kDirectionCount> finished{};  // requests of data, a line each
  Instant finish;                                         // the end of the last data
  Counters counters;
  std::vector<ChannelCounters> channels;
  stats::LatencyHistogram read_latency;           // from when the channel took it to the last data
  std::array<StageSums, kDirectionCount> stages;  // of all reads and of all writes, added up
  EnergyOverTime energy;                          // of all channels; empty unless asked for
  std::uint64_t violations = 0;
  std::vector<std::string> violation_texts;  // the first of them
};

class Replay {
 public:
  // Requests are read and dealt in portions of this many, then the channels run side by side.
  static constexpr std::size_t kPortion = 1 << 16;

  // `part` must outlive the replay.
  Replay(const PartSpec& part, const ReplaySpec& spec);

  void deal(const ReplayRequest& request);
  // Runs every channel as far as the requests dealt so far determine what it does.
  void run_portion(Executor& executor) { run_all(executor, false); }
  ReplayResult finish(Executor& executor);

 private:
  struct Offer {
    std::uint64_t first_burst;
    Instant arrival;
    std::uint8_t bursts;
    bool is_write;
  };
  // Offers in the order of arrival; what was taken is cut off between portions.
  struct Lane {
    std::vector<Offer> offers;
    std::size_t taken = 0;
    bool empty() const { return taken == offers.size(); }
  };

  struct Sink {
    static constexpr bool kWantsCommands = false;
    void completed(std::uint32_t direction, Instant data_end, const stats::StageTimes& stages);
    void issued(const IssuedCommand&) {}

    Instant finish;
    std::array<StageSums, kDirectionCount> stages{};
    std::array<std::uint64_t, kDirectionCount> finished{};
  };
  struct WatchedSink : Sink {
    static constexpr bool kWantsCommands = true;
    void issued(const IssuedCommand& command);

    std::vector<CommandChecker> checker;  // one or none
    bool traces = false;
    std::uint32_t channel = 0;
    std::string text;
  };

  // Takes what completes to the sink by way of the check bits.
  template <class S>
  struct CheckedSink {
    static constexpr bool kWantsCommands = S::kWantsCommands;
    void completed(std::uint32_t tag, Instant data_end, const stats::StageTimes& stages) {
      bits.completed(tag, data_end, stages,
                     [this](std::uint32_t direction, Instant end, const stats::StageTimes& all) {
                       sink.completed(direction, end, all);
                     });
    }
    void issued(const IssuedCommand& command) { sink.issued(command); }
    CheckBits& bits;
    S& sink;
  };

  struct Unit {
    Channel channel;
    std::optional<CheckBits> check_bits;
    std::optional<PowerSeries> power;
    std::span<Lane> lanes;  // one for each pseudo-channel
    Instant now;
    WatchedSink sink;
  };

  void run_all(Executor& executor, bool to_the_end);
  void run_unit(Unit& unit, bool to_the_end) const;
  template <class S>
  void run_saturating(Unit& unit, S& sink, bool to_the_end) const;
  template <class S>
  void run_timed(Unit& unit, S& sink, bool to_the_end) const;
  bool must_wait_for_offers(const Unit& unit) const;
  template <class S>
  static void run_until(Unit& unit, Instant end, S& sink);
  void add_up(Unit& unit, ReplayResult& result) const;
  static void push_what_fits(Unit& unit, Instant until);
  static void push_lane(Unit& unit, std::uint8_t number, Instant until);
  void write_trace(Unit& unit) const;

  ReplaySpec spec_;
  wire::AddressMap map_;
  struct Place {
    std::uint64_t of_line;
    wire::SlicePlace is;
  };
  Place place_;  // of the line that was dealt last
  std::uint32_t pseudo_channels_;
  Instant last_arrival_;
  std::uint64_t requests_ = 0;
  std::vector<Lane> lanes_;  // of all channels, one channel's after the other's
  std::vector<Unit> units_;
};

template <RequestSource Source>
ReplayResult replay(const PartSpec& part, const ReplaySpec& spec, Source& source,
                    Executor& executor) {
  Replay run(part, spec);
  ReplayRequest request;
  for (std::size_t dealt = 0; source.next(request);) {
    run.deal(request);
    if (++dealt % Replay::kPortion == 0) run.run_portion(executor);
  }
  return run.finish(executor);
}

}  // namespace strobe::dram
