#pragma once

// Where the time of one request went, exact to the picosecond. Its way is cut at its own commands:
// the wait before the precharge, from there to the activate, from there to its columns, then the
// data. Of each piece the rule that bound the command takes its share; what is left is waiting for
// others, and of that the clocks for which the bank was refreshed or the bus was the other way go
// to those. So every picosecond is counted once whatever happened.

#include "sim/base/units.h"
#include "sim/kernel/clock.h"
#include "sim/model/dram/request_queue.h"
#include "sim/model/dram/timing_table.h"
#include "sim/stats/stalls.h"

namespace strobe::dram {

// The last time a bank's row was closed and opened, and what those commands had to wait for.
struct RowHistory {
  Cycles precharged_at{-1};
  Stamp precharge_bound;           // the stamp that allowed it
  Cycles column_before_precharge;  // the last use of the row that was closed
  Cycles activated_at{-1};
  Stamp activate_bank_bound;  // the stamp of the bank alone
  Stamp activate_bound;       // with those of its group and pseudo-channel
  Cycles last_column{-1};

  Cycles refreshed;  // clocks under refresh in all, up to refresh_end
  Cycles refresh_end{0};

  Cycles refreshed_until(Cycles at) const {
    return at < refresh_end ? refreshed - (refresh_end - at) : refreshed;
  }
};

struct ServiceTimes {
  Cycles last_column;      // its last column command
  Instant data_end;        // and the end of that burst
  Cycles row_to_column;    // tRCDRD or tRCDWR
  Cycles other_direction;  // clocks for which the bus has been the other way until last_column
};

void note_stages(const Entry& entry, const RowHistory& row, const ServiceTimes& times,
                 const Clock& clock, stats::StageTimes& stages);

}  // namespace strobe::dram
