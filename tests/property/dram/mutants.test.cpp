// Commands are made up at random, each as early as the rules of a part allow or a little later, and
// shown to the checker, which knows the part's timing values and nothing of its rules. So the two
// must agree: with the part's own rules nothing is refused, a clock earlier everything is, and
// every rule that is dropped, made one clock too short or confined to a narrower scope is noticed.

#include <optional>
#include <set>
#include <string_view>

#include "tests/support/catch.h"
#include "tests/support/dram.h"

using namespace strobe;
using namespace strobe::dram;

namespace {

struct Mutant {
  std::string name;
  std::string_view why_never_broken;  // empty: it must be noticed
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
    Scope scope = rule.scope;
    if (scope == Scope::bank && a.geometry.banks_per_group == 1) scope = Scope::bank_group;
    if (scope == Scope::bank_group && a.geometry.all_groups() == 1) scope = Scope::pseudo_channel;
    if (scope == Scope::pseudo_channel && a.geometry.pseudo_channels == 1) scope = Scope::channel;
    return std::tuple(scope, rule.first, rule.next, rule.wait.count(), rule.window);
  };
  std::set<decltype(key(left[0]))> in_left, in_right;
  for (const Rule& rule : left) in_left.insert(key(rule));
  for (const Rule& rule : right) in_right.insert(key(rule));
  return in_left == in_right;
}

bool is_one_of(Command command, std::initializer_list<Command> list) {
  return std::find(list.begin(), list.end(), command) != list.end();
}

// Why a rule can be broken by no sequence of commands: the states of the banks or other rules keep
// the two further apart anyway. Empty where it can be broken.
std::string_view why_never_broken(const PartSpec& part, const RuleSpec& rule) {
  using enum Command;
  const Command first = rule.first[0], next = rule.next[0];
  const bool alone = part.geometry.pseudo_channels == 1 || rule.within != Scope::channel;
  const auto clocks = [&](const char* timing) { return cycles_of(part, timing); };
  if (rule.wait == "tRC") {
    return clocks("tRC") <= clocks("tRAS") + clocks("tRP") ? "tRAS and tRP are as long" : "";
  }
  if (alone && is_one_of(first, {precharge_all, refresh_all}) &&
      is_one_of(next, {read, write, precharge, precharge_all, start_data_clock})) {
    return "the first closes the banks and the next needs one open: an activate lies between";
  }
  if (alone && is_one_of(first, {activate, read, write, start_data_clock}) && next == refresh_all) {
    return "the first needs an open bank and the next none: a precharge lies between";
  }
  if (is_one_of(first, {read, write}) && next == start_data_clock) {
    return "the data clock still runs";
  }
  if (rule.wait == "tFAW" && clocks("tFAW") <= clocks("tRRD_S") * 4) {
    return "four tRRD_S are as long";
  }
  return "";
}

// All mutants whose rules really differ from the part's: a shorter wait that another rule covers
// anyway is no mutant.
class Mutants {
 public:
  explicit Mutants(const PartSpec& part) : part_(part), split_(part) {
    split_.rules.clear();  // one pair of commands a rule
    for (const RuleSpec& rule : part.rules) {
      for (const Command first : rule.first) {
        for (const Command next : rule.next) {
          split_.rules.push_back({rule.within, {first}, {next}, rule.wait, rule.window});
        }
      }
    }
    for (std::size_t i = 0; i < split_.rules.size(); ++i) add_mutants_of_rule(i);
    if (part.data_clock) add_mutants_of_data_clock();
  }

  const std::vector<Mutant>& all() const { return mutants_; }

 private:
  void add_mutants_of_rule(std::size_t i) {
    const RuleSpec& rule = split_.rules[i];
    PartSpec dropped = split_;
    dropped.rules.erase(dropped.rules.begin() + static_cast<std::ptrdiff_t>(i));
    add(rule, "without", std::move(dropped));
    PartSpec weaker = split_;
    weaker.rules[i].wait += " - 1 tCK";
    add(rule, "weaker", std::move(weaker));
    PartSpec halved = split_;
    halved.rules[i].wait = std::to_string(parse_wait(part_, rule.wait).cycles.count() / 2) + " tCK";
    add(rule, "halved", std::move(halved));
    if (rule.within == Scope::bank || rule.within == Scope::other_stack) return;
    PartSpec narrower = split_;
    // To the next scope that is really narrower.
    const Geometry& g = part_.geometry;
    int steps = 1;
    if (rule.within == Scope::channel && g.pseudo_channels == 1) ++steps;
    if (rule.within != Scope::bank_group && g.all_groups() == 1) ++steps;
    narrower.rules[i].within = static_cast<Scope>(static_cast<int>(rule.within) - steps);
    add(rule, "narrower", std::move(narrower));
  }

  void add_mutants_of_data_clock() {
    PartSpec after_read = part_, after_write = part_;
    after_read.data_clock->after_read += " + 1 tCK";
    after_write.data_clock->after_write += " + 1 tCK";
    mutants_.push_back({"data clock runs on longer after a read", "", std::move(after_read)});
    mutants_.push_back({"data clock runs on longer after a write", "", std::move(after_write)});
  }

  void add(const RuleSpec& rule, const char* how, PartSpec mutant) {
    if (!check(mutant).empty() || same_rules(mutant, part_)) return;
    mutants_.push_back({name_of(rule, how), why_never_broken(part_, rule), std::move(mutant)});
  }

  const PartSpec& part_;
  PartSpec split_;
  std::vector<Mutant> mutants_;
};

// Banks in their states, and commands that these allow.
class RandomCommands {
 public:
  RandomCommands(const PartSpec& part, std::uint64_t seed)
      : part_(part),
        ready_(compile_rules(part), part.geometry, part.refresh.banks_at_once),
        open_(std::size_t{part.geometry.pseudo_channels} * part.geometry.banks()),
        refreshed_(open_.size()),
        data_clock_(part),
        random_(seed) {}

  IssuedCommand next() {
    Candidate best = expected_ ? *expected_ : best_of_a_few();
    if (expected_) {
      // A row command may only come between where a rule is missing.
      const Candidate other = candidate();
      if (!is_column(other.command) && earliest(other) <= earliest(best)) best = other;
      expected_.reset();
    } else if (const std::uint64_t draw = random_.next() % 64; draw % 8 == 0) {
      // A little late, or after a rest that leaves nothing but the command bus to wait for.
      const Cycles late = draw == 0 && closing() ? cycles_of(part_, "tRFCab") : Cycles(1);
      now_ = std::max(now_, earliest(best)) + late;
    }
    now_ = std::max(now_, earliest(best));
    if (is_column(best.command) && !data_clock_.runs_at(now_)) {
      expected_ = best;
      best.command = Command::start_data_clock;
      now_ = std::max({last_, earliest(best), now_ - Cycles(1)});
    }
    bound_ = earliest(best) == now_;
    last_ = now_;
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

  static bool is_column(Command command) {
    return command == Command::read || command == Command::write;
  }

  // Mostly the one that can go first, so that waits are not hidden by longer ones.
  Candidate best_of_a_few() {
    Candidate best = candidate();
    for (std::uint64_t more = closing() ? 1 : random_.next() % 6; more > 0; --more) {
      const Candidate other = candidate();
      if (earliest(other) < earliest(best)) best = other;
    }
    return best;
  }

  // Now and then all banks are closed, one by one, and refreshed.
  bool closing() const { return count_ % 400 < 100; }

  Instant edge(Cycles at) const { return Clock(part_.command_clock()).edge(at); }

  Cycles earliest(const Candidate& c) const {
    Cycles at = ready_.earliest(c.command, c.place).at();
    if (c.command == Command::refresh_bank) {
      for (std::uint32_t bank = c.place.bank; bank < banks(); bank += stride()) {
        const BankPlace place{c.place.pseudo_channel, static_cast<std::uint8_t>(bank)};
        at = std::max(at, ready_.earliest(c.command, place).at());
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
        // The last row is closed by itself in some of these phases, with all others in some.
        const bool all = count_ / 400 % 2 == 1 && rare % 5 == 0;
        constexpr Command kClosing[] = {Command::precharge, Command::refresh_all,
                                        Command::refresh_bank, Command::refresh_all};
        c.command = all ? Command::precharge_all : kClosing[rare % 4];
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
      case Command::start_data_clock:
        return false;
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
    ready_.follow(now_);
    ready_.issue(c.command, c.place, now_);
    if (c.command == Command::start_data_clock) data_clock_.start(now_);
    if (c.command == Command::read) data_clock_.use(Direction::read, now_);
    if (c.command == Command::write) data_clock_.use(Direction::write, now_);
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
  DataClock data_clock_;
  std::optional<Candidate> expected_;  // the column command for which the data clock was started
  SplitMix64 random_;
  std::uint64_t count_ = 0;
  Cycles now_{1'000}, last_{1'000};  // when some refreshes are due
  bool bound_ = false;
};

// Refreshes come when the draw says so, not when they are due: one is due at any time, and any
// number may be put off.
PartSpec without_due_times(PartSpec part) {
  part.refresh.postpone_limit = 1U << 31;
  for (Timing& timing : part.timings) {
    if (timing.name == "tREFI") timing.value = 16_ns;
  }
  return part;
}

bool noticed(const PartSpec& mutant, const PartSpec& original, int commands) {
  RandomCommands source(mutant, 5);
  CommandChecker checker(without_due_times(original));
  for (int i = 0; i < commands; ++i) {
    checker.see(source.next());
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

TEST_CASE("dropping, weakening, halving or narrowing any single rule of any part is noticed") {
  constexpr int kEnough = 300'000, kSome = 3'000;
  std::size_t breakable = 0, survivors = 0, never_broken = 0;
  for (const std::string& name : dram_test::part_names()) {
    const PartSpec part = dram_test::part_named(name);
    std::string wrong;
    const Mutants mutants(part);
    for (const Mutant& mutant : mutants.all()) {
      const bool can_be = mutant.why_never_broken.empty();
      ++(can_be ? breakable : never_broken);
      if (noticed(mutant.part, part, can_be ? kEnough : kSome) == can_be) continue;
      survivors += can_be ? 1 : 0;
      wrong += "\n  " + mutant.name + (can_be ? " survives" : " is noticed, although ") +
               std::string(mutant.why_never_broken);
    }
    INFO(name << wrong);
    CHECK(wrong.empty());
  }
  WARN(breakable << " mutants of the rules of " << dram_test::part_names().size()
                 << " parts, of which " << survivors << " survive; " << never_broken
                 << " more can be broken by no commands");
  CHECK(breakable > 4'000);
}
