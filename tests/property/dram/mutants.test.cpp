// Commands are made up at random, each as early as the rules of a part allow or a little later, and
// shown to the checker, which knows the part's timing values and nothing of its rules. So the two
// must agree: with the part's own rules nothing is refused, a clock earlier everything is, and
// every rule that is dropped, made one clock too short or confined to a narrower scope is noticed.

#include <set>

#include "tests/support/catch.h"
#include "tests/support/dram.h"

using namespace strobe;
using namespace strobe::dram;

namespace {

struct Mutant {
  std::string name;
  PartSpec part;
};

std::string name_of(const RuleSpec& rule, const char* how) {
  return std::string(how) + " " + std::string(kScopeNames[static_cast<std::size_t>(rule.within)]) +
         " " + std::string(kCommandNames[static_cast<std::size_t>(rule.first[0])]) + " -> " +
         std::string(kCommandNames[static_cast<std::size_t>(rule.next[0])]) + " " + rule.wait;
}

bool same_rules(const PartSpec& a, const PartSpec& b) {
  const std::vector<Rule> left = compile_rules(a), right = compile_rules(b);
  const auto key = [&](const Rule& rule) {
    const bool only_one = a.geometry.pseudo_channels == 1 && rule.scope == Scope::channel;
    return std::tuple(only_one ? Scope::pseudo_channel : rule.scope, rule.first, rule.next,
                      rule.wait.count(), rule.window);
  };
  std::set<decltype(key(left[0]))> in_left, in_right;
  for (const Rule& rule : left) in_left.insert(key(rule));
  for (const Rule& rule : right) in_right.insert(key(rule));
  return in_left == in_right;
}

bool is_one_of(Command command, std::initializer_list<Command> list) {
  return std::find(list.begin(), list.end(), command) != list.end();
}

// Rules that can be broken by no sequence of commands, because the states of the banks or other
// rules keep the two further apart anyway.
bool cannot_bind(const PartSpec& part, const RuleSpec& rule) {
  using enum Command;
  const Command first = rule.first[0], next = rule.next[0];
  const bool alone = part.geometry.pseudo_channels == 1 || rule.within != Scope::channel;
  // The first closes the banks and the next needs an open one: an activate lies between them.
  if (alone && is_one_of(first, {precharge_all, refresh_all}) &&
      is_one_of(next, {read, write, precharge, precharge_all})) {
    return true;
  }
  // The first needs an open bank and the next none: a precharge lies between them.
  if (alone && is_one_of(first, {activate, read, write}) && next == refresh_all) return true;
  const auto clocks = [&](const char* timing) { return cycles_of(part, timing); };
  if (rule.wait == "tRC") return clocks("tRC") <= clocks("tRAS") + clocks("tRP");
  if (rule.wait == "tFAW") return clocks("tFAW") <= clocks("tRRD_S") * 4;
  return false;
}

// All mutants whose rules really differ from the part's: a shorter wait that another rule covers
// anyway is no mutant.
std::vector<Mutant> mutants_of(const PartSpec& part) {
  PartSpec split = part;  // one pair of commands a rule
  split.rules.clear();
  for (const RuleSpec& rule : part.rules) {
    for (const Command first : rule.first) {
      for (const Command next : rule.next) {
        split.rules.push_back({rule.within, {first}, {next}, rule.wait, rule.window});
      }
    }
  }
  std::vector<Mutant> mutants;
  const auto add = [&](const RuleSpec& rule, const char* how, PartSpec mutant) {
    if (!check(mutant).empty() || same_rules(mutant, part)) return;
    if (cannot_bind(part, rule)) return;
    mutants.push_back({name_of(rule, how), std::move(mutant)});
  };
  for (std::size_t i = 0; i < split.rules.size(); ++i) {
    const RuleSpec& rule = split.rules[i];
    PartSpec dropped = split;
    dropped.rules.erase(dropped.rules.begin() + static_cast<std::ptrdiff_t>(i));
    add(rule, "without", std::move(dropped));
    PartSpec weaker = split;
    weaker.rules[i].wait += " - 1 tCK";
    add(rule, "weaker", std::move(weaker));
    if (rule.within == Scope::bank) continue;
    PartSpec narrower = split;
    const bool only_one = part.geometry.pseudo_channels == 1 && rule.within == Scope::channel;
    narrower.rules[i].within =
        static_cast<Scope>(static_cast<int>(rule.within) - (only_one ? 2 : 1));
    add(rule, "narrower", std::move(narrower));
  }
  return mutants;
}

// Banks in their states, and commands that these allow.
class RandomCommands {
 public:
  RandomCommands(const PartSpec& part, std::uint64_t seed)
      : part_(part),
        ready_(compile_rules(part), part.geometry, part.refresh.banks_at_once),
        open_(std::size_t{part.geometry.pseudo_channels} * part.geometry.banks()),
        refreshed_(open_.size()),
        random_(seed) {}

  // The best of a few candidates: mostly the one that can go first, so that waits are not hidden
  // by longer ones.
  IssuedCommand next() {
    Candidate best = candidate();
    for (std::uint64_t more = closing() ? 1 : random_.next() % 6; more > 0; --more) {
      const Candidate other = candidate();
      if (earliest(other) < earliest(best)) best = other;
    }
    now_ = std::max(now_, earliest(best)) + Cycles(random_.next() % 8 == 0 ? 1 : 0);
    bound_ = earliest(best) == now_;
    apply(best);
    IssuedCommand command;
    command.command = best.command;
    command.pseudo_channel = best.place.pseudo_channel;
    const std::uint32_t per_group = part_.geometry.banks_per_group;
    command.bank_group = static_cast<std::uint8_t>(best.place.bank / per_group);
    command.bank = static_cast<std::uint8_t>(best.place.bank % per_group);
    command.at = edge(now_);
    return command;
  }

  // Whether the rules, and not the commands before it, held the last one up.
  bool bound() const { return bound_; }
  Instant clock_before() const { return edge(now_ - Cycles(1)); }

 private:
  struct Candidate {
    Command command;
    BankPlace place;
  };

  // Now and then all banks are closed, one by one, and refreshed.
  bool closing() const { return count_ % 400 < 100; }

  Instant edge(Cycles at) const { return Clock(part_.command_clock()).edge(at); }

  Cycles earliest(const Candidate& c) const {
    Cycles at = ready_.earliest(c.command, c.place).at();
    if (c.command == Command::refresh_bank) {
      for (std::uint32_t bank = c.place.bank; bank < banks(); bank += stride()) {
        const BankPlace place{c.place.pseudo_channel, static_cast<std::uint8_t>(bank)};
        at = std::max(at, ready_.of_bank(c.command, place).at());
      }
    }
    return at;
  }

  std::uint32_t banks() const { return part_.geometry.banks(); }
  std::uint32_t stride() const { return banks() / part_.refresh.banks_at_once; }
  std::size_t flat(BankPlace place) const {
    return std::size_t{place.pseudo_channel} * banks() + place.bank;
  }

  Candidate candidate() {
    // Columns and activates are common, commands to all banks rare.
    constexpr Command kMix[] = {Command::read,      Command::read,         Command::write,
                                Command::activate,  Command::activate,     Command::precharge,
                                Command::precharge, Command::refresh_bank, Command::activate};
    for (;;) {
      const std::uint64_t draw = random_.next();
      Candidate c{kMix[draw % 9],
                  {static_cast<std::uint8_t>((draw >> 8) % part_.geometry.pseudo_channels),
                   static_cast<std::uint8_t>((draw >> 16) % banks())}};
      if (draw >> 24 & 1) c.place.bank = static_cast<std::uint8_t>(c.place.bank % 6);
      const std::uint64_t rare = (draw >> 32) % 200;
      if (rare < 4) c.command = Command::precharge_all;
      if (rare == 4) c.command = Command::refresh_all;
      if (closing()) {
        constexpr Command kClosing[] = {Command::precharge, Command::refresh_all,
                                        Command::refresh_bank, Command::refresh_all};
        c.command = kClosing[rare % 4];
      }
      if (c.command == Command::refresh_bank) {
        c.place.bank = static_cast<std::uint8_t>(c.place.bank % stride());
      }
      if (allowed(c)) return c;
    }
  }

  bool any_open(std::uint8_t pseudo_channel) const {
    const auto first = open_.begin() + static_cast<std::ptrdiff_t>(pseudo_channel * banks());
    return std::any_of(first, first + static_cast<std::ptrdiff_t>(banks()),
                       [](bool open) { return open; });
  }

  bool allowed(const Candidate& c) const {
    const bool open = open_[flat(c.place)];
    switch (c.command) {
      case Command::read:
      case Command::write:
      case Command::precharge:
        return open;
      case Command::activate:
        return !open;
      case Command::precharge_all:
        return any_open(c.place.pseudo_channel);
      case Command::refresh_all:
        return !any_open(c.place.pseudo_channel);
      case Command::refresh_bank:
        break;
    }
    for (std::uint32_t bank = c.place.bank; bank < banks(); bank += stride()) {
      const BankPlace place{c.place.pseudo_channel, static_cast<std::uint8_t>(bank)};
      if (open_[flat(place)] || refreshed_[flat(place)]) return false;
    }
    return true;
  }

  void apply(const Candidate& c) {
    ++count_;
    ready_.issue(c.command, c.place, now_);
    const std::size_t first = std::size_t{c.place.pseudo_channel} * banks();
    if (c.command == Command::activate) open_[flat(c.place)] = true;
    if (c.command == Command::precharge) open_[flat(c.place)] = false;
    if (c.command == Command::precharge_all) {
      for (std::size_t bank = first; bank < first + banks(); ++bank) open_[bank] = false;
    }
    if (c.command != Command::refresh_bank) return;
    bool all = true;
    for (std::uint32_t bank = c.place.bank; bank < banks(); bank += stride()) {
      refreshed_[first + bank] = true;
    }
    for (std::size_t bank = first; bank < first + banks(); ++bank) all = all && refreshed_[bank];
    for (std::size_t bank = first; all && bank < first + banks(); ++bank) refreshed_[bank] = false;
  }

  const PartSpec& part_;
  ReadyTimes ready_;
  std::vector<bool> open_, refreshed_;  // refreshed: in this round
  SplitMix64 random_;
  std::uint64_t count_ = 0;
  Cycles now_{0};
  bool bound_ = false;
};

// Refreshes come when the draw says so, not when they are due.
PartSpec without_due_times(PartSpec part) {
  part.refresh.postpone_limit = 1U << 31;
  return part;
}

bool noticed(const PartSpec& mutant, const PartSpec& original) {
  constexpr int kCommands = 200'000;
  RandomCommands commands(mutant, 5);
  CommandChecker checker(without_due_times(original));
  for (int i = 0; i < kCommands; ++i) {
    checker.see(commands.next());
    if (checker.violation_count() > 0) return true;
  }
  return false;
}

}  // namespace

TEST_CASE("random commands at the rules' limits pass the checker, and a clock earlier do not") {
  for (const std::string& name : dram_test::part_names()) {
    CAPTURE(name);
    const PartSpec part = dram_test::part_named(name);
    RandomCommands commands(part, 17);
    CommandChecker checker(without_due_times(part));
    int bound = 0;
    for (int i = 0; i < 20'000; ++i) {
      const CommandChecker before = checker;
      IssuedCommand command = commands.next();
      checker.see(command);
      INFO((checker.violations().empty() ? "" : describe(checker.violations()[0], 0)));
      REQUIRE(checker.violation_count() == 0);
      if (!commands.bound() || command.at == Instant()) continue;
      CommandChecker strict = before;
      command.at = commands.clock_before();
      strict.see(command);
      INFO(std::string(kCommandNames[static_cast<std::size_t>(command.command)]));
      REQUIRE(strict.violation_count() > 0);
      ++bound;
    }
    CHECK(bound > 5'000);
  }
}

TEST_CASE("dropping, weakening or narrowing any single rule is noticed") {
  // One part of each standard: the speed grades of a standard share their rules.
  for (const char* name : {"hbm2-2000", "gddr6-16000", "lpddr5x-8533"}) {
    const PartSpec part = dram_test::part_named(name);
    std::string survivors;
    std::size_t count = 0;
    for (const Mutant& mutant : mutants_of(part)) {
      ++count;
      if (!noticed(mutant.part, part)) survivors += "\n  " + mutant.name;
    }
    INFO(name << ", of " << count << " mutants survive:" << survivors);
    CHECK(survivors.empty());
    CHECK(count > 100);
  }
}
