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
#include "sim/base/lanes.h"
#include "sim/base/units.h"
#include "sim/model/dram/rules.h"
#include "sim/model/dram/spec.h"
#include "sim/model/dram/stamp.h"

namespace strobe::dram {

// A bank of a channel: `bank` counts all banks of its pseudo-channel, group by group. A command to
// all banks has any of them.
struct BankPlace {
  std::uint8_t pseudo_channel = 0;
  std::uint8_t bank = 0;
};

// When each command may next issue in one channel. Each bank, bank group, pseudo-channel, stack ID
// and the channel has a stamp for every command, and so has what a command does to each of them: a
// command that issues takes the later of the two, word by word, with nothing to branch on, which
// compilers turn into a few vector instructions. So that a vector holds all commands, words have 32
// bits and count from an epoch that follows the time.
class ReadyTimes {
 public:
  ReadyTimes(std::span<const Rule> rules, const Geometry& geometry, std::uint32_t banks_at_once);

  // What the rules of one scope say. `bank` counts those of the channel, one pseudo-channel's after
  // the other's, see Geometry::numbers_of_banks. Of other stacks: what commands to them make it
  // wait for.
  NearStamp of(Scope scope, Command command, std::size_t bank) const {
    return stamps_of(scope, bank).of(command);
  }
  NearStamp of_bank_and_group(Command command, std::size_t bank) const {
    return later(of(Scope::bank, command, bank), of(Scope::bank_group, command, bank));
  }

  // The clocks of all commands, each in the lane of its number.
  Lanes clocks(Scope scope, std::size_t bank) const {
    return lanes_from(stamps_of(scope, bank).all.data()) >> kReasonBits;
  }

  // For refresh_bank, which may take several banks, ask for each of them.
  Stamp earliest(Command command, BankPlace place) const {
    return epoch_.far(
        later(earliest_in_pseudo_channel(command, place), of(Scope::channel, command, 0)));
  }

  // The same without the rules that the pseudo-channels share, that is, the command bus.
  NearStamp earliest_in_pseudo_channel(Command command, BankPlace place) const {
    const std::size_t bank = number_of(place);
    return later(later(of_bank_and_group(command, bank), of(Scope::other_stack, command, bank)),
                 of(Scope::pseudo_channel, command, bank));
  }

  const Epoch& epoch() const { return epoch_; }
  // To be called with the time before it is used here: moves the epoch to it if it is out of reach,
  // and says by how much.
  Cycles follow(Cycles now) { return epoch_.reaches(now) ? Cycles(0) : move_epoch(now); }

  // REQUIRES: earliest(command, place).at() <= at.
  void issue(Command command, BankPlace place, Cycles at) {
    STROBE_ASSERT(earliest(command, place).at() <= at);
    issue_at_rest(command, place, at);
  }
  // The same for one that no rule holds up, when what happened later elsewhere may be known.
  void issue_at_rest(Command command, BankPlace place, Cycles at) {
    const After& after = after_[static_cast<std::size_t>(command)];
    const std::size_t bank = number_of(place);
    const std::int32_t from = epoch_.word(at);
    banks_[bank].hold_up(after.in(Scope::bank), from);
    groups_[bank >> group_shift_].hold_up(after.in(Scope::bank_group), from);
    pseudo_channels_[place.pseudo_channel].hold_up(after.in(Scope::pseudo_channel), from);
    channel_.hold_up(after.in(Scope::channel), from);
    if (after.reaches_further) issue_further(command, place, at);
  }

 private:
  // One for each command: from when on it may come, or how long it must wait. Bare words, which
  // compilers put into vectors.
  struct alignas(kCommandCount * sizeof(std::int32_t)) Stamps {
    std::array<std::int32_t, kCommandCount> all{};

    NearStamp of(Command command) const {
      return NearStamp(all[static_cast<std::size_t>(command)]);
    }
    void hold_up(Command command, std::int32_t until) {
      std::int32_t& word = all[static_cast<std::size_t>(command)];
      word = std::max(word, until);
    }
    void hold_up(const Stamps& waits, std::int32_t from) {
      hold_up(all.data(), waits.all.data(), from);
    }

   private:
    // The two do not overlap, which lets a compiler leave all the words in registers.
    static void hold_up(std::int32_t* __restrict stamps, const std::int32_t* __restrict waits,
                        std::int32_t from) {
      for (std::size_t i = 0; i < kCommandCount; ++i) {
        const std::int32_t until = waits[i] + from;
        stamps[i] = stamps[i] < until ? until : stamps[i];
      }
    }
  };
  // The wait runs from the window-th last `first`.
  struct Window {
    Scope scope;
    Command next;
    std::int32_t wait;    // a word
    std::uint32_t shift;  // from the number of the bank in the channel to that of the column
    std::uint32_t length;
    std::uint32_t history;  // its first in histories_; one a column of the scope
  };
  // What a command does to later ones.
  struct After {
    std::array<Stamps, kScopeCount> waits;
    std::vector<Window> windows;
    bool reaches_further = false;  // than the bank, its group, pseudo-channel and the last command

    Stamps& in(Scope scope) { return waits[static_cast<std::size_t>(scope)]; }
    const Stamps& in(Scope scope) const { return waits[static_cast<std::size_t>(scope)]; }
  };
  // The clocks of the last commands, in a ring.
  static constexpr std::size_t kLongestWindow = 16;
  struct History {
    std::array<Cycles, kLongestWindow> at;
    std::uint32_t count = 0;
  };

  const Stamps& stamps_of(Scope scope, std::size_t bank) const {
    switch (scope) {
      case Scope::bank:
        return banks_[bank];
      case Scope::bank_group:
        return groups_[bank >> group_shift_];
      case Scope::pseudo_channel:
        return pseudo_channels_[bank >> bank_shift_];
      case Scope::other_stack:
        return stacks_[bank >> stack_shift_];
      case Scope::channel:
        break;
    }
    return channel_;
  }
  std::size_t number_of(BankPlace place) const {
    return (std::size_t{place.pseudo_channel} << bank_shift_) + place.bank;
  }
  void add(const Rule& rule);
  Cycles move_epoch(Cycles to);
  void issue_further(Command command, BankPlace place, Cycles at);
  void note_in_window(const Window& window, std::size_t bank, Cycles at);

  Epoch epoch_;
  std::size_t banks_in_use_, stack_ids_;  // of a pseudo-channel
  std::uint32_t bank_shift_, stack_shift_, group_shift_;
  std::size_t bank_stride_;  // between the banks that one refresh_bank takes
  std::array<After, kCommandCount> after_;
  std::vector<Stamps> banks_, groups_, stacks_, pseudo_channels_;
  Stamps channel_;
  std::vector<History> histories_;
};

inline void ReadyTimes::issue_further(Command command, BankPlace place, Cycles at) {
  const After& after = after_[static_cast<std::size_t>(command)];
  const std::size_t bank = number_of(place), first_bank = number_of({place.pseudo_channel, 0});
  const std::int32_t from = epoch_.word(at);
  for (const Window& window : after.windows) note_in_window(window, bank, at);
  if (stack_ids_ > 1) {
    const std::size_t own = bank >> stack_shift_, first = first_bank >> stack_shift_;
    for (std::size_t stack = first; stack < first + stack_ids_; ++stack) {
      if (stack != own) stacks_[stack].hold_up(after.in(Scope::other_stack), from);
    }
  }
  if (command != Command::refresh_bank) return;
  // The banks that the refresh of one takes with it.
  for (std::size_t other = place.bank + bank_stride_; other < banks_in_use_;
       other += bank_stride_) {
    banks_[first_bank + other].hold_up(after.in(Scope::bank), from);
  }
}

inline void ReadyTimes::note_in_window(const Window& window, std::size_t bank, Cycles at) {
  const std::size_t column = bank >> window.shift;
  History& history = histories_[window.history + column];
  history.at[history.count % kLongestWindow] = at;
  ++history.count;
  if (history.count < window.length) return;
  const Cycles from = history.at[(history.count - window.length) % kLongestWindow];
  Stamps& stamps = window.scope == Scope::bank             ? banks_[column]
                   : window.scope == Scope::bank_group     ? groups_[column]
                   : window.scope == Scope::pseudo_channel ? pseudo_channels_[column]
                                                           : channel_;
  stamps.hold_up(window.next, epoch_.word(from) + window.wait);
}

}  // namespace strobe::dram
