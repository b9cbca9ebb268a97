#pragma once

// What a DRAM channel counts.

#include <cstdint>

#include "sim/stats/counters.h"

namespace strobe::dram {

struct Counters {
  std::uint64_t activates = 0;
  std::uint64_t reads = 0;
  std::uint64_t writes = 0;
  std::uint64_t precharges = 0;
  std::uint64_t precharge_alls = 0;
  std::uint64_t refresh_banks = 0;
  std::uint64_t refresh_alls = 0;
  std::uint64_t refreshes_pulled_in = 0;
  std::uint64_t read_requests = 0;
  std::uint64_t write_requests = 0;
  std::uint64_t forwarded = 0;
  std::uint64_t row_hits = 0;
  std::uint64_t row_misses = 0;
  std::uint64_t row_conflicts = 0;
  std::uint64_t turnarounds = 0;
  std::uint64_t data_bus_cycles = 0;
  std::uint64_t read_queue_cycles = 0;
  std::uint64_t write_queue_cycles = 0;
  std::uint64_t open_cycles = 0;
};

inline constexpr stats::Described<Counters> kCounters[] = {
    {"activates", stats::Unit::commands, "rows opened", &Counters::activates},
    {"reads", stats::Unit::commands, "read commands, one burst each", &Counters::reads,
     "dram__sectors_read.sum"},
    {"writes", stats::Unit::commands, "write commands, one burst each", &Counters::writes,
     "dram__sectors_write.sum"},
    {"precharges", stats::Unit::commands, "rows closed one by one", &Counters::precharges},
    {"precharge_alls", stats::Unit::commands, "commands that closed all rows",
     &Counters::precharge_alls},
    {"refresh_banks", stats::Unit::commands, "per-bank refreshes", &Counters::refresh_banks},
    {"refresh_alls", stats::Unit::commands, "all-bank refreshes", &Counters::refresh_alls},
    {"refreshes_pulled_in", stats::Unit::commands,
     "those of both that were done before they were due", &Counters::refreshes_pulled_in},
    {"read_requests", stats::Unit::requests, "reads of up to four bursts that were finished",
     &Counters::read_requests},
    {"write_requests", stats::Unit::requests, "writes of up to four bursts that were finished",
     &Counters::write_requests},
    {"forwarded", stats::Unit::sectors, "bursts read from a write that still waited",
     &Counters::forwarded},
    {"row_hits", stats::Unit::requests, "requests that found their row open", &Counters::row_hits},
    {"row_misses", stats::Unit::requests, "requests that opened their row in a closed bank",
     &Counters::row_misses},
    {"row_conflicts", stats::Unit::requests, "requests that first had another row closed",
     &Counters::row_conflicts},
    {"turnarounds", stats::Unit::count, "times the data bus changed its direction",
     &Counters::turnarounds},
    {"data_bus_cycles", stats::Unit::cycles, "command clocks with data on the pins",
     &Counters::data_bus_cycles},
    {"read_queue_cycles", stats::Unit::cycles,
     "command clocks that reads spent in the queue, added up over its entries",
     &Counters::read_queue_cycles},
    {"write_queue_cycles", stats::Unit::cycles,
     "command clocks that writes spent in the queue, added up over its entries",
     &Counters::write_queue_cycles},
    {"open_cycles", stats::Unit::cycles,
     "command clocks with any row open, added up over the pseudo-channels", &Counters::open_cycles},
};
static_assert(stats::describes_every_counter(kCounters));

// What one bank saw.
struct BankCounters {
  std::uint64_t activates = 0;
  std::uint64_t reads = 0;
  std::uint64_t writes = 0;
  std::uint64_t row_hits = 0;
  std::uint64_t row_misses = 0;
  std::uint64_t row_conflicts = 0;
  std::uint64_t refreshes = 0;
};

inline constexpr stats::Described<BankCounters> kBankCounters[] = {
    {"activates", stats::Unit::commands, "rows opened", &BankCounters::activates},
    {"reads", stats::Unit::commands, "read commands", &BankCounters::reads},
    {"writes", stats::Unit::commands, "write commands", &BankCounters::writes},
    {"row_hits", stats::Unit::requests, "requests that found their row open",
     &BankCounters::row_hits},
    {"row_misses", stats::Unit::requests, "requests that opened their row in a closed bank",
     &BankCounters::row_misses},
    {"row_conflicts", stats::Unit::requests, "requests that first had another row closed",
     &BankCounters::row_conflicts},
    {"refreshes", stats::Unit::commands, "refreshes, of it alone or of all banks",
     &BankCounters::refreshes},
};
static_assert(stats::describes_every_counter(kBankCounters));

}  // namespace strobe::dram
