#include "sim/model/dram/checker.h"

#include <algorithm>

#include "sim/base/check.h"
#include "sim/model/dram/standards.h"

namespace strobe::dram {

namespace {

using enum Command;

// The values of a part by the names of the standards; zero where it has no such parameter.
class Values {
 public:
  explicit Values(const PartSpec& part) : part_(part) {}

  Cycles operator()(std::string_view name) const {
    if (name == "BL") return part_.burst_cycles();
    return find_timing(part_, name) == nullptr ? Cycles(0) : cycles_of(part_, name);
  }

 private:
  const PartSpec& part_;
};

bool is_column(Command command) {
  return command == read || command == write;
}

bool is_for_all_banks(Command command) {
  return command == precharge_all || command == refresh_all;
}

Picoseconds refresh_interval(const PartSpec& part) {
  const Timing* timing = find_timing(part, "tREFI");
  STROBE_CHECK(timing != nullptr && std::holds_alternative<Picoseconds>(timing->value));
  const Picoseconds whole = std::get<Picoseconds>(timing->value);
  if (part.refresh.kind == RefreshKind::all_bank) return whole;
  return Picoseconds(whole.count() * part.refresh.banks_at_once / part.geometry.banks());
}

}  // namespace

struct CommandChecker::Sight {
  const IssuedCommand& command;
  Cycles at;
  std::size_t bank, group;  // over all pseudo-channels
  Command kind;
};

bool CommandChecker::knows(std::string_view standard) {
  return standard_named(standard) != nullptr;
}

std::vector<std::string_view> CommandChecker::missing(const PartSpec& part) {
  std::vector<std::string_view> names;
  const Standard* standard = standard_named(part.standard);
  if (standard == nullptr) return names;
  const auto want = [&](std::string_view name) {
    const bool there = name == "BL" || find_timing(part, name) != nullptr;
    if (!there && std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
  };
  for (const Constraint& constraint : constraints()) {
    if ((constraint.families & standard->family) == 0) continue;
    for (const std::string_view name : constraint.sum) want(name);
  }
  if (standard->family != kGddr7) want("tFAW");
  if (standard->stops_data_clock) want("tWCKPST");
  want("tBTA");
  return names;
}

CommandChecker::CommandChecker(const PartSpec& part)
    : standard_(standard_named(part.standard)),
      geometry_(part.geometry),
      clock_(part.command_clock()),
      refresh_interval_(refresh_interval(part)),
      postpone_limit_(part.refresh.postpone_limit),
      pull_in_limit_(part.refresh.pull_in_limit),
      bank_stride_(part.geometry.banks() / part.refresh.banks_at_once) {
  STROBE_CHECK(standard_ != nullptr && missing(part).empty());
  const Values values(part);
  read_latency_ = values("CL");
  write_latency_ = values("CWL");
  burst_ = values("BL");
  turn_gap_ = values("tBTA");
  post_amble_ = values("tWCKPST");
  four_activates_ = values("tFAW");
  for (const Constraint& constraint : constraints()) {
    if ((constraint.families & standard_->family) == 0) continue;
    Cycles wait;
    for (const std::string_view name : constraint.sum) wait += values(name);
    for (const Command next : constraint.next) {
      bounds_[static_cast<std::size_t>(next)].push_back(
          {constraint.rule, constraint.chapter, constraint.first, constraint.scope, wait});
    }
  }
  LastOfKind never;
  never.fill(kLongAgo);
  banks_.resize(std::size_t{geometry_.pseudo_channels} * geometry_.banks());
  for (Bank& bank : banks_) bank.last = never;
  groups_.assign(std::size_t{geometry_.pseudo_channels} * geometry_.all_groups(), never);
  pseudo_channels_.resize(geometry_.pseudo_channels);
  for (PseudoChannel& pseudo_channel : pseudo_channels_) {
    pseudo_channel.last = never;
    pseudo_channel.activates.fill(kLongAgo);
    pseudo_channel.banks_left_in_round = geometry_.banks();
    pseudo_channel.refreshes = pull_in_limit_;
  }
}

void CommandChecker::see(const IssuedCommand& command) {
  ++commands_;
  const std::size_t group =
      std::size_t{command.pseudo_channel} * geometry_.all_groups() + command.bank_group;
  const Sight sight{command, clock_.first_edge_from(command.at),
                    group * geometry_.banks_per_group + command.bank, group, command.command};
  if (command.pseudo_channel >= geometry_.pseudo_channels ||
      command.bank_group >= geometry_.all_groups() || command.bank >= geometry_.banks_per_group ||
      command.row >= geometry_.rows || command.column >= geometry_.bursts_per_row()) {
    report(sight, "address", "the part's geometry");
    return;
  }
  if (clock_.edge(sight.at) != command.at || sight.at < last_at_) {
    report(sight, "clock", "commands are on clock edges and in the order of time");
  }
  last_at_ = std::max(last_at_, sight.at);
  check_bounds(sight);
  check_activate_window(sight);
  check_buses(sight);
  check_state(sight);
  check_refresh(sight);
  check_data_clock(sight);
  remember(sight);
}

void CommandChecker::check_bounds(const Sight& sight) {
  const PseudoChannel& pseudo_channel = pseudo_channels_[sight.command.pseudo_channel];
  for (const Bound& bound : bounds_[static_cast<std::size_t>(sight.kind)]) {
    const auto first = static_cast<std::size_t>(bound.first);
    Cycles last = pseudo_channel.last[first];
    if (bound.scope == Scope::bank_group) last = groups_[sight.group][first];
    if (bound.scope == Scope::bank) last = last_in_banks(sight, bound.first);
    if (bound.scope == Scope::other_stack) last = last_in_other_stacks(sight, bound.first);
    if (sight.at - last < bound.wait) {
      report(sight, bound.rule, bound.chapter, bound.wait, sight.at - last);
    }
  }
}

Cycles CommandChecker::last_in_other_stacks(const Sight& sight, Command first) const {
  const std::size_t own = sight.command.bank_group / geometry_.bank_groups;
  const std::size_t groups = geometry_.all_groups();
  Cycles last = kLongAgo;
  for (std::size_t group = 0; group < groups; ++group) {
    if (group / geometry_.bank_groups == own) continue;
    const LastOfKind& of_group = groups_[sight.command.pseudo_channel * groups + group];
    last = std::max(last, of_group[static_cast<std::size_t>(first)]);
  }
  return last;
}

Cycles CommandChecker::last_in_banks(const Sight& sight, Command first) const {
  Cycles last = banks_[sight.bank].last[static_cast<std::size_t>(first)];
  if (sight.kind != refresh_bank) return last;
  for (std::size_t bank = 0; bank < banks_.size(); ++bank) {
    if (!covers(sight, bank)) continue;
    last = std::max(last, banks_[bank].last[static_cast<std::size_t>(first)]);
  }
  return last;
}

// Whether the command goes to this bank: refresh_bank may take several.
bool CommandChecker::covers(const Sight& sight, std::size_t bank) const {
  if (bank == sight.bank) return true;
  if (bank / geometry_.banks() != sight.bank / geometry_.banks()) return false;
  if (is_for_all_banks(sight.kind)) return true;
  return sight.kind == refresh_bank && bank % bank_stride_ == sight.bank % bank_stride_;
}

void CommandChecker::check_activate_window(const Sight& sight) {
  if (sight.kind != activate) return;
  const PseudoChannel& pseudo_channel = pseudo_channels_[sight.command.pseudo_channel];
  const Cycles fourth_last =
      pseudo_channel.activates[pseudo_channel.activate_count % kActivateWindow];
  if (sight.at - fourth_last < four_activates_) {
    report(sight, "tFAW", kCore, four_activates_, sight.at - fourth_last);
  }
}

void CommandChecker::check_buses(const Sight& sight) {
  const bool column = is_column(sight.kind);
  const Bus& bus = buses_[standard_->separate_buses && column ? 1 : 0];
  if (sight.at < (sight.kind == activate ? bus.free_for_activate : bus.free)) {
    report(sight, "command bus", "command truth table");
  }
  if (!column) return;
  const PseudoChannel& pseudo_channel = pseudo_channels_[sight.command.pseudo_channel];
  const Cycles start = sight.at + (sight.kind == read ? read_latency_ : write_latency_);
  const bool turns = pseudo_channel.data_was_read && sight.kind == write;
  if (start < pseudo_channel.data_end + (turns ? turn_gap_ : Cycles(0))) {
    report(sight, turns ? "tRTW" : "data bus", "read and write");
  }
}

void CommandChecker::check_state(const Sight& sight) {
  constexpr std::string_view kStates = "state diagram";
  const Bank& bank = banks_[sight.bank];
  if (is_column(sight.kind) && bank.row != sight.command.row) report(sight, "row open", kStates);
  if (sight.kind == activate && bank.row != kClosed) report(sight, "bank closed", kStates);
  if (sight.kind != refresh_bank && sight.kind != refresh_all) return;
  for (std::size_t i = 0; i < banks_.size(); ++i) {
    if (covers(sight, i) && banks_[i].row != kClosed) {
      report(sight, "refresh of a closed bank", kRefresh);
    }
    if (sight.kind == refresh_bank && covers(sight, i) && banks_[i].refreshed_in_round) {
      report(sight, "every bank once in a round", kRefresh);
    }
  }
}

// At most the postponed ones may be outstanding, and the one that has just become due; and of those
// to come no more may be done than can be pulled in.
void CommandChecker::check_refresh(const Sight& sight) {
  PseudoChannel& pseudo_channel = pseudo_channels_[sight.command.pseudo_channel];
  const auto due = static_cast<std::uint64_t>(sight.command.at.since_start().count() /
                                              refresh_interval_.count());
  if (due > pseudo_channel.refreshes + postpone_limit_ + 1) {
    report(sight, "tREFI", kRefresh);
    pseudo_channel.refreshes = due - postpone_limit_ - 1;  // named once, not with every command
  }
  const bool refreshes = sight.kind == refresh_bank || sight.kind == refresh_all;
  if (refreshes && pseudo_channel.refreshes >= due + pull_in_limit_) {
    report(sight, "refreshes pulled in", kRefresh);
  }
}

// WCK runs until tWCKPST after the last data. Later column commands need CAS with a WS bit in the
// clock before them, and nothing may come between.
void CommandChecker::check_data_clock(const Sight& sight) {
  if (!standard_->stops_data_clock) return;
  constexpr std::string_view kSync = "WCK2CK synchronisation";
  const bool column = is_column(sight.kind);
  const bool started = data_clock_started_ != kLongAgo;
  if (started && (!column || sight.at != data_clock_started_ + Cycles(1))) {
    report(sight, "CAS before a column command", kSync);
  }
  if (column && !started && sight.at > data_clock_until_) report(sight, "WCK running", kSync);
  data_clock_started_ = sight.kind == start_data_clock ? sight.at : kLongAgo;
  if (!column) return;
  const Cycles latency = sight.kind == read ? read_latency_ : write_latency_;
  data_clock_until_ = sight.at + latency + burst_ + post_amble_;
}

void CommandChecker::remember(const Sight& sight) {
  const auto kind = static_cast<std::size_t>(sight.kind);
  PseudoChannel& pseudo_channel = pseudo_channels_[sight.command.pseudo_channel];
  pseudo_channel.last[kind] = sight.at;
  groups_[sight.group][kind] = sight.at;
  banks_[sight.bank].last[kind] = sight.at;
  take_bus(sight);
  switch (sight.kind) {
    case activate:
      banks_[sight.bank].row = sight.command.row;
      pseudo_channel.activates[pseudo_channel.activate_count++ % kActivateWindow] = sight.at;
      break;
    case read:
    case write:
      pseudo_channel.data_was_read = sight.kind == read;
      pseudo_channel.data_end =
          sight.at + (sight.kind == read ? read_latency_ : write_latency_) + burst_;
      break;
    case precharge:
      banks_[sight.bank].row = kClosed;
      break;
    case precharge_all:
      for (std::size_t i = 0; i < banks_.size(); ++i) {
        if (covers(sight, i)) banks_[i].row = kClosed;
      }
      break;
    case refresh_bank:
    case refresh_all:
      remember_refresh(sight);
      break;
    case start_data_clock:
      break;
  }
}

void CommandChecker::take_bus(const Sight& sight) {
  const bool column = is_column(sight.kind);
  Bus& bus = buses_[standard_->separate_buses && column ? 1 : 0];
  bus.free = sight.at + Cycles(sight.kind == activate ? standard_->after_activate
                               : column               ? standard_->column_clocks
                                                      : 1);
  bus.free_for_activate =
      sight.kind == activate ? sight.at + Cycles(standard_->activate_clocks) : bus.free;
}

void CommandChecker::remember_refresh(const Sight& sight) {
  PseudoChannel& pseudo_channel = pseudo_channels_[sight.command.pseudo_channel];
  ++pseudo_channel.refreshes;
  if (sight.kind == refresh_all) return;
  const std::size_t first = std::size_t{sight.command.pseudo_channel} * geometry_.banks();
  for (std::size_t i = first; i < first + geometry_.banks(); ++i) {
    if (!covers(sight, i)) continue;
    banks_[i].last[static_cast<std::size_t>(refresh_bank)] = sight.at;
    if (!banks_[i].refreshed_in_round) --pseudo_channel.banks_left_in_round;
    banks_[i].refreshed_in_round = true;
  }
  if (pseudo_channel.banks_left_in_round > 0) return;
  pseudo_channel.banks_left_in_round = geometry_.banks();
  for (std::size_t i = first; i < first + geometry_.banks(); ++i) {
    banks_[i].refreshed_in_round = false;
  }
}

void CommandChecker::report(const Sight& sight, std::string_view rule, std::string_view chapter,
                            Cycles wanted, Cycles seen) {
  constexpr std::size_t kKept = 100;
  ++violation_count_;
  if (violations_.size() < kKept) {
    violations_.push_back({rule, standard_->document, chapter, sight.command, wanted, seen});
  }
}

std::string describe(const Violation& violation, std::uint32_t channel) {
  std::string text = std::string(violation.rule) + " broken";
  if (violation.wanted > Cycles(0)) {
    text += " (" + std::to_string(violation.seen.count()) + " clocks instead of " +
            std::to_string(violation.wanted.count()) + ")";
  }
  text += " [" + std::string(violation.document) + ": " + std::string(violation.chapter) + "] by ";
  append_line(text, channel, violation.command);
  text.pop_back();
  return text;
}

}  // namespace strobe::dram
