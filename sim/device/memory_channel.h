#pragma once

// Joins a DRAM channel to the L2 slices in front of it: messages become requests, requests that the
// controller's queues have no room for wait here, and what completes becomes a reply.

#include <algorithm>
#include <cstdint>
#include <optional>
#include <vector>

#include "sim/base/divider.h"
#include "sim/base/ring.h"
#include "sim/base/slots.h"
#include "sim/device/channel_over_time.h"
#include "sim/model/dram/channel.h"
#include "sim/model/dram/checker.h"
#include "sim/model/dram/inline_ecc.h"
#include "sim/model/dram/power_series.h"
#include "sim/wire/mail.h"
#include "sim/wire/port.h"

namespace strobe::device {

// One channel's share of a link between the L2's die and the DRAM's (MemoryLinkSpec).
struct LinkShare {
  wire::Port to_memory, to_l2;
  std::int64_t header_bytes, packet_bytes;

  std::int64_t bytes_on_link(std::int64_t data_bytes) const {
    const std::int64_t packets = (data_bytes + packet_bytes - 1) / packet_bytes;
    return data_bytes + header_bytes * std::max<std::int64_t>(packets, 1);
  }
};

struct MemoryChannelWiring {
  ComponentId self, first_asker;  // first of the slices, or of the system-level cache's banks, in
                                  // front of this channel
  std::uint32_t askers_per_pseudo_channel = 0;
  std::uint32_t most_requests = 0;  // of one pseudo-channel and direction: credits of its askers
  Picoseconds half_path;            // between them and the DRAM, one way
  bool check_commands = false;      // every command is shown to a CommandChecker
  std::optional<LinkShare> link;
  std::optional<std::uint32_t> ecc_bursts;  // kept of inline ECC, if there is any
  std::optional<ComponentId> first_cpu{};   // of those of this channel, a pseudo-channel each
  bool over_time = false;                   // queues, row hits and watts are kept
};

class MemoryChannel {
 public:
  // `untouched`: a channel of the part, to start from. `part` must outlive this.
  MemoryChannel(const dram::PartSpec& part, const dram::Channel& untouched,
                const MemoryChannelWiring& wiring);

  // Nothing comes from other partitions before `end`.
  void receive(const wire::Message& message, Instant now, Instant end, wire::Mail& mail);
  void wake(Instant now, Instant end, wire::Mail& mail);
  // Issues the refreshes that are due before `end`. REQUIRES: no request is under way.
  void rest_until(Instant end, wire::Mail& mail) { run_until(end, mail); }

  // Null unless it was kept. What the banks have counted until now is in it.
  const ChannelOverTime* over_time();

  // Null unless commands are checked.
  const dram::CommandChecker* checker() const {
    return checker_.empty() ? nullptr : &checker_.front();
  }
  dram::Counters counters(Instant until) { return channel_.counters(until); }
  const stats::Series& read_bytes() const { return read_bytes_; }
  const stats::Series& write_bytes() const { return write_bytes_; }
  // As far as `until`, the end of the run; null unless asked for.
  const dram::ShareSeries* energy(Instant until);

 private:
  struct alignas(64) InFlight {
    wire::Message request;
    Instant arrived, pushed;
    Picoseconds cpu_on_pins{};  // up to then
    std::uint32_t pseudo_channel = 0;
    std::uint32_t check_slot = 0;  // of a read, with inline ECC
  };
  // What the channel reports while it runs.
  template <bool kChecks>
  struct Sink {
    static constexpr bool kWantsCommands = kChecks;
    MemoryChannel& owner;
    wire::Mail& mail;
    void completed(std::uint32_t tag, Instant data_end, const stats::StageTimes& stages) {
      owner.complete({tag, data_end, stages}, mail);
    }
    void issued(const dram::IssuedCommand& command) { owner.checker_.front().see(command); }
  };

  std::size_t lane(std::uint32_t pseudo_channel, bool is_write) const {
    return pseudo_channel * 2 + (is_write ? 1 : 0);
  }
  std::size_t cpu_lane(std::uint32_t pseudo_channel, bool is_write) const {
    return pseudo_channels_ * 2 + lane(pseudo_channel, is_write);
  }
  void run_ahead(Instant now, Instant end, wire::Mail& mail);
  void run_until(Instant end, wire::Mail& mail);
  Instant run_until_completion(Instant end, wire::Mail& mail);
  template <class Run>
  void run_channel(Instant end, wire::Mail& mail, const Run& run);
  bool cross_link(wire::Message message, Instant now, wire::Mail& mail);
  void push_all_waiting(Instant now);
  void push_waiting(std::uint32_t pseudo_channel, bool is_write, Instant now);
  void push_lane(std::size_t lane, std::uint32_t pseudo_channel, Instant now);
  bool push(std::uint32_t tag, std::uint32_t pseudo_channel, Instant now);
  bool push_check_bits(std::uint32_t tag, std::uint32_t pseudo_channel, Instant now);
  void push_check_burst(std::uint32_t tag, std::uint32_t pseudo_channel, std::uint64_t burst,
                        Instant now);
  void complete(const dram::InlineEcc::Held& done, wire::Mail& mail);
  void send_reply(const dram::InlineEcc::Held& read, Instant end, wire::Mail& mail);
  std::uint32_t pseudo_channel_of(const wire::Message& message) const;
  void charge_cpu(const InFlight& done, stats::StageTimes& stages);

  MemoryChannelWiring wiring_;
  std::uint32_t pseudo_channels_;
  Divider lines_of_pseudo_channel_;  // of data
  dram::Channel channel_;
  std::optional<dram::InlineEcc> ecc_;
  std::vector<dram::CommandChecker> checker_;  // one or none
  Slots<InFlight> in_flight_;
  std::vector<Ring<std::uint32_t>> waiting_;  // by pseudo-channel and direction, the CPU's behind
  std::uint32_t waiting_count_ = 0;
  Picoseconds burst_;                     // on the pins
  std::vector<Picoseconds> cpu_on_pins_;  // for how long its data were, by pseudo-channel
  stats::Series read_bytes_, write_bytes_;
  std::optional<dram::PowerSeries> power_;
  std::optional<ChannelOverTime> over_time_;
};

}  // namespace strobe::device
