#include "sim/model/sm/coalescer.h"

#include <algorithm>
#include <bit>

namespace strobe::sm {

using wire::kLineBytes;
using wire::kSectorBytes;
using wire::kSectorsPerLine;
using wire::SectorMask;

namespace {

LineAccess& find_or_add(LineList& lines, std::uint64_t line) {
  // Neighbouring lanes mostly share a line: the newest is the likeliest.
  for (std::size_t i = lines.size(); i-- > 0;) {
    if (lines[i].line == line) return lines[i];
  }
  return lines.emplace_back(LineAccess{line, {}, 0, 0});
}

void touch(LineList& lines, std::uint64_t first, std::uint64_t count) {
  for (std::uint64_t at = first; at < first + count;) {
    const std::uint64_t sector_end = (at / kSectorBytes + 1) * kSectorBytes;
    const std::uint64_t end = std::min(first + count, sector_end);
    const std::uint64_t ones = (std::uint64_t{1} << (end - at)) - 1;
    find_or_add(lines, at / kLineBytes).bytes[at / kSectorBytes % kSectorsPerLine] |=
        static_cast<std::uint32_t>(ones << (at % kSectorBytes));
    at = end;
  }
}

void finish(LineList& lines) {
  for (LineAccess& access : lines) {
    for (std::uint32_t sector = 0; sector < kSectorsPerLine; ++sector) {
      const auto bit = static_cast<SectorMask>(1u << sector);
      if (access.bytes[sector] != 0) access.sectors |= bit;
      if (access.bytes[sector] == 0xFFFF'FFFF) access.whole |= bit;
    }
  }
}

// The sectors of line `line` that [first, end) touches, or covers.
SectorMask sectors_within(std::uint64_t line, std::uint64_t first, std::uint64_t end, bool whole) {
  SectorMask mask = 0;
  for (std::uint32_t sector = 0; sector < kSectorsPerLine; ++sector) {
    const std::uint64_t from = line * kLineBytes + sector * kSectorBytes;
    const std::uint64_t to = from + kSectorBytes;
    const bool in = whole ? first <= from && to <= end : first < to && from < end;
    if (in) mask |= static_cast<SectorMask>(1u << sector);
  }
  return mask;
}

}  // namespace

void coalesce(const trace::Cta& cta, const trace::Instruction& instruction, LineList& into) {
  into.clear();
  const std::uint32_t count = instruction.address_count();
  const std::uint64_t width = instruction.access_bytes;

  // Lanes side by side, the common case, in closed form.
  if (!instruction.listed && instruction.stride == static_cast<std::int64_t>(width)) {
    const std::uint64_t first = instruction.base, end = first + count * width;
    for (std::uint64_t line = first / kLineBytes; line * kLineBytes < end; ++line) {
      into.push_back({line,
                      {},
                      sectors_within(line, first, end, false),
                      sectors_within(line, first, end, true)});
    }
    return;
  }

  for (std::uint32_t i = 0; i < count; ++i) touch(into, cta.address(instruction, i), width);
  finish(into);
}

void coalesce_local(const trace::Cta& cta, const trace::Instruction& instruction,
                    std::uint64_t first_line_of_warp, LineList& into) {
  into.clear();
  std::uint32_t mask = instruction.active_mask;
  for (std::uint32_t i = 0; mask != 0; ++i, mask &= mask - 1) {
    const auto lane = static_cast<std::uint32_t>(std::countr_zero(mask));
    const std::uint64_t offset = cta.address(instruction, i);
    for (std::uint64_t byte = 0; byte < instruction.access_bytes; byte += 4) {
      const std::uint64_t line = first_line_of_warp + (offset + byte) / 4;
      touch(into, line * kLineBytes + lane * 4, 4);
    }
  }
  finish(into);
}

}  // namespace strobe::sm
