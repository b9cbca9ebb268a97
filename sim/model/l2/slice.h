#pragma once

// One slice of the L2: sectored, write-back, write-allocate, with a limited miss table and a
// limited number of write-backs under way. A bank of a system-level cache is the same thing between
// slices and DRAM, which charges other causes. Requests are served in the order in which they came;
// the one at the head that lacks a resource stops those behind it, which is how pressure from the
// DRAM reaches the SMs. Contents live as long as the slice: they carry over from kernel to kernel.

#include <array>
#include <cstdint>
#include <optional>

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

// The way to the slice of the same place in the other L2 partition.
struct Crossing {
  ComponentId mirror;
  wire::Port port;
  Picoseconds latency;
};

// Which causes the time is charged to that requests spend in a cache.
struct Causes {
  stats::Cause way_in, queue, miss_table, write_back, port, hit;
};
inline constexpr Causes kSliceCauses{stats::Cause::xbar_request, stats::Cause::l2_queue,
                                     stats::Cause::l2_mshr,      stats::Cause::l2_evict,
                                     stats::Cause::l2_bank,      stats::Cause::l2_hit};
inline constexpr Causes kSystemCacheCauses{stats::Cause::dram_path, stats::Cause::slc_queue,
                                           stats::Cause::slc_queue, stats::Cause::slc_queue,
                                           stats::Cause::slc_queue, stats::Cause::slc_hit};

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
  std::uint32_t row_lines = 1;  // of a pseudo-channel, in a row of every bank group: open together
  std::optional<Crossing> crossing{};  // where the L2 has two partitions
  Causes causes = kSliceCauses;
  bool charges_way_back = false;  // whoever gets a reply does not know how long it flew
  std::int64_t packet_bytes = wire::kLineBytes;  // of data, at most, behind one header
  std::uint32_t most_cpu_requests = 0;           // they go before all others
};

class Slice {
 public:
  Slice(const Spec& spec, const Wiring& wiring);

  void receive(const wire::Message& request, Instant now, wire::Mail& mail);
  void receive(const wire::Reply& reply, Instant now, wire::Mail& mail);  // of the DRAM
  void wake(Instant now, wire::Mail& mail);

  // Asks the host for what a request that is to come will touch, unless it has to wait for long.
  void prefetch(const wire::Message& request) const;

  // Holds the line as if it had just been read, or written and not yet written back. Returns the
  // line that had to leave for it and was dirty, as it is numbered behind the slice. REQUIRES:
  // nothing is under way.
  std::optional<std::uint64_t> hold(std::uint64_t line, bool dirty);
  // How a line of the slice is numbered behind it.
  std::uint64_t dram_line(std::uint64_t line) const {
    const auto [unit, within] = interleave_lines_.divide(line);
    return (unit * wiring_.sharing + wiring_.position) * wiring_.interleave_lines + within;
  }

  const Counters& counters() const { return counters_; }
  const stats::Series& read_sectors() const { return read_series_; }
  const stats::Series& read_sector_hits() const { return hit_series_; }

 private:
  enum class Stall : std::uint8_t { none, miss_table, write_back };

  struct alignas(64) Queued {
    wire::Message request;
    Instant arrived, ready;                        // ready: its last byte is here
    Picoseconds miss_table_full, write_back_full;  // running totals when it arrived
    bool is_served = false;                        // together with another one of its line
  };

  // Where a request was until it was served, in words as short as those of StageTimes.
  class WayIn {
   public:
    WayIn() = default;
    WayIn(Picoseconds crossbar, Picoseconds queue, Picoseconds miss_table, Picoseconds write_back)
        : crossbar_(shorten(crossbar)),
          queue_(shorten(queue)),
          miss_table_(shorten(miss_table)),
          write_back_(shorten(write_back)) {}

    Picoseconds crossbar() const { return Picoseconds(crossbar_); }
    void add_queue_to(stats::StageTimes& stages, const Causes& causes) const {
      stages.add(causes.queue, Picoseconds(queue_));
      stages.add(causes.miss_table, Picoseconds(miss_table_));
      stages.add(causes.write_back, Picoseconds(write_back_));
    }

   private:
    static std::uint32_t shorten(Picoseconds time) {
      STROBE_CHECK(time >= Picoseconds(0) && time.count() <= 0xFFFF'FFFF);
      return static_cast<std::uint32_t>(time.count());
    }
    std::uint32_t crossbar_ = 0, queue_ = 0, miss_table_ = 0, write_back_ = 0;
  };
  struct Waiter {
    wire::Kind kind;
    bool bulk;
    wire::SectorMask sectors;
    bool crossed;  // came from the other partition
    bool from_cpu;
    std::uint32_t from, tag;
    Instant served;
    WayIn way_in;
  };

  void take_fill(const wire::Reply& fill, Instant now, wire::Mail& mail);
  void serve_queue(Instant now, wire::Mail& mail);
  bool has_requests() const { return !queue_.empty() || !cpu_queue_.empty(); }
  void end_stall(Instant now);
  Picoseconds time_in(Stall why, Instant now) const;

  Stall serve(const Queued& queued, Instant now, wire::Mail& mail);
  Stall serve_load(const Queued& queued, Instant now, wire::Mail& mail);
  Stall serve_store(const Queued& queued, Instant now, wire::Mail& mail);
  Stall pass_store_by(const Queued& queued, Instant now, wire::Mail& mail);
  wire::SectorMask brought_in(const wire::Message& request, wire::SectorMask missing) const;
  bool keeps(const wire::Message& request) const { return spec_.keeps_all || request.from_cpu; }
  WayIn way_in(const Queued& queued, Instant now) const;
  Waiter waiter_of(const Queued& queued, Instant now) const;
  void count(const Queued& queued, wire::SectorMask hits, Instant now);

  struct Room {
    std::uint32_t slot;
    Stall stall;
  };
  using Home = tags::SectoredTags::Home;
  Room room_for(const Home& home, Instant now, wire::Mail& mail);
  void write_back(std::uint32_t slot, Instant now, wire::Mail& mail);
  void send_store(std::uint64_t line, wire::SectorMask sectors, bool from_cpu, Instant now,
                  wire::Mail& mail);
  std::int64_t bytes_on_port(wire::SectorMask sectors) const;
  void soil(std::uint32_t slot, wire::SectorMask sectors) {
    tags_.set_dirty(slot, static_cast<wire::SectorMask>(tags_.dirty(slot) | sectors));
  }
  // Where the missing line is. Only a locked one is sure to be where it was.
  std::uint32_t place_of(std::uint32_t entry) const {
    const std::uint32_t locked = misses_.place(entry);
    return locked != tags::SectoredTags::kNone ? locked : tags_.find(misses_.line(entry));
  }
  void clean_row(std::uint64_t line, Instant now, wire::Mail& mail);
  void fetch(std::uint32_t entry, wire::SectorMask sectors, bool from_cpu, Instant now,
             wire::Mail& mail);
  void answer(const Waiter& waiter, const stats::StageTimes& below, Instant now, wire::Mail& mail);
  void answer_late(const Waiter& waiter, const stats::StageTimes& below, Picoseconds under_way,
                   Instant now, wire::Mail& mail);
  // The reverse of dram_line; nothing for a line of another slice of the pseudo-channel.
  std::optional<std::uint64_t> own_line(std::uint64_t dram_line) const {
    const auto [unit, within] = interleave_lines_.divide(dram_line);
    if (unit % wiring_.sharing != wiring_.position) return std::nullopt;
    return unit / wiring_.sharing * wiring_.interleave_lines + within;
  }

  // coalescing.cpp: bulk reads of one line that wait together
  bool may_coalesce(const wire::Message& request) const {
    return spec_.coalesces_bulk_reads && request.bulk && !request.crossed;
  }
  std::uint32_t& reads_like(const wire::Message& request) {
    return reads_waiting_[request.line % reads_waiting_.size()];
  }
  void serve_followers(const wire::Message& first, Instant now, wire::Mail& mail);
  wire::Port::Passage pass_reply_port(const Waiter& waiter, std::int64_t bytes, Instant now);

  // crossing.cpp: lines whose home is the mirror, and what the mirror wants of lines at home here
  void serve_far(const Queued& queued, Instant now, wire::Mail& mail);
  void ask_home(std::uint32_t entry, wire::SectorMask sectors, const wire::Message& request,
                Instant now, wire::Mail& mail);
  void cross(const Queued& queued, Instant now, wire::Mail& mail);
  void take_copy(const wire::Reply& fill, Instant now, wire::Mail& mail);
  void drop_copy(const wire::Message& recall);
  void answer_across(const Waiter& waiter, const stats::StageTimes& below, std::int64_t bytes,
                     Instant now, wire::Mail& mail);
  void note_copy(std::uint32_t slot, const Waiter& waiter, Instant now, wire::Mail& mail);
  void recall(std::uint32_t slot, Instant now, wire::Mail& mail);
  Instant pass_crossing(std::int64_t bytes, Instant now);
  // What the mirror is asked for is numbered after what the DRAM is.
  bool is_copy(const wire::Reply& reply) const { return reply.tag >= spec_.miss_lines; }
  Picoseconds half_path() const { return Picoseconds(spec_.dram_path.count() / 2); }

  Spec spec_;
  Wiring wiring_;
  Clock clock_;
  Divider interleave_lines_;
  Picoseconds least_way_in_;
  tags::SectoredTags tags_;
  tags::MissTable<Waiter> misses_;
  tags::MissTable<Waiter> copies_;  // lines on their way from the mirror
  Ring<Queued> queue_, cpu_queue_;
  std::uint32_t write_backs_ = 0;  // under way
  Cycles free_from_;               // when the data array takes the next request
  // The reply that others may go with; none when it has no sectors.
  struct Leader {
    wire::SectorMask sectors = 0;
    wire::Port::Passage passage{};
  };
  Leader leader_;
  std::array<std::uint32_t, 64> reads_waiting_{};  // that may coalesce, by the line's lowest bits
  Stall stall_ = Stall::none;
  Instant stalled_since_;
  Counters counters_;
  stats::Series read_series_, hit_series_;
};

}  // namespace strobe::l2
