#pragma once

// Inline ECC in front of a channel that is replayed alone: with a request for data goes one for its
// check bits where they are not at hand, and a read is done when both have come.

#include <algorithm>
#include <cstdint>
#include <optional>

#include "sim/base/divider.h"
#include "sim/base/slots.h"
#include "sim/model/dram/channel.h"
#include "sim/model/dram/inline_ecc.h"
#include "sim/stats/histogram.h"

namespace strobe::dram {

class CheckBits {
 public:
  // Keeps so many bursts of check bits.
  CheckBits(const PartSpec& part, std::uint32_t bursts_kept);

  // Pushes the request, whose tag is its direction, with what it takes beside its data, or neither
  // where there is no room. REQUIRES: there is room for the request itself.
  bool push(Channel& channel, const Request& request, Instant now);

  // A request of the channel has completed: calls done(direction, data_end, stages) for each that
  // is now whole.
  template <class Done>
  void completed(std::uint32_t tag, Instant data_end, const stats::StageTimes& stages,
                 const Done& done) {
    if (tag == kWrite) return;
    if (tag >= kFill) {
      for (const InlineEcc::Held& read : ecc_.fill_came(tag - kFill, data_end)) {
        finish(read, std::max(read.data_end, data_end), done);
      }
      return;
    }
    const InlineEcc::Held request{tag, data_end, stages};
    if (in_flight_[tag].is_write) return finish(request, data_end, done);
    if (const auto filled = ecc_.data_came(in_flight_[tag].slot, request)) {
      finish(request, std::max(data_end, *filled), done);
    }
  }

  // Bursts of check bits, and requests for them.
  std::uint64_t reads() const { return reads_; }
  std::uint64_t writes() const { return writes_; }
  // Until data and check bits were there.
  const stats::LatencyHistogram& read_latency() const { return read_latency_; }

 private:
  // Requests for check bits are told from those for data by their tags: a fill has its slot's.
  static constexpr std::uint32_t kWrite = 0xFFFF'FFFF, kFill = 0x8000'0000;

  struct InFlight {
    Instant pushed;
    std::uint32_t slot = 0;  // of a read
    bool is_write = false;
  };

  bool push_beside(Channel& channel, const Request& request, std::uint32_t tag, Instant now);
  void push_burst(Channel& channel, Request request, std::uint64_t burst, Instant now);
  std::uint64_t line_of(const Request& request) const;

  template <class Done>
  void finish(const InlineEcc::Held& request, Instant end, const Done& done) {
    const InFlight& flight = in_flight_[request.tag];
    if (!flight.is_write) read_latency_.add(end - flight.pushed);
    stats::StageTimes stages = request.stages;
    stages.add(stats::Cause::dram_queue, end - request.data_end);
    done(flight.is_write ? 1U : 0U, end, stages);
    in_flight_.give_back(request.tag);
  }

  Divider lines_;  // of data in a pseudo-channel
  Slots<InFlight> in_flight_;
  InlineEcc ecc_;
  std::uint64_t reads_ = 0, writes_ = 0;
  stats::LatencyHistogram read_latency_;
};

}  // namespace strobe::dram
