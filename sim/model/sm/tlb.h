#pragma once

// Address translation of what goes from an SM to the L2: the L1 is looked up by virtual addresses.
// Two levels of entries, least recently used. The second level is shared by SMs on hardware, by how
// many is not published; here each SM has all of its reach to itself, which is the same for SMs
// that roam over the same memory.
//
// What was never touched counts as translated before: somebody has written the memory, and what is
// measured runs more than once. So a walk is for what an entry was given up for.

#include <cstdint>
#include <optional>
#include <vector>

#include "sim/base/units.h"
#include "sim/kernel/clock.h"
#include "sim/model/sm/counters.h"
#include "sim/model/sm/spec.h"
#include "sim/model/sm/timeline.h"
#include "sim/tags/sectored_tags.h"

namespace strobe::sm {

// Which pages a level has, and from when on each can be used.
class TlbLevel {
 public:
  TlbLevel(Bytes page, std::uint32_t entries);

  std::uint64_t page_of(std::uint64_t line) const { return line >> lines_shift_; }
  // Of a page that it has, else nothing.
  std::optional<Instant> usable_from(std::uint64_t page);
  void insert(std::uint64_t page, Instant from);

 private:
  std::uint32_t lines_shift_;
  tags::SectoredTags tags_;
  std::vector<Instant> from_;  // by slot
};

class Tlb {
 public:
  Tlb(const TlbSpec& spec, const Clock& clock);

  // How much longer a request for the line of 128 bytes takes that leaves the SM at `now`. Who asks
  // for what is being translated waits for the rest of it.
  Translation translate(std::uint64_t line, Instant now, Counters& counters) {
    if (first_.page_of(line) != last_page_) return look_up(line, now, counters);
    ++counters.tlb_hits;
    return {};
  }

 private:
  Translation look_up(std::uint64_t line, Instant now, Counters& counters);
  Translation ask_second(std::uint64_t line, Instant now, Counters& counters);
  bool was_touched(std::uint64_t page);

  Picoseconds second_latency_, walk_latency_;
  TlbLevel first_;
  std::optional<TlbLevel> second_;
  // The page that was asked for last, when it could be used at once.
  std::uint64_t last_page_ = ~std::uint64_t{0};
  std::vector<std::uint64_t> touched_;  // pages of the second level, sorted
};

}  // namespace strobe::sm
