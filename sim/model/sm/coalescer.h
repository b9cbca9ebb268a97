#pragma once

// From the addresses of a warp's lanes to the 128-byte lines and 32-byte sectors they touch.

#include <array>
#include <cstdint>
#include <vector>

#include "sim/trace/kernel_trace.h"
#include "sim/wire/message.h"

namespace strobe::sm {

struct LineAccess {
  std::uint64_t line = 0;                                    // address / 128
  std::array<std::uint32_t, wire::kSectorsPerLine> bytes{};  // touched, by sector
  wire::SectorMask sectors = 0;
  wire::SectorMask whole = 0;  // sectors of which every byte is touched
};

// In the order in which the lanes of an instruction first touch them. 32 lanes of 16 bytes touch at
// most 64; only a bulk copy touches more.
using LineList = std::vector<LineAccess>;
inline constexpr std::size_t kLinesOfWarp = 64;

// Global memory.
void coalesce(const trace::Cta& cta, const trace::Instruction& instruction, LineList& into);

// Local memory: word n of the 32 lanes of a warp lies together in one line, so that lanes that use
// the same offset, as they nearly always do, touch one line. Lines are numbered from
// `first_line_of_warp`; a trace's local addresses count from the window's base already.
// REQUIRES: the last line stays below 2^57, so that bytes can be counted in 64 bits.
void coalesce_local(const trace::Cta& cta, const trace::Instruction& instruction,
                    std::uint64_t first_line_of_warp, LineList& into);

}  // namespace strobe::sm
