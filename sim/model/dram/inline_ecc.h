#pragma once

// Error correction within the memory itself, for DRAM that has no chips or pins for it: two bytes
// of check bits for each 32-byte sector, a sixteenth of the memory (NVIDIA's GDDR boards show 15 of
// 16 GB with it on). Of sixteen lines the last holds the check bits of the fifteen before it, one
// burst for the sixteen sectors of four lines, in rows that those lines open anyway.
//
// A read needs the burst of its line beside its data, and its data are good once both are there; a
// write changes that burst, masked (GDDR6 has write masks), so that it reads nothing. A controller
// that keeps some of these bursts moves them once for all of their lines: a stream then costs a
// fifteenth more. One that keeps none moves a burst with every request, a quarter more for whole
// lines: "approximately 20 %" of the bandwidth, as NVIDIA's Best Practices Guide says. Where the
// check bits really lie is not published.

#include <cstdint>
#include <optional>
#include <vector>

#include "sim/base/units.h"
#include "sim/stats/stalls.h"
#include "sim/wire/message.h"

namespace strobe::dram {

class InlineEcc {
 public:
  // A line of data of one pseudo-channel, counted densely, and the sectors of it that are moved.
  struct Access {
    std::uint32_t pseudo_channel = 0;
    std::uint64_t line = 0;
    wire::SectorMask sectors = 0;
    bool is_write = false;
  };
  // What an access takes beside its data. A burst counts from the start of its pseudo-channel.
  struct Plan {
    std::uint32_t slot = 0;
    std::optional<std::uint64_t> fill;        // is to be read
    std::optional<std::uint64_t> write_back;  // is to be written, to make room
    std::uint32_t write_back_to = 0;          // its pseudo-channel
  };
  // A read whose data came before its check bits.
  struct Held {
    std::uint32_t tag = 0;
    Instant data_end;
    stats::StageTimes stages;
  };

  // `most_tags`: tags of requests are below it.
  InlineEcc(std::uint32_t bursts_kept, std::uint32_t most_tags)
      : keeps_(bursts_kept > 0), slots_(keeps_ ? bursts_kept : most_tags) {}

  static std::uint64_t data_lines(std::uint64_t lines) { return lines / kGroup * kDataLines; }
  static std::uint64_t place(std::uint64_t line) { return line + line / kDataLines; }

  // None while every place is needed by reads that are under way.
  std::optional<Plan> plan(std::uint32_t tag, const Access& access) const;
  // REQUIRES: `plan` was made for `access`, and nothing was taken since.
  void take(const Plan& plan, const Access& access);

  // The data of a read have come. When its check bits are there too, says since when; else the read
  // is kept until they are.
  std::optional<Instant> data_came(std::uint32_t slot, const Held& read);
  // The fill of `slot` has come: the reads that waited for it.
  std::vector<Held> fill_came(std::uint32_t slot, Instant at);

 private:
  static constexpr std::uint64_t kDataLines = 15, kGroup = kDataLines + 1, kLinesABurst = 4;
  static constexpr std::uint64_t kNobody = ~std::uint64_t{0};

  struct Slot {
    std::uint64_t burst = kNobody;
    std::uint32_t pseudo_channel = 0;
    std::uint16_t known = 0, changed = 0;  // by sector: two bytes of the burst each
    bool filling = false;
    std::uint32_t reads = 0;  // under way that need it
    std::uint64_t used = 0;   // when, in accesses
    Instant filled_at;
    std::vector<Held> held;
  };

  static std::uint64_t burst_of(std::uint64_t line) {
    return (line / kDataLines * kGroup + kDataLines) * wire::kSectorsPerLine +
           line % kDataLines / kLinesABurst;
  }
  static std::uint16_t checks_of(const Access& access) {
    return static_cast<std::uint16_t>(access.sectors << access.line % kDataLines % kLinesABurst *
                                                            wire::kSectorsPerLine);
  }

  bool keeps_;
  std::vector<Slot> slots_;  // one a burst that is kept; else one a request
  std::uint64_t accesses_ = 0;
};

}  // namespace strobe::dram
