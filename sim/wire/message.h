#pragma once

// What components say to each other. Requests travel as 128-byte lines with a 4-bit sector mask,
// not as four 32-byte packets. Every request holds a credit of its sender until the reply comes
// back, so no queue in the machine can overflow and back-pressure needs no messages of its own.

#include <cstdint>

#include "sim/base/units.h"
#include "sim/stats/stalls.h"

namespace strobe::wire {

inline constexpr std::uint64_t kLineBytes = 128;
inline constexpr std::uint64_t kSectorBytes = 32;
inline constexpr std::uint32_t kSectorsPerLine = 4;

// Four bits, one for each 32-byte sector of a 128-byte line, lowest address lowest.
using SectorMask = std::uint8_t;

// Out of a table, because not every x86-64 has an instruction for it, and it is asked often.
constexpr std::uint32_t sector_count(SectorMask mask) {
  constexpr std::uint64_t kCounts = 0x4332'3221'3221'2110;  // a digit for each mask
  return static_cast<std::uint32_t>(kCounts >> (4 * (mask & 0xF)) & 0xF);
}

enum class Kind : std::uint8_t {
  load,            // reply carries the data
  store,           // reply says that the L2 has taken it
  atomic,          // read, changed and written in the L2; reply carries the old value
  reduction,       // the same without a value in the reply
  recall,          // slice -> its mirror: the copy that you hold is no longer valid; no reply
  launch_cta,      // dispatcher -> SM: `tag` is the CTA's place in the pool
  cta_done,        // SM -> dispatcher: likewise
  grid_done,       // dispatcher -> CPU: the kernel has no CTA left
  page_fault,      // SM -> pager: `line` is asked for and its page is not on the device
  pages_there,     // pager -> SM: of region `line` the blocks `tag` are on the device now
  pages_gone,      // ... and no longer (wire/pages.h)
  copy_to_device,  // pager -> host link: `tag` lines from `line` on; replied to when all have moved
  copy_to_host,    // the other way
};

struct Message {
  Kind kind{};
  bool crossed_link = false;     // a request to the DRAM: the link between the dies is behind it
  bool is_far = false;           // SM -> slice: the line belongs to the slice's mirror
  bool from_cpu = false;         // on unified memory: not the GPU's
  bool crossed = false;          // between slices: has come from the other L2 partition
  bool bulk = false;             // a load of a bulk copy (TMA)
  bool whole_line = false;       // a load that misses has the L2 fetch all of the line
  SectorMask sectors = 0;        // asked for
  SectorMask whole_sectors = 0;  // of a store: those written in full
  std::uint32_t from = 0;        // component that sent it, and gets the reply
  std::uint32_t tag = 0;         // the sender's own number for it
  std::uint64_t line = 0;        // address / 128
  Instant sent;                  // when it left its sender
};

struct Reply {
  Kind kind{};               // of the request
  SectorMask sectors = 0;    // answered
  std::uint32_t tag = 0;     // of the request
  Instant sent;              // when the reply left whoever answered
  stats::StageTimes stages;  // where the time since the request left its sender went
};

}  // namespace strobe::wire
