#pragma once

// The arithmetic of sweep files: "96 KiB * x", "l2_size <= 4 MiB and channels != 24". Numbers are
// fractions of integers and quantities carry what they measure, so nothing is rounded and a size is
// never added to a time.
//
//   condition   comparisons joined by `and` and `or`; `and` binds tighter
//   comparison  sum < <= > >= == != sum; of texts only == and !=
//   sum, term   + - * / of the same kind, or of a quantity and a number
//   value       a number, a number with a unit, the name of an axis, 'text', (sum)

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "sim/base/error.h"
#include "sim/device/quantity_text.h"

namespace strobe::sweep {

// A fraction in lowest terms; of a quantity, of what the simulator counts its dimension in.
struct Amount {
  std::int64_t numerator = 0, denominator = 1;  // the denominator is positive
  std::optional<device::Dimension> dimension = {};

  bool is_whole() const { return denominator == 1; }
};

using Value = std::variant<Amount, std::string>;

struct Named {
  std::string name;
  Value value;
};

// An expression and where the user wrote it.
struct Expression {
  std::string text;
  Place place;
};

// Throw UserError with the expression's place for what is malformed, unknown or of unlike kinds.
Value evaluate(const Expression& expression, const std::vector<Named>& names);
bool holds(const Expression& condition, const std::vector<Named>& names);

// Of the names, those that the expression mentions.
std::vector<std::string> names_in(const Expression& expression);

// "4 MiB", "8", "12.5 ns" as an amount; none for any other text.
std::optional<Amount> amount_of(std::string_view text);

// As a config file has it: "384 KiB" or 8. Throws UserError when it is not whole, or is negative.
std::string text_of(const Amount& amount, const Expression& from);

// The larger of two amounts of one dimension decides which comes first.
int compare(const Amount& a, const Amount& b);
Amount add(const Amount& a, const Amount& b, const Expression& in);
Amount multiply(const Amount& a, const Amount& b, const Expression& in);

}  // namespace strobe::sweep
