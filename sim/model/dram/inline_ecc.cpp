#include "sim/model/dram/inline_ecc.h"

#include <utility>

#include "sim/base/check.h"

namespace strobe::dram {

std::optional<InlineEcc::Plan> InlineEcc::plan(std::uint32_t tag, const Access& access) const {
  const std::uint64_t burst = burst_of(access.line);
  if (!keeps_) {
    Plan plan{tag, {}, {}, access.pseudo_channel};
    (access.is_write ? plan.write_back : plan.fill) = burst;
    return plan;
  }
  const Slot* oldest = nullptr;
  for (const Slot& slot : slots_) {
    if (slot.burst == burst && slot.pseudo_channel == access.pseudo_channel) {
      Plan plan;
      plan.slot = static_cast<std::uint32_t>(&slot - slots_.data());
      const bool lacks = (checks_of(access) & ~slot.known) != 0;
      if (!access.is_write && lacks && !slot.filling) plan.fill = burst;
      return plan;
    }
    const bool free = !slot.filling && slot.reads == 0;
    if (free && (oldest == nullptr || slot.used < oldest->used)) oldest = &slot;
  }
  if (oldest == nullptr) return std::nullopt;
  Plan plan;
  plan.slot = static_cast<std::uint32_t>(oldest - slots_.data());
  if (!access.is_write) plan.fill = burst;
  if (oldest->changed != 0) plan.write_back = oldest->burst;
  plan.write_back_to = oldest->pseudo_channel;
  return plan;
}

void InlineEcc::take(const Plan& plan, const Access& access) {
  Slot& slot = slots_[plan.slot];
  const std::uint64_t burst = burst_of(access.line);
  if (slot.burst != burst || slot.pseudo_channel != access.pseudo_channel) {
    STROBE_ASSERT(!slot.filling && slot.reads == 0 && slot.held.empty());
    slot.burst = burst;
    slot.pseudo_channel = access.pseudo_channel;
    slot.known = slot.changed = 0;
    slot.filled_at = Instant();
  }
  slot.used = ++accesses_;
  if (access.is_write && keeps_) {
    slot.known |= checks_of(access);
    slot.changed |= checks_of(access);
  } else if (!access.is_write) {
    ++slot.reads;
    slot.filling |= plan.fill.has_value();
  }
}

std::optional<Instant> InlineEcc::data_came(std::uint32_t number, const Held& read) {
  Slot& slot = slots_[number];
  if (slot.filling) {
    slot.held.push_back(read);
    return std::nullopt;
  }
  --slot.reads;
  return slot.filled_at;
}

std::vector<InlineEcc::Held> InlineEcc::fill_came(std::uint32_t number, Instant at) {
  Slot& slot = slots_[number];
  STROBE_ASSERT(slot.filling);
  slot.filling = false;
  slot.known = 0xFFFF;
  slot.filled_at = at;
  slot.reads -= static_cast<std::uint32_t>(slot.held.size());
  return std::exchange(slot.held, {});
}

}  // namespace strobe::dram
