#pragma once

// One slice of the L2: sectored, write-back, write-allocate, with a limited miss table and a
// limited number of write-backs under way. Requests are served in the order in which they came; the
// one at the head that lacks a resource stops those behind it, which is how pressure from the DRAM
// reaches the SMs. Contents live as long as the slice: they carry over from kernel to kernel.

#include <cstdint>

#include "sim/base/ring.h"
#include "sim/kernel/clock.h"
#include "sim/model/l2/counters.h"
#include "sim/model/l2/spec.h"
#include "sim/stats/series.h"
#include "sim/tags/miss_table.h"
#include "sim/tags/sectored_tags.h"
#include "sim/wire/mail.h"
#include "sim/wire/port.h"

namespace strobe::l2 {

// Where a slice is in the machine.
struct Wiring {
  ComponentId self, dram, host_link;
  wire::Port request_port, reply_port;  // its side of the crossbar
  std::int64_t header_bytes;
  Picoseconds reply_latency;    // flight time to the SMs
  std::uint32_t most_requests;  // credits of all senders together
  // The slices of a pseudo-channel share its lines, `interleave` at a time, in turn.
  std::uint32_t sharing, position;
  std::uint64_t interleave_lines;
};

class Slice {
 public:
  Slice(const Spec& spec, const Wiring& wiring);

  void receive(const wire::Message& request, Instant now, wire::Mail& mail);
  void receive(const wire::Reply& reply, Instant now, wire::Mail& mail);  // of the DRAM
  void wake(Instant now, wire::Mail& mail);

  // Holds the line as if it had just been read, or written and not yet written back. What has to
  // leave for it is gone. REQUIRES: nothing is under way.
  void hold(std::uint64_t line, bool dirty);

  const Counters& counters() const { return counters_; }
  const stats::Series& read_sectors() const { return read_series_; }
  const stats::Series& read_sector_hits() const { return hit_series_; }

 private:
  enum class Stall : std::uint8_t { none, miss_table, write_back };

  struct Queued {
    wire::Message request;
    Instant arrived, ready;                        // ready: its last byte is here
    Picoseconds miss_table_full, write_back_full;  // running totals when it arrived
  };

  // Where a request was until it was served.
  struct WayIn {
    Picoseconds crossbar, queue, miss_table, write_back;
  };
  struct Waiter {
    wire::Kind kind;
    wire::SectorMask sectors;
    std::uint32_t from, tag;
    Instant served;
    WayIn way_in;
  };

  void take_fill(const wire::Reply& fill, Instant now, wire::Mail& mail);
  void serve_queue(Instant now, wire::Mail& mail);
  void end_stall(Instant now);
  Picoseconds time_in(Stall why, Instant now) const;

  Stall serve(const Queued& queued, Instant now, wire::Mail& mail);
  Stall serve_load(const Queued& queued, Instant now, wire::Mail& mail);
  Stall serve_store(const Queued& queued, Instant now, wire::Mail& mail);
  WayIn way_in(const Queued& queued, Instant now) const;
  void count(const Queued& queued, wire::SectorMask hits, Instant now);

  struct Room {
    std::uint32_t slot;
    Stall stall;
  };
  Room room_for(std::uint64_t line, Instant now, wire::Mail& mail);
  void write_back(std::uint32_t slot, Instant now, wire::Mail& mail);
  void fetch(std::uint32_t entry, wire::SectorMask sectors, Instant now, wire::Mail& mail);
  void answer(const Waiter& waiter, const stats::StageTimes& below, Instant now, wire::Mail& mail);
  std::uint64_t dram_line(std::uint64_t line) const;
  Picoseconds half_path() const { return Picoseconds(spec_.dram_path.count() / 2); }

  Spec spec_;
  Wiring wiring_;
  Clock clock_;
  Divider interleave_lines_;
  tags::SectoredTags tags_;
  tags::MissTable<Waiter> misses_;
  Ring<Queued> queue_;
  std::uint32_t write_backs_ = 0;  // under way
  Cycles free_from_;               // when the data array takes the next request
  Stall stall_ = Stall::none;
  Instant stalled_since_;
  Counters counters_;
  stats::Series read_series_, hit_series_;
};

}  // namespace strobe::l2
