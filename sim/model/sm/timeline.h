#pragma once

// Where one line of a memory instruction was, from issue until its data was in registers; and the
// charging of a warp's waiting to it.

#include <cstdint>
#include <vector>

#include "sim/kernel/clock.h"
#include "sim/stats/stall_series.h"
#include "sim/stats/stalls.h"

namespace strobe::sm {

// The way through the L1's tag stage.
struct TagPassage {
  Cycles issued;
  Cycles looked_up;        // when this line had its turn
  Picoseconds table_full;  // of that time, the L1 stood still for want of an entry
  Picoseconds own_lines;   // ... and was busy with earlier lines of the same instruction
};

// How much longer a request took until its page was on the device, then for its translation; nearly
// always nothing.
struct Translation {
  Picoseconds second_level, walk, page{};

  Picoseconds total() const { return page + second_level + walk; }
};

// Those of requests under way, by tag. Of one that took nothing only a byte is written and read.
class Translations {
 public:
  void resize(std::uint32_t tags) {
    took_time_.resize(tags);
    translations_.resize(tags);
  }
  void set(std::uint32_t tag, const Translation& translation) {
    const bool takes_time = translation.total() != Picoseconds(0);
    took_time_[tag] = takes_time ? 1 : 0;
    if (takes_time) translations_[tag] = translation;
  }
  Translation of(std::uint32_t tag) const {
    return took_time_[tag] != 0 ? translations_[tag] : Translation{};
  }

 private:
  std::vector<std::uint8_t> took_time_;
  std::vector<Translation> translations_;
};

// The way below the L1 and back.
struct Journey {
  Instant sent;              // when the request was at the crossbar port
  Instant returned;          // when the last byte of the reply was through the SM's port
  stats::StageTimes stages;  // between
  Translation translation;   // before it was sent
};

struct Timeline {
  TagPassage tag;
  bool missed = false;
  Journey journey;  // of a miss
  Cycles done;      // a dependent instruction may issue
};

// Charges the interval [from, timeline.done) to the stages in which the line was during it. The
// walk goes back from the end, so that it also serves a line that joined another's miss: what the
// other went through before is never reached.
void charge(stats::StallTimes& times, const Clock& clock, Cycles from, const Timeline& timeline);
void charge(stats::StallSeries& over_time, const Clock& clock, Cycles from,
            const Timeline& timeline);

}  // namespace strobe::sm
