#include "sim/model/dram/timing_table.h"

#include <bit>

namespace strobe::dram {

ReadyTimes::ReadyTimes(std::span<const Rule> rules, const Geometry& geometry,
                       std::uint32_t banks_at_once)
    : banks_(geometry.banks()),
      groups_(geometry.bank_groups),
      group_shift_(static_cast<std::uint32_t>(std::countr_zero(geometry.banks_per_group))),
      bank_stride_(geometry.banks() / banks_at_once),
      group_column_(geometry.pseudo_channels * banks_),
      pseudo_channel_column_(group_column_ + geometry.pseudo_channels * groups_),
      columns_(pseudo_channel_column_ + geometry.pseudo_channels + 1),
      ready_(kCommandCount * columns_) {
  for (const Rule& rule : rules) {
    After& after = after_[static_cast<std::size_t>(rule.first)];
    const auto row = static_cast<std::uint32_t>(static_cast<std::size_t>(rule.next) * columns_);
    const Effect effect{row, rule.scope, Stamp(rule.wait, reason_of(rule))};
    if (rule.window > 1) {
      STROBE_CHECK(rule.window <= kLongestWindow);
      after.windows.push_back({effect, rule.window, static_cast<std::uint32_t>(histories_.size())});
      histories_.resize(histories_.size() + columns_);
    } else {
      (rule.scope == Scope::bank ? after.in_bank : after.wider).push_back(effect);
    }
  }
}

void ReadyTimes::issue(Command command, BankPlace place, Cycles at) {
  STROBE_ASSERT(earliest(command, place).at() <= at);
  const After& after = after_[static_cast<std::size_t>(command)];
  const std::size_t first_bank = place.pseudo_channel * banks_;
  const std::size_t group = std::size_t{place.bank} >> group_shift_;
  const std::array<std::size_t, kScopeCount> columns{
      first_bank + place.bank, group_column_ + place.pseudo_channel * groups_ + group,
      pseudo_channel_column_ + place.pseudo_channel, columns_ - 1};
  const auto column_of = [&](const Effect& effect) {
    return columns[static_cast<std::size_t>(effect.scope)];
  };
  for (const Effect& effect : after.in_bank) stamp(effect, columns[0], at);
  for (const Effect& effect : after.wider) stamp(effect, column_of(effect), at);
  for (const WindowEffect& effect : after.windows) {
    stamp_window(effect, column_of(effect.effect), at);
  }
  if (command != Command::refresh_bank) return;
  for (std::size_t bank = place.bank + bank_stride_; bank < banks_; bank += bank_stride_) {
    for (const Effect& effect : after.in_bank) stamp(effect, first_bank + bank, at);
  }
}

// Notes the command; the wait runs from the window-th last one.
void ReadyTimes::stamp_window(const WindowEffect& effect, std::size_t column, Cycles at) {
  History& history = histories_[effect.history + column];
  history.at[history.count % kLongestWindow] = at;
  ++history.count;
  if (history.count < effect.window) return;
  stamp(effect.effect, column, history.at[(history.count - effect.window) % kLongestWindow]);
}

}  // namespace strobe::dram
