#pragma once

// Which L2 slice a line belongs to, for any integer number of slices, and where it lies there.
//
// Addresses are cut into units (the interleave). N consecutive units form a block; the units of a
// block go to N different slices, rotated by a hash of the block's number. So a stream loads every
// slice alike, a power-of-two stride does not fall on one slice, the map is a bijection for every
// N, and neighbours in a slice are neighbours in its DRAM. (A plain modulo resonates with strides;
// an XOR of address bits needs a power of two. GPUs have 80, 188 or 24 slices and channels.)

#include <cstdint>

#include "sim/base/divider.h"
#include "sim/base/random.h"
#include "sim/wire/message.h"

namespace strobe::wire {

struct SlicePlace {
  std::uint32_t slice;
  std::uint64_t line;  // dense within the slice: 0, 1, 2, ...
};

class AddressMap {
 public:
  // `interleave_lines`: lines of 128 bytes in a unit.
  AddressMap(std::uint32_t slices, std::uint32_t interleave_lines)
      : slices_(slices), unit_(interleave_lines) {}

  SlicePlace place(std::uint64_t line) const {
    const auto [unit, within] = unit_.divide(line);
    const auto [block, column] = slices_.divide(unit);
    std::uint64_t slice = column + rotation(block);
    if (slice >= slices_.divisor()) slice -= slices_.divisor();
    return {static_cast<std::uint32_t>(slice), block * unit_.divisor() + within};
  }

  std::uint64_t line_at(SlicePlace place) const {
    const auto [block, within] = unit_.divide(place.line);
    const std::uint64_t count = slices_.divisor();
    const std::uint64_t column = (place.slice + count - rotation(block)) % count;
    return (block * count + column) * unit_.divisor() + within;
  }

  std::uint32_t slices() const { return static_cast<std::uint32_t>(slices_.divisor()); }

 private:
  // In [0, slices): the high half of a 32 x 32 bit product instead of a division.
  std::uint64_t rotation(std::uint64_t block) const {
    return ((mix64(block + 0x9E3779B97F4A7C15ULL) >> 32) * slices_.divisor()) >> 32;
  }

  Divider slices_, unit_;
};

// An L2 in two partitions, each with half of the SMs and half of the DRAM channels. A line belongs
// to the slice that the address map names, its home; an SM on the other side asks the home's
// mirror, the slice of the same place on its own side. Sides alternate from channel to channel, so
// that a channel and its mirror are neighbours.
struct L2Sides {
  std::uint32_t slices_of_channel = 0;  // 0: the L2 is one

  bool two() const { return slices_of_channel != 0; }
  bool is_far(std::uint32_t slice, std::uint32_t side) const {
    return two() && side_of(slice) != side;
  }
  // REQUIRES: two().
  std::uint32_t side_of(std::uint32_t slice) const { return slice / slices_of_channel & 1; }
  std::uint32_t mirror(std::uint32_t slice) const {
    return side_of(slice) == 0 ? slice + slices_of_channel : slice - slices_of_channel;
  }
};

}  // namespace strobe::wire
