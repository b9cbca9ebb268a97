#pragma once

// Blank-separated fields of one line, read from left to right. Every read says by its result
// whether the field was there and well formed; nothing is allocated and nothing throws.

#include <charconv>
#include <cstdint>
#include <string_view>
#include <system_error>

namespace strobe::trace {

class Fields {
 public:
  explicit Fields(std::string_view line) : at_(line.data()), end_(line.data() + line.size()) {
    skip_blanks();
  }

  bool empty() const { return at_ == end_; }
  // From the next field to the end of the line.
  std::string_view rest() const { return {at_, static_cast<std::size_t>(end_ - at_)}; }

  std::string_view word() {
    const char* begin = at_;
    while (at_ != end_ && !is_blank(*at_)) ++at_;
    const std::string_view result(begin, static_cast<std::size_t>(at_ - begin));
    skip_blanks();
    return result;
  }

  // Goes past `text`, if that is what comes next.
  bool skip(std::string_view text) {
    if (!rest().starts_with(text)) return false;
    at_ += text.size();
    return true;
  }

  // The next field without taking it.
  std::string_view peek() const { return Fields(*this).word(); }

  template <class Integer>
  bool decimal(Integer& value) {
    return number(value, 10);
  }

  // With or without 0x.
  template <class Integer>
  bool hexadecimal(Integer& value) {
    if (end_ - at_ > 2 && at_[0] == '0' && (at_[1] == 'x' || at_[1] == 'X')) at_ += 2;
    return number(value, 16);
  }

 private:
  static bool is_blank(char c) { return c == ' ' || c == '\t'; }
  void skip_blanks() {
    while (at_ != end_ && is_blank(*at_)) ++at_;
  }

  template <class Integer>
  bool number(Integer& value, int base) {
    const auto [stop, error] = std::from_chars(at_, end_, value, base);
    if (error != std::errc{} || (stop != end_ && !is_blank(*stop))) return false;
    at_ = stop;
    skip_blanks();
    return true;
  }

  const char* at_;
  const char* end_;
};

}  // namespace strobe::trace
