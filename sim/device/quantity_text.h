#pragma once

// "14 ns", "1380 MHz", "96 KiB": a quantity of a config file is a decimal number, one space and a
// unit. It must be a whole number of what the simulator counts in (picoseconds, kilohertz, bytes),
// because a value that has to be rounded is one that nobody meant.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "sim/base/units.h"
#include "sim/device/energy_spec.h"
#include "sim/model/dram/spec.h"

namespace strobe::device {

// Quantities that only files name; the specs keep them as counts.
using BytesPerCycle = Quantity<struct BytesPerCycleUnit>;
using Bits = Quantity<struct BitUnit>;
using PartsPerMillion = Quantity<struct PartsPerMillionUnit>;

enum class Dimension : std::uint8_t {
  time,
  cycles,
  frequency,
  size,
  bandwidth,
  pin_rate,
  width,
  bits,
  energy,
  power,
  voltage,
  share
};

template <class Q>
inline constexpr Dimension kDimensionOf = Dimension{};  // every use is a specialisation
template <>
inline constexpr Dimension kDimensionOf<Picoseconds> = Dimension::time;
template <>
inline constexpr Dimension kDimensionOf<Cycles> = Dimension::cycles;
template <>
inline constexpr Dimension kDimensionOf<Kilohertz> = Dimension::frequency;
template <>
inline constexpr Dimension kDimensionOf<Bytes> = Dimension::size;
template <>
inline constexpr Dimension kDimensionOf<BytesPerSecond> = Dimension::bandwidth;
template <>
inline constexpr Dimension kDimensionOf<dram::KilobitsPerSecond> = Dimension::pin_rate;
template <>
inline constexpr Dimension kDimensionOf<BytesPerCycle> = Dimension::width;
template <>
inline constexpr Dimension kDimensionOf<Bits> = Dimension::bits;
template <>
inline constexpr Dimension kDimensionOf<dram::Femtojoules> = Dimension::energy;
template <>
inline constexpr Dimension kDimensionOf<dram::Microwatts> = Dimension::power;
template <>
inline constexpr Dimension kDimensionOf<Millivolts> = Dimension::voltage;
template <>
inline constexpr Dimension kDimensionOf<PartsPerMillion> = Dimension::share;

struct ParsedQuantity {
  std::int64_t count = 0;  // in the unit the simulator counts this dimension in
  std::string problem;     // empty when the text could be read
};

ParsedQuantity parse_quantity(std::string_view text, Dimension dimension);

// Whether `text` ends in a unit of `dimension`: a DRAM timing may be a time or a number of clocks.
bool has_unit_of(std::string_view text, Dimension dimension);

// A unit is `times / divided_by` of what the simulator counts its dimension in.
struct Unit {
  std::string_view name;
  Dimension dimension;
  std::int64_t times = 1, divided_by = 1;
};

// The longest unit that `text` begins with and that no letter, digit or underscore follows.
std::optional<Unit> unit_at_start_of(std::string_view text);

// `count` with the largest unit that it is a whole number of: "384 KiB". parse_quantity reads it
// back.
std::string quantity_text(std::int64_t count, Dimension dimension);

}  // namespace strobe::device
