#pragma once

// The CPU beside the GPU on unified memory, as one pseudo-channel sees it: requests for lines at
// random intervals around the mean that its load asks for, in runs of addresses, reads and writes
// in runs of their own. It works while a grid runs, and holds back when it has as many lines under
// way as its cores can have. Lines lie from the start of the pseudo-channel on: which of them the
// GPU uses makes no difference but in a system-level cache, and a CPU that works on the GPU's data
// there would be no load but a help.

#include <array>
#include <cstdint>

#include "sim/base/random.h"
#include "sim/base/slots.h"
#include "sim/model/cpu/counters.h"
#include "sim/model/cpu/spec.h"
#include "sim/wire/mail.h"

namespace strobe::cpu {

struct Wiring {
  ComponentId self, memory;  // a bank of the system-level cache, or the channel
  // To the memory: the way there and, as replies come at once, the way back.
  Picoseconds flight;
};

class Source {
 public:
  Source(const Spec& spec, const Wiring& wiring);

  // Works from `at` on until it is told that the grid is done.
  void start(Instant at, wire::Mail& mail);

  void receive(const wire::Message& grid_done, Instant now, wire::Mail& mail);
  void receive(const wire::Reply& reply, Instant now, wire::Mail& mail);
  void wake(Instant now, wire::Mail& mail);

  bool idle() const { return !works_ && in_flight_.used() == 0; }
  const Counters& counters() const { return counters_; }

 private:
  // Where the next request of a direction goes.
  struct Walk {
    std::uint64_t at = 0;    // in units of the CPU's lines
    std::uint32_t left = 0;  // of the run
  };

  void send(Instant now, wire::Mail& mail);
  std::uint64_t next_place(Walk& walk);
  Picoseconds interval();

  Spec spec_;
  Wiring wiring_;
  SplitMix64 random_;
  std::uint64_t mean_interval_;  // ps
  std::uint32_t lines_of_run_;
  std::uint64_t lines_of_footprint_;
  std::uint32_t sectors_of_line_;
  std::array<Walk, 2> walks_{};  // of reads, of writes
  Slots<Instant> in_flight_;     // by tag: when it was sent
  bool works_ = false, held_up_ = false;
  Instant held_up_since_;
  Counters counters_;
};

}  // namespace strobe::cpu
