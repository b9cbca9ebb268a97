// Energy that follows from counts on paper, and from requests within what has been published. A
// statement that names no access may be of any between a stream and random lines.

#include <cmath>
#include <fstream>
#include <sstream>

#include "sim/model/dram/energy.h"
#include "tests/support/catch.h"
#include "tests/support/dram.h"

using namespace strobe;
using namespace strobe::dram;

namespace {

// Two channels of two pseudo-channels with sixteen banks at a command clock of 1 GHz.
PartSpec part_on_paper() {
  PartSpec part;
  part.data_rate = KilobitsPerSecond(2'000'000);
  part.beats_per_clock = 2;
  part.geometry.pseudo_channels = 2;
  part.geometry.bank_groups = 4;
  part.geometry.banks_per_group = 4;
  part.refresh.banks_at_once = 2;
  part.energy = {Femtojoules(1'000'000), Femtojoules(200'000),    Femtojoules(300'000),
                 Femtojoules(40'000),    Femtojoules(50'000),     Femtojoules(16'000'000),
                 Microwatts(10'000),     Microwatts(10'000 + 500)};
  return part;
}

ReplayResult run(const PartSpec& part, dram_test::Pattern pattern, std::uint32_t bytes) {
  dram_test::Requests requests(pattern, 40'000, bytes);
  Executor executor(1);
  ReplaySpec spec;
  spec.channels = 2;
  return replay(part, spec, requests, executor);
}

double picojoules_a_bit(const PartSpec& part, const ReplayResult& result) {
  const Energy energy = energy_of(part, 2, result.counters, result.finish.since_start());
  const double bits = 8 * static_cast<double>((result.bytes_read + result.bytes_written).count());
  return energy.total() * 1e12 / bits;
}

std::vector<std::string> fields_of(const std::string& line) {
  std::vector<std::string> fields(1);
  bool quoted = false;
  for (const char c : line) {
    if (c == '"') quoted = !quoted;
    if (c == ',' && !quoted) {
      fields.emplace_back();
    } else {
      fields.back() += c;
    }
  }
  return fields;
}

}  // namespace

TEST_CASE("n commands cost n times what one costs") {
  Counters counters;
  counters.activates = 5;
  counters.reads = 7;
  counters.writes = 11;
  counters.refresh_alls = 3;
  counters.refresh_banks = 16;  // of two banks each: every bank twice
  const Energy energy = energy_of(part_on_paper(), 2, counters, 0_ps);
  CHECK(energy.activate == Approx(5e-9));
  CHECK(energy.read == Approx(7 * 0.2e-9));
  CHECK(energy.write == Approx(11 * 0.3e-9));
  CHECK(energy.pins == Approx(7 * 0.04e-9 + 11 * 0.05e-9));
  CHECK(energy.refresh == Approx((3 + 2) * 16e-9));
  CHECK(energy.standby == 0);
  CHECK(energy.total() == Approx(5e-9 + 1.4e-9 + 3.3e-9 + 0.83e-9 + 80e-9));
}

TEST_CASE("time costs the standby of every pseudo-channel, and more for those with an open row") {
  Counters counters;
  counters.open_cycles = 1'000'000;  // 1 ms of the four that four pseudo-channels have
  const Energy energy = energy_of(part_on_paper(), 2, counters, 1'000_us);
  CHECK(energy.standby == Approx(4 * 1e-3 * 10e-3 + 1e-3 * 0.5e-3));
}

TEST_CASE("rows are open no longer than there is time, and nearly always in a stream") {
  for (const std::string& name : dram_test::part_names()) {
    CAPTURE(name);
    const PartSpec part = dram_test::part_named(name);
    for (const dram_test::Pattern pattern : dram_test::kPatterns) {
      const ReplayResult result = run(part, pattern, 64);
      const double clocks = static_cast<double>(result.finish.since_start().count()) * 1e-9 *
                            static_cast<double>(part.command_clock().count()) * 2 *
                            part.geometry.pseudo_channels;
      const double open = static_cast<double>(result.counters.open_cycles) / clocks;
      CAPTURE(static_cast<int>(pattern));
      CHECK(open < 1 + 1e-6);  // the end of the last clock is rounded to picoseconds
      if (pattern == dram_test::Pattern::stream) CHECK(open > 0.9);
    }
  }
}

TEST_CASE("the energy of a run is that of its channels, and no share is negative") {
  const PartSpec part = dram_test::part_named("hbm2-2000");
  const ReplayResult result = run(part, dram_test::Pattern::random_mix, 64);
  const Picoseconds time = result.finish.since_start();
  const Energy all = energy_of(part, 2, result.counters, time);
  for (const EnergyShare& share : kEnergyShares) {
    CAPTURE(share.name);
    double sum = 0;
    for (const ChannelCounters& channel : result.channels) {
      sum += energy_of(part, 1, channel.all, time).*share.energy;
    }
    CHECK(all.*share.energy > 0);
    CHECK(sum == Approx(all.*share.energy));
  }
}

TEST_CASE("random access costs more a bit than a stream, by the rows it opens") {
  for (const std::string& name : dram_test::part_names()) {
    CAPTURE(name);
    const PartSpec part = dram_test::part_named(name);
    CHECK(picojoules_a_bit(part, run(part, dram_test::Pattern::random_reads, 32)) >
          1.5 * picojoules_a_bit(part, run(part, dram_test::Pattern::stream, 128)));
  }
}

TEST_CASE("a bit costs what has been published, as far as the sources agree") {
  std::ifstream file("validation/measured/dram_energy.csv");
  std::string line;
  REQUIRE(std::getline(file, line));
  int rows = 0;
  while (std::getline(file, line)) {
    CAPTURE(line);
    const std::vector<std::string> fields = fields_of(line);
    REQUIRE(fields.size() == 8);
    const PartSpec part = dram_test::part_named(fields[1]);
    const double of_stream = picojoules_a_bit(part, run(part, dram_test::Pattern::stream, 128));
    const double of_lines =
        picojoules_a_bit(part, run(part, dram_test::Pattern::random_reads, 128));
    const double least = fields[2] == "random lines" ? of_lines : of_stream;
    const double most = fields[2] == "read stream" ? of_stream : of_lines;
    const double published = std::stod(fields[3]), accuracy = std::stod(fields[5]);
    CAPTURE(least, most);
    CHECK(published > least / (1 + accuracy));
    CHECK(published < most / (1 - accuracy));
    ++rows;
  }
  CHECK(rows == 8);
}
