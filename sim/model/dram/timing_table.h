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

// When each command may next issue in one channel: for each command a row of stamps with a column
// for every bank, bank group, pseudo-channel and the channel, so a scheduler asking all banks one
// question reads memory in a straight line.
class ReadyTimes {
 public:
  ReadyTimes(std::span<const Rule> rules, const Geometry& geometry, std::uint32_t banks_at_once);

  // The stamps of one command in one pseudo-channel: of each bank, of each group.
  struct BankRow {
    const Stamp *banks, *groups;
    std::uint32_t group_shift;

    Stamp of(std::uint32_t bank) const { return std::max(banks[bank], of_group(bank)); }
    Stamp of_group(std::uint32_t bank) const { return groups[bank >> group_shift]; }
  };
  BankRow bank_row(Command command, std::uint32_t pseudo_channel) const {
    const Stamp* first = row(command);
    return {first + pseudo_channel * banks_, first + group_column_ + pseudo_channel * groups_,
            group_shift_};
  }
  Stamp of_pseudo_channel(Command command, std::uint32_t pseudo_channel) const {
    return row(command)[pseudo_channel_column_ + pseudo_channel];
  }
  Stamp of_channel(Command command) const { return row(command)[columns_ - 1]; }

  Stamp of_bank(Command command, BankPlace place) const {
    return bank_row(command, place.pseudo_channel).banks[place.bank];
  }
  Stamp of_group(Command command, BankPlace place) const {
    return bank_row(command, place.pseudo_channel).of_group(place.bank);
  }

  // For refresh_bank, which may take several banks, ask for each of them.
  Stamp earliest(Command command, BankPlace place) const {
    return std::max(earliest_in_pseudo_channel(command, place), of_channel(command));
  }

  // The same without the rules that the pseudo-channels share, that is, the command bus.
  Stamp earliest_in_pseudo_channel(Command command, BankPlace place) const {
    return std::max(bank_row(command, place.pseudo_channel).of(place.bank),
                    of_pseudo_channel(command, place.pseudo_channel));
  }

  // REQUIRES: earliest(command, place).at() <= at.
  void issue(Command command, BankPlace place, Cycles at);

 private:
  // What a command does to later ones.
  struct Effect {
    std::uint32_t row;  // of `next`, in ready_
    Scope scope;
    Stamp wait;
  };
  struct WindowEffect {
    Effect effect;
    std::uint32_t window;
    std::uint32_t history;  // its first in histories_; one a column
  };
  struct After {
    std::vector<Effect> in_bank, wider;
    std::vector<WindowEffect> windows;
  };
  // The clocks of the last commands, in a ring.
  static constexpr std::size_t kLongestWindow = 16;
  struct History {
    std::array<Cycles, kLongestWindow> at;
    std::uint32_t count = 0;
  };

  const Stamp* row(Command command) const {
    return ready_.data() + static_cast<std::size_t>(command) * columns_;
  }
  void stamp(const Effect& effect, std::size_t column, Cycles at) {
    Stamp& ready = ready_[effect.row + column];
    ready = std::max(ready, effect.wait.after(at));
  }
  void stamp_window(const WindowEffect& effect, std::size_t column, Cycles at);

  std::size_t banks_, groups_;  // of a pseudo-channel
  std::uint32_t group_shift_;
  std::size_t bank_stride_;  // between the banks that one refresh_bank takes
  std::size_t group_column_, pseudo_channel_column_, columns_;
  std::array<After, kCommandCount> after_;
  std::vector<Stamp> ready_;
  std::vector<History> histories_;
};

}  // namespace strobe::dram
