#include "sim/model/dram/stages.h"

#include <algorithm>
#include <array>

#include "sim/base/check.h"

namespace strobe::dram {

namespace {

using stats::Cause;

Cycles at_least_none(Cycles duration) {
  return std::max(duration, Cycles(0));
}

struct Shares {
  Cycles turnaround, refresh, row_conflict, activate_window, row_miss, bank_group;

  Cycles total() const {
    return turnaround + refresh + row_conflict + activate_window + row_miss + bank_group;
  }
  void charge(Reason reason, Cycles duration) {
    if (reason == Reason::row_conflict) row_conflict += duration;
    if (reason == Reason::activate_window) activate_window += duration;
    if (reason == Reason::refresh) refresh += duration;
  }
};

// The opening of the row, as far as it happened while the request waited.
inline void charge_row(const Entry& entry, const RowHistory& row, Cycles row_to_column,
                       Shares& shares) {
  Cycles start = entry.arrived_at;
  if (row.activated_at >= start) {
    if (row.precharged_at >= start && row.precharged_at <= row.activated_at) {
      const Cycles wanted = std::max(start, row.column_before_precharge);
      shares.charge(row.precharge_bound.reason(), at_least_none(row.precharge_bound.at() - wanted));
      start = row.precharged_at;
    }
    shares.charge(row.activate_bank_bound.reason(),
                  at_least_none(row.activate_bank_bound.at() - start));
    start = std::max(start, row.activate_bank_bound.at());
    shares.charge(row.activate_bound.reason(), at_least_none(row.activate_bound.at() - start));
  }
  const Cycles usable = std::min(entry.first_column, row.activated_at + row_to_column);
  shares.row_miss += at_least_none(usable - std::max(entry.arrived_at, row.activated_at));
}

}  // namespace

void note_stages(const Entry& entry, const RowHistory& row, const ServiceTimes& times,
                 const Clock& clock, stats::StageTimes& stages) {
  Shares shares;
  charge_row(entry, row, times.row_to_column, shares);
  Cycles rest = times.last_column - entry.arrived_at - shares.total();
  STROBE_ASSERT(rest >= Cycles(0));
  const auto charge_rest = [&rest](Cycles& share, Cycles wanted) {
    const Cycles part = std::min(rest, at_least_none(wanted));
    share += part;
    rest -= part;
  };
  charge_rest(shares.bank_group, entry.bank_group_wait);
  charge_rest(shares.refresh,
              row.refreshed_until(times.last_column) - entry.under_refresh - shares.refresh);
  charge_rest(shares.turnaround, times.other_direction - entry.other_direction);

  // Clocks become picoseconds at edges laid end to end, so that roundings cannot add up.
  stages = {};
  Cycles cursor = entry.arrived_at + rest;
  Instant from = clock.edge(cursor);
  const auto lay = [&](Cause cause, Cycles duration) {
    if (duration == Cycles(0)) return;
    cursor += duration;
    const Instant to = clock.edge(cursor);
    stages.add(cause, to - from);
    from = to;
  };
  stages.add(Cause::dram_queue, from - entry.arrived);
  lay(Cause::dram_turnaround, shares.turnaround);
  lay(Cause::dram_refresh, shares.refresh);
  lay(Cause::dram_row_conflict, shares.row_conflict);
  lay(Cause::dram_activate_window, shares.activate_window);
  lay(Cause::dram_row_miss, shares.row_miss);
  lay(Cause::dram_bank_group, shares.bank_group);
  stages.add(Cause::dram_burst, times.data_end - from);
}

}  // namespace strobe::dram
