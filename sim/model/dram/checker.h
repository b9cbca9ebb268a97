#pragma once

// Replays the commands of one channel against the standards and names every rule that they break.
//
// It is independent of the controller on purpose: the constraints are written out in checker.cpp
// from the standards' own parameters, it looks back at what was issued instead of stamping what may
// come, and of a part it takes the named timing values and the geometry, never its rules. A rule
// that is missing, too short or of the wrong scope in a part's file therefore shows here.

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "sim/base/units.h"
#include "sim/kernel/clock.h"
#include "sim/model/dram/command.h"
#include "sim/model/dram/spec.h"

namespace strobe::dram {

struct Standard;

struct Violation {
  std::string_view rule;               // tRCDRD, data bus, ...
  std::string_view document, chapter;  // where the standard demands it
  IssuedCommand command;               // the one that came too early, or at all
  Cycles wanted, seen;                 // distance from the earlier command, when it is about one
};

std::string describe(const Violation& violation, std::uint32_t channel);

class CommandChecker {
 public:
  // REQUIRES: the part has no complaint and its standard is one that is known here.
  explicit CommandChecker(const PartSpec& part);
  static bool knows(std::string_view standard);
  // The timings that the part's standard defines and the part does not give.
  static std::vector<std::string_view> missing(const PartSpec& part);

  // REQUIRES: commands come in the order of time.
  void see(const IssuedCommand& command);

  std::uint64_t commands() const { return commands_; }
  std::uint64_t violation_count() const { return violation_count_; }
  const std::vector<Violation>& violations() const { return violations_; }  // the first hundred

 private:
  static constexpr Cycles kLongAgo{-(std::int64_t{1} << 40)};
  static constexpr std::uint32_t kClosed = 0xFFFF'FFFF;
  static constexpr std::size_t kActivateWindow = 4;  // the F of tFAW
  using LastOfKind = std::array<Cycles, kCommandCount>;

  struct Bank {
    LastOfKind last;
    std::uint32_t row = kClosed;
    bool refreshed_in_round = false;
  };
  struct PseudoChannel {
    LastOfKind last;
    std::array<Cycles, kActivateWindow> activates;  // a ring
    std::uint32_t activate_count = 0;
    Cycles data_end = kLongAgo;
    bool data_was_read = false;
    std::uint64_t refreshes = 0;  // with those that a memory at rest had pulled in before time 0
    std::uint32_t banks_left_in_round = 0;
  };
  // A timing constraint with its wait in clocks, of those that this part's standard has.
  struct Bound {
    std::string_view rule, chapter;
    Command first;
    Scope scope;
    Cycles wait;
  };
  struct Bus {
    Cycles free = kLongAgo, free_for_activate = kLongAgo;
  };
  struct Sight;  // the command at hand, with its clock and its place in the tables

  void check_bounds(const Sight& sight);
  void check_activate_window(const Sight& sight);
  void check_buses(const Sight& sight);
  void check_state(const Sight& sight);
  void check_refresh(const Sight& sight);
  void check_data_clock(const Sight& sight);
  void remember(const Sight& sight);
  void take_bus(const Sight& sight);
  void remember_refresh(const Sight& sight);
  Cycles last_in_other_stacks(const Sight& sight, Command first) const;
  Cycles last_in_banks(const Sight& sight, Command first) const;
  bool covers(const Sight& sight, std::size_t bank) const;
  void report(const Sight& sight, std::string_view rule, std::string_view chapter,
              Cycles wanted = Cycles(0), Cycles seen = Cycles(0));

  const Standard* standard_;
  Geometry geometry_;
  Clock clock_;
  Cycles read_latency_, write_latency_, burst_, turn_gap_, four_activates_;
  Picoseconds refresh_interval_;
  std::uint64_t postpone_limit_, pull_in_limit_;
  std::size_t bank_stride_;
  std::array<std::vector<Bound>, kCommandCount> bounds_;  // by the later command

  std::vector<Bank> banks_;
  std::vector<LastOfKind> groups_;
  std::vector<PseudoChannel> pseudo_channels_;
  Cycles post_amble_;
  Cycles data_clock_until_ = kLongAgo;
  Cycles data_clock_started_ = kLongAgo;  // for a column command that is still to come
  std::array<Bus, 2> buses_;              // of rows (or the only one), of columns
  Cycles last_at_ = kLongAgo;

  std::uint64_t commands_ = 0, violation_count_ = 0;
  std::vector<Violation> violations_;
};

}  // namespace strobe::dram
