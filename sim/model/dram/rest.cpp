// A channel that nothing waits in only refreshes. Where its banks are closed and no rule can bind,
// each refresh issues at the clock at which it opens: what many of them do is added up instead of
// being done, so that idle time costs little however long it is. The others, which come soon after
// a command or have rows to close, are issued without asking what else could be.

#include <algorithm>
#include <bit>

#include "sim/model/dram/channel.h"

namespace strobe::dram {

// At rest no refresh waits for another one if the rules between them are over before the next one
// opens, in its own pseudo-channel or, where they are rules of the channel, in any. The rule of a
// bank may last longer (a stack has many banks to refresh in tREFI), if the bank comes again later.
void Channel::note_what_rest_allows(const std::vector<Rule>& rules, Cycles interval) {
  const Command refresh = pseudo_channels_.front().refresh.command();
  Cycles of_channel, of_bank;
  for (const Rule& rule : rules) {
    if (rule.first == refresh) refresh_reach_ = later(refresh_reach_, rule.wait);
    if (rule.next != refresh) continue;
    if (rule.scope == Scope::channel) of_channel = later(of_channel, rule.wait);
    const bool between_banks = refresh == Command::refresh_all || rule.scope != Scope::bank;
    Cycles& wait = rule.first != refresh ? settling_time_
                   : between_banks       ? between_banks_
                                         : of_bank;
    wait = later(wait, rule.wait);
  }
  const auto pseudo_channels = static_cast<std::int64_t>(pseudo_channels_.size());
  // One that issues on the spot may come up to an interval after it has opened.
  turns_ = of_bank.count() / interval.count() + 1;
  refreshes_keep_apart_ = between_banks_ < interval && turns_ <= RefreshPlan::kMostTurns &&
                          of_channel * (2 * pseudo_channels) < interval;
  tail_ = later(refresh_reach_, (interval + Cycles(1)) * (turns_ + 1));
}

// Does what opens before `stop`, as far as nothing comes in between; says whether that was all.
// REQUIRES: idle().
bool Channel::rest_until(Cycles stop) {
  if (!rests()) return false;
  if (next_opening_ >= stop) return true;
  if (!refreshes_keep_apart_) return false;
  best_known_ = false;
  do {
    if (has_settled()) skip_refreshes(stop);
    if (next_opening_ < stop && !refresh_on_the_spot(stop)) return false;
  } while (next_opening_ < stop);
  return true;
}

bool Channel::rests() const {
  return std::all_of(pseudo_channels_.begin(), pseudo_channels_.end(), [&](const auto& pc) {
    return !pc.refresh.may_refresh(true) && (pc.open & pc.closing) == 0;
  });
}

// No rule holds up the next refresh of any pseudo-channel.
bool Channel::has_settled() const {
  const Command refresh = pseudo_channels_.front().refresh.command();
  return next_opening_ >= when_channel_allows(refresh) &&
         std::all_of(pseudo_channels_.begin(), pseudo_channels_.end(), [&](const auto& pc) {
           const Cycles next = pc.refresh.next_opening();
           return next >= pc.last_command + settling_time_ &&
                  next >= pc.last_refresh + refresh_reach_ &&
                  next >= pc.last_at_rest + between_banks_;
         });
}

// What opens before `stop` and before any that has a row to close.
void Channel::skip_refreshes(Cycles stop) {
  for (const PseudoChannel& pc : pseudo_channels_) {
    stop = pc.refresh.can_skip_until(stop, pc.open, turns_);
  }
  if (stop <= next_opening_) return;
  next_opening_ = kNever;
  for (PseudoChannel& pc : pseudo_channels_) {
    if (pc.refresh.next_opening() < stop - tail_) add_up_refreshes(pc, stop - tail_);
    while (pc.refresh.next_opening() < stop) refresh_at_rest(pc, stop);
    pc.stale = pc.frame_stale = pc.column_stale = pc.row_stale = true;
    next_opening_ = std::min(next_opening_, pc.refresh.next_opening());
  }
}

// Those of which nothing remains but what they add up to.
void Channel::add_up_refreshes(PseudoChannel& pc, Cycles stop) {
  const auto add_up = [&](BankMask banks, std::int64_t times) {
    if (times == 0) return;
    for (; banks != 0; banks &= banks - 1) {
      Bank& bank = bank_of(pc, static_cast<std::uint32_t>(std::countr_zero(banks)));
      bank.row.refreshed += refresh_time_ * times;
      bank.counters.refreshes += static_cast<std::uint64_t>(times);
    }
  };
  const RefreshPlan::Skipped skipped = pc.refresh.skip_until(stop, pc.open, add_up);
  refreshes_issued(pc.refresh.command()) += static_cast<std::uint64_t>(skipped.commands);
  counters_.refreshes_pulled_in += static_cast<std::uint64_t>(skipped.early);
}

// The next one, of closed banks that no rule holds up, when nothing else comes before `stop`.
inline void Channel::refresh_at_rest(PseudoChannel& pc, Cycles stop) {
  const Cycles at = pc.refresh.next_opening();
  const auto [banks, early] = pc.refresh.rest_one(pc.open);
  note_refreshed(pc, banks, at);
  if (early) ++counters_.refreshes_pulled_in;
  pc.last_at_rest = at;
  if (at + refresh_reach_ < stop) return;
  follow(at);
  const auto bank = static_cast<std::uint8_t>(std::countr_zero(banks));
  ready_.issue_at_rest(pc.refresh.command(), {pc.number, bank}, at);
}

// Issues the refresh that opens next and what it needs before it, unless something may come in
// between: then the rest of it is left to take_step. Says whether the channel rests again.
bool Channel::refresh_on_the_spot(Cycles stop) {
  std::uint8_t i = 0;
  while (pseudo_channels_[i].refresh.next_opening() != next_opening_) ++i;
  PseudoChannel& pc = pseudo_channels_[i];
  refresh_opens();
  pc.refresh.choose({0, 0, pc.open}, [] { return BankMask{0}; });
  pc.blocked = pc.refresh.target();
  for (;;) {
    choose_refresh(pc);
    const Choice& choice = pc.choices[kRefresh];
    const Cycles at =
        later(later(now_, ready_.epoch().far(choice.at)), when_channel_allows(choice.command));
    if (at >= std::min(stop, next_opening_)) return false;
    now_ = at;
    if (choice.command == pc.refresh.command()) break;
    issue_at_rest({at, i, kRefresh});
  }
  // What issue() does besides would say that nobody waits.
  const Choice& choice = pc.choices[kRefresh];
  start_refresh(pc, now_);
  ready_.issue(choice.command, {i, choice.bank}, now_);
  pc.last_at_rest = now_;
  pc.stale = pc.frame_stale = pc.column_stale = pc.row_stale = true;
  return true;
}

}  // namespace strobe::dram
