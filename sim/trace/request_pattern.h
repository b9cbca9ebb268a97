#pragma once

// Four sequences of requests that stand for what memories are asked: the same on every machine and
// in every program that follows these lines, so that results of different simulators can be put
// side by side. Random numbers are splitmix64.
//
//   sequential  reads, one request after the other
//   random      uniform over the footprint, 70 % reads
//   stride      reads, 4 KiB and one request apart: a walk down a column of padded rows
//   mixed       runs of 16 requests, each of one of four streams with a quarter of the footprint
//               each: sequential reads (40 %), more of them, sequential writes, random reads (20 %)

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "sim/base/random.h"
#include "sim/trace/request_trace.h"

namespace strobe::trace {

enum class RequestPattern : std::uint8_t { sequential, random, stride, mixed };
inline constexpr std::array<std::string_view, 4> kRequestPatternNames{"sequential", "random",
                                                                      "stride", "mixed"};

// Of a name or the first letters of one, three or more: seq, rand.
std::optional<RequestPattern> request_pattern_named(std::string_view name);

struct RequestRecipe {
  RequestPattern pattern = RequestPattern::random;
  std::uint64_t requests = 1'000'000;
  std::uint64_t footprint = std::uint64_t{1} << 30;  // a multiple of four requests
  std::uint64_t request_bytes = 32;

  std::optional<std::uint64_t> chosen_seed = {};  // else the one that makes the stored numbers

  std::uint64_t seed() const {
    return chosen_seed.value_or(pattern == RequestPattern::mixed ? 2 : 1);
  }
};

// "random, 1000000 requests of 32 bytes over 1073741824"
std::string describe(const RequestRecipe& recipe);

class PatternedRequests {
 public:
  // REQUIRES: the footprint is a positive multiple of four requests.
  explicit PatternedRequests(const RequestRecipe& recipe);

  // The next request, without a time; false at the end.
  bool next(MemoryRequest& request);

 private:
  std::uint64_t random_place(std::uint64_t bytes) {
    return random_.next() % (bytes / recipe_.request_bytes) * recipe_.request_bytes;
  }
  void next_mixed(MemoryRequest& request);

  RequestRecipe recipe_;
  SplitMix64 random_;
  std::uint64_t index_ = 0;
  std::uint64_t stream_ = 0;                 // mixed: of the present run
  std::array<std::uint64_t, 3> position_{};  // mixed: bytes that each stream has moved
};

}  // namespace strobe::trace
