#include "sim/model/dram/spec.h"

#include <algorithm>
#include <bit>

#include "sim/base/check.h"
#include "sim/kernel/clock.h"
#include "sim/model/dram/checker.h"
#include "sim/model/dram/priority.h"
#include "sim/model/dram/rules.h"
#include "sim/model/dram/standards.h"

namespace strobe::dram {

namespace {

constexpr std::uint32_t kMostBanks = 64;  // of a pseudo-channel: the scheduler's masks are words

class PartCheck {
 public:
  explicit PartCheck(const PartSpec& part) : part_(part) {}

  std::vector<Complaint> run() {
    check_rates();
    check_geometry();
    // Everything below is stated in clocks and bursts and means nothing without them.
    if (!complaints_.empty()) return complaints_;
    check_timings();
    if (!complaints_.empty()) return complaints_;
    check_relations();
    for (std::size_t i = 0; i < part_.rules.size(); ++i) check_rule(i);
    check_refresh();
    if (part_.data_clock) check_data_clock(*part_.data_clock);
    check_controller();
    refuse_unless(part_.energy.standby_open >= part_.energy.standby, "energy.standby_open",
                  "is less than standby, with all rows closed");
    return complaints_;
  }

 private:
  void refuse_unless(bool holds, std::string key, std::string message) {
    if (!holds) complaints_.push_back({std::move(key), std::move(message)});
  }
  bool has(std::string_view timing) const { return find_timing(part_, timing) != nullptr; }

  void check_rates() {
    refuse_unless(part_.data_rate.count() > 0, "part.data_rate", "must be more than zero");
    refuse_unless(part_.beats_per_clock > 0, "part.beats_per_clock", "must be more than zero");
    if (!complaints_.empty()) return;
    refuse_unless(part_.data_rate.count() % part_.beats_per_clock == 0, "part.beats_per_clock",
                  "must divide the data rate into a whole number of kHz");
  }

  void count_in_bits(std::uint32_t count, const std::string& key) {
    refuse_unless(std::has_single_bit(count), "geometry." + key, "must be a power of two");
  }

  void check_geometry() {
    const Geometry& g = part_.geometry;
    refuse_unless(g.channels > 0, "geometry.channels", "must be more than zero");
    refuse_unless(g.rows > 0, "geometry.rows", "must be more than zero");
    count_in_bits(g.pseudo_channels, "pseudo_channels");
    count_in_bits(g.data_bits, "data_bits");
    refuse_unless(g.stack_ids > 0 && g.stack_ids <= 4, "geometry.stack_ids", "must be 1 to 4");
    count_in_bits(g.bank_groups, "bank_groups");
    count_in_bits(g.banks_per_group, "banks_per_group");
    count_in_bits(static_cast<std::uint32_t>(g.row.count()), "row");
    count_in_bits(static_cast<std::uint32_t>(g.burst.count()), "burst");
    if (!complaints_.empty() || part_.beats_per_clock == 0) return;
    refuse_unless(g.pseudo_channels <= 8, "geometry.pseudo_channels", "must be at most 8");
    refuse_unless(
        g.banks_per_group <= kMostBanks && g.bank_groups <= kMostBanks && g.banks() <= kMostBanks,
        "geometry.bank_groups", "more than 64 banks in a pseudo-channel");
    refuse_unless(g.row >= g.burst, "geometry.row", "is shorter than a burst");
    const Standard* const standard = standard_named(part_.standard);
    if (standard != nullptr && g.bank_groups == 1 && g.banks_per_group == 16) {
      const KilobitsPerSecond fastest = standard->fastest_of_16_banks;
      refuse_unless(fastest.count() == 0 || part_.data_rate <= fastest, "geometry.bank_groups",
                    "16 banks in one group are for " + std::to_string(fastest.count() / 1000) +
                        " Mb/s at most, by " + std::string(standard->document));
    }
    const std::int64_t bits_per_clock = std::int64_t{g.data_bits} * part_.beats_per_clock;
    refuse_unless(g.burst.count() * 8 % bits_per_clock == 0, "geometry.burst",
                  "must take a whole number of command clocks on the data pins");
    const std::uint32_t chunk = part_.mapping.chunk_bursts;
    refuse_unless(std::has_single_bit(chunk) && chunk >= 4 && chunk <= g.bursts_per_row(),
                  "mapping.chunk_bursts",
                  "must be a power of two, at least 4 (a 128-byte line) and at most a row");
  }

  void check_timings() {
    for (const Timing& timing : part_.timings) {
      const bool in_clocks = std::holds_alternative<Cycles>(timing.value);
      const std::int64_t count = in_clocks ? std::get<Cycles>(timing.value).count()
                                           : std::get<Picoseconds>(timing.value).count();
      refuse_unless(count >= 0, "timing." + timing.name, "must not be negative");
      refuse_unless(timing.name != "BL" && timing.name != "tCK", "timing." + timing.name,
                    "follows from the geometry and the data rate and cannot be stated");
      const auto same = [&](const Timing& other) { return other.name == timing.name; };
      refuse_unless(std::count_if(part_.timings.begin(), part_.timings.end(), same) == 1,
                    "timing." + timing.name, "is given twice");
    }
    for (const char* name : {"CL", "CWL", "tRCDRD", "tRCDWR", "tRP", "tRAS", "tRC", "tREFI"}) {
      refuse_unless(has(name), "timing", std::string("lacks ") + name);
    }
    refuse_unless(CommandChecker::knows(part_.standard), "part.standard",
                  "is none that the checker of commands knows");
    for (const std::string_view name : CommandChecker::missing(part_)) {
      refuse_unless(false, "timing", "lacks " + std::string(name) + " of " + part_.standard);
    }
  }

  // `larger` must last at least as long as `times` x `smaller` (+ `other`).
  void at_least(const char* larger, std::int64_t times, const char* smaller,
                const char* other = nullptr) {
    if (!has(larger) || !has(smaller) || (other != nullptr && !has(other))) return;
    const Cycles left = cycles_of(part_, larger);
    Cycles right = cycles_of(part_, smaller) * times;
    std::string text = (times > 1 ? std::to_string(times) + " x " : "") + std::string(smaller);
    if (other != nullptr) {
      right += cycles_of(part_, other);
      text += " + " + std::string(other);
    }
    // Each is rounded up to clocks by itself, so a sum of two may exceed the whole by one.
    const Cycles slack(other != nullptr ? 1 : 0);
    refuse_unless(left + slack >= right, "timing." + std::string(larger),
                  "is " + std::to_string(left.count()) + " clocks, less than " + text + " = " +
                      std::to_string(right.count()));
  }

  void check_relations() {
    at_least("tRC", 1, "tRAS", "tRP");
    at_least("tRAS", 1, "tRCDRD");
    at_least("tFAW", 1, "tRRD_S");
    at_least("tRRD_L", 1, "tRRD_S");
    at_least("tCCD_L", 1, "tCCD_S");
    at_least("tCCDR", 1, "tCCD_S");
    at_least("tWTR_L", 1, "tWTR_S");
    at_least("tRFCab", 1, "tRFCpb");
    at_least("tREFI", 1, "tRFCab");
    if (has("tCCD_S")) {
      refuse_unless(cycles_of(part_, "tCCD_S") >= part_.burst_cycles(), "timing.tCCD_S",
                    "is shorter than a burst: data would overlap");
    }
  }

  static bool of_no_bank(Command command) {
    return command == Command::precharge_all || command == Command::refresh_all ||
           command == Command::start_data_clock;
  }

  void check_rule(std::size_t index) {
    const RuleSpec& rule = part_.rules[index];
    const std::string key = "rule[" + std::to_string(index) + "].";
    refuse_unless(!rule.first.empty(), key + "first", "names no command");
    refuse_unless(!rule.next.empty(), key + "next", "names no command");
    refuse_unless(rule.window >= 1 && rule.window <= 16, key + "window", "must be 1 to 16");
    const Wait wait = parse_wait(part_, rule.wait);
    refuse_unless(wait.error.empty(), key + "wait", wait.error);
    refuse_unless(wait.cycles < kLongestWait, key + "wait",
                  "must be less than " + std::to_string(kLongestWait.count()) + " clocks");
    if (rule.within == Scope::other_stack) {
      const auto all_columns = [](const std::vector<Command>& commands) {
        return std::all_of(commands.begin(), commands.end(), [](Command command) {
          return command == Command::read || command == Command::write;
        });
      };
      refuse_unless(all_columns(rule.first) && all_columns(rule.next) && rule.window == 1,
                    key + "within", "only reads and writes, one by one, wait for other stacks");
      return;
    }
    if (rule.within != Scope::bank && rule.within != Scope::bank_group) return;
    const auto refuse_in = [&](const std::vector<Command>& commands, const char* which) {
      for (const Command command : commands) {
        refuse_unless(!of_no_bank(command), key + which,
                      "a command to no single bank needs within = \"pseudo_channel\" or wider");
        refuse_unless(command != Command::refresh_bank || rule.within == Scope::bank, key + which,
                      "refresh_bank belongs to no bank group");
      }
    };
    refuse_in(rule.first, "first");
    refuse_in(rule.next, "next");
  }

  void check_refresh() {
    const RefreshSpec& refresh = part_.refresh;
    const std::uint32_t banks = part_.geometry.banks();
    refuse_unless(refresh.banks_at_once > 0 && banks % refresh.banks_at_once == 0,
                  "refresh.banks_at_once", "must divide the banks of a pseudo-channel");
    refuse_unless(refresh.postpone_limit >= 1, "refresh.postpone_limit",
                  "must be at least 1: a due refresh may have to wait for a row to close");
    // DDR3 (JESD79-3) lets eight be pulled in; refreshes by bank take the place of one of all
    // banks.
    constexpr std::uint32_t kMostPulledIn = 8;
    const bool banks_apart = refresh.kind == RefreshKind::per_bank && refresh.banks_at_once > 0;
    const std::uint32_t commands = banks_apart ? banks / refresh.banks_at_once : 1;
    refuse_unless(refresh.pull_in_limit <= kMostPulledIn * commands, "refresh.pull_in_limit",
                  "is more than eight refreshes of all banks");
    const char* needed = refresh.kind == RefreshKind::per_bank ? "tRFCpb" : "tRFCab";
    refuse_unless(has(needed), "timing", std::string("lacks ") + needed);
    refuse_unless(cycles_of(part_, "tREFI").count() >= banks, "timing.tREFI",
                  "is less than a clock for each bank");
  }

  void check_data_clock(const DataClockSpec& data_clock) {
    refuse_unless(part_.geometry.pseudo_channels == 1, "data_clock",
                  "cannot be shared by pseudo-channels");
    const Wait after_read = parse_wait(part_, data_clock.after_read);
    refuse_unless(after_read.error.empty(), "data_clock.after_read", after_read.error);
    const Wait after_write = parse_wait(part_, data_clock.after_write);
    refuse_unless(after_write.error.empty(), "data_clock.after_write", after_write.error);
  }

  void check_controller() {
    const ControllerSpec& c = part_.controller;
    constexpr std::uint32_t kMost = 4096;  // entries are numbered with 16 bits
    refuse_unless(c.read_queue > 0 && c.read_queue <= kMost, "controller.read_queue",
                  "must be 1 to 4096 entries");
    refuse_unless(c.write_queue > 0 && c.write_queue <= kMost, "controller.write_queue",
                  "must be 1 to 4096 entries");
    refuse_unless(c.drain_high > 0 && c.drain_high <= c.write_queue, "controller.drain_high",
                  "must be 1 to write_queue");
    refuse_unless(c.drain_low < c.drain_high, "controller.drain_low", "must be below drain_high");
    refuse_unless(c.starvation_cap > Picoseconds(0), "controller.starvation_cap",
                  "must be more than zero");
  }

  const PartSpec& part_;
  std::vector<Complaint> complaints_;
};

}  // namespace

std::vector<Complaint> check(const PartSpec& part) {
  return PartCheck(part).run();
}

const Timing* find_timing(const PartSpec& part, std::string_view name) {
  const auto found = std::find_if(part.timings.begin(), part.timings.end(),
                                  [&](const Timing& timing) { return timing.name == name; });
  return found == part.timings.end() ? nullptr : &*found;
}

Cycles cycles_of(const PartSpec& part, std::string_view timing) {
  const Timing* found = find_timing(part, timing);
  STROBE_CHECK(found != nullptr);
  if (const Cycles* clocks = std::get_if<Cycles>(&found->value)) return *clocks;
  return Clock(part.command_clock()).cycles_covering(std::get<Picoseconds>(found->value));
}

}  // namespace strobe::dram
