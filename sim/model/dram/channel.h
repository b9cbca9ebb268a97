#pragma once

// One DRAM channel with its pseudo-channels and its controller. Time inside is a count of command
// clocks. Nothing ticks: every choice carries the clock at which it can issue, and only the choices
// that an issued command or a new request may have changed are made anew (scheduler.cpp).

#include <algorithm>
#include <array>
#include <concepts>
#include <cstdint>
#include <vector>

#include "sim/model/dram/choice.h"
#include "sim/model/dram/command.h"
#include "sim/model/dram/counters.h"
#include "sim/model/dram/data_clock.h"
#include "sim/model/dram/mapping.h"
#include "sim/model/dram/refresh_plan.h"
#include "sim/model/dram/row_habit.h"
#include "sim/model/dram/stages.h"
#include "sim/model/dram/timing_table.h"
#include "sim/stats/histogram.h"

namespace strobe::dram {

// Up to four bursts of one 128-byte line.
struct Request {
  std::uint32_t tag = 0;  // the sender's own number for it
  bool is_write = false;
  std::uint8_t pseudo_channel = 0;
  std::uint8_t bursts = 0;        // bit i: burst first_burst + i is wanted
  std::uint64_t first_burst = 0;  // counted densely in the pseudo-channel; a multiple of four
};

// Takes what a channel reports. `completed` is called when the last command of a request issues:
// `data_end`, when its last data are through and its credit is free, lies in the future.
template <class S>
concept ChannelSink = requires(S& sink, std::uint32_t tag, Instant data_end,
                               const stats::StageTimes& stages, const IssuedCommand& command) {
  sink.completed(tag, data_end, stages);
  sink.issued(command);
  { S::kWantsCommands } -> std::convertible_to<bool>;  // false: issued() is never called
};

class Channel {
 public:
  explicit Channel(const PartSpec& part);

  std::uint32_t read_room(std::uint32_t pseudo_channel) const {
    const PseudoChannel& pc = pseudo_channels_[pseudo_channel];
    return controller_.read_queue - pc.waiting[0] - pc.forwarded;
  }
  std::uint32_t write_room(std::uint32_t pseudo_channel) const {
    return controller_.write_queue - pseudo_channels_[pseudo_channel].waiting[1];
  }

  // REQUIRES: there is room, `now` is not before any earlier push, and run_until(now) was called.
  void push(const Request& request, Instant now);

  // The earliest instant at which a command for a request could issue; never when none waits.
  // Refreshes wake nobody: those open while nothing waits are issued, at their proper times, when
  // the channel is run past them.
  Instant next_at();

  // Issues every command whose time is before `end`. REQUIRES: end is not never.
  template <ChannelSink Sink>
  void run_until(Instant end, Sink& sink) {
    const Cycles stop = first_edge_from(end);
    for (;;) {
      if constexpr (!Sink::kWantsCommands) {
        if (idle() && rest_until(stop)) return;
      }
      if (!take_step(stop)) return;
      report(sink);
    }
  }

  // The same until a request completes, which makes room for another; says when and where that was.
  // REQUIRES: a request waits.
  struct MadeRoom {
    Instant at;
    std::uint8_t pseudo_channel = 0;
  };
  template <ChannelSink Sink>
  MadeRoom run_to_completion(Sink& sink) {
    STROBE_ASSERT(!idle());
    do {
      take_step(kNever);
      report(sink);
    } while (!step_.completed);
    edge_ = {clock_.edge(now_), now_};
    return {edge_.at, step_.pseudo_channel};
  }

  // The same before `end`, and on to the end of the clock at which one completes. Returns that
  // clock's edge, or never when none has.
  template <ChannelSink Sink>
  Instant run_to_completion(Instant end, Sink& sink) {
    Cycles stop = clock_.first_edge_from(end);
    Instant completed = Instant::never();
    while (take_step(stop)) {
      report(sink);
      if (!step_.completed) continue;
      completed = clock_.edge(step_.at);
      stop = step_.at + Cycles(1);
    }
    return completed;
  }

  // Nothing waits.
  bool idle() const { return waiting_ == 0; }

  // The time of rows that are still open counts as far as `until`.
  Counters counters(Instant until) const;
  const stats::LatencyHistogram& read_latency() const { return read_latency_; }
  std::vector<BankCounters> bank_counters() const;  // of one pseudo-channel after the other

 private:
  static constexpr Cycles kNever{std::int64_t{1} << 56};
  static constexpr std::uint32_t kClosed = 0xFFFF'FFFF;

  struct Bank {
    RowHistory row;
    RowHabit habit;
    BankCounters counters;
  };

  struct Pick {
    Cycles at = kNever;
    std::uint32_t pseudo_channel = 0;
    std::uint32_t kind = kKindCount;
  };

  static constexpr std::size_t kMostBanks = 64;
  template <class T>
  using OfBanks = std::array<T, kMostBanks>;

  struct PseudoChannel {
    PseudoChannel(std::uint8_t place, const RefreshPlan& plan, const PartSpec& part)
        : number(place),
          first_bank(place * part.geometry.numbers_of_banks()),
          refresh(plan),
          closing(part.controller.page_policy == PagePolicy::closed ? ~BankMask{0} : 0) {
      open_row.fill(kClosed);
      for (auto& of_banks : hit) of_banks.fill(kNoEntry);
    }
    // The direction for which something is done in a bank: the one being served, if it wants it.
    Direction served_in(BankMask bank) const {
      const auto own = index(direction);
      return (waited_for[own] & bank) != 0 ? direction : opposite(direction);
    }

    // Clocks for which the bus has been in this direction, the turning away from it included.
    Cycles time_in(Direction in, Cycles at) const {
      const Cycles before = bus_time[index(in)];
      return bus_direction == in ? before + (at - bus_turned_at) : before;
    }

    std::uint8_t number;       // in the channel
    std::uint32_t first_bank;  // counted in the channel
    RefreshPlan refresh;
    OfBanks<std::uint32_t> open_row{};
    std::array<OfBanks<EntryId>, kDirectionCount> hit{};  // the oldest that wants open_row
    // What the next command to a bank that is waited for would be for, how old that request is, and
    // the clock from which bank and group allow it.
    OfBanks<EntryId> next_entry{};
    OfBanks<Command> next_command{};
    OfBanks<std::int32_t> next_rank{};  // Rank::word()
    OfBanks<Near> next_at{};
    std::array<BankMask, kDirectionCount> waited_for{};  // banks with requests
    std::array<BankMask, kDirectionCount> hits{};        // whose open row is wanted
    BankMask open = 0;
    BankMask closing;   // banks whose row is closed once nobody waits for it
    Cycles open_since;  // when the first of them was opened
    std::array<std::uint32_t, kDirectionCount> waiting{};  // for a command
    std::uint32_t forwarded = 0;  // reads whose data the write queue holds: they need none

    Direction direction{};                           // that is being served
    std::uint32_t served = 0;                        // requests since it changed
    bool writes_overdue = false;                     // some have waited past the starvation cap
    Direction bus_direction{};                       // of the last data
    Cycles bus_turned_at;                            // the first column command in that direction
    std::array<Cycles, kDirectionCount> bus_time{};  // before bus_turned_at

    Choices choices;
    Cycles last_command;               // when it issued
    Cycles last_refresh;               // the last one that had a choice to wait for
    Cycles last_at_rest;               // ... and that issued without one, see rest.cpp
    BankMask blocked = 0;              // banks kept free for a refresh
    bool preparing = false;            // rows of the other direction are opened
    bool stale = true;                 // something has changed
    bool frame_stale = true;           // ... that bears on the frame of the choices
    bool balance_stale = true;         // ... that bears on which direction is served
    bool column_stale = true;          // ... that bears on the column choice
    bool column_may_be_stale = false;  // ... if its clock has gone by
    BankMask column_news = 0;          // where rows have been opened since
    bool row_stale = true;
    BankMask row_news = 0;  // banks that may now need a row command, where nothing else has changed
  };

  // A read that the write queue answered.
  struct Forwarded {
    Instant arrived;
    Cycles arrived_at;
    std::uint32_t tag;
    std::uint8_t pseudo_channel;
  };

  struct Step {
    bool issued = false, completed = false;
    std::uint8_t pseudo_channel = 0;
    std::uint16_t column = 0;  // of a column command
    Choice choice;             // that was issued
    Cycles at;
    std::uint32_t tag = 0;
    Instant data_end;
    stats::StageTimes stages;
  };

  template <class Sink>
  void report(Sink& sink) const {
    if constexpr (Sink::kWantsCommands) {
      if (step_.issued) sink.issued(describe());
    }
    if (step_.completed) sink.completed(step_.tag, step_.data_end, step_.stages);
  }

  // An edge and its number: what runs a channel to an instant mostly also pushes then.
  struct Edge {
    Instant at;
    Cycles number;
  };
  Cycles first_edge_from(Instant at) {
    if (at != edge_.at) edge_ = {at, clock_.first_edge_from(at)};
    return edge_.number;
  }

  // channel.cpp: what happens when a request arrives or a refresh opens.
  void enlist(PseudoChannel& pseudo_channel, EntryId id);
  void refresh_opens();
  IssuedCommand describe() const;
  std::uint64_t& refreshes_issued(Command command) {
    return command == Command::refresh_all ? counters_.refresh_alls : counters_.refresh_banks;
  }
  Bank& bank_of(const PseudoChannel& pc, std::uint32_t bank) {
    return banks_[pc.first_bank + bank];
  }
  EntryId oldest_in(const PseudoChannel& pc, std::uint32_t bank, Direction direction) const {
    return queue_.oldest(pc.first_bank + bank, direction);
  }
  BankMask group_of(std::uint32_t bank) const {
    return first_group_ << (bank & ~(geometry_.banks_per_group - 1));
  }

  // forwarding.cpp: reads that the write queue answers.
  std::uint8_t forward(const PseudoChannel& pseudo_channel, const Location& location,
                       std::uint8_t bursts);
  void finish_forwarded();

  // epochs.cpp: keeps the clocks of choices near `now`, and the orders of requests small.
  void follow(Cycles now) {
    if (const Cycles by = ready_.follow(now); by != Cycles(0)) bring_choices_nearer(by);
  }
  void bring_choices_nearer(Cycles by);
  void count_orders_anew();
  std::uint32_t order_of(EntryId id) const {
    return static_cast<std::uint32_t>(std::max(queue_[id].order, first_order_) - first_order_);
  }

  // counting.cpp
  std::uint64_t still_open_cycles(Instant until) const;
  void count_commands(Counters& counters) const;

  // rows.cpp: what a row's opening and closing and a refresh change.
  void open_row(PseudoChannel& pseudo_channel, const Choice& choice);
  void close_row(PseudoChannel& pseudo_channel, std::uint32_t bank, Cycles at, Stamp bound);
  void close_all_rows(PseudoChannel& pseudo_channel, Cycles at, Stamp bound);
  void start_refresh(PseudoChannel& pseudo_channel, Cycles at);
  void note_refreshed(PseudoChannel& pseudo_channel, BankMask banks, Cycles at);

  // planning.cpp: what the next command to each bank would be.
  void plan(PseudoChannel& pseudo_channel, BankMask banks) const;
  void plan_bank(PseudoChannel& pseudo_channel, std::uint32_t bank) const;
  void plan_group(PseudoChannel& pseudo_channel, std::uint32_t bank) const;
  void find_hit(PseudoChannel& pseudo_channel, std::uint32_t bank, Direction direction,
                EntryId from);
  void note_habit(PseudoChannel& pseudo_channel, const Entry& entry);

  // turns.cpp: which direction is served, which refresh is owed, which rows are closed.
  void turn(PseudoChannel& pseudo_channel);
  bool should_turn(const PseudoChannel& pseudo_channel) const;
  bool may_prepare_other(const PseudoChannel& pseudo_channel) const;
  void note_overdue_writes(PseudoChannel& pseudo_channel) const;
  BankMask under_refresh(const PseudoChannel& pseudo_channel) const;
  void choose_refresh(PseudoChannel& pseudo_channel);
  void close_unwanted(PseudoChannel& pseudo_channel) const;

  // scheduler.cpp: which command comes next, and what its issue changes.
  bool take_step(Cycles stop);
  void find_best();
  void renew_choices(PseudoChannel& pseudo_channel);
  bool renew_frame(PseudoChannel& pseudo_channel);
  bool has_aged(const PseudoChannel& pseudo_channel, const Choice& choice) const;
  void choose_column(PseudoChannel& pseudo_channel);
  void start_data_clock_first(Choice& choice) const;
  void choose_row(PseudoChannel& pseudo_channel);
  Near columns_from(const PseudoChannel& pseudo_channel, std::uint32_t bank, Command command,
                    Near common) const;
  Choice first_column(const PseudoChannel& pseudo_channel, BankMask banks) const;
  // Of the next commands of some banks the first.
  struct First {
    Near at;
    Rank rank;
  };
  static First first_of(const PseudoChannel& pseudo_channel, BankMask banks, Lanes floors);
  static Choice choice_of(const PseudoChannel& pseudo_channel, Kind kind, First first);
  // When the pseudo-channel's rules allow a command, whatever its bank; and of all commands, each
  // in the lane of its number.
  Near common_clock(Command command, const PseudoChannel& pseudo_channel) const {
    return std::max(ready_.epoch().near(now_),
                    ready_.of(Scope::pseudo_channel, command, pseudo_channel.first_bank).at());
  }
  Lanes common_clocks(const PseudoChannel& pseudo_channel) const {
    return largest_of(all_lanes(ready_.epoch().near(now_)),
                      ready_.clocks(Scope::pseudo_channel, pseudo_channel.first_bank));
  }
  void issue(const Pick& pick);
  void issue_at_rest(const Pick& pick);
  void plan_after(PseudoChannel& pseudo_channel, const Choice& issued);
  void plan_next(PseudoChannel& pseudo_channel, const Choice& issued) const;
  void issue_column(PseudoChannel& pseudo_channel, const Choice& choice);
  void note_column(PseudoChannel& pseudo_channel, Entry& entry, const Choice& choice, Cycles at);
  void note_direction(PseudoChannel& pseudo_channel, Direction direction, Cycles at);
  void finish(const PseudoChannel& pseudo_channel, const Entry& entry, Cycles at);
  void leave(PseudoChannel& pseudo_channel, const Choice& choice);

  // rest.cpp: refreshes while nothing waits.
  Cycles when_channel_allows(Command command) const {
    return ready_.epoch().far(ready_.of(Scope::channel, command, 0).at());
  }
  void note_what_rest_allows(const std::vector<Rule>& rules, Cycles interval);
  bool rest_until(Cycles stop);
  bool rests() const;
  bool has_settled() const;
  void skip_refreshes(Cycles stop);
  void add_up_refreshes(PseudoChannel& pseudo_channel, Cycles stop);
  void refresh_at_rest(PseudoChannel& pseudo_channel, Cycles stop);
  bool refresh_on_the_spot(Cycles stop);

  Geometry geometry_;
  ControllerSpec controller_;
  Clock clock_;
  Mapping mapping_;
  ReadyTimes ready_;
  RequestQueue queue_;
  DataClock data_clock_;
  std::vector<PseudoChannel> pseudo_channels_;
  std::vector<Bank> banks_;
  std::vector<Forwarded> forwarded_;  // not yet reported

  BankMask first_group_;  // the banks of a pseudo-channel's first group
  Cycles burst_, starvation_cap_, refresh_time_;
  std::array<Cycles, kDirectionCount> column_latency_;  // CL, CWL
  std::array<Cycles, kDirectionCount> row_to_column_;   // tRCDRD, tRCDWR
  std::array<Cycles, kDirectionCount> turn_from_;       // to the other direction
  std::uint32_t batch_;                                 // requests of one direction in a row
  std::uint64_t arrivals_ = 0;
  std::uint64_t first_order_ = 0;  // from which the orders in ranks count
  std::uint32_t waiting_ = 0;
  Edge edge_;            // that was asked for last
  Cycles now_;           // no command can issue before it any more
  Cycles next_opening_;  // the earliest of a refresh of any pseudo-channel
  Step step_;            // what take_step() has done
  Pick best_;            // what pick() has found
  bool best_known_ = false;
  // Which commands to other banks of its group a command holds up.
  struct GroupReach {
    bool columns = false, any = false;
  };
  std::array<GroupReach, kCommandCount> reach_in_group_{};
  bool columns_hold_up_rows_;  // some rule says so beyond the bank itself
  // Of rest.cpp: no other command holds up a refresh for longer than settling_time_, no refresh of
  // other banks for longer than between_banks_, and none holds up anything for longer than
  // refresh_reach_.
  Cycles settling_time_, between_banks_, refresh_reach_;
  Cycles tail_;                        // what was refreshed so long ago does not matter any more
  bool refreshes_keep_apart_ = false;  // those of different banks, at rest
  std::int64_t turns_ = 1;             // a bank must not come again within so many refreshes
  Counters counters_;
  stats::LatencyHistogram read_latency_;
};

}  // namespace strobe::dram
