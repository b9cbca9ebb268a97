#pragma once

// How results look on a terminal: numbers with units, tables, bars. Knows nothing of what they
// mean.

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "sim/base/units.h"

namespace strobe::report {

struct TextStyle {
  std::size_t width = 80;
  bool colour = false;
  bool unicode = false;
};

// What the file behind `descriptor` can show: COLUMNS or the terminal's width, colour on a terminal
// unless NO_COLOR is set, block characters where the locale has them.
TextStyle style_of(int descriptor);

// Four significant digits and a unit that keeps them short; "-" for what is not a number.
std::string time_text(double seconds);                // 12.34 us
std::string bandwidth_text(double bytes_per_second);  // 812.3 GB/s
std::string bytes_text(double bytes);                 // 16.00 MiB
std::string energy_text(double joules);               // 1.234 mJ
std::string power_text(double watts);                 // 45.10 W
std::string percent_text(double share);               // 90.2 %
std::string count_text(std::uint64_t count);          // 1,234,567
std::string frequency_text(Kilohertz frequency);      // 1,380 MHz

// A mangled kernel name as its author wrote it, without arguments; other names as they are. Safe to
// print: control characters are replaced.
std::string kernel_text(std::string_view name);

std::string heading(std::string_view text, const TextStyle& style);

// Which end of a text that is too long for its place is shown.
enum class Keep : std::uint8_t { start, end };

// Rows of cells under one or more rows of titles. The first column is flush left and gives way when
// the terminal is narrow, the others are flush right.
class Table {
 public:
  using Row = std::vector<std::string>;

  // How far the first column gives way, and what is left of it then.
  struct FirstColumn {
    std::size_t at_least = 10;
    Keep keep = Keep::start;
  };

  explicit Table(std::vector<Row> titles) : Table(std::move(titles), FirstColumn{}) {}
  Table(std::vector<Row> titles, FirstColumn first)
      : title_rows_(titles.size()), rows_(std::move(titles)), first_(first) {}
  void add(Row cells) { rows_.push_back(std::move(cells)); }
  std::string text(const TextStyle& style) const;

 private:
  std::size_t title_rows_;
  std::vector<Row> rows_;
  FirstColumn first_;
};

struct Bar {
  std::string_view name, meaning;
  std::int64_t amount = 0;
};

enum class BarOrder : std::uint8_t { largest_first, as_given };

// One line for each that is not zero, with its share of them all as number and bar. The shares are
// rounded so that those printed add up to 100.0 %.
std::string bars(std::span<const Bar> all, const TextStyle& style,
                 BarOrder order = BarOrder::largest_first);

// The lines of `text`, broken at spaces so that none is wider than `width` unless one word is.
std::vector<std::string> wrapped(std::string_view text, std::size_t width);

// `amounts` in thousandths of their sum, adding up to 1000 exactly (or all zero).
std::vector<std::int64_t> thousandths(std::span<const std::int64_t> amounts);

}  // namespace strobe::report
