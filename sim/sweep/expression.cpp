#include "sim/sweep/expression.h"

#include <algorithm>
#include <cctype>
#include <numeric>

#include "sim/device/nearest_name.h"

namespace strobe::sweep {
namespace {

[[noreturn]] void refuse(const Expression& expression, const std::string& problem) {
  throw UserError(expression.place, "'" + expression.text + "' " + problem);
}

// Products and sums of the parts of fractions, which must stay below 2^63.
std::int64_t product(std::int64_t a, std::int64_t b, const Expression& in) {
  std::int64_t result = 0;
  if (__builtin_mul_overflow(a, b, &result)) refuse(in, "is too large");
  return result;
}

Amount reduced(Amount amount, const Expression& in) {
  if (amount.denominator == 0) refuse(in, "divides by zero");
  const std::int64_t sign = amount.denominator < 0 ? -1 : 1;
  const std::int64_t common = std::gcd(amount.numerator, amount.denominator) * sign;
  amount.numerator /= common;
  amount.denominator /= common;
  return amount;
}

bool starts_word(char c) {
  return std::isalpha(static_cast<unsigned char>(c)) != 0 || c == '_';
}
bool is_digit(char c) {
  return std::isdigit(static_cast<unsigned char>(c)) != 0;
}
bool is_in_word(char c) {
  return starts_word(c) || is_digit(c);
}

class Parser {
 public:
  Parser(const Expression& expression, const std::vector<Named>& names)
      : expression_(expression), names_(names), rest_(expression.text) {}

  Value value() {
    const Value result = sum();
    end();
    return result;
  }

  bool condition() {
    bool result = conjunction();
    while (take_word("or")) {
      const bool right = conjunction();  // read in any case
      result = result || right;
    }
    end();
    return result;
  }

 private:
  [[noreturn]] void refuse(const std::string& problem) const {
    sweep::refuse(expression_, problem);
  }

  void skip_spaces() {
    while (!rest_.empty() && rest_[0] == ' ') rest_.remove_prefix(1);
  }
  void end() {
    skip_spaces();
    if (!rest_.empty()) refuse("goes on with '" + std::string(rest_) + "', which is no part of it");
  }
  bool take(std::string_view text) {
    skip_spaces();
    if (!rest_.starts_with(text)) return false;
    rest_.remove_prefix(text.size());
    return true;
  }
  bool take_word(std::string_view word) {
    skip_spaces();
    const bool is_longer = rest_.size() > word.size() && is_in_word(rest_[word.size()]);
    return !is_longer && take(word);
  }

  bool conjunction() {
    bool result = comparison();
    while (take_word("and")) {
      const bool right = comparison();
      result = result && right;
    }
    return result;
  }

  bool comparison() {
    const Value left = sum();
    // The longer ones first: "<=" begins with "<".
    for (const std::string_view sign : {"<=", ">=", "==", "!=", "<", ">"}) {
      if (take(sign)) return compared(left, sign, sum());
    }
    refuse("compares nothing: it needs one of < <= > >= == !=");
  }

  bool compared(const Value& left, std::string_view sign, const Value& right) const {
    if (left.index() != right.index()) refuse("compares a text with a number");
    int order = 0;
    if (const auto* amount = std::get_if<Amount>(&left)) {
      require_alike(*amount, std::get<Amount>(right));
      order = compare(*amount, std::get<Amount>(right));
    } else {
      if (sign != "==" && sign != "!=") refuse("asks which of two texts is larger");
      order = std::get<std::string>(left).compare(std::get<std::string>(right));
    }
    if (sign == "<=") return order <= 0;
    if (sign == ">=") return order >= 0;
    if (sign == "==") return order == 0;
    if (sign == "!=") return order != 0;
    return sign == "<" ? order < 0 : order > 0;
  }

  void require_alike(const Amount& a, const Amount& b) const {
    if (a.dimension != b.dimension) refuse("puts together what is measured in different units");
  }

  Value sum() {
    Value left = term();
    while (true) {
      const bool plus = take("+");
      if (!plus && !take("-")) return left;
      Amount right = amount(term());
      require_alike(amount(left), right);
      if (!plus) right.numerator = -right.numerator;
      left = add(amount(left), right, expression_);
    }
  }

  Value term() {
    Value left = factor();
    while (true) {
      const bool times = take("*");
      if (!times && !take("/")) return left;
      const Amount right = amount(factor());
      left = times ? multiply(amount(left), right, expression_) : divided(amount(left), right);
    }
  }

  Amount divided(const Amount& a, const Amount& b) const {
    if (!b.dimension) return multiply(a, {b.denominator, b.numerator, {}}, expression_);
    require_alike(a, b);
    Amount ratio{a.numerator, a.denominator, {}};
    return multiply(ratio, {b.denominator, b.numerator, {}}, expression_);
  }

  const Amount& amount(const Value& value) const {
    const auto* amount = std::get_if<Amount>(&value);
    if (amount == nullptr) refuse("calculates with a text");
    return *amount;
  }

  Value factor() {
    if (take("(")) {
      const Value inside = sum();
      if (!take(")")) refuse("has a ( without )");
      return inside;
    }
    skip_spaces();
    if (take("'")) return text();
    if (!rest_.empty() && is_digit(rest_[0])) return number();
    if (!rest_.empty() && starts_word(rest_[0])) return name();
    refuse(rest_.empty() ? "ends too early"
                         : "has '" + std::string(rest_) + "' where a value should be");
  }

  Value text() {
    const std::size_t size = rest_.find('\'');
    if (size == std::string_view::npos) refuse("has a ' without another");
    const std::string inside(rest_.substr(0, size));
    rest_.remove_prefix(size + 1);
    return inside;
  }

  Value name() {
    std::size_t size = 0;
    while (size < rest_.size() && is_in_word(rest_[size])) ++size;
    const std::string_view wanted = rest_.substr(0, size);
    rest_.remove_prefix(size);
    const auto found = std::ranges::find(names_, wanted, &Named::name);
    if (found != names_.end()) return found->value;
    std::vector<std::string> known;
    for (const Named& each : names_) known.push_back(each.name);
    refuse("needs '" + std::string(wanted) + "', and no axis is called that" +
           device::did_you_mean(wanted, known));
  }

  // Digits with at most one point between them, and a unit if one follows.
  Amount number() {
    Amount amount;
    bool after_point = false;
    std::size_t size = 0;
    for (; size < rest_.size(); ++size) {
      const bool point = rest_[size] == '.' && !after_point && size + 1 < rest_.size() &&
                         is_digit(rest_[size + 1]);
      if (!point && !is_digit(rest_[size])) break;
      after_point = after_point || point;
      if (point) continue;
      if (after_point) amount.denominator = product(amount.denominator, 10, expression_);
      const Amount shifted{product(amount.numerator, 10, expression_), 1, {}};
      amount.numerator = add(shifted, {rest_[size] - '0', 1, {}}, expression_).numerator;
    }
    rest_.remove_prefix(size);
    skip_spaces();
    if (const std::optional<device::Unit> unit = device::unit_at_start_of(rest_)) {
      rest_.remove_prefix(unit->name.size());
      amount.dimension = unit->dimension;
      amount.numerator = product(amount.numerator, unit->times, expression_);
      amount.denominator = product(amount.denominator, unit->divided_by, expression_);
    }
    return reduced(amount, expression_);
  }

  const Expression& expression_;
  const std::vector<Named>& names_;
  std::string_view rest_;
};

}  // namespace

Value evaluate(const Expression& expression, const std::vector<Named>& names) {
  return Parser(expression, names).value();
}

bool holds(const Expression& condition, const std::vector<Named>& names) {
  return Parser(condition, names).condition();
}

std::vector<std::string> names_in(const Expression& expression) {
  std::vector<std::string> names;
  const std::string& text = expression.text;
  for (std::size_t begin = 0; begin < text.size();) {
    std::size_t end = begin;
    while (end < text.size() && is_in_word(text[end])) ++end;
    if (end > begin && starts_word(text[begin])) names.push_back(text.substr(begin, end - begin));
    begin = std::max(end, begin + 1);
  }
  return names;
}

std::optional<Amount> amount_of(std::string_view text) {
  if (text.empty() || !is_digit(text[0])) return std::nullopt;
  try {
    const Value value = evaluate({std::string(text), {}}, {});
    // "2 * 3" is an expression and no amount.
    const bool plain = text.find_first_of("+-*(") == std::string_view::npos;
    return plain && std::holds_alternative<Amount>(value) ? std::optional(std::get<Amount>(value))
                                                          : std::nullopt;
  } catch (const UserError&) {
    return std::nullopt;
  }
}

std::string text_of(const Amount& amount, const Expression& from) {
  if (amount.numerator < 0) refuse(from, "is negative");
  if (!amount.dimension) {
    if (!amount.is_whole()) refuse(from, "is not a whole number");
    return std::to_string(amount.numerator);
  }
  if (!amount.is_whole()) {
    const std::string unit = device::quantity_text(1, *amount.dimension);
    refuse(from, "is not a whole number of" + unit.substr(1));
  }
  return device::quantity_text(amount.numerator, *amount.dimension);
}

int compare(const Amount& a, const Amount& b) {
  __extension__ using Wide = __int128;
  const Wide left = static_cast<Wide>(a.numerator) * b.denominator;
  const Wide right = static_cast<Wide>(b.numerator) * a.denominator;
  return left < right ? -1 : left > right ? 1 : 0;
}

Amount add(const Amount& a, const Amount& b, const Expression& in) {
  Amount sum{0, product(a.denominator, b.denominator, in), a.dimension};
  if (__builtin_add_overflow(product(a.numerator, b.denominator, in),
                             product(b.numerator, a.denominator, in), &sum.numerator)) {
    refuse(in, "is too large");
  }
  return reduced(sum, in);
}

Amount multiply(const Amount& a, const Amount& b, const Expression& in) {
  if (a.dimension && b.dimension) refuse(in, "multiplies two quantities with units");
  return reduced({product(a.numerator, b.numerator, in), product(a.denominator, b.denominator, in),
                  a.dimension ? a.dimension : b.dimension},
                 in);
}

}  // namespace strobe::sweep
