#include "sim/model/dram/timing_table.h"

#include <bit>

namespace strobe::dram {

namespace {

std::uint32_t shift_to(std::uint32_t count) {
  return static_cast<std::uint32_t>(std::countr_zero(count));
}

}  // namespace

ReadyTimes::ReadyTimes(std::span<const Rule> rules, const Geometry& geometry,
                       std::uint32_t banks_at_once)
    : banks_in_use_(geometry.banks()),
      stack_ids_(geometry.stack_ids),
      bank_shift_(shift_to(geometry.numbers_of_banks())),
      stack_shift_(shift_to(geometry.banks_of_stack())),
      group_shift_(shift_to(geometry.banks_per_group)),
      bank_stride_(geometry.banks() / banks_at_once),
      banks_(std::size_t{geometry.pseudo_channels} * geometry.numbers_of_banks()),
      groups_(banks_.size() >> group_shift_),
      stacks_(banks_.size() >> stack_shift_),
      pseudo_channels_(geometry.pseudo_channels) {
  for (After& after : after_) {
    for (Stamps& waits : after.waits) waits.all.fill(kNoStamp);
  }
  for (const Rule& rule : rules) add(rule);
  After& refresh = after_[static_cast<std::size_t>(Command::refresh_bank)];
  refresh.reaches_further |= bank_stride_ < banks_in_use_;
}

void ReadyTimes::add(const Rule& rule) {
  constexpr std::uint32_t kToNone = 63;
  const std::array<std::uint32_t, kScopeCount> shifts{0, group_shift_, bank_shift_, kToNone,
                                                      stack_shift_};
  After& after = after_[static_cast<std::size_t>(rule.first)];
  const auto wait = static_cast<std::int32_t>(Stamp(rule.wait, reason_of(rule)).bits());
  after.reaches_further |= rule.window > 1 || rule.scope == Scope::other_stack;
  if (rule.window > 1) {
    STROBE_CHECK(rule.window <= kLongestWindow);
    const std::uint32_t shift = shifts[static_cast<std::size_t>(rule.scope)];
    after.windows.push_back({rule.scope, rule.next, wait, shift, rule.window,
                             static_cast<std::uint32_t>(histories_.size())});
    histories_.resize(histories_.size() + ((banks_.size() - 1) >> shift) + 1);
  } else {
    after.in(rule.scope).hold_up(rule.next, wait);
  }
}

void ReadyTimes::issue_further(Command command, BankPlace place, Cycles at) {
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

void ReadyTimes::note_in_window(const Window& window, std::size_t bank, Cycles at) {
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

Cycles ReadyTimes::move_epoch(Cycles to) {
  const Cycles by = epoch_.move_to(to);
  const std::int64_t words = by.count() << kReasonBits;
  const auto make_older = [words](Stamps& stamps) {
    for (std::int32_t& word : stamps.all) {
      word = static_cast<std::int32_t>(std::max<std::int64_t>(word - words, kNoStamp));
    }
  };
  for (auto* stamps : {&banks_, &groups_, &stacks_, &pseudo_channels_}) {
    std::for_each(stamps->begin(), stamps->end(), make_older);
  }
  make_older(channel_);
  return by;
}

}  // namespace strobe::dram
