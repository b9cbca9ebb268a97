#include "sim/model/sm/coalescer.h"

#include <algorithm>
#include <bit>

namespace strobe::sm {

using wire::kLineBytes;
using wire::kSectorBytes;
using wire::kSectorsPerLine;
using wire::SectorMask;

namespace {

// Lines while their bytes are being collected.
class Collector {
 public:
  explicit Collector(LineList& lines) : lines_(lines) {}

  void touch(std::uint64_t first, std::uint64_t count);
  void finish();

 private:
  LineAccess& find_or_add(std::uint64_t line) {
    // Addresses mostly rise with the lanes: what is above all so far need not be looked for.
    if (lines_.empty() || line > highest_) {
      highest_ = line;
      return lines_.emplace_back(LineAccess{line, {}, 0, 0});
    }
    // Neighbouring lanes mostly share a line: the newest is the likeliest.
    for (std::size_t i = lines_.size(); i-- > 0;) {
      if (lines_[i].line == line) return lines_[i];
    }
    return lines_.emplace_back(LineAccess{line, {}, 0, 0});
  }

  LineList& lines_;
  std::uint64_t highest_ = 0;
};

inline void Collector::touch(std::uint64_t first, std::uint64_t count) {
  for (std::uint64_t at = first; at < first + count;) {
    const std::uint64_t sector_end = (at / kSectorBytes + 1) * kSectorBytes;
    const std::uint64_t end = std::min(first + count, sector_end);
    const std::uint64_t ones = (std::uint64_t{1} << (end - at)) - 1;
    find_or_add(at / kLineBytes).bytes[at / kSectorBytes % kSectorsPerLine] |=
        static_cast<std::uint32_t>(ones << (at % kSectorBytes));
    at = end;
  }
}

void Collector::finish() {
  for (LineAccess& access : lines_) {
    for (std::uint32_t sector = 0; sector < kSectorsPerLine; ++sector) {
      const auto bit = static_cast<SectorMask>(1u << sector);
      if (access.bytes[sector] != 0) access.sectors |= bit;
      if (access.bytes[sector] == 0xFFFF'FFFF) access.whole |= bit;
    }
  }
}

// The sectors of a line from number `from` on, before number `to`.
constexpr SectorMask sectors_between(std::uint64_t from, std::uint64_t to) {
  return from < to ? static_cast<SectorMask>((1u << to) - (1u << from)) : SectorMask{0};
}

// Lanes side by side, in closed form.
void touch_all_between(LineList& lines, std::uint64_t first, std::uint64_t end) {
  for (std::uint64_t line = first / kLineBytes; line * kLineBytes < end; ++line) {
    const std::uint64_t begin = line * kLineBytes;
    const std::uint64_t from = std::max(first, begin) - begin;
    const std::uint64_t to = std::min(end - begin, kLineBytes);
    lines.push_back({line,
                     {},
                     sectors_between(from / kSectorBytes, (to + kSectorBytes - 1) / kSectorBytes),
                     sectors_between((from + kSectorBytes - 1) / kSectorBytes, to / kSectorBytes)});
  }
}

// Lanes side by side, a run of them or all, go in as one piece.
template <class AddressOf>
void collect(LineList& lines, std::uint32_t count, std::uint64_t width,
             const AddressOf& address_of) {
  Collector collector(lines);
  for (std::uint32_t i = 0; i < count;) {
    const std::uint64_t first = address_of(i);
    std::uint64_t end = first + width;
    std::uint32_t next = i + 1;
    for (; next < count && address_of(next) == end; ++next) end += width;
    if (next - i == count) return touch_all_between(lines, first, end);
    collector.touch(first, end - first);
    i = next;
  }
  collector.finish();
}

}  // namespace

void coalesce(const trace::Cta& cta, const trace::Instruction& instruction, LineList& into) {
  into.clear();
  const std::uint32_t count = instruction.address_count();
  const std::uint64_t width = instruction.access_bytes;
  if (!instruction.listed && instruction.stride == static_cast<std::int64_t>(width)) {
    return touch_all_between(into, instruction.base, instruction.base + count * width);
  }
  if (instruction.listed) {
    const std::uint64_t* const addresses = cta.addresses.data() + instruction.first_address;
    return collect(into, count, width, [=](std::uint32_t i) { return addresses[i]; });
  }
  collect(into, count, width, [&](std::uint32_t i) { return cta.address(instruction, i); });
}

void coalesce_local(const trace::Cta& cta, const trace::Instruction& instruction,
                    std::uint64_t first_line_of_warp, LineList& into) {
  into.clear();
  Collector collector(into);
  std::uint32_t mask = instruction.active_mask;
  for (std::uint32_t i = 0; mask != 0; ++i, mask &= mask - 1) {
    const auto lane = static_cast<std::uint32_t>(std::countr_zero(mask));
    const std::uint64_t offset = cta.address(instruction, i);
    for (std::uint64_t byte = 0; byte < instruction.access_bytes; byte += 4) {
      const std::uint64_t line = first_line_of_warp + (offset + byte) / 4;
      collector.touch(line * kLineBytes + lane * 4, 4);
    }
  }
  collector.finish();
}

}  // namespace strobe::sm
