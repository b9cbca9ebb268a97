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
struct Place {
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

// The rules of a part, grouped by the command that sets them off.
class TimingTable {
 public:
  struct Effect {
    Command next;
    Scope scope;
    std::uint8_t window;   // 1 unless it counts commands
    std::uint8_t history;  // of a windowed effect: which of them it is
    Stamp wait;
  };

  explicit TimingTable(std::span<const Rule> rules);

  std::span<const Effect> after(Command first) const { return of(first).effects; }
  // Those among them that reach the bank alone come first.
  std::size_t bank_effects(Command first) const { return of(first).bank_effects; }
  std::size_t windows() const { return windows_; }

 private:
  struct After {
    std::vector<Effect> effects;
    std::size_t bank_effects = 0;
  };
  const After& of(Command first) const { return after_[static_cast<std::size_t>(first)]; }

  std::array<After, kCommandCount> after_;
  std::size_t windows_ = 0;
};

// When each command may next issue in one channel: for each command a row of stamps with a column
// for every bank, bank group, pseudo-channel and the channel, so a scheduler asking all banks one
// question reads memory in a straight line.
class ReadyTimes {
 public:
  ReadyTimes(TimingTable table, const Geometry& geometry, std::uint32_t banks_at_once);

  Stamp of_bank(Command command, Place place) const { return row(command)[flat(place)]; }
  Stamp of_group(Command command, Place place) const {
    return row(command)[group_column_[flat(place)]];
  }
  Stamp of_pseudo_channel(Command command, std::uint32_t pseudo_channel) const {
    return row(command)[pseudo_channel_column_ + pseudo_channel];
  }
  Stamp of_channel(Command command) const { return row(command)[columns_ - 1]; }

  // refresh_bank is asked for every bank that it refreshes.
  Stamp earliest(Command command, Place place) const {
    return std::max(earliest_in_pseudo_channel(command, place), of_channel(command));
  }

  // The same without the rules that the pseudo-channels share, that is, the command bus.
  Stamp earliest_in_pseudo_channel(Command command, Place place) const {
    return std::max({of_bank(command, place), of_group(command, place),
                     of_pseudo_channel(command, place.pseudo_channel)});
  }

  // REQUIRES: earliest(command, place).at() <= at.
  void issue(Command command, Place place, Cycles at);

 private:
  std::size_t flat(Place place) const {
    return place.pseudo_channel * banks_ + std::size_t{place.bank};
  }
  const Stamp* row(Command command) const {
    return ready_.data() + static_cast<std::size_t>(command) * columns_;
  }
  Stamp* row(Command command) {
    return ready_.data() + static_cast<std::size_t>(command) * columns_;
  }
  Stamp nth_last(const TimingTable::Effect& effect, std::size_t column, Cycles at);

  TimingTable table_;
  std::size_t banks_;
  std::size_t bank_stride_;  // between the banks that one refresh_bank takes
  std::size_t pseudo_channel_column_, columns_;
  std::vector<std::uint16_t> group_column_;  // of each bank
  std::vector<Stamp> ready_;

  // Of each windowed rule and column, the clocks of the last commands, in a ring of kLongestWindow.
  static constexpr std::size_t kLongestWindow = 16;
  struct History {
    std::array<Cycles, kLongestWindow> at;
    std::uint32_t count = 0;
  };
  std::vector<History> histories_;
};

}  // namespace strobe::dram
