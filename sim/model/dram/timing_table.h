#pragma once

// Which DRAM command may follow which, and how soon. The rules are data (configs/dram/*.toml); this
// file only knows that there are rules. Nothing here ticks: when a command issues it stamps, once,
// the earliest clock at which each later command may follow it.

#include <algorithm>
#include <array>
#include <cstdint>
#include <limits>
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
  static constexpr Stamp from_bits(std::int64_t bits) {
    Stamp stamp;
    stamp.bits_ = bits;
    return stamp;
  }
  // Earlier than any other, after any clock too.
  static constexpr Stamp none() { return from_bits(std::numeric_limits<std::int64_t>::min() / 2); }

  constexpr Cycles at() const { return Cycles(bits_ >> kReasonBits); }
  constexpr Reason reason() const {
    return static_cast<Reason>(bits_ & ((std::int64_t{1} << kReasonBits) - 1));
  }
  constexpr auto operator<=>(const Stamp&) const = default;

  constexpr std::int64_t bits() const { return bits_; }

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

// When each command may next issue in one channel. Each bank, bank group, pseudo-channel, stack ID
// and the channel has a stamp for every command, and so has what a command does to each of them: a
// command that issues takes the later of the two, word by word, with nothing to branch on, which
// compilers turn into a few vector instructions.
class ReadyTimes {
 public:
  ReadyTimes(std::span<const Rule> rules, const Geometry& geometry, std::uint32_t banks_at_once);

  // What a bank's own rules, those of its group, of its pseudo-channel and of the channel say.
  // `bank` counts those of the channel, one pseudo-channel's after the other's, see
  // Geometry::numbers_of_banks.
  Stamp of_bank(Command command, std::size_t bank) const { return banks_[bank].of(command); }
  Stamp of_group(Command command, std::size_t bank) const {
    return groups_[bank >> group_shift_].of(command);
  }
  Stamp of_pseudo_channel(Command command, std::uint32_t pseudo_channel) const {
    return pseudo_channels_[pseudo_channel].of(command);
  }
  Stamp of_channel(Command command) const { return channel_.of(command); }
  // What commands to other stack IDs make it wait for.
  Stamp of_stack(Command command, std::size_t bank) const {
    return stacks_[bank >> stack_shift_].of(command);
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
  void issue_at_rest(Command command, BankPlace place, Cycles at) {
    const After& after = after_[static_cast<std::size_t>(command)];
    const std::size_t bank = number_of(place);
    banks_[bank].hold_up(after.in(Scope::bank), at);
    groups_[bank >> group_shift_].hold_up(after.in(Scope::bank_group), at);
    pseudo_channels_[place.pseudo_channel].hold_up(after.in(Scope::pseudo_channel), at);
    channel_.hold_up(after.in(Scope::channel), at);
    if (after.reaches_further) issue_further(command, place, at);
  }

 private:
  // One for each command: from when on it may come, or how long it must wait. Bare words, which
  // compilers put into vectors.
  struct alignas(64) Stamps {
    std::array<std::int64_t, kCommandCount> all{};

    Stamp of(Command command) const {
      return Stamp::from_bits(all[static_cast<std::size_t>(command)]);
    }
    void hold_up(Command command, Stamp until) {
      std::int64_t& bits = all[static_cast<std::size_t>(command)];
      bits = std::max(bits, until.bits());
    }
    void hold_up(const Stamps& waits, Cycles at) {
      hold_up(all.data(), waits.all.data(), Stamp(at, Reason{}).bits());
    }

   private:
    // The two do not overlap, which lets a compiler leave all the words in registers.
    static void hold_up(std::int64_t* __restrict stamps, const std::int64_t* __restrict waits,
                        std::int64_t from) {
      for (std::size_t i = 0; i < kCommandCount; ++i) {
        const std::int64_t until = waits[i] + from;
        stamps[i] = stamps[i] < until ? until : stamps[i];
      }
    }
  };
  // The wait runs from the window-th last `first`.
  struct Window {
    Scope scope;
    Command next;
    Stamp wait;
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

  std::size_t number_of(BankPlace place) const {
    return (std::size_t{place.pseudo_channel} << bank_shift_) + place.bank;
  }
  void add(const Rule& rule);
  void issue_further(Command command, BankPlace place, Cycles at);
  void note_in_window(const Window& window, std::size_t bank, Cycles at);

  std::size_t banks_in_use_, stack_ids_;  // of a pseudo-channel
  std::uint32_t bank_shift_, stack_shift_, group_shift_;
  std::size_t bank_stride_;  // between the banks that one refresh_bank takes
  std::array<After, kCommandCount> after_;
  std::vector<Stamps> banks_, groups_, stacks_, pseudo_channels_;
  Stamps channel_;
  std::vector<History> histories_;
};

}  // namespace strobe::dram
