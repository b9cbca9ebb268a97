#pragma once

// Results for programs: what --json prints. Names are those of the result files (docs/FORMATS.md)
// and stay what they are; numbers are in the same units; what is not a number is null.

#include <concepts>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "sim/report/run_fields.h"

namespace strobe::report {

std::string json_text(std::string_view text);  // in quotes
std::string json_number(double number);

// An object that grows by one member after the other.
class JsonObject {
 public:
  // `value` is JSON already.
  JsonObject& add_json(std::string_view name, std::string_view value);
  JsonObject& add(std::string_view name, std::string_view text) {
    return add_json(name, json_text(text));
  }
  JsonObject& add(std::string_view name, const char* text) {
    return add(name, std::string_view(text));
  }
  template <std::integral Number>
  JsonObject& add(std::string_view name, Number number) {
    if constexpr (std::same_as<Number, bool>) return add_json(name, number ? "true" : "false");
    return add_json(name, std::to_string(number));
  }
  JsonObject& add(std::string_view name, double number) {
    return add_json(name, json_number(number));
  }
  // Every column: a number, or an object of numbers by the entries of its inner dimension.
  JsonObject& add(const RunFields& fields);

  std::string text() const { return "{" + members_ + "}"; }

 private:
  std::string members_;
};

// "[a,b]" of values that are JSON already.
std::string json_list(std::span<const std::string> values);

}  // namespace strobe::report
