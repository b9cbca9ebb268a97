// Ten million commands: every part under every kind of load that is hard on some rule, each command
// shown to the checker.

#include <iterator>

#include "tests/support/catch.h"
#include "tests/support/dram.h"

using namespace strobe;
using namespace strobe::dram;
using dram_test::line_at;
using dram_test::Spot;

namespace {

struct Wish {
  bool is_write = false;
  std::uint64_t line = 0;
  std::uint8_t bursts = 15;
  Picoseconds gap{0};  // since the one before; not looked at when saturating
};

struct Load {
  const char* name;
  bool saturating;
  bool hashed;  // a hashed mapping would scatter what is meant to collide
  Wish (*wish)(const PartSpec&, std::uint64_t, SplitMix64&);
};

constexpr std::uint64_t kLines = 1 << 20;

// The tightest order for the rule between activates: every read opens a row in the next bank.
Wish activates(const PartSpec& part, std::uint64_t i, SplitMix64&) {
  const Geometry& g = part.geometry;
  const Spot spot{i / g.banks() % g.rows, i / g.bank_groups % g.banks_per_group, i % g.bank_groups,
                  0, i / g.banks_of_stack() % g.stack_ids};
  return {false, line_at(part, spot), 1, {}};
}

// Rows of one group in turn, and within them columns that want tCCD_L.
Wish one_group(const PartSpec& part, std::uint64_t i, SplitMix64& random) {
  const Geometry& g = part.geometry;
  const Spot spot{i / 32 % g.rows, i / 4 % g.banks_per_group, 0, i % 4};
  return {random.next() % 8 == 0, line_at(part, spot), 15, {}};
}

const Load kLoads[] = {
    {"stream", true, true,
     [](const PartSpec&, std::uint64_t i, SplitMix64&) {
       return Wish{false, i};
     }},
    {"written stream", true, true,
     [](const PartSpec&, std::uint64_t i, SplitMix64&) {
       return Wish{true, i};
     }},
    {"copy", true, true,
     [](const PartSpec&, std::uint64_t i, SplitMix64&) {
       const bool is_write = i / 16 % 2 == 1;
       return Wish{is_write, i / 32 * 16 + i % 16 + (is_write ? kLines / 2 + 37 : 0)};
     }},
    {"random reads", true, true,
     [](const PartSpec&, std::uint64_t, SplitMix64& random) {
       return Wish{false, random.next() % kLines, 1};
     }},
    {"random mix", true, true,
     [](const PartSpec&, std::uint64_t, SplitMix64& random) {
       const std::uint64_t draw = random.next();
       return Wish{draw % 10 < 3, (draw >> 8) % kLines,
                   static_cast<std::uint8_t>(1 + (draw >> 40) % 15)};
     }},
    {"stride of a row", true, true,
     [](const PartSpec& part, std::uint64_t i, SplitMix64&) {
       return Wish{false, i * (part.geometry.bursts_per_row() / 4) % kLines};
     }},
    {"one bank", true, false,
     [](const PartSpec& part, std::uint64_t, SplitMix64& random) {
       const std::uint64_t draw = random.next();
       return Wish{draw % 2 == 0, line_at(part, {(draw >> 8) % 64, 0, 0, (draw >> 20) % 4})};
     }},
    {"activates", true, false, activates},
    {"one bank group", true, false, one_group},
    {"stacks in turn", true, false,
     [](const PartSpec& part, std::uint64_t i, SplitMix64&) {
       const Geometry& g = part.geometry;
       const Spot spot{i / 64 % g.rows, i / 16 % 4 % g.banks_per_group, i % g.bank_groups,
                       i / 8 % 2, i % g.stack_ids};
       return Wish{i % 16 == 7, line_at(part, spot), static_cast<std::uint8_t>(1 + i % 15)};
     }},
    {"low load", false, true,
     [](const PartSpec&, std::uint64_t, SplitMix64& random) {
       const std::uint64_t draw = random.next();
       return Wish{draw % 4 == 0, (draw >> 8) % kLines, 3,
                   Picoseconds(static_cast<std::int64_t>((draw >> 32) % 200'000))};
     }},
    {"bursts and long rests", false, true,
     [](const PartSpec&, std::uint64_t i, SplitMix64& random) {
       const std::uint64_t draw = random.next();
       return Wish{draw % 3 == 0, i / 8 * 64 + i % 8, 15,
                   i % 64 == 0 ? Picoseconds(30'000'000) : Picoseconds(1'000)};
     }},
};

struct CheckingSink {
  static constexpr bool kWantsCommands = true;
  explicit CheckingSink(const PartSpec& part) : checker(part) {}
  void completed(std::uint32_t, Instant, const stats::StageTimes&) {}
  void issued(const IssuedCommand& command) { checker.see(command); }
  CommandChecker checker;
};

// Both pseudo-channels get the same load.
void saturate(Channel& channel, const PartSpec& part, const Load& load, CheckingSink& sink,
              std::uint64_t commands) {
  SplitMix64 random(11);
  std::vector<Wish> wishes(part.geometry.pseudo_channels);
  std::vector<std::uint64_t> count(wishes.size());
  for (Wish& wish : wishes) wish = load.wish(part, 0, random);
  for (Instant now; sink.checker.commands() < commands;) {
    for (std::uint8_t pc = 0; pc < wishes.size(); ++pc) {
      Wish& wish = wishes[pc];
      while ((wish.is_write ? channel.write_room(pc) : channel.read_room(pc)) > 0) {
        channel.push({0, wish.is_write, pc, wish.bursts, wish.line * 4}, now);
        wish = load.wish(part, ++count[pc], random);
      }
    }
    now = channel.run_to_completion(sink).at;
  }
}

void offer(Channel& channel, const PartSpec& part, const Load& load, CheckingSink& sink,
           std::uint64_t commands) {
  SplitMix64 random(12);
  Instant now;
  for (std::uint64_t i = 0; sink.checker.commands() < commands; ++i) {
    const Wish wish = load.wish(part, i, random);
    now = now + wish.gap;
    channel.run_until(now, sink);
    const auto pc = static_cast<std::uint8_t>(i % part.geometry.pseudo_channels);
    if ((wish.is_write ? channel.write_room(pc) : channel.read_room(pc)) == 0) continue;
    channel.push({0, wish.is_write, pc, wish.bursts, wish.line * 4}, now);
  }
}

}  // namespace

TEST_CASE("ten million commands of all parts under hard loads break no rule") {
  constexpr std::uint64_t kCommands = 10'000'000;
  const std::vector<std::string>& names = dram_test::part_names();
  const std::uint64_t each = kCommands / (names.size() * std::size(kLoads)) + 1;
  std::uint64_t seen = 0;
  for (const std::string& name : names) {
    PartSpec part = dram_test::part_named(name);
    for (const Load& load : kLoads) {
      part.mapping.bank_hash = load.hashed ? BankHash::fold : BankHash::none;
      Channel channel(part);
      CheckingSink sink(part);
      (load.saturating ? saturate : offer)(channel, part, load, sink, each);
      dram_test::run_dry(channel, sink);
      CAPTURE(name, load.name);
      INFO((sink.checker.violations().empty() ? "" : describe(sink.checker.violations()[0], 0)));
      CHECK(sink.checker.violation_count() == 0);
      seen += sink.checker.commands();
    }
  }
  WARN(seen << " commands of " << names.size() << " parts under " << std::size(kLoads)
            << " loads each");
  CHECK(seen >= kCommands);
}
