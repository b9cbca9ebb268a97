#include "sim/model/dram/refresh_plan.h"

#include <algorithm>
#include <bit>

#include "sim/base/check.h"

namespace strobe::dram {

namespace {

BankMask first_of(std::uint32_t banks) {
  return banks == 64 ? ~BankMask{0} : (BankMask{1} << banks) - 1;
}

Picoseconds interval_of(const PartSpec& part) {
  const auto refi = Clock(part.command_clock()).edge(cycles_of(part, "tREFI")).since_start();
  if (part.refresh.kind == RefreshKind::all_bank) return refi;
  return Picoseconds(refi.count() * part.refresh.banks_at_once / part.geometry.banks());
}

}  // namespace

RefreshPlan::RefreshPlan(const PartSpec& part, std::uint32_t phase, std::uint32_t phases)
    : pull_in_limit_(part.refresh.pull_in_limit),
      most_open_(part.refresh.pull_in_limit + part.refresh.postpone_limit),
      stride_(part.geometry.banks() / part.refresh.banks_at_once),
      banks_at_once_(part.refresh.banks_at_once),
      all_(first_of(part.geometry.banks())),
      first_banks_(first_of(stride_)),
      clock_(part.command_clock()),
      interval_(interval_of(part)),
      phase_(interval_.count() * phase / phases),
      command_(part.refresh.kind == RefreshKind::all_bank ? Command::refresh_all
                                                          : Command::refresh_bank),
      interval_clocks_(interval_.count() / kParts * part.command_clock().count() +
                       interval_.count() % kParts * part.command_clock().count() / kParts),
      interval_parts_(interval_.count() % kParts * part.command_clock().count() % kParts),
      next_opening_(opening_at(1)),
      left_(first_banks_) {
  slack_ = slack_of_next();
}

Cycles RefreshPlan::opening_at(std::int64_t n) const {
  return clock_.first_edge_from(Instant(interval_ * n + phase_));
}

// A picosecond has as many parts as the clock has kilohertz. The difference is small, so that it
// comes out right even where the products are too large for a word.
std::int64_t RefreshPlan::slack_of_next() const {
  const auto parts = static_cast<std::uint64_t>(clock_.frequency().count());
  const auto at = static_cast<std::uint64_t>((interval_ * openings_ + phase_).count());
  const auto edge = static_cast<std::uint64_t>(next_opening_.count());
  return static_cast<std::int64_t>(edge * kParts - at * parts);
}

void RefreshPlan::open_next() {
  ++open_;
  advance();
}

void RefreshPlan::choose_target(const Use& use, BankMask refreshing) {
  const bool urgent = open_ >= most_open_;
  if (command_ == Command::refresh_all) {
    if (urgent || use.waited_for == 0) target_ = all_;
    return;
  }
  const BankMask at_rest = left_ & ~gathered(refreshing);
  const BankMask left = at_rest != 0 ? at_rest : left_;
  BankMask candidates = left & ~gathered(use.waited_for);
  if (candidates == 0) {
    if (!urgent) return;
    const BankMask unused = left & ~gathered(use.in_use);
    candidates = unused != 0 ? unused : left;
  } else if (const BankMask closed = candidates & ~gathered(use.open); closed != 0) {
    candidates = closed;
  }
  target_ = spread(lowest(candidates));
}

bool RefreshPlan::done() {
  STROBE_ASSERT(target_ != 0 && open_ > 0);
  const bool early = is_early();
  note_turn(lowest(target_));
  target_ = 0;
  --open_;
  return early;
}

// The first banks of so many last refreshes.
BankMask RefreshPlan::last_turns(std::int64_t turns) const {
  BankMask banks = 0;
  for (std::uint32_t i = 1; i <= turns && i <= last_count_; ++i) {
    banks |= BankMask{1} << last_[(last_count_ - i) % kMostTurns];
  }
  return banks;
}

Cycles RefreshPlan::can_skip_until(Cycles stop, BankMask open, std::int64_t turns) const {
  if (stop <= next_opening_) return stop;
  if (command_ == Command::refresh_all) return open == 0 ? stop : next_opening_;
  if (open == 0 && in_turn_ >= turns) return stop;
  BankMask in_order = left_ & ~gathered(open);  // of this round
  if (stride_ - count_of(left_) < turns) {      // else the last were all of this round
    const BankMask again = in_order & last_turns(turns);
    if (again != 0) in_order &= lowest(again) - 1;
  }
  const std::int64_t count = count_of(in_order);
  if (next_opening_ + Cycles(interval_clocks_ * count) >= stop) return stop;
  return std::min(stop, opening_at(openings_ + count));
}

// From the next one on: the n-th opens at the first edge that is not before its time.
std::int64_t RefreshPlan::opened_before(Cycles stop) const {
  if (stop <= next_opening_) return 0;
  const Picoseconds last = clock_.edge(stop - Cycles(1)).since_start() - phase_;
  return last.count() / interval_.count() + 1 - openings_;
}

BankMask RefreshPlan::lowest_of(BankMask banks, std::int64_t count) {
  BankMask others = banks;
  for (; count > 0 && others != 0; --count) others &= others - 1;
  return banks & ~others;
}

Cycles shortest_refresh_interval(const PartSpec& part) {
  return Clock(part.command_clock()).first_edge_from(Instant(interval_of(part))) - Cycles(1);
}

}  // namespace strobe::dram
