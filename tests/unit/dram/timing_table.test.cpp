// What a timing table allows is probed from outside: blocked one clock before, legal at the clock.

#include "sim/model/dram/timing_table.h"

#include <array>

#include "tests/support/catch.h"

using namespace strobe;
using namespace strobe::dram;

namespace {

constexpr Geometry kGeometry{.channels = 1,
                             .pseudo_channels = 2,
                             .data_bits = 64,
                             .bank_groups = 4,
                             .banks_per_group = 4,
                             .rows = 16,
                             .row = Bytes(1024),
                             .burst = Bytes(32)};

ReadyTimes with_rules(const std::vector<Rule>& rules, std::uint32_t banks_at_once = 1) {
  return ReadyTimes(rules, kGeometry, banks_at_once);
}

Rule rule(Scope scope, Command first, Command next, std::int64_t wait, std::uint32_t window = 1) {
  return {scope, first, next, Cycles(wait), window};
}

}  // namespace

TEST_CASE("a rule holds in its scope and nowhere else") {
  const BankPlace issued{0, 5}, same_group{0, 6}, same_pseudo_channel{0, 0}, other{1, 5};
  const auto blocked_until = [&](Scope scope, BankPlace place) {
    ReadyTimes ready = with_rules({rule(scope, Command::activate, Command::read, 14)});
    ready.issue(Command::activate, issued, Cycles(100));
    return ready.earliest(Command::read, place).at();
  };
  const Cycles free(0), blocked(114);
  CHECK(blocked_until(Scope::bank, issued) == blocked);
  CHECK(blocked_until(Scope::bank, same_group) == free);
  CHECK(blocked_until(Scope::bank_group, issued) == blocked);
  CHECK(blocked_until(Scope::bank_group, same_group) == blocked);
  CHECK(blocked_until(Scope::bank_group, same_pseudo_channel) == free);
  CHECK(blocked_until(Scope::pseudo_channel, same_pseudo_channel) == blocked);
  CHECK(blocked_until(Scope::pseudo_channel, other) == free);
  CHECK(blocked_until(Scope::channel, other) == blocked);
}

TEST_CASE("the longest wait binds, with its reason") {
  ReadyTimes ready = with_rules({rule(Scope::pseudo_channel, Command::read, Command::read, 2),
                                 rule(Scope::bank_group, Command::read, Command::read, 4)});
  ready.issue(Command::read, {0, 0}, Cycles(10));
  CHECK(ready.earliest(Command::read, {0, 1}) == Stamp(Cycles(14), Reason::bank_group));
  CHECK(ready.earliest(Command::read, {0, 4}) == Stamp(Cycles(12), Reason::queue));
}

TEST_CASE("an earlier command's longer wait outlives a later command's shorter one") {
  ReadyTimes ready = with_rules({rule(Scope::bank, Command::write, Command::precharge, 23),
                                 rule(Scope::bank, Command::read, Command::precharge, 5)});
  ready.issue(Command::write, {0, 0}, Cycles(0));
  ready.issue(Command::read, {0, 0}, Cycles(15));
  CHECK(ready.earliest(Command::precharge, {0, 0}).at() == Cycles(23));
}

TEST_CASE("a window of four blocks the fifth activate, not the fourth") {
  ReadyTimes ready =
      with_rules({rule(Scope::pseudo_channel, Command::activate, Command::activate, 16, 4)});
  for (std::uint8_t i = 0; i < 3; ++i) ready.issue(Command::activate, {0, i}, Cycles(i));
  CHECK(ready.earliest(Command::activate, {0, 8}).at() == Cycles(0));
  ready.issue(Command::activate, {0, 3}, Cycles(3));
  CHECK(ready.earliest(Command::activate, {0, 8}).at() == Cycles(16));
  ready.issue(Command::activate, {0, 8}, Cycles(16));
  CHECK(ready.earliest(Command::activate, {0, 9}).at() == Cycles(17));
  CHECK(ready.earliest(Command::activate, {1, 9}).at() == Cycles(0));
}

TEST_CASE("a refresh of two banks at once blocks both and no third") {
  ReadyTimes ready =
      with_rules({rule(Scope::bank, Command::refresh_bank, Command::activate, 140)}, 2);
  ready.issue(Command::refresh_bank, {1, 3}, Cycles(0));
  CHECK(ready.earliest(Command::activate, {1, 3}).at() == Cycles(140));
  CHECK(ready.earliest(Command::activate, {1, 11}).at() == Cycles(140));
  CHECK(ready.earliest(Command::activate, {1, 4}).at() == Cycles(0));
  CHECK(ready.earliest(Command::activate, {0, 3}).at() == Cycles(0));
}

TEST_CASE("commands share stamps in the scope in which the same rules hold them up, in no other") {
  ReadyTimes ready = with_rules({rule(Scope::channel, Command::activate, Command::precharge, 2),
                                 rule(Scope::channel, Command::activate, Command::refresh_bank, 2),
                                 rule(Scope::bank, Command::activate, Command::precharge, 34),
                                 rule(Scope::bank, Command::activate, Command::refresh_bank, 48),
                                 rule(Scope::channel, Command::precharge, Command::activate, 1)});
  ready.issue(Command::activate, {0, 0}, Cycles(100));
  CHECK(ready.earliest(Command::precharge, {1, 5}).at() == Cycles(102));
  CHECK(ready.earliest(Command::refresh_bank, {1, 5}).at() == Cycles(102));
  CHECK(ready.earliest(Command::precharge, {0, 0}).at() == Cycles(134));
  CHECK(ready.earliest(Command::refresh_bank, {0, 0}).at() == Cycles(148));
  CHECK(ready.earliest(Command::activate, {1, 5}).at() == Cycles(0));
}

TEST_CASE("an epoch that follows the time changes no stamp that can still bind") {
  const std::vector<Rule> rules{
      rule(Scope::bank, Command::activate, Command::precharge, 34),
      rule(Scope::bank_group, Command::activate, Command::activate, 6),
      rule(Scope::pseudo_channel, Command::activate, Command::activate, 16, 4),
      rule(Scope::channel, Command::activate, Command::read, 3)};
  const Cycles late = Epoch::kReach * 5;
  ReadyTimes followed = with_rules(rules), fixed = with_rules(rules);
  CHECK(followed.follow(late) == late);
  for (std::uint8_t i = 0; i < 4; ++i) {
    followed.issue(Command::activate, {0, i}, late + Cycles(i * 7));
    fixed.issue(Command::activate, {0, i}, Cycles(i * 7));
  }
  CHECK(followed.follow(late + Epoch::kReach) == Epoch::kReach);
  for (const Command next : {Command::activate, Command::read, Command::precharge}) {
    for (const std::uint8_t bank : std::array<std::uint8_t, 3>{0, 3, 9}) {
      const Stamp stamp = fixed.earliest(next, {0, bank});
      if (stamp.at() == Cycles(0)) continue;  // nothing binds
      CHECK(followed.earliest(next, {0, bank}).bits() == stamp.after(late).bits());
    }
  }
  CHECK(followed.earliest(Command::activate, {1, 0}).at() < late);
}

TEST_CASE("an epoch moves only when the time is out of its reach") {
  ReadyTimes ready = with_rules({});
  CHECK(ready.follow(Epoch::kReach - Cycles(1)) == Cycles(0));
  CHECK(ready.epoch().near(Cycles(7)) == 7);
  CHECK(ready.follow(Epoch::kReach) == Epoch::kReach);
  CHECK(ready.epoch().near(Epoch::kReach + Cycles(7)) == 7);
  CHECK(ready.epoch().far(7) == Epoch::kReach + Cycles(7));
}
