#pragma once

// What a memory part is, as plain values: one file of configs/dram becomes one PartSpec. The models
// know no standard by name; what makes HBM2 differ from LPDDR5X is all in here. Where each number
// comes from is kept by the reader of the file (sim/device), which also turns a Complaint into a
// line of that file.

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "sim/base/units.h"

namespace strobe::dram {

using KilobitsPerSecond = Quantity<struct KilobitPerSecondUnit>;
using Femtojoules = Quantity<struct FemtojouleUnit>;
using Microwatts = Quantity<struct MicrowattUnit>;

enum class Command : std::uint8_t {
  activate,
  read,
  write,
  precharge,
  precharge_all,
  refresh_bank,
  refresh_all,
  start_data_clock,
};
inline constexpr std::array<std::string_view, 8> kCommandNames{
    "activate",      "read",         "write",       "precharge",
    "precharge_all", "refresh_bank", "refresh_all", "start_data_clock"};
inline constexpr std::size_t kCommandCount = kCommandNames.size();

constexpr std::size_t index(Command command) {
  return static_cast<std::size_t>(command);
}
constexpr bool is_refresh(Command command) {
  return command == Command::refresh_bank || command == Command::refresh_all;
}

// How far a rule reaches: both commands go to the same bank, bank group, pseudo-channel or channel;
// or, of one pseudo-channel, to dies of different stack IDs.
enum class Scope : std::uint8_t { bank, bank_group, pseudo_channel, channel, other_stack };
inline constexpr std::array<std::string_view, 5> kScopeNames{"bank", "bank_group", "pseudo_channel",
                                                             "channel", "other_stack"};
inline constexpr std::size_t kScopeCount = kScopeNames.size();

// open: a row stays open until another is wanted; closed: it is closed once nobody waits for it;
// adaptive: each bank does what would have been right of late, see row_habit.h.
enum class PagePolicy : std::uint8_t { open, closed, adaptive };
inline constexpr std::array<std::string_view, 3> kPagePolicyNames{"open", "closed", "adaptive"};

// fold: row bits that lie as many apart as there are bank bits are XORed; polynomial: the row as a
// polynomial over GF(2), modulo an irreducible one.
enum class BankHash : std::uint8_t { none, fold, polynomial };
inline constexpr std::array<std::string_view, 3> kBankHashNames{"none", "xor", "polynomial"};

// all_bank: one command refreshes the pseudo-channel; per_bank: some banks at a time, in turn.
enum class RefreshKind : std::uint8_t { all_bank, per_bank };
inline constexpr std::array<std::string_view, 2> kRefreshKindNames{"all_bank", "per_bank"};

// The enumerator that a file calls `name`, or nothing.
template <class Enum, std::size_t N>
constexpr std::optional<Enum> named(const std::array<std::string_view, N>& names,
                                    std::string_view name) {
  for (std::size_t i = 0; i < N; ++i) {
    if (names[i] == name) return static_cast<Enum>(i);
  }
  return std::nullopt;
}

// Of one channel, unless said otherwise.
struct Geometry {
  std::uint32_t channels = 0;         // of one device or stack, for runs of the memory alone
  std::uint32_t pseudo_channels = 0;  // 1 where the standard has none
  std::uint32_t data_bits = 0;        // of one pseudo-channel
  std::uint32_t stack_ids = 1;        // of one pseudo-channel: sets of dies of a high stack
  std::uint32_t bank_groups = 0;      // of one stack ID
  std::uint32_t banks_per_group = 0;
  std::uint32_t rows = 0;  // of one bank; any number
  Bytes row;               // of one pseudo-channel
  Bytes burst;             // one column command moves this much

  // Of one pseudo-channel: those of the first stack ID come first.
  constexpr std::uint32_t all_groups() const { return stack_ids * bank_groups; }
  constexpr std::uint32_t banks_of_stack() const { return bank_groups * banks_per_group; }
  constexpr std::uint32_t banks() const { return stack_ids * banks_of_stack(); }
  // Where banks are counted through a channel, each pseudo-channel begins at a power of two.
  constexpr std::uint32_t numbers_of_banks() const { return std::bit_ceil(banks()); }
  constexpr std::uint32_t bursts_per_row() const {
    return static_cast<std::uint32_t>(row.count() / burst.count());
  }
};

// A time that the standard states in nanoseconds (rounded up to whole clocks when it is used, as
// JEDEC does) or in clocks.
struct Timing {
  std::string name;  // as in the standard: tRCDRD, tRRD_L, CL
  std::variant<Picoseconds, Cycles> value;
};

// Within one `within`, no command of `next` comes sooner than `wait` after the `window`-th last
// command of `first`. `wait` is a sum such as "CWL + BL + tWTR_L" or "CL + BL + 2 tCK - CWL": names
// of timings, each rounded up to clocks by itself, counts of tCK, and BL, the clocks that a burst
// takes on the data pins.
struct RuleSpec {
  Scope within{};
  std::vector<Command> first, next;
  std::string wait;
  std::uint32_t window = 1;
};

// tREFI, tRFCab and tRFCpb are timings. Per bank, one command is due each
// tREFI * banks_at_once / banks.
struct RefreshSpec {
  RefreshKind kind{};
  std::uint32_t banks_at_once = 1;   // by one refresh_bank: bank b and those banks/n further on
  std::uint32_t postpone_limit = 0;  // how many due commands may be outstanding
  std::uint32_t pull_in_limit = 0;   // how many may be ahead of the due ones
};

// Of a data clock that stops when nothing moves: how long after a read or write command a column
// command may come without starting it anew. Sums as in a rule's wait.
struct DataClockSpec {
  std::string after_read, after_write;
};

// Of one pseudo-channel.
struct ControllerSpec {
  std::uint32_t read_queue = 0;   // entries: up to four bursts of one row each
  std::uint32_t write_queue = 0;  // entries
  std::uint32_t drain_high = 0;   // so many waiting writes turn the bus to them
  std::uint32_t drain_low = 0;    // so few turn it back
  PagePolicy page_policy{};
  Picoseconds starvation_cap;  // a request this old goes before younger row hits
};

// What commands and time cost, in one pseudo-channel.
struct EnergySpec {
  Femtojoules activate;               // a row opened and closed again
  Femtojoules read, write;            // a burst, between the cells and the pins
  Femtojoules read_pins, write_pins;  // the same burst on the pins, both ends of the wires
  Femtojoules refresh;                // of all banks; a per-bank refresh costs its banks' share
  Microwatts standby, standby_open;   // with all rows closed, with any row open
};

// Where the bursts of a pseudo-channel lie, see mapping.h.
struct MappingSpec {
  std::uint32_t chunk_bursts = 0;  // consecutive bursts in one row before the bank group changes
  BankHash bank_hash{};            // of the row, XORed to bank and bank group
};

struct PartSpec {
  std::string name;                   // hbm2-2000
  std::string standard;               // HBM2
  KilobitsPerSecond data_rate;        // of one pin
  std::uint32_t beats_per_clock = 0;  // bits of one pin in one command clock
  Geometry geometry;
  std::vector<Timing> timings;
  std::vector<RuleSpec> rules;
  RefreshSpec refresh;
  std::optional<DataClockSpec> data_clock;  // none: it never stops
  ControllerSpec controller;
  MappingSpec mapping;
  EnergySpec energy;

  // REQUIRES: check(*this) has no complaint.
  Kilohertz command_clock() const { return Kilohertz(data_rate.count() / beats_per_clock); }
  Cycles burst_cycles() const {
    return Cycles(geometry.burst.count() * 8 / geometry.data_bits / beats_per_clock);
  }
  BytesPerSecond peak_of_pseudo_channel() const {
    return BytesPerSecond(data_rate.count() * geometry.data_bits * 125);
  }
};

// A value that cannot be, and its place in the file as a path: "timing.tRC", "rule[3].wait".
struct Complaint {
  std::string key;
  std::string message;
};

// Everything that is wrong with the numbers of a part, in the order of the file's sections; empty
// for a part that can be built.
std::vector<Complaint> check(const PartSpec& part);

// The timing of that name, or null.
const Timing* find_timing(const PartSpec& part, std::string_view name);

// In whole command clocks. REQUIRES: it exists and the part has no complaint.
Cycles cycles_of(const PartSpec& part, std::string_view timing);

}  // namespace strobe::dram
