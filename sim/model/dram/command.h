#pragma once

// A command as it went to the pins, and its line in a command trace:
//   time_ps channel pseudo_channel command bank_group bank row column

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "sim/base/units.h"
#include "sim/model/dram/spec.h"

namespace strobe::dram {

// Of a command to all banks only the pseudo-channel counts. Bank groups are counted through the
// stack IDs.
struct IssuedCommand {
  Command command{};
  std::uint8_t pseudo_channel = 0, bank_group = 0, bank = 0;  // bank: within its group
  std::uint16_t column = 0;                                   // in bursts
  std::uint32_t row = 0;
  Instant at;
};

// Appends the line, with its end.
void append_line(std::string& text, std::uint32_t channel, const IssuedCommand& command);

struct CommandLine {
  std::uint32_t channel = 0;
  IssuedCommand command;
};

// Nothing for a line that is none.
std::optional<CommandLine> parse_line(std::string_view line);

}  // namespace strobe::dram
