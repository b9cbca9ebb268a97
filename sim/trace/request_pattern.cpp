#include "sim/trace/request_pattern.h"

#include <fmt/format.h>

#include "sim/base/check.h"

namespace strobe::trace {
namespace {

constexpr std::uint64_t kRow = 4096;  // of a stride, before it is padded by one request
constexpr std::uint64_t kRun = 16;  // requests of a mixed pattern before another stream may follow
constexpr std::uint64_t kWriteStream = 2, kRandomStream = 3;

// Which stream a draw of 0 to 9 stands for.
constexpr std::array<std::uint8_t, 10> kStreamOfDraw{0, 0, 0, 0, 1, 1, 2, 2, 3, 3};

}  // namespace

std::optional<RequestPattern> request_pattern_named(std::string_view name) {
  constexpr std::size_t kFewestLetters = 3;
  for (std::size_t i = 0; i < kRequestPatternNames.size(); ++i) {
    if (name.size() >= kFewestLetters && kRequestPatternNames[i].starts_with(name)) {
      return static_cast<RequestPattern>(i);
    }
  }
  return std::nullopt;
}

std::string describe(const RequestRecipe& recipe) {
  return fmt::format("{}, {} requests of {} bytes over {}",
                     kRequestPatternNames[static_cast<std::size_t>(recipe.pattern)],
                     recipe.requests, recipe.request_bytes, recipe.footprint);
}

PatternedRequests::PatternedRequests(const RequestRecipe& recipe)
    : recipe_(recipe), random_(recipe.seed()) {
  STROBE_CHECK(recipe.footprint > 0 && recipe.footprint % (4 * recipe.request_bytes) == 0);
}

bool PatternedRequests::next(MemoryRequest& request) {
  if (index_ == recipe_.requests) return false;
  request.is_write = false;
  switch (recipe_.pattern) {
    case RequestPattern::sequential:
      request.address = index_ * recipe_.request_bytes % recipe_.footprint;
      break;
    case RequestPattern::random:
      request.address = random_place(recipe_.footprint);
      request.is_write = random_.next() % 10 >= 7;
      break;
    case RequestPattern::stride:
      request.address = index_ * (kRow + recipe_.request_bytes) % recipe_.footprint;
      break;
    case RequestPattern::mixed:
      next_mixed(request);
      break;
  }
  ++index_;
  return true;
}

void PatternedRequests::next_mixed(MemoryRequest& request) {
  if (index_ % kRun == 0) stream_ = kStreamOfDraw[random_.next() % kStreamOfDraw.size()];
  const std::uint64_t quarter = recipe_.footprint / 4;
  request.address = stream_ * quarter;
  request.is_write = stream_ == kWriteStream;
  if (stream_ == kRandomStream) {
    request.address += random_place(quarter);
  } else {
    request.address += position_[stream_] % quarter;
    position_[stream_] += recipe_.request_bytes;
  }
}

}  // namespace strobe::trace
