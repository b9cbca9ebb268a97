#pragma once

// Counting is `++counters.row_hits`; naming, units and reporting live in a table beside the struct.
// The hot path pays one increment, and a counter that nobody described does not compile.

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace strobe::stats {

enum class Unit : std::uint8_t { count, commands, requests, sectors, bytes, cycles, picoseconds };

// As written into files; none of them is a word that xarray would turn into a timedelta.
constexpr std::string_view name(Unit unit) {
  switch (unit) {
    case Unit::bytes:
      return "B";
    case Unit::picoseconds:
      return "ps";
    case Unit::cycles:
      return "cycles";
    default:
      return "1";
  }
}

template <class Counters>
struct Described {
  std::string_view name;
  Unit unit;
  std::string_view meaning;
  std::uint64_t Counters::*counter;
  std::string_view nsight = {};  // the Nsight Compute metric it corresponds to, or empty
};

template <class Counters, std::size_t N>
consteval bool describes_every_counter(const Described<Counters> (&table)[N]) {
  for (std::size_t i = 0; i < N; ++i) {
    for (std::size_t j = 0; j < i; ++j) {
      if (table[i].counter == table[j].counter || table[i].name == table[j].name) return false;
    }
  }
  return N * sizeof(std::uint64_t) == sizeof(Counters);
}

// The same counters of many components, added up. They are integers, so no order of adding can
// show.
template <class Counters, std::size_t N>
void add(Counters& sum, const Counters& part, const Described<Counters> (&table)[N]) {
  for (const auto& row : table) sum.*row.counter += part.*row.counter;
}

}  // namespace strobe::stats
