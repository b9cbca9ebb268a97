// Whatever is asked of it, a channel keeps every rule of its standard, finishes every request and
// accounts for every picosecond of it.

#include "tests/support/catch.h"
#include "tests/support/dram.h"

using namespace strobe;
using namespace strobe::dram;
using dram_test::Pattern;

namespace {

ReplayResult checked(const PartSpec& part, Pattern pattern, bool saturating) {
  ReplaySpec spec;
  spec.channels = 2;
  spec.saturating = saturating;
  spec.check = true;
  dram_test::Requests requests(pattern, 4'000, 64, 20_ns);
  Executor executor(1);
  return replay(part, spec, requests, executor);
}

void require_clean(const ReplayResult& result) {
  INFO((result.violation_texts.empty() ? "" : result.violation_texts[0]));
  REQUIRE(result.violations == 0);
  REQUIRE(result.counters.read_requests + result.counters.write_requests == result.requests);
  REQUIRE(result.bytes_read + result.bytes_written ==
          Bytes(64) * static_cast<std::int64_t>(result.requests));
}

// As many requests as the pins could move in so many intervals of refresh, all at once or at a load
// of that share of the pins.
struct Offer {
  Pattern pattern;
  double intervals, load;
};

ReplayResult over_refreshes(PartSpec part, RefreshKind kind, const Offer& offer) {
  part.refresh.kind = kind;
  if (kind == RefreshKind::all_bank) {
    // A run starts with as many done ahead as may be: of all banks, more than a short run needs.
    part.refresh.postpone_limit = 1;
    part.refresh.pull_in_limit = 0;
  }
  const double seconds = offer.intervals * dram_test::cycles(part, "tREFI") /
                         (static_cast<double>(part.command_clock().count()) * 1e3);
  const double bytes_per_second = static_cast<double>(part.peak_of_pseudo_channel().count()) *
                                  part.geometry.pseudo_channels * offer.load;
  constexpr std::uint32_t kLine = 128;
  ReplaySpec spec;
  spec.channels = 1;
  spec.saturating = offer.load == 1;
  dram_test::Requests requests(
      offer.pattern, static_cast<std::uint64_t>(bytes_per_second * seconds / kLine), kLine,
      Picoseconds(spec.saturating ? 0
                                  : static_cast<std::int64_t>(kLine * 1e12 / bytes_per_second)));
  Executor executor(1);
  return replay(part, spec, requests, executor);
}

}  // namespace

TEST_CASE("refreshing some banks at a time is never slower than refreshing all at once", "[long]") {
  constexpr Offer kOffers[] = {{Pattern::stream, 12, 1},     {Pattern::stream, 12, 0.5},
                               {Pattern::copy, 12, 1},       {Pattern::copy, 12, 0.5},
                               {Pattern::random_mix, 24, 1}, {Pattern::random_mix, 48, 0.2}};
  for (const std::string& name : dram_test::part_names()) {
    const PartSpec part = dram_test::part_named(name);
    for (const Offer& offer : kOffers) {
      CAPTURE(name, static_cast<int>(offer.pattern), offer.load);
      const ReplayResult some = over_refreshes(part, RefreshKind::per_bank, offer);
      const ReplayResult all = over_refreshes(part, RefreshKind::all_bank, offer);
      if (offer.load == 1) {
        CHECK(some.finish.since_start().count() < all.finish.since_start().count());
      } else {
        CHECK(some.read_latency.sum().count() < all.read_latency.sum().count());
      }
    }
  }
}

TEST_CASE("no pattern makes any part break a rule or lose a request") {
  for (const std::string& name : dram_test::part_names()) {
    for (const Pattern pattern : dram_test::kPatterns) {
      for (const bool saturating : {true, false}) {
        CAPTURE(name, static_cast<int>(pattern), saturating);
        require_clean(checked(dram_test::part_named(name), pattern, saturating));
      }
    }
  }
}

TEST_CASE("neither rows closed early nor all-bank refresh make any part break a rule") {
  for (const std::string& name : dram_test::part_names()) {
    for (const Pattern pattern : dram_test::kPatterns) {
      PartSpec part = dram_test::part_named(name);
      part.controller.page_policy = PagePolicy::closed;
      part.refresh.kind = RefreshKind::all_bank;
      part.refresh.postpone_limit = 1 + static_cast<std::uint32_t>(pattern);
      CAPTURE(name, static_cast<int>(pattern));
      require_clean(checked(part, pattern, true));
      part.controller.page_policy = PagePolicy::adaptive;
      require_clean(checked(part, pattern, false));
    }
  }
}

TEST_CASE("the stages of every request add up to its latency, to the picosecond") {
  for (const std::string& name : dram_test::part_names()) {
    CAPTURE(name);
    const PartSpec part = dram_test::part_named(name);
    Channel channel(part);
    dram_test::Recorder recorder(part);
    std::vector<Instant> pushed;
    SplitMix64 random(7);
    Instant now;
    for (std::uint32_t i = 0; i < 20'000; ++i) {
      now = now + Picoseconds(
                      static_cast<std::int64_t>(random.next() % (i % 64 == 0 ? 2'000'000 : 9'000)));
      channel.run_until(now, recorder);
      const auto pc = static_cast<std::uint8_t>(random.next() % part.geometry.pseudo_channels);
      const bool is_write = random.next() % 3 == 0;
      if ((is_write ? channel.write_room(pc) : channel.read_room(pc)) == 0) continue;
      const std::uint64_t line =
          random.next() % 4 == 0 ? random.next() % 512 : random.next() % 65'536;
      const auto bursts = static_cast<std::uint8_t>(1 + random.next() % 15);
      channel.push({static_cast<std::uint32_t>(pushed.size()), is_write, pc, bursts, line * 4},
                   now);
      pushed.push_back(now);
    }
    dram_test::run_dry(channel, recorder);
    REQUIRE(recorder.checker.violation_count() == 0);
    REQUIRE(recorder.completions.size() == pushed.size());
    std::vector<int> seen(pushed.size());
    for (const dram_test::Completion& completion : recorder.completions) {
      REQUIRE(completion.stages.total() == completion.data_end - pushed[completion.tag]);
      REQUIRE(++seen[completion.tag] == 1);
    }
    REQUIRE(channel.counters(now).forwarded > 0);
  }
}

TEST_CASE("how a run is cut into pieces does not show in its commands") {
  const PartSpec part = dram_test::part_named("hbm2-1754");
  const auto commands = [&](int pieces) {
    Channel channel(part);
    dram_test::Recorder recorder(part);
    SplitMix64 random(3);
    Instant now;
    for (std::uint32_t i = 0; i < 3'000; ++i) {
      const Picoseconds gap(static_cast<std::int64_t>(random.next() % 6'000));
      for (int piece = 1; piece < pieces; ++piece) {
        channel.run_until(now + Picoseconds(gap.count() * piece / pieces), recorder);
        channel.next_at();
      }
      now = now + gap;
      channel.run_until(now, recorder);
      const bool is_write = random.next() % 2 == 0;
      const std::uint64_t line = random.next() % 4'096;
      if ((is_write ? channel.write_room(0) : channel.read_room(0)) == 0) continue;
      channel.push({i, is_write, 0, 15, line * 4}, now);
    }
    dram_test::run_dry(channel, recorder);
    std::string text;
    for (const IssuedCommand& command : recorder.commands) append_line(text, 0, command);
    return text;
  };
  const std::string whole = commands(1);
  CHECK(commands(2) == whole);
  CHECK(commands(7) == whole);
}

// Rests of all lengths: the checker wants to see every command, so only the other run skips any.
TEST_CASE("refreshes that are skipped at rest are counted as if they had been done") {
  class Spells {
   public:
    bool next(ReplayRequest& request) {
      if (index_ == 400) return false;
      // Mostly close together, else up to 134 us apart, as often by any power of two.
      const std::uint64_t power = ++index_ % 3 == 0 ? 15 + random_.next() % 13 : 15;
      at_ = at_ + Picoseconds(static_cast<std::int64_t>(random_.next() >> (64 - power)));
      request = {random_.next() % (1 << 20) * 32, 32, random_.next() % 3 == 0, at_};
      return true;
    }

   private:
    int index_ = 0;
    Instant at_;
    SplitMix64 random_{5};
  };
  for (const std::string& name : dram_test::part_names()) {
    for (const RefreshKind kind : {RefreshKind::per_bank, RefreshKind::all_bank}) {
      PartSpec part = dram_test::part_named(name);
      part.refresh.kind = kind;
      CAPTURE(name, static_cast<int>(kind));
      const auto run = [&](bool check) {
        ReplaySpec spec;
        spec.channels = 2;
        spec.saturating = false;
        spec.check = check;
        Spells spells;
        Executor executor(1);
        return replay(part, spec, spells, executor);
      };
      const ReplayResult done = run(true), skipped = run(false);
      CHECK(done.violations == 0);
      for (const auto& row : kCounters) {
        CAPTURE(row.name);
        CHECK(skipped.counters.*row.counter == done.counters.*row.counter);
      }
      CHECK(skipped.finish == done.finish);
      CHECK(skipped.read_latency.sum() == done.read_latency.sum());
      CHECK(skipped.read_latency.max() == done.read_latency.max());
      CHECK(skipped.stages == done.stages);
      for (std::size_t channel = 0; channel < done.channels.size(); ++channel) {
        for (std::size_t bank = 0; bank < done.channels[channel].banks.size(); ++bank) {
          CHECK(skipped.channels[channel].banks[bank].refreshes ==
                done.channels[channel].banks[bank].refreshes);
        }
      }
    }
  }
}
