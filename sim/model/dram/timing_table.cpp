#include "sim/model/dram/timing_table.h"

#include <bit>

namespace strobe::dram {

namespace {

constexpr std::size_t index(Scope scope) {
  return static_cast<std::size_t>(scope);
}

// Whether the rules of a scope hold up both commands alike.
bool held_up_alike(std::span<const Rule> rules, Scope scope, Command one, Command other) {
  const auto has_its_like = [&](const Rule& rule, Command next) {
    return std::any_of(rules.begin(), rules.end(), [&](const Rule& like) {
      return like.scope == scope && like.next == next && like.first == rule.first &&
             like.wait == rule.wait && like.window == rule.window &&
             reason_of(like) == reason_of(rule);
    });
  };
  return std::all_of(rules.begin(), rules.end(), [&](const Rule& rule) {
    return rule.scope != scope || ((rule.next != one || has_its_like(rule, other)) &&
                                   (rule.next != other || has_its_like(rule, one)));
  });
}

}  // namespace

ReadyTimes::ReadyTimes(std::span<const Rule> rules, const Geometry& geometry,
                       std::uint32_t banks_at_once)
    : banks_(geometry.banks()),
      stacks_(geometry.stack_ids),
      bank_shift_(static_cast<std::uint32_t>(std::countr_zero(geometry.numbers_of_banks()))),
      stack_shift_(static_cast<std::uint32_t>(std::countr_zero(geometry.banks_of_stack()))),
      group_shift_(static_cast<std::uint32_t>(std::countr_zero(geometry.banks_per_group))),
      bank_stride_(geometry.banks() / banks_at_once) {
  const std::size_t numbers = std::size_t{geometry.pseudo_channels} * geometry.numbers_of_banks();
  const std::array<std::size_t, kScopeCount> columns{
      numbers, numbers >> group_shift_, geometry.pseudo_channels, 1, numbers >> stack_shift_};
  for (std::size_t scope = 0; scope < kScopeCount; ++scope) {
    add_rows(rules, static_cast<Scope>(scope), columns[scope]);
    add_effects(rules, static_cast<Scope>(scope), columns[scope]);
  }
}

// A row for each command, or that of an earlier one that is held up alike.
void ReadyTimes::add_rows(std::span<const Rule> rules, Scope scope, std::size_t columns) {
  for (std::size_t i = 0; i < kCommandCount; ++i) {
    const auto command = static_cast<Command>(i);
    std::size_t twin = 0;
    while (twin < i && !held_up_alike(rules, scope, static_cast<Command>(twin), command)) ++twin;
    if (twin < i) {
      row_number(scope, command) = row_number(scope, static_cast<Command>(twin));
    } else {
      row_number(scope, command) = static_cast<std::uint32_t>(ready_.size());
      ready_.resize(ready_.size() + columns);
    }
  }
}

// REQUIRES: those of lesser scopes have been added.
void ReadyTimes::add_effects(std::span<const Rule> rules, Scope scope, std::size_t columns) {
  constexpr std::uint32_t kToNone = 63;
  const std::array<std::uint32_t, kScopeCount> shifts{0, group_shift_, bank_shift_, kToNone,
                                                      stack_shift_};
  for (const Rule& rule : rules) {
    if (rule.scope != scope) continue;
    After& after = after_of(rule.first);
    const Effect effect{Stamp(rule.wait, reason_of(rule)), row_number(scope, rule.next),
                        shifts[index(scope)]};
    const auto is_known = [&](const Effect& other) {
      return other.row == effect.row && other.wait == effect.wait;
    };
    if (rule.window > 1) {
      STROBE_CHECK(rule.window <= kLongestWindow);
      after.windows.push_back({effect, rule.window, static_cast<std::uint32_t>(histories_.size())});
      histories_.resize(histories_.size() + columns);
    } else if (rule.scope == Scope::other_stack) {
      after.on_other_stacks.push_back(effect);
    } else if (std::none_of(after.effects.begin(), after.effects.end(), is_known)) {
      after.effects.push_back(effect);
      if (scope == Scope::bank) ++after.of_bank;
    }
  }
}

void ReadyTimes::issue_at_rest(Command command, BankPlace place, Cycles at) {
  const After& after = after_of(command);
  const std::size_t bank = number_of(place);
  Stamp* const all = ready_.data();
  for (const Effect& effect : after.effects) stamp(effect, bank, at, all);
  for (const WindowEffect& effect : after.windows) stamp_window(effect, bank, at);
  if (!after.on_other_stacks.empty()) stamp_other_stacks(place, at, after.on_other_stacks);
  if (command == Command::refresh_bank && bank_stride_ < banks_) refresh_others(place, at);
}

void ReadyTimes::stamp_other_stacks(BankPlace place, Cycles at, std::span<const Effect> effects) {
  const std::size_t own = number_of(place) >> stack_shift_;
  const std::size_t first = number_of({place.pseudo_channel, 0}) >> stack_shift_;
  for (const Effect& effect : effects) {
    for (std::size_t stack = first; stack < first + stacks_; ++stack) {
      if (stack != own) stamp(effect, stack << stack_shift_, at, ready_.data());
    }
  }
}

// The banks that the refresh of one takes with it.
void ReadyTimes::refresh_others(BankPlace place, Cycles at) {
  const After& after = after_of(Command::refresh_bank);
  const std::size_t first_bank = number_of({place.pseudo_channel, 0});
  for (std::size_t bank = place.bank + bank_stride_; bank < banks_; bank += bank_stride_) {
    for (std::size_t i = 0; i < after.of_bank; ++i) {
      stamp(after.effects[i], first_bank + bank, at, ready_.data());
    }
  }
}

// Notes the command; the wait runs from the window-th last one.
void ReadyTimes::stamp_window(const WindowEffect& window, std::size_t bank, Cycles at) {
  History& history = histories_[window.history + (bank >> window.effect.shift)];
  history.at[history.count % kLongestWindow] = at;
  ++history.count;
  if (history.count < window.window) return;
  stamp(window.effect, bank, history.at[(history.count - window.window) % kLongestWindow],
        ready_.data());
}

}  // namespace strobe::dram
