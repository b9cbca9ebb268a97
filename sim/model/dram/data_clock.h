#pragma once

// The clock of the data pins where it is not the command clock and is stopped when nothing moves
// (WCK of LPDDR5). It runs on for a while after each burst; a column command that comes later must
// be preceded, in the clock before, by one that starts it anew. Where a part says nothing of it, it
// never stops.

#include <array>

#include "sim/base/units.h"
#include "sim/model/dram/request_queue.h"
#include "sim/model/dram/spec.h"

namespace strobe::dram {

class DataClock {
 public:
  explicit DataClock(const PartSpec& part);

  bool stops() const { return stops_; }
  bool runs_at(Cycles at) const { return at <= runs_until_; }
  // It was started and the column command for which it was is still to come.
  bool awaits_column() const { return awaits_column_; }

  void start(Cycles at) {
    runs_until_ = at + Cycles(1);
    awaits_column_ = true;
  }
  void use(Direction direction, Cycles at) {
    runs_until_ = at + runs_on_[static_cast<std::size_t>(direction)];
    awaits_column_ = false;
  }

 private:
  std::array<Cycles, kDirectionCount> runs_on_;  // after the command of a burst
  Cycles runs_until_;
  bool stops_;
  bool awaits_column_ = false;
};

}  // namespace strobe::dram
