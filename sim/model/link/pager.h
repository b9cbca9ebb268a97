#pragma once

// The driver on the host that moves managed memory to a discrete GPU when its SMs ask for it. All
// of it lies on the host at first. An SM that asks for what is not on the device faults; the driver
// takes faults in batches, moves the blocks of each batch over the host link with those around them
// that its prefetcher expects to be asked for next, and has the SMs try again when all of them are
// there. Where the device is full, the region that was faulted on longest ago goes back to the host
// whole, written or not, because the driver does not know which of it was written
// (docs/decisions/0016-managed-memory.md).

#include <cstdint>
#include <vector>

#include "sim/kernel/event_queue.h"
#include "sim/model/link/pager_counters.h"
#include "sim/wire/mail.h"
#include "sim/wire/pages.h"

namespace strobe::link {

struct PagerSpec {
  Picoseconds batch_latency;             // of a batch, without what moves
  std::uint32_t batch_faults = 0;        // that are taken up at once, at most
  std::uint32_t prefetch_threshold = 0;  // per cent, see prefetch.h
};

struct PagerWiring {
  ComponentId self, host_link, first_sm;
  std::uint32_t sms = 0;
  Picoseconds flight;         // to the SMs
  std::uint64_t regions = 0;  // that the device has room for
};

class Pager {
 public:
  Pager(const PagerSpec& spec, const PagerWiring& wiring);

  void receive(const wire::Message& fault, Instant now, wire::Mail& mail);
  void receive(const wire::Reply& copied, Instant now, wire::Mail& mail);
  void wake(Instant now, wire::Mail& mail);  // the latency of a batch is over

  // Between kernels: the host works on [first, end), so what of it was on the device is no longer.
  // Returns how many bytes that was.
  std::uint64_t give_to_host(std::uint64_t first, std::uint64_t end);

  bool idle() const { return !is_at_work_ && faults_.empty(); }
  const PagerCounters& counters() const { return counters_; }

 private:
  struct Region {
    std::uint64_t number;
    wire::BlockMask there = 0;
    std::uint64_t last_batch = 0;  // that faulted on it
  };
  struct Demand {  // of a batch, on one region
    std::uint64_t region;
    wire::BlockMask faulted = 0, moved = 0;
  };
  struct Run {  // of neighbouring blocks, which move as one copy
    std::uint64_t first_line, lines;
    bool to_host;
  };

  void fetch_batch();
  void go_on(Instant now, wire::Mail& mail);
  bool plan_next(Instant now, wire::Mail& mail);
  bool make_room(Instant now, wire::Mail& mail);
  void plan_runs(std::uint64_t region, wire::BlockMask blocks, bool to_host);
  void finish_batch(Instant now, wire::Mail& mail);
  void tell_sms(wire::Kind kind, const Region& region, Instant now, wire::Mail& mail);
  std::vector<Region>::iterator find(std::uint64_t region);
  bool is_there(std::uint64_t line);

  PagerSpec spec_;
  PagerWiring wiring_;
  std::vector<std::uint64_t> faults_;  // lines, in the order of their arrival
  std::vector<Region> regions_;        // that have room on the device, sorted
  std::vector<Demand> batch_;          // sorted
  std::size_t next_demand_ = 0;
  std::vector<Run> runs_;  // of the demand under way
  std::size_t next_run_ = 0;
  bool is_at_work_ = false;
  PagerCounters counters_;
};

}  // namespace strobe::link
