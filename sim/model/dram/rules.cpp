#include "sim/model/dram/rules.h"

#include <algorithm>
#include <cctype>

#include "sim/base/check.h"
#include "sim/kernel/clock.h"

namespace strobe::dram {

namespace {

bool is_column(Command command) {
  return command == Command::read || command == Command::write;
}

// One word of a wait expression at a time: a name, a count or a sign.
class Words {
 public:
  explicit Words(std::string_view text) : rest_(text) {}

  std::string_view next() {
    while (!rest_.empty() && rest_.front() == ' ') rest_.remove_prefix(1);
    std::size_t length = 0;
    while (length < rest_.size() && is_part_of_word(rest_[length])) ++length;
    length = std::max<std::size_t>(length, rest_.empty() ? 0 : 1);
    const std::string_view word = rest_.substr(0, length);
    rest_.remove_prefix(length);
    return word;
  }

 private:
  static bool is_part_of_word(char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_';
  }
  std::string_view rest_;
};

bool is_count(std::string_view word) {
  return !word.empty() && word.size() <= 6 && std::all_of(word.begin(), word.end(), [](char c) {
    return std::isdigit(static_cast<unsigned char>(c)) != 0;
  });
}

// A name stands for its timing, "2 tCK" for two clocks.
Wait parse_term(const PartSpec& part, Words& words) {
  const std::string_view word = words.next();
  if (is_count(word)) {
    if (words.next() != "tCK") return {{}, "a count must be followed by tCK"};
    return {Cycles(std::stoll(std::string(word))), {}};
  }
  if (word == "BL") return {part.burst_cycles(), {}};
  if (find_timing(part, word) != nullptr) return {cycles_of(part, word), {}};
  if (word.empty()) return {{}, "ends where a timing is expected"};
  return {{}, "'" + std::string(word) + "' is not a timing of this part"};
}

// The only bank of a group is the group, and so on outwards.
Scope widest_equal(const Geometry& geometry, Scope scope) {
  if (scope == Scope::bank && geometry.banks_per_group == 1) scope = Scope::bank_group;
  if (scope == Scope::bank_group && geometry.all_groups() == 1) scope = Scope::pseudo_channel;
  if (scope == Scope::pseudo_channel && geometry.pseudo_channels == 1) scope = Scope::channel;
  return scope;
}

// Whether a rule within `by` holds wherever one within `scope` does.
bool reaches(const Geometry& geometry, Scope by, Scope scope) {
  if (scope == Scope::other_stack) return by == scope || by >= Scope::pseudo_channel;
  return by != Scope::other_stack && widest_equal(geometry, by) >= widest_equal(geometry, scope);
}

bool implied(const PartSpec& part, const Rule& rule, const Rule& by) {
  return by.first == rule.first && by.next == rule.next && by.window == rule.window &&
         reaches(part.geometry, by.scope, rule.scope) && by.wait >= rule.wait;
}

}  // namespace

Reason reason_of(const Rule& rule) {
  if (is_refresh(rule.first)) return Reason::refresh;
  if (is_column(rule.first) && is_column(rule.next)) {
    if (rule.first != rule.next) return Reason::turnaround;
    const bool shares_group = rule.scope == Scope::bank_group || rule.scope == Scope::other_stack;
    return shares_group ? Reason::bank_group : Reason::queue;
  }
  if (rule.scope == Scope::channel) return Reason::queue;  // the command bus
  if (rule.first == Command::activate && is_column(rule.next)) return Reason::row_miss;
  if (rule.first == Command::activate && rule.next == Command::activate &&
      rule.scope != Scope::bank) {
    return Reason::activate_window;
  }
  return Reason::row_conflict;
}

Wait parse_wait(const PartSpec& part, std::string_view expression) {
  Words words(expression);
  Wait sum;
  std::int64_t sign = 1;
  for (;;) {
    const Wait term = parse_term(part, words);
    if (!term.error.empty()) return term;
    sum.cycles += term.cycles * sign;
    const std::string_view joint = words.next();
    if (joint.empty()) break;
    if (joint != "+" && joint != "-") {
      return {{}, "'" + std::string(joint) + "' stands where + or - is expected"};
    }
    sign = joint == "+" ? 1 : -1;
  }
  if (sum.cycles < Cycles(0)) {
    return {{}, "adds up to " + std::to_string(sum.cycles.count()) + " clocks"};
  }
  return sum;
}

bool names_timing(std::string_view expression, std::string_view timing) {
  Words words(expression);
  for (std::string_view word = words.next(); !word.empty(); word = words.next()) {
    if (word == timing) return true;
  }
  return false;
}

std::vector<Rule> compile_rules(const PartSpec& part) {
  std::vector<Rule> all;
  for (const RuleSpec& spec : part.rules) {
    if (spec.within == Scope::other_stack && part.geometry.stack_ids == 1) continue;
    const Wait wait = parse_wait(part, spec.wait);
    STROBE_CHECK(wait.error.empty());
    for (const Command first : spec.first) {
      for (const Command next : spec.next) {
        all.push_back({spec.within, first, next, wait.cycles, spec.window});
      }
    }
  }
  std::vector<Rule> kept;
  for (std::size_t i = 0; i < all.size(); ++i) {
    bool needed = true;
    for (std::size_t j = 0; j < all.size() && needed; ++j) {
      // Of two equal rules the first stays.
      const bool equal = implied(part, all[i], all[j]) && implied(part, all[j], all[i]);
      if (i != j && implied(part, all[i], all[j]) && (!equal || j < i)) needed = false;
    }
    if (needed) kept.push_back(all[i]);
  }
  return kept;
}

}  // namespace strobe::dram
