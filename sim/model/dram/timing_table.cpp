#include "sim/model/dram/timing_table.h"

#include <utility>

namespace strobe::dram {

TimingTable::TimingTable(std::span<const Rule> rules) {
  for (const Rule& rule : rules) {
    After& after = after_[static_cast<std::size_t>(rule.first)];
    Effect effect{rule.next, rule.scope, static_cast<std::uint8_t>(rule.window), 0,
                  Stamp(rule.wait, reason_of(rule))};
    if (rule.window > 1) effect.history = static_cast<std::uint8_t>(windows_++);
    if (rule.scope == Scope::bank) {
      const auto end = after.effects.begin() + static_cast<std::ptrdiff_t>(after.bank_effects++);
      after.effects.insert(end, effect);
    } else {
      after.effects.push_back(effect);
    }
  }
}

ReadyTimes::ReadyTimes(TimingTable table, const Geometry& geometry, std::uint32_t banks_at_once)
    : table_(std::move(table)),
      banks_(geometry.banks()),
      bank_stride_(geometry.banks() / banks_at_once),
      pseudo_channel_column_(geometry.pseudo_channels *
                             std::size_t{geometry.banks() + geometry.bank_groups}),
      columns_(pseudo_channel_column_ + geometry.pseudo_channels + 1),
      group_column_(geometry.pseudo_channels * banks_),
      ready_(kCommandCount * columns_),
      histories_(table_.windows() * columns_) {
  // Banks are counted group by group, also across pseudo-channels.
  for (std::size_t bank = 0; bank < group_column_.size(); ++bank) {
    group_column_[bank] =
        static_cast<std::uint16_t>(group_column_.size() + bank / geometry.banks_per_group);
  }
}

void ReadyTimes::issue(Command command, Place place, Cycles at) {
  STROBE_ASSERT(earliest(command, place).at() <= at);
  const std::span<const TimingTable::Effect> effects = table_.after(command);
  const std::array<std::size_t, kScopeCount> columns{flat(place), group_column_[flat(place)],
                                                     pseudo_channel_column_ + place.pseudo_channel,
                                                     columns_ - 1};
  for (const TimingTable::Effect& effect : effects) {
    const std::size_t column = columns[static_cast<std::size_t>(effect.scope)];
    const Stamp next = effect.window == 1 ? effect.wait.after(at) : nth_last(effect, column, at);
    Stamp& ready = row(effect.next)[column];
    ready = std::max(ready, next);
  }
  if (command != Command::refresh_bank) return;
  for (std::size_t bank = place.bank + bank_stride_; bank < banks_; bank += bank_stride_) {
    const std::size_t column = place.pseudo_channel * banks_ + bank;
    for (const auto& effect : effects.first(table_.bank_effects(command))) {
      Stamp& ready = row(effect.next)[column];
      ready = std::max(ready, effect.wait.after(at));
    }
  }
}

// Notes the command and says when the wait after the window-th last one is over.
Stamp ReadyTimes::nth_last(const TimingTable::Effect& effect, std::size_t column, Cycles at) {
  History& history = histories_[effect.history * columns_ + column];
  history.at[history.count % kLongestWindow] = at;
  ++history.count;
  if (history.count < effect.window) return Stamp();
  return effect.wait.after(history.at[(history.count - effect.window) % kLongestWindow]);
}

}  // namespace strobe::dram
