#include "sim/model/dram/channel.h"

#include <algorithm>
#include <bit>

namespace strobe::dram {

namespace {

// Without the rules of commands that a part refreshed in this way is never sent.
std::vector<Rule> rules_in_use(const PartSpec& part) {
  std::vector<Rule> rules = compile_rules(part);
  const bool per_bank = part.refresh.kind == RefreshKind::per_bank;
  const auto never_sent = [per_bank](Command command) {
    return per_bank ? command == Command::refresh_all || command == Command::precharge_all
                    : command == Command::refresh_bank;
  };
  std::erase_if(rules,
                [&](const Rule& rule) { return never_sent(rule.first) || never_sent(rule.next); });
  return rules;
}

// The longest wait of the pseudo-channel's own rules from `first` to `next`.
Cycles wait_between(const std::vector<Rule>& rules, Command first, Command next) {
  Cycles wait;
  for (const Rule& rule : rules) {
    if (rule.first == first && rule.next == next && rule.scope == Scope::pseudo_channel) {
      wait = std::max(wait, rule.wait);
    }
  }
  return wait;
}

// Whether some column command delays row commands to other banks than its own.
bool columns_hold_up_rows(const std::vector<Rule>& rules) {
  return std::any_of(rules.begin(), rules.end(), [](const Rule& rule) {
    const bool from_column = rule.first == Command::read || rule.first == Command::write;
    const bool to_row = rule.next == Command::activate || rule.next == Command::precharge;
    const bool shared = rule.scope == Scope::bank_group || rule.scope == Scope::pseudo_channel;
    return from_column && to_row && shared;
  });
}

}  // namespace

Channel::Channel(const PartSpec& part)
    : geometry_(part.geometry),
      controller_(part.controller),
      clock_(part.command_clock()),
      mapping_(part.geometry, part.mapping),
      ready_(rules_in_use(part), part.geometry, part.refresh.banks_at_once),
      queue_(geometry_.pseudo_channels * geometry_.numbers_of_banks(),
             geometry_.pseudo_channels * (controller_.read_queue + controller_.write_queue)),
      data_clock_(part),
      banks_(std::size_t{geometry_.pseudo_channels} * geometry_.numbers_of_banks()),
      first_group_((BankMask{2} << (geometry_.banks_per_group - 1)) - 1),
      burst_(part.burst_cycles()),
      starvation_cap_(clock_.cycles_covering(controller_.starvation_cap)),
      refresh_time_(
          cycles_of(part, part.refresh.kind == RefreshKind::per_bank ? "tRFCpb" : "tRFCab")),
      column_latency_{cycles_of(part, "CL"), cycles_of(part, "CWL")},
      row_to_column_{cycles_of(part, "tRCDRD"), cycles_of(part, "tRCDWR")},
      batch_(std::min(controller_.read_queue, controller_.drain_high - controller_.drain_low)) {
  const std::vector<Rule> rules = rules_in_use(part);
  turn_from_ = {wait_between(rules, Command::read, Command::write),
                wait_between(rules, Command::write, Command::read)};
  columns_hold_up_rows_ = columns_hold_up_rows(rules);
  for (const Rule& rule : rules) {
    if (rule.scope != Scope::bank_group) continue;
    const bool to_column = rule.next == Command::read || rule.next == Command::write;
    GroupReach& reach = reach_in_group_[index(rule.first)];
    reach.columns |= to_column;
    reach.any = true;
  }
  next_opening_ = kNever;
  for (std::uint32_t i = 0; i < geometry_.pseudo_channels; ++i) {
    pseudo_channels_.emplace_back(static_cast<std::uint8_t>(i),
                                  RefreshPlan(part, i, geometry_.pseudo_channels), part);
    next_opening_ = std::min(next_opening_, pseudo_channels_.back().refresh.next_opening());
  }
  note_what_rest_allows(rules, shortest_refresh_interval(part));
  forwarded_.reserve(geometry_.pseudo_channels * controller_.read_queue);
}

void Channel::push(const Request& request, Instant now) {
  PseudoChannel& pc = pseudo_channels_[request.pseudo_channel];
  const Direction direction = request.is_write ? Direction::write : Direction::read;
  STROBE_ASSERT((request.is_write ? write_room(pc.number) : read_room(pc.number)) > 0);
  STROBE_ASSERT(request.bursts > 0 && request.bursts < 16 && request.first_burst % 4 == 0);
  const Cycles at = first_edge_from(now);
  STROBE_ASSERT(at >= now_);
  now_ = at;
  follow(at);
  ++waiting_;
  ++arrivals_;

  const Location location = mapping_.locate(request.first_burst);
  std::uint8_t bursts = request.bursts;
  if (!request.is_write) {
    bursts = forward(pc, location, bursts);
    if (bursts == 0) {
      ++pc.forwarded;
      forwarded_.push_back({now, at, request.tag, request.pseudo_channel});
      return;
    }
  }
  if (arrivals_ - first_order_ >= Rank::kLastOrder) count_orders_anew();
  const EntryId id = queue_.take();
  Entry& entry = queue_[id];
  entry.arrived = now;
  entry.arrived_at = at;
  entry.other_direction = pc.time_in(opposite(direction), at);
  entry.under_refresh = bank_of(pc, location.bank).row.refreshed_until(at);
  entry.bank_group_wait = Cycles(0);
  entry.order = arrivals_;
  entry.tag = request.tag;
  entry.row = location.row;
  entry.column = location.column;
  entry.bursts = bursts;
  entry.bank_in_channel = static_cast<std::uint16_t>(pc.first_bank + location.bank);
  entry.bank = location.bank;
  entry.direction = direction;
  entry.issued = entry.activated = entry.precharged = false;
  queue_.add(id);
  enlist(pc, id);
}

// Marks the choices that a new request may change.
inline void Channel::enlist(PseudoChannel& pc, EntryId id) {
  const Entry& entry = queue_[id];
  const std::size_t direction = index(entry.direction);
  const BankMask bit = BankMask{1} << entry.bank;
  ++pc.waiting[direction];
  const bool first_of_bank = (pc.waited_for[direction] & bit) == 0;
  const bool is_hit =
      (pc.hits[direction] & bit) == 0 && entry.row == pc.open_row[entry.bank] &&
      (find_hit(pc, entry.bank, entry.direction, id), (pc.hits[direction] & bit) != 0);
  pc.waited_for[direction] |= bit;
  pc.row_stale |= first_of_bank || is_hit;
  pc.column_stale |= is_hit;
  pc.balance_stale = pc.frame_stale = true;
  if (is_hit || first_of_bank) plan(pc, bit);
  if (pc.stale) return;
  // Else it stands behind another request of its bank.
  pc.stale = first_of_bank || is_hit || should_turn(pc) || may_prepare_other(pc) != pc.preparing;
  if (pc.stale) best_known_ = false;
}

void Channel::refresh_opens() {
  now_ = std::max(now_, next_opening_);
  follow(now_);
  best_known_ = false;
  Cycles next = kNever;
  for (PseudoChannel& pc : pseudo_channels_) {
    if (pc.refresh.next_opening() == next_opening_) {
      pc.refresh.open_next();
      note_overdue_writes(pc);
      pc.stale = pc.frame_stale = true;
    }
    next = std::min(next, pc.refresh.next_opening());
  }
  next_opening_ = next;
}

IssuedCommand Channel::describe() const {
  const std::uint32_t per_group = geometry_.banks_per_group;
  const auto [command, bank] = std::pair(step_.choice.command, step_.choice.bank);
  const bool to_column = command == Command::read || command == Command::write;
  const bool to_row = to_column || command == Command::activate;
  return {command,
          step_.pseudo_channel,
          static_cast<std::uint8_t>(bank / per_group),
          static_cast<std::uint8_t>(bank % per_group),
          to_column ? step_.column : std::uint16_t{0},
          to_row ? pseudo_channels_[step_.pseudo_channel].open_row[bank] : 0,
          clock_.edge(step_.at)};
}

}  // namespace strobe::dram
