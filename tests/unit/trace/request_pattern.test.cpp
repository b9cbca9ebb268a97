#include "sim/trace/request_pattern.h"

#include <openssl/evp.h>

#include "tests/support/catch.h"

using namespace strobe;
using namespace strobe::trace;

namespace {

// The first eight hexadecimal digits of the MD5 of the requests as a binary trace: little-endian
// words of 64 bits, bit 63 set for a write.
std::string digest(const RequestRecipe& recipe) {
  PatternedRequests requests(recipe);
  std::string bytes;
  MemoryRequest request;
  while (requests.next(request)) {
    const std::uint64_t word = request.address | std::uint64_t{request.is_write} << 63;
    for (int i = 0; i < 8; ++i) bytes += static_cast<char>(word >> (8 * i) & 0xFF);
  }
  unsigned char sum[EVP_MAX_MD_SIZE];
  REQUIRE(EVP_Digest(bytes.data(), bytes.size(), sum, nullptr, EVP_md5(), nullptr) == 1);
  std::string text;
  for (int i = 0; i < 4; ++i) {
    for (const int digit : {sum[i] >> 4, sum[i] & 15}) text += "0123456789abcdef"[digit];
  }
  return text;
}

std::vector<MemoryRequest> all_of(const RequestRecipe& recipe) {
  PatternedRequests requests(recipe);
  std::vector<MemoryRequest> all;
  MemoryRequest request;
  while (requests.next(request)) all.push_back(request);
  return all;
}

}  // namespace

TEST_CASE("two million requests of each pattern are those that other simulators were given",
          "[trace]") {
  CHECK(digest({RequestPattern::sequential, 2'000'000}) == "599c748c");
  CHECK(digest({RequestPattern::random, 2'000'000}) == "47070436");
  CHECK(digest({RequestPattern::stride, 2'000'000}) == "9301d846");
  CHECK(digest({RequestPattern::mixed, 2'000'000}) == "989b198f");
  constexpr std::uint64_t kGibibyte = 1 << 30;
  CHECK(digest({RequestPattern::sequential, 2'000'000, kGibibyte, 64}) == "578ce099");
  CHECK(digest({RequestPattern::random, 2'000'000, kGibibyte, 64}) == "9e0fd5f6");
  CHECK(digest({RequestPattern::stride, 2'000'000, kGibibyte, 64}) == "292b1c2e");
  CHECK(digest({RequestPattern::mixed, 2'000'000, kGibibyte, 64}) == "09aa4661");
}

TEST_CASE("no pattern leaves its footprint, and each has as many requests as asked for",
          "[trace]") {
  for (const RequestPattern pattern : {RequestPattern::sequential, RequestPattern::random,
                                       RequestPattern::stride, RequestPattern::mixed}) {
    for (const std::uint64_t footprint : {128u, 4096u, 12'800u}) {
      CAPTURE(static_cast<int>(pattern), footprint);
      const auto requests = all_of({pattern, 1'003, footprint});
      REQUIRE(requests.size() == 1'003);
      for (const MemoryRequest& request : requests) {
        if (request.address % 32 != 0 || request.address >= footprint) FAIL(request.address);
      }
    }
  }
}

TEST_CASE("a longer sequence begins as a shorter one", "[trace]") {
  const auto longer = all_of({RequestPattern::mixed, 500}),
             shorter = all_of({RequestPattern::mixed, 40});
  CHECK(std::equal(shorter.begin(), shorter.end(), longer.begin()));
}

TEST_CASE("a pattern may be named by its first letters, by three of them at least", "[trace]") {
  CHECK(request_pattern_named("seq") == RequestPattern::sequential);
  CHECK(request_pattern_named("rand") == RequestPattern::random);
  CHECK(request_pattern_named("random") == RequestPattern::random);
  CHECK(request_pattern_named("stride") == RequestPattern::stride);
  CHECK(request_pattern_named("mixed") == RequestPattern::mixed);
  for (const char* none : {"", "s", "ra", "randy", "sequentially", "Random"}) {
    CHECK_FALSE(request_pattern_named(none));
  }
}
