#include "sim/model/dram/channel.h"

#include <algorithm>
#include <bit>

namespace strobe::dram {

namespace {

constexpr std::size_t index(Direction direction) {
  return static_cast<std::size_t>(direction);
}

constexpr std::size_t index(Command command) {
  return static_cast<std::size_t>(command);
}

bool is_refresh(Command command) {
  return command == Command::refresh_bank || command == Command::refresh_all;
}

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
  entry.other_direction = time_in(pc, opposite(direction), at);
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

void Channel::issue(const Pick& pick) {
  PseudoChannel& pc = pseudo_channels_[pick.pseudo_channel];
  const Choice choice = pc.choices[pick.kind];
  const BankPlace place{pc.number, choice.bank};
  step_.issued = true;
  step_.completed = false;
  step_.choice = choice;
  step_.pseudo_channel = place.pseudo_channel;
  step_.at = pc.last_command = pick.at;
  pc.stale = true;
  best_known_ = false;
  // A row command goes to a bank that no column command was chosen for. (But it takes the command
  // bus, and the choice must not slip past the end of the data clock.)
  const bool stands =
      pick.kind == kRow && !data_clock_.stops() && !reach_in_group_[index(choice.command)].columns;
  (stands ? pc.column_may_be_stale : pc.column_stale) = true;
  if (choice.command == Command::start_data_clock) {
    data_clock_.start(pick.at);
    const Direction direction = queue_[choice.entry].direction;
    pc.choices[kColumn].command = direction == Direction::read ? Command::read : Command::write;
    pc.choices[kColumn].at = ready_.epoch().near(pick.at) + 1;
  } else if (pick.kind == kColumn) {
    // A read may have come for the bank of a write that the data clock was started for.
    pc.row_stale |= columns_hold_up_rows_ || pc.choices[kRow].bank == choice.bank;
    issue_column(pc, choice);
  } else if (pc.row_stale = true; choice.command == Command::activate) {
    pc.column_news |= BankMask{1} << choice.bank;
    open_row(pc, choice);
  } else if (choice.command == Command::precharge) {
    if (choice.entry != kNoEntry) queue_[choice.entry].precharged = true;
    close_row(pc, choice.bank, pick.at, ready_.earliest(choice.command, place));
    ++counters_.precharges;
  } else if (choice.command == Command::precharge_all) {
    close_all_rows(pc, pick.at, ready_.earliest(choice.command, place));
  } else {
    start_refresh(pc, pick.at);
    pc.last_refresh = pick.at;
  }
  ready_.issue(choice.command, place, pick.at);
  plan_after(pc, choice);
}

// Renews what has changed for the banks that the command went to and for those that it holds up. (A
// rule of the whole pseudo-channel is asked for when a choice is made.)
inline void Channel::plan_after(PseudoChannel& pc, const Choice& issued) {
  const BankMask waited_for = pc.waited_for[0] | pc.waited_for[1];
  if (issued.command == Command::precharge_all || is_refresh(issued.command)) {
    plan(pc, waited_for);
    return;
  }
  const BankMask bit = BankMask{1} << issued.bank;
  if ((waited_for & bit) != 0) {
    if (issued.entry == kNoEntry || step_.completed) {
      plan_bank(pc, issued.bank);
    } else {
      plan_next(pc, issued);
    }
  }
  if (!reach_in_group_[index(issued.command)].any) return;
  if ((group_of(issued.bank) & waited_for & ~bit) != 0) plan_group(pc, issued.bank);
}

// After a command for a request that goes on: the bank's next one is for the same request.
inline void Channel::plan_next(PseudoChannel& pc, const Choice& issued) const {
  const std::uint32_t bank = issued.bank;
  STROBE_ASSERT(pc.next_entry[bank] == issued.entry);
  Command& next = pc.next_command[bank];
  if (issued.command == Command::precharge) next = Command::activate;
  if (issued.command == Command::activate) next = column_command(queue_[issued.entry].direction);
  pc.next_at[bank] = ready_.of_bank_and_group(next, pc.first_bank + bank).at();
}

inline void Channel::issue_column(PseudoChannel& pc, const Choice& choice) {
  Entry& entry = queue_[choice.entry];
  note_column(pc, entry, choice, step_.at);
  const auto burst = static_cast<std::uint16_t>(std::countr_zero(entry.bursts));
  entry.bursts = static_cast<std::uint8_t>(entry.bursts & (entry.bursts - 1));
  step_.column = static_cast<std::uint16_t>(entry.column + burst);
  if (entry.bursts != 0) return;
  finish(pc, entry, step_.at);
  leave(pc, choice);
}

// What the counters and the attribution want to know of a column command before it is stamped.
inline void Channel::note_column(PseudoChannel& pc, Entry& entry, const Choice& choice, Cycles at) {
  const std::size_t place = pc.first_bank + choice.bank;
  const auto stamp = [&](Scope scope) { return ready_.of(scope, choice.command, place); };
  const NearStamp group = later(stamp(Scope::bank_group), stamp(Scope::other_stack));
  const NearStamp pins = stamp(Scope::pseudo_channel);
  if (group.at() > pins.at() && ready_.epoch().far(group).reason() == Reason::bank_group) {
    const NearStamp others = later(stamp(Scope::bank), later(pins, stamp(Scope::channel)));
    const Cycles since = later(ready_.epoch().far(others).at(), entry.arrived_at);
    const Cycles allowed = ready_.epoch().far(group).at();
    if (allowed > since) entry.bank_group_wait += allowed - since;
  }
  Bank& bank = bank_of(pc, choice.bank);
  if (!entry.issued) {
    entry.issued = true;
    entry.first_column = at;
    if (controller_.page_policy == PagePolicy::adaptive) note_habit(pc, entry);
    ++(!entry.activated   ? bank.counters.row_hits
       : entry.precharged ? bank.counters.row_conflicts
                          : bank.counters.row_misses);
  }
  note_direction(pc, entry.direction, at);
  data_clock_.use(entry.direction, at);
  bank.row.last_column = at;
  ++(entry.direction == Direction::read ? bank.counters.reads : bank.counters.writes);
}

// Takes a finished request out of its bank's list.
inline void Channel::leave(PseudoChannel& pc, const Choice& choice) {
  const Direction direction = queue_[choice.entry].direction;
  const EntryId next = queue_[choice.entry].next;
  const BankMask bit = BankMask{1} << choice.bank;
  if (direction == pc.direction) ++pc.served;
  pc.balance_stale = pc.frame_stale = true;
  --pc.waiting[index(direction)];
  --waiting_;
  queue_.remove(choice.entry);
  if (oldest_in(pc, choice.bank, direction) == kNoEntry) {
    pc.waited_for[index(direction)] &= ~bit;
    pc.hits[index(direction)] &= ~bit;
  } else {
    find_hit(pc, choice.bank, direction, next);
  }
  if ((pc.hits[index(direction)] & bit) == 0) pc.row_news |= bit;
}

inline void Channel::note_direction(PseudoChannel& pc, Direction direction, Cycles at) {
  if (pc.bus_direction == direction) return;
  pc.bus_time[index(pc.bus_direction)] += at - pc.bus_turned_at;
  pc.bus_direction = direction;
  pc.bus_turned_at = at;
  ++counters_.turnarounds;
}

// Clocks for which the bus has been in this direction, the turning away from it included.
inline Cycles Channel::time_in(const PseudoChannel& pc, Direction direction, Cycles at) const {
  const Cycles before = pc.bus_time[index(direction)];
  return pc.bus_direction == direction ? before + (at - pc.bus_turned_at) : before;
}

inline void Channel::finish(const PseudoChannel& pc, const Entry& entry, Cycles at) {
  const Bank& bank = bank_of(pc, entry.bank);
  const std::size_t direction = index(entry.direction);
  step_.completed = true;
  step_.tag = entry.tag;
  step_.data_end = clock_.edge(at + column_latency_[direction] + burst_);
  const ServiceTimes times{at, step_.data_end, row_to_column_[direction],
                           time_in(pc, opposite(entry.direction), at)};
  note_stages(entry, bank.row, times, clock_, step_.stages);
  const auto waited = static_cast<std::uint64_t>((at - entry.arrived_at).count());
  if (entry.direction == Direction::read) {
    counters_.read_queue_cycles += waited;
    read_latency_.add(step_.data_end - entry.arrived);
  } else {
    ++counters_.write_requests;
    counters_.write_queue_cycles += waited;
  }
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
