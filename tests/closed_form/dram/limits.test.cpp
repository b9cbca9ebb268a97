// Latencies and rates that follow from a part's own numbers on paper.

#include <algorithm>
#include <array>

#include "tests/support/catch.h"
#include "tests/support/dram.h"

using namespace strobe;
using namespace strobe::dram;
using dram_test::cycles;
using dram_test::line_at;
using dram_test::plain;
using dram_test::Spot;

namespace {

struct Ends {
  static constexpr bool kWantsCommands = false;
  void completed(std::uint32_t, Instant data_end, const stats::StageTimes&) {
    last = std::max(last, data_end);
    ++count;
  }
  void issued(const IssuedCommand&) {}
  Instant last;
  int count = 0;
};

// Clocks a request takes in the long run when `spot_of(i)` is read, one burst each, as fast as the
// channel takes them.
template <class SpotOf>
double clocks_per_read(const PartSpec& part, std::uint8_t bursts, const SpotOf& spot_of) {
  constexpr int kWarmUp = 500, kRequests = 4'000;
  Channel channel(part);
  Ends ends;
  Instant warm, now;
  for (std::uint64_t i = 0; ends.count < kRequests;) {
    while (channel.read_room(0) > 0) {
      channel.push({0, false, 0, bursts, line_at(part, spot_of(i++)) * 4}, now);
    }
    now = channel.next_at();
    channel.run_until(now + 1_ps, ends);
    if (ends.count <= kWarmUp) warm = ends.last;
  }
  const double clock_ps = 1e9 / static_cast<double>(part.command_clock().count());
  return static_cast<double>((ends.last - warm).count()) / clock_ps / (kRequests - kWarmUp);
}

// Clocks a read and a write of a line each take in the long run when both queues are kept full of
// hits in rows of their own.
double clocks_per_mixed_pair(const PartSpec& part) {
  constexpr int kWarmUp = 2'000, kRequests = 40'000;
  const Geometry& g = part.geometry;
  const bool own_bank = g.banks_per_group > 1;  // else the groups are shared out
  const std::uint64_t groups = own_bank ? g.bank_groups : g.bank_groups / 2;
  const std::uint64_t lines = g.bursts_per_row() / 4;
  const auto line = [&](bool is_write, std::uint64_t i) {
    return line_at(part, {0, is_write && own_bank ? 1U : 0U,
                          i % groups + (is_write && !own_bank ? groups : 0), i / groups % lines});
  };
  Channel channel(part);
  Ends ends;
  Instant warm, now;
  for (std::array<std::uint64_t, 2> pushed{}; ends.count < kRequests;) {
    for (const bool is_write : {false, true}) {
      while ((is_write ? channel.write_room(0) : channel.read_room(0)) > 0) {
        channel.push({0, is_write, 0, 15, line(is_write, pushed[is_write]++) * 4}, now);
      }
    }
    now = channel.next_at();
    channel.run_until(now + 1_ps, ends);
    if (ends.count <= kWarmUp) warm = ends.last;
  }
  const double clock_ps = 1e9 / static_cast<double>(part.command_clock().count());
  return 2 * static_cast<double>((ends.last - warm).count()) / clock_ps / (kRequests - kWarmUp);
}

// Clocks for which the command takes the bus that activates need.
double clocks_on_activates_bus(const PartSpec& part, Command command) {
  const auto names = [](const std::vector<Command>& list, Command wanted) {
    return std::find(list.begin(), list.end(), wanted) != list.end();
  };
  for (const RuleSpec& rule : part.rules) {
    if (rule.within != Scope::channel || !names(rule.next, Command::activate)) continue;
    if (!names(rule.first, command)) continue;
    return static_cast<double>(parse_wait(part, rule.wait).cycles.count());
  }
  return 0;
}

double stream_share(const PartSpec& part, dram_test::Pattern pattern) {
  ReplaySpec spec;
  spec.channels = 2;
  dram_test::Requests requests(pattern, 60'000, 128);
  Executor executor(1);
  return dram_test::bandwidth_share(part, spec, replay(part, spec, requests, executor));
}

}  // namespace

TEST_CASE("an idle channel answers a read after tRCDRD + CL + BL") {
  for (const std::string& name : dram_test::part_names()) {
    CAPTURE(name);
    const PartSpec part = dram_test::part_named(name);
    Channel channel(part);
    Ends ends;
    channel.push({0, false, 0, 1, 0}, Instant());
    dram_test::run_dry(channel, ends);
    const Cycles expected = cycles_of(part, "tRCDRD") + cycles_of(part, "CL") + part.burst_cycles();
    CHECK(ends.last == Clock(part.command_clock()).edge(expected));
  }
}

TEST_CASE("reads of other rows of one bank come every tRC") {
  for (const std::string& name : dram_test::part_names()) {
    CAPTURE(name);
    const PartSpec part = plain(dram_test::part_named(name));
    const double expected =
        std::max({cycles(part, "tRC"), cycles(part, "tRAS") + cycles(part, "tRP"),
                  cycles(part, "tRCDRD") + cycles(part, "tRTP") + cycles(part, "tRP")});
    CHECK(clocks_per_read(part, 1, [](std::uint64_t i) { return Spot{i}; }) ==
          Approx(expected).epsilon(0.01));
  }
}

TEST_CASE("reads of new rows in all banks in turn come as tRRD_S, tFAW, tRC or the bus allow") {
  for (const std::string& name : dram_test::part_names()) {
    CAPTURE(name);
    const PartSpec part = plain(dram_test::part_named(name));
    const Geometry& g = part.geometry;
    const auto spot_of = [&](std::uint64_t i) {
      return Spot{i / g.banks(), i / g.bank_groups % g.banks_per_group, i % g.bank_groups, 0,
                  i / g.banks_of_stack() % g.stack_ids};
    };
    const double activate = clocks_on_activates_bus(part, Command::activate);
    const double bus = activate + clocks_on_activates_bus(part, Command::read) +
                       clocks_on_activates_bus(part, Command::precharge);
    // Where rows are all that binds, a precharge may find the bus taken by another bank's activate.
    const double row =
        std::max(cycles(part, "tRC"), cycles(part, "tRAS") + cycles(part, "tRP")) + activate;
    const double window = find_timing(part, "tFAW") == nullptr ? 0 : cycles(part, "tFAW") / 4;
    const double expected = std::max({cycles(part, "tRRD_S"), window, row / g.banks(), bus});
    CHECK(clocks_per_read(part, 1, spot_of) == Approx(expected).epsilon(0.01));
  }
}

TEST_CASE("bursts of one bank group come every tCCD_L, of all groups every tCCD_S") {
  for (const std::string& name : dram_test::part_names()) {
    CAPTURE(name);
    const PartSpec part = plain(dram_test::part_named(name));
    const std::uint64_t lines = part.geometry.bursts_per_row() / 4;
    const auto one_group = [&](std::uint64_t i) { return Spot{0, 0, 0, i % lines}; };
    const std::uint64_t groups = part.geometry.bank_groups;
    const auto all_groups = [&](std::uint64_t i) {
      return Spot{0, 0, i % groups, i / groups % lines};
    };
    CHECK(clocks_per_read(part, 15, one_group) == Approx(4 * cycles(part, "tCCD_L")).epsilon(0.01));
    CHECK(clocks_per_read(part, 15, all_groups) ==
          Approx(4 * cycles(part, "tCCD_S")).epsilon(0.01));
  }
}

TEST_CASE("bursts of two stack IDs in turn come every tCCDR") {
  int parts = 0;
  for (const std::string& name : dram_test::part_names()) {
    PartSpec part = plain(dram_test::part_named(name));
    if (part.geometry.stack_ids == 1) continue;
    CAPTURE(name);
    ++parts;
    part.controller.read_queue = 1;  // there is no other of the same stack ID to prefer
    const std::uint64_t groups = part.geometry.bank_groups;
    const std::uint64_t lines = part.geometry.bursts_per_row() / 4;
    const auto in_turn = [&](std::uint64_t i) {
      return Spot{0, 0, i / 2 % groups, i / 2 / groups % lines, i % 2};
    };
    CHECK(clocks_per_read(part, 1, in_turn) == Approx(cycles(part, "tCCDR")).epsilon(0.01));
  }
  CHECK(parts >= 4);
}

TEST_CASE("a 1:1 mix loses one turn of the bus each way for every batch") {
  for (const std::string& name : dram_test::part_names()) {
    CAPTURE(name);
    const PartSpec part = plain(dram_test::part_named(name));
    const double bursts = 4.0 * std::min(part.controller.read_queue,
                                         part.controller.drain_high - part.controller.drain_low);
    const double to_write = cycles(part, "CL") + static_cast<double>(part.burst_cycles().count()) +
                            cycles(part, "tBTA") - cycles(part, "CWL");
    const double to_read = cycles(part, "CWL") + static_cast<double>(part.burst_cycles().count()) +
                           cycles(part, "tWTR_S");
    const double expected = 2 * (bursts - 1) * cycles(part, "tCCD_S") + to_write + to_read;
    CHECK(clocks_per_mixed_pair(part) * bursts / 4 == Approx(expected).epsilon(0.01));
  }
}

TEST_CASE("a stream reaches the pins' rate, for per-bank refresh finds banks at rest") {
  for (const std::string& name : dram_test::part_names()) {
    CAPTURE(name);
    const PartSpec part = dram_test::part_named(name);
    CHECK(stream_share(part, dram_test::Pattern::stream) > 0.98);
    CHECK(stream_share(part, dram_test::Pattern::write_stream) > 0.98);
  }
}

TEST_CASE("all-bank refresh takes its time and that of closing and opening rows off a stream") {
  for (const std::string& name : dram_test::part_names()) {
    CAPTURE(name);
    PartSpec part = dram_test::part_named(name);
    part.refresh.kind = RefreshKind::all_bank;
    part.refresh.postpone_limit = 1;
    part.refresh.pull_in_limit = 0;
    const char* precharge = find_timing(part, "tRPab") != nullptr ? "tRPab" : "tRP";
    // A stream needs rows in so many bank groups to fill the pins, and they open one by one.
    const double groups = cycles(part, "tCCD_L") / cycles(part, "tCCD_S");
    const double lost = cycles(part, "tRTP") + cycles(part, precharge) + cycles(part, "tRFCab") +
                        cycles(part, "tRCDRD") + cycles(part, "tRRD_S") * (groups - 1);
    CHECK(stream_share(part, dram_test::Pattern::stream) ==
          Approx(1 - lost / cycles(part, "tREFI")).epsilon(0.01));
  }
}

TEST_CASE("an idle millisecond brings its refreshes and nothing else") {
  for (const std::string& name : dram_test::part_names()) {
    CAPTURE(name);
    const PartSpec part = dram_test::part_named(name);
    Channel channel(part);
    dram_test::Recorder recorder(part);
    CHECK(channel.next_at() == Instant::never());
    channel.run_until(Instant(1'000_us), recorder);
    const double commands = static_cast<double>(recorder.commands.size()) /
                            part.geometry.pseudo_channels * part.refresh.banks_at_once;
    const double refi_ms =
        cycles(part, "tREFI") / static_cast<double>(part.command_clock().count());
    CHECK(commands == Approx(part.geometry.banks() / refi_ms).epsilon(0.01));
    CHECK(channel.counters(Instant(1'000_us)).refresh_banks == recorder.commands.size());
    CHECK(recorder.checker.violation_count() == 0);
  }
}
