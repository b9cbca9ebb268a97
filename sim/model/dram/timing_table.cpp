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
