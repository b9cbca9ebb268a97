#include "sim/model/dram/refresh_plan.h"

#include <bit>

#include "sim/base/check.h"

namespace strobe::dram {

namespace {

BankMask lowest(std::uint32_t banks) {
  return banks == 64 ? ~BankMask{0} : (BankMask{1} << banks) - 1;
}

Picoseconds interval_of(const PartSpec& part) {
  const auto refi = Clock(part.command_clock()).edge(cycles_of(part, "tREFI")).since_start();
  if (part.refresh.kind == RefreshKind::all_bank) return refi;
  return Picoseconds(refi.count() * part.refresh.banks_at_once / part.geometry.banks());
}

}  // namespace

RefreshPlan::RefreshPlan(const PartSpec& part, std::uint32_t phase, std::uint32_t phases)
    : kind_(part.refresh.kind),
      limit_(part.refresh.postpone_limit),
      stride_(part.geometry.banks() / part.refresh.banks_at_once),
      banks_at_once_(part.refresh.banks_at_once),
      all_(lowest(part.geometry.banks())),
      first_banks_(lowest(stride_)),
      clock_(part.command_clock()),
      interval_(interval_of(part)),
      phase_(interval_.count() * phase / phases),
      next_due_(due_at(1)),
      left_(first_banks_) {}

Cycles RefreshPlan::due_at(std::int64_t n) const {
  return clock_.first_edge_from(Instant(interval_ * n + phase_));
}

void RefreshPlan::become_due() {
  ++owed_;
  next_due_ = due_at(++due_count_);
}

// The banks of the commands that start at these.
BankMask RefreshPlan::spread(BankMask first_banks) const {
  BankMask banks = first_banks;
  for (std::uint32_t i = 1; i < banks_at_once_; ++i) banks |= first_banks << (i * stride_);
  return banks;
}

// The commands that touch any of these banks.
BankMask RefreshPlan::gathered(BankMask banks) const {
  BankMask first_banks = banks;
  for (std::uint32_t i = 1; i < banks_at_once_; ++i) first_banks |= banks >> (i * stride_);
  return first_banks & first_banks_;
}

void RefreshPlan::choose(BankMask waited_for, BankMask in_use, BankMask open) {
  if (owed_ == 0 || target_ != 0) return;
  const bool urgent = owed_ >= limit_;
  if (kind_ == RefreshKind::all_bank) {
    if (urgent || waited_for == 0) target_ = all_;
    return;
  }
  BankMask candidates = left_ & ~gathered(waited_for);
  if (candidates == 0) {
    if (!urgent) return;
    const BankMask unused = left_ & ~gathered(in_use);
    candidates = unused != 0 ? unused : left_;
  } else if (const BankMask closed = candidates & ~gathered(open); closed != 0) {
    candidates = closed;
  }
  target_ = spread(candidates & (~candidates + 1));
}

void RefreshPlan::done() {
  STROBE_ASSERT(target_ != 0 && owed_ > 0);
  left_ &= ~target_;
  if (left_ == 0) left_ = first_banks_;
  target_ = 0;
  --owed_;
}

std::int64_t RefreshPlan::skip_rounds(std::int64_t rounds) {
  const std::int64_t commands = rounds * (kind_ == RefreshKind::all_bank ? 1 : stride_);
  due_count_ += commands;
  next_due_ = due_at(due_count_);
  return commands;
}

}  // namespace strobe::dram
