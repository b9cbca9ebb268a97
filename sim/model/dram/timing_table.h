#pragma once

// Which DRAM command may follow which, and how soon. The rules are data (configs/dram/*.toml); this
// file only knows that there are rules. Nothing here ticks: when a command issues it stamps, once,
// the earliest clock at which each later command may follow it.

#include <algorithm>
#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "sim/base/check.h"
#include "sim/base/units.h"
#include "sim/model/dram/rules.h"
#include "sim/model/dram/spec.h"

namespace strobe::dram {

// A bank of a channel: `bank` counts all banks of its pseudo-channel, group by group. A command to
// all banks has any of them.
struct BankPlace {
  std::uint8_t pseudo_channel = 0;
  std::uint8_t bank = 0;
};

// A clock and the reason for waiting until then, in one word, so that the larger of two is one
// comparison and keeps the reason of the rule that binds.
class Stamp {
 public:
  constexpr Stamp() = default;
  constexpr Stamp(Cycles at, Reason reason)
      : bits_((at.count() << kReasonBits) | static_cast<std::int64_t>(reason)) {}

  constexpr Cycles at() const { return Cycles(bits_ >> kReasonBits); }
  constexpr Reason reason() const {
    return static_cast<Reason>(bits_ & ((std::int64_t{1} << kReasonBits) - 1));
  }
  constexpr auto operator<=>(const Stamp&) const = default;

  // The stamp that lies `at` clocks later than this one, which holds a wait.
  constexpr Stamp after(Cycles at) const {
    Stamp later = *this;
    later.bits_ += at.count() << kReasonBits;
    return later;
  }

 private:
  std::int64_t bits_ = 0;
};

// By value, unlike std::max, whose references compilers keep in memory.
constexpr Stamp later(Stamp a, Stamp b) {
  return a < b ? b : a;
}
constexpr Cycles later(Cycles a, Cycles b) {
  return a < b ? b : a;
}

// When each command may next issue in one channel. For each scope there are rows of stamps with a
// column for each bank, bank group, pseudo-channel, or the channel. Commands that the same rules of
// a scope hold up share their row: all that use a command bus, an activate and the refresh of its
// bank. So a command stamps few rows, and a scheduler asking all banks one question reads memory in
// a straight line.
class ReadyTimes {
 public:
  ReadyTimes(std::span<const Rule> rules, const Geometry& geometry, std::uint32_t banks_at_once);

  // What a bank's own rules, those of its group, of its pseudo-channel and of the channel say.
  // `bank` counts those of the channel, one pseudo-channel's after the other's, see
  // Geometry::numbers_of_banks.
  Stamp of_bank(Command command, std::size_t bank) const { return row(Scope::bank, command)[bank]; }
  Stamp of_group(Command command, std::size_t bank) const {
    return row(Scope::bank_group, command)[bank >> group_shift_];
  }
  Stamp of_pseudo_channel(Command command, std::uint32_t pseudo_channel) const {
    return row(Scope::pseudo_channel, command)[pseudo_channel];
  }
  Stamp of_channel(Command command) const { return *row(Scope::channel, command); }
  // What commands to other stack IDs make it wait for.
  Stamp of_stack(Command command, std::size_t bank) const {
    return row(Scope::other_stack, command)[bank >> stack_shift_];
  }
  Stamp of_bank_and_group(Command command, std::size_t bank) const {
    return later(of_bank(command, bank), of_group(command, bank));
  }

  // For refresh_bank, which may take several banks, ask for each of them.
  Stamp earliest(Command command, BankPlace place) const {
    return later(earliest_in_pseudo_channel(command, place), of_channel(command));
  }

  // The same without the rules that the pseudo-channels share, that is, the command bus.
  Stamp earliest_in_pseudo_channel(Command command, BankPlace place) const {
    const std::size_t bank = number_of(place);
    return later(later(of_bank_and_group(command, bank), of_stack(command, bank)),
                 of_pseudo_channel(command, place.pseudo_channel));
  }

  // REQUIRES: earliest(command, place).at() <= at.
  void issue(Command command, BankPlace place, Cycles at) {
    STROBE_ASSERT(earliest(command, place).at() <= at);
    issue_at_rest(command, place, at);
  }
  // The same for one that no rule holds up, when what happened later elsewhere may be known.
  void issue_at_rest(Command command, BankPlace place, Cycles at);

 private:
  std::size_t number_of(BankPlace place) const {
    return (std::size_t{place.pseudo_channel} << bank_shift_) + place.bank;
  }

  // What a command does to later ones.
  struct Effect {
    Stamp wait;
    std::uint32_t row = 0;    // in ready_
    std::uint32_t shift = 0;  // from the number of the bank in the channel to that of the column
  };
  struct WindowEffect {
    Effect effect;
    std::uint32_t window;
    std::uint32_t history;  // its first in histories_; one a column of the scope
  };
  struct After {
    std::vector<Effect> effects;  // those of the bank alone come first
    std::size_t of_bank = 0;      // so many
    std::vector<Effect> on_other_stacks;
    std::vector<WindowEffect> windows;
  };
  // The clocks of the last commands, in a ring.
  static constexpr std::size_t kLongestWindow = 16;
  struct History {
    std::array<Cycles, kLongestWindow> at;
    std::uint32_t count = 0;
  };

  void add_rows(std::span<const Rule> rules, Scope scope, std::size_t columns);
  void add_effects(std::span<const Rule> rules, Scope scope, std::size_t columns);

  std::uint32_t& row_number(Scope scope, Command command) {
    return rows_[static_cast<std::size_t>(scope)][static_cast<std::size_t>(command)];
  }
  const Stamp* row(Scope scope, Command command) const {
    return ready_.data() +
           rows_[static_cast<std::size_t>(scope)][static_cast<std::size_t>(command)];
  }
  After& after_of(Command command) { return after_[static_cast<std::size_t>(command)]; }
  const After& after_of(Command command) const { return after_[static_cast<std::size_t>(command)]; }
  static void stamp(const Effect& effect, std::size_t bank, Cycles at, Stamp* all) {
    Stamp& ready = all[effect.row + (bank >> effect.shift)];
    ready = later(ready, effect.wait.after(at));
  }
  void refresh_others(BankPlace place, Cycles at);
  void stamp_other_stacks(BankPlace place, Cycles at, std::span<const Effect> effects);
  void stamp_window(const WindowEffect& effect, std::size_t bank, Cycles at);

  std::size_t banks_, stacks_;  // of a pseudo-channel
  std::uint32_t bank_shift_, stack_shift_, group_shift_;
  std::size_t bank_stride_;  // between the banks that one refresh_bank takes
  std::array<std::array<std::uint32_t, kCommandCount>, kScopeCount> rows_{};  // in ready_
  std::array<After, kCommandCount> after_;
  std::vector<Stamp> ready_;
  std::vector<History> histories_;
};

}  // namespace strobe::dram
