#include "sim/device/quantity_text.h"

#include <algorithm>
#include <span>

namespace strobe::device {
namespace {

constexpr Unit kUnits[] = {
    {"ps", Dimension::time},
    {"ns", Dimension::time, 1'000},
    {"us", Dimension::time, 1'000'000},
    {"ms", Dimension::time, 1'000'000'000},
    {"s", Dimension::time, 1'000'000'000'000},
    {"cycles", Dimension::cycles},
    {"cycle", Dimension::cycles},
    {"tCK", Dimension::cycles},
    {"Hz", Dimension::frequency, 1, 1'000},
    {"kHz", Dimension::frequency},
    {"MHz", Dimension::frequency, 1'000},
    {"GHz", Dimension::frequency, 1'000'000},
    {"B", Dimension::size},
    {"KiB", Dimension::size, 1LL << 10},
    {"MiB", Dimension::size, 1LL << 20},
    {"GiB", Dimension::size, 1LL << 30},
    {"KB", Dimension::size, 1'000},
    {"MB", Dimension::size, 1'000'000},
    {"GB", Dimension::size, 1'000'000'000},
    {"B/s", Dimension::bandwidth},
    {"KB/s", Dimension::bandwidth, 1'000},
    {"MB/s", Dimension::bandwidth, 1'000'000},
    {"GB/s", Dimension::bandwidth, 1'000'000'000},
    {"kb/s", Dimension::pin_rate},
    {"Mb/s", Dimension::pin_rate, 1'000},
    {"Gb/s", Dimension::pin_rate, 1'000'000},
    {"B/cycle", Dimension::width},
    {"bit", Dimension::bits},
    {"fJ", Dimension::energy},
    {"pJ", Dimension::energy, 1'000},
    {"nJ", Dimension::energy, 1'000'000},
    {"uW", Dimension::power},
    {"mW", Dimension::power, 1'000},
    {"W", Dimension::power, 1'000'000},
    {"mV", Dimension::voltage},
    {"V", Dimension::voltage, 1'000},
    {"ppm", Dimension::share},
    {"%", Dimension::share, 10'000},
};

// "ps, ns, us, ms or s"
std::string units_of(Dimension dimension) {
  std::string text;
  std::string_view last;
  for (const Unit& unit : kUnits) {
    if (unit.dimension != dimension) continue;
    if (!last.empty()) text += (text.empty() ? "" : ", ") + std::string(last);
    last = unit.name;
  }
  return text + (text.empty() ? "" : " or ") + std::string(last);
}

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

// Digits with at most one point between them. 18 digits keep every step below 2^63.
struct Decimal {
  std::int64_t digits = 0, scale = 1;
  bool valid = false;
};

Decimal parse_decimal(std::string_view text) {
  Decimal result;
  bool after_point = false;
  std::size_t count = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool inside = i > 0 && i + 1 < text.size();
    if (text[i] == '.' && inside && !after_point) {
      after_point = true;
    } else if (is_digit(text[i]) && ++count <= 18) {
      result.digits = result.digits * 10 + (text[i] - '0');
      if (after_point) result.scale *= 10;
    } else {
      return {};
    }
  }
  result.valid = count > 0;
  return result;
}

}  // namespace

ParsedQuantity parse_quantity(std::string_view text, Dimension dimension) {
  const std::string expected = " (a number, a space and " + units_of(dimension) + ")";
  const std::size_t space = text.find(' ');
  if (space == std::string_view::npos) return {0, "has no unit" + expected};
  const std::string_view unit_name = text.substr(space + 1);
  if (!text.empty() && text.front() == '-') return {0, "must not be negative"};
  const Decimal number = parse_decimal(text.substr(0, space));
  if (!number.valid) return {0, "is no number" + expected};

  const auto unit = std::ranges::find_if(kUnits, [&](const Unit& candidate) {
    return candidate.dimension == dimension && candidate.name == unit_name;
  });
  if (unit == std::end(kUnits)) {
    return {0, "has the unit '" + std::string(unit_name) + "', expected " + units_of(dimension)};
  }
  std::int64_t scaled = 0;
  if (__builtin_mul_overflow(number.digits, unit->times, &scaled)) return {0, "is too large"};
  const std::int64_t divisor = number.scale * unit->divided_by;
  if (scaled % divisor != 0) {
    const auto base = std::ranges::find_if(kUnits, [&](const Unit& candidate) {
      return candidate.dimension == dimension && candidate.times == 1 && candidate.divided_by == 1;
    });
    return {0, "is not a whole number of " + std::string(base->name)};
  }
  return {scaled / divisor, ""};
}

bool has_unit_of(std::string_view text, Dimension dimension) {
  const std::size_t space = text.find(' ');
  if (space == std::string_view::npos) return false;
  return std::ranges::any_of(kUnits, [&](const Unit& unit) {
    return unit.dimension == dimension && unit.name == text.substr(space + 1);
  });
}

std::optional<Unit> unit_at_start_of(std::string_view text) {
  const Unit* longest = nullptr;
  for (const Unit& unit : kUnits) {
    if (!text.starts_with(unit.name)) continue;
    const std::string_view rest = text.substr(unit.name.size());
    const bool goes_on = !rest.empty() && (is_digit(rest[0]) || is_letter(rest[0]));
    const bool longer = longest == nullptr || unit.name.size() > longest->name.size();
    if (!goes_on && longer) longest = &unit;
  }
  return longest == nullptr ? std::nullopt : std::optional(*longest);
}

std::string quantity_text(std::int64_t count, Dimension dimension) {
  const Unit* best = nullptr;
  std::int64_t fewest = 0;
  for (const Unit& unit : kUnits) {
    std::int64_t scaled = 0;
    if (unit.dimension != dimension) continue;
    if (__builtin_mul_overflow(count, unit.divided_by, &scaled) || scaled % unit.times != 0)
      continue;
    const std::int64_t number = scaled / unit.times;
    // Of nothing there is as little in every unit: then the first one, the smallest, is taken.
    if (best == nullptr || (number < fewest && number > 0)) {
      best = &unit;
      fewest = number;
    }
  }
  return std::to_string(fewest) + " " + std::string(best->name);
}

}  // namespace strobe::device
