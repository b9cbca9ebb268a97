// Inline ECC of a part alone: what its check bits move and cost, on paper and counted.

#include "sim/model/dram/check_bits.h"

#include <optional>

#include "tests/support/catch.h"
#include "tests/support/dram.h"

using namespace strobe;
using namespace strobe::dram;
using dram_test::Pattern;

namespace {

constexpr std::uint64_t kRequests = 8'000;

ReplayResult replayed(Pattern pattern, std::optional<std::uint32_t> kept, int threads = 1,
                      Picoseconds gap = Picoseconds(0)) {
  const PartSpec part = dram_test::part_named("gddr6-16000");
  ReplaySpec spec;
  spec.channels = part.geometry.channels;
  spec.saturating = gap == Picoseconds(0);
  spec.check = true;
  spec.ecc_bursts = kept;
  dram_test::Requests requests(pattern, kRequests, 128, gap);
  Executor executor(threads);
  const ReplayResult result = replay(part, spec, requests, executor);
  CHECK(result.violations == 0);
  CHECK(result.finished[0] + result.finished[1] == kRequests);
  CHECK(result.bytes_read + result.bytes_written == Bytes(128) * std::int64_t{kRequests});
  return result;
}

double check_share(const ReplayResult& result) {
  return static_cast<double>(result.check_bytes.count()) /
         static_cast<double>((result.bytes_read + result.bytes_written).count());
}

double time_ratio(const ReplayResult& with, const ReplayResult& without) {
  return static_cast<double>(with.finish.since_start().count()) /
         static_cast<double>(without.finish.since_start().count());
}

}  // namespace

TEST_CASE("a stream moves a fifteenth more with check bits kept, a quarter without") {
  for (const Pattern pattern : {Pattern::stream, Pattern::write_stream}) {
    const ReplayResult without = replayed(pattern, {});
    CHECK(without.check_bytes == Bytes(0));
    const ReplayResult kept = replayed(pattern, 256), not_kept = replayed(pattern, 0);
    CHECK(check_share(not_kept) == 0.25);
    CHECK(time_ratio(not_kept, without) == Approx(1.25).epsilon(0.03));
    // Check bits that were written and are kept still have not been moved.
    CHECK(check_share(kept) == Approx(pattern == Pattern::stream ? 1.0 / 15 : 0.05).epsilon(0.3));
    CHECK(time_ratio(kept, without) < 1.12);
  }
}

TEST_CASE("lines here and there take a burst of check bits each") {
  CHECK(check_share(replayed(Pattern::random_reads, 16)) > 0.24);
  CHECK(check_share(replayed(Pattern::random_mix, 16)) > 0.24);
}

TEST_CASE("at low load a read waits for its check bits no longer than for a burst or two") {
  const Picoseconds with =
      replayed(Pattern::random_reads, 0, 1, Picoseconds(100'000)).read_latency.sum();
  const Picoseconds without =
      replayed(Pattern::random_reads, {}, 1, Picoseconds(100'000)).read_latency.sum();
  CHECK(with > without);
  CHECK(with * 2 < without * 3);
}

TEST_CASE("the stages of reads with check bits add up to their latencies") {
  for (const std::uint32_t kept : {0U, 5U, 256U}) {
    const ReplayResult result = replayed(Pattern::random_mix, kept);
    Picoseconds stages;
    for (const Picoseconds stage : result.stages[0]) stages += stage;
    CHECK(stages == result.read_latency.sum());
    CHECK(result.read_latency.count() == result.finished[0]);
  }
}

TEST_CASE("check bits of a part give the same times for any number of threads") {
  for (const std::uint32_t kept : {0U, 5U}) {
    const ReplayResult one = replayed(Pattern::copy, kept, 1),
                       three = replayed(Pattern::copy, kept, 3);
    CHECK(one.finish == three.finish);
    CHECK(one.check_bytes == three.check_bytes);
    CHECK(one.read_latency.sum() == three.read_latency.sum());
  }
}
