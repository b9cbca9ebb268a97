#include "sim/trace/request_trace.h"

#include <bit>
#include <cmath>
#include <optional>

#include "sim/base/error.h"
#include "sim/trace/fields.h"

namespace strobe::trace {
namespace {

constexpr std::size_t kWordsAtOnce = 32 * 1024;

bool ends_with(std::string_view text, std::string_view end) {
  return text.size() >= end.size() && text.substr(text.size() - end.size()) == end;
}

bool has_zero(std::string_view start) {
  return start.find('\0') != std::string_view::npos;
}

bool same(std::string_view word, std::string_view capitals) {
  if (word.size() != capitals.size()) return false;
  for (std::size_t i = 0; i < word.size(); ++i) {
    const char c = word[i] >= 'a' && word[i] <= 'z' ? static_cast<char>(word[i] - 32) : word[i];
    if (c != capitals[i]) return false;
  }
  return true;
}

// Whether a word says write; nothing when it says neither. Most traces have one letter, and
// addresses begin with a digit: neither is compared with every word there is.
std::optional<bool> says_write(std::string_view word) {
  if (word.empty() || (word[0] >= '0' && word[0] <= '9')) return std::nullopt;
  if (word == "R") return false;
  if (word == "W") return true;
  for (const std::string_view read : {"R", "READ", "RD", "LD"}) {
    if (same(word, read)) return false;
  }
  for (const std::string_view write : {"W", "WRITE", "WR", "ST"}) {
    if (same(word, write)) return true;
  }
  return std::nullopt;
}

bool parse_address(std::string_view word, std::uint64_t& address) {
  Fields field(word);
  const bool is_hexadecimal = word.size() > 2 && word[0] == '0' && (word[1] | 32) == 'x';
  return is_hexadecimal ? field.hexadecimal(address) : field.decimal(address);
}

}  // namespace

RequestTrace::RequestTrace(const std::string& path) {
  auto bytes = std::make_unique<ByteInput>(path);
  if (ends_with(path, ".bin") || ends_with(path, ".bin.xz") || has_zero(bytes->peek(8))) {
    binary_ = std::move(bytes);
  } else {
    text_ = std::make_unique<TextInput>(std::move(bytes));
  }
}

bool RequestTrace::refill() {
  words_.resize(kWordsAtOnce);
  const std::size_t got =
      binary_->read({reinterpret_cast<char*>(words_.data()), words_.size() * sizeof(words_[0])});
  if (got % sizeof(words_[0]) != 0) {
    throw UserError({binary_->path()}, "the file ends in the middle of a request of 8 bytes");
  }
  words_.resize(got / sizeof(words_[0]));
  at_ = 0;
  if constexpr (std::endian::native == std::endian::big) {
    for (std::uint64_t& word : words_) word = __builtin_bswap64(word);
  }
  return !words_.empty();
}

bool RequestTrace::next_line(MemoryRequest& request) {
  std::string_view line;
  while (text_->next(line)) {
    line = line.substr(0, line.find('#'));
    if (Fields(line).empty()) continue;
    request = {};
    parse(line, request);
    require_order(request);
    last_ = request;
    return true;
  }
  return false;
}

void RequestTrace::parse(std::string_view line, MemoryRequest& request) {
  Fields fields(line);
  std::string_view first = fields.word();
  if (first.back() == ':') {
    parse_time(first.substr(0, first.size() - 1), request);
    first = fields.word();
  }
  const std::string_view second = fields.word();
  std::optional<bool> is_write = says_write(first);
  const std::string_view address = is_write ? second : first;
  if (!is_write) is_write = says_write(second);
  if (!is_write || !parse_address(address, request.address)) {
    text_->fail("expected an address (0x... or decimal) and R or W, found '" +
                std::string(line.substr(0, 40)) + "'");
  }
  request.is_write = *is_write;
  if (!fields.empty()) parse_time(fields.word(), request);
  if (!fields.empty()) {
    text_->fail("expected the end of the line, found '" + std::string(fields.rest().substr(0, 40)) +
                "'");
  }
}

void RequestTrace::parse_time(std::string_view word, MemoryRequest& request) {
  double value = 0;
  std::int64_t cycle = 0;
  const char* const end = word.data() + word.size();
  if (Fields whole(word); whole.decimal(cycle) && cycle >= 0) {
    request.arrival_cycle = Cycles(cycle);
    return;
  }
  const auto [stop, error] = std::from_chars(word.data(), end, value, std::chars_format::fixed);
  const std::string_view unit(stop, static_cast<std::size_t>(end - stop));
  double picoseconds = 0;
  if (unit == "ps") picoseconds = 1;
  if (unit == "ns") picoseconds = 1e3;
  if (unit == "us") picoseconds = 1e6;
  constexpr double kLatest = 9e18;  // 104 days, short of 2^63 ps
  if (error != std::errc{} || picoseconds == 0 || !(value >= 0) || value * picoseconds > kLatest) {
    text_->fail("expected a cycle such as 37 or a time such as 12.5ns, found '" +
                std::string(word.substr(0, 40)) + "'");
  }
  request.arrival = Picoseconds(std::llround(value * picoseconds));
}

void RequestTrace::require_order(const MemoryRequest& request) {
  if (request.arrival >= last_.arrival && request.arrival_cycle >= last_.arrival_cycle) return;
  text_->fail(
      "this request comes earlier than the one before it, or has no time where that one has");
}

}  // namespace strobe::trace
