#pragma once

// One instruction line of an Accel-Sim trace, versions without number and 1 to 6:
//
//   [line] PC mask n [Rd] OPCODE n [Rs ...] width [mode addresses ...] [immediate ...]
//
// Fields behind the immediate are some forks' own and are not looked at.

#include <string>
#include <string_view>
#include <vector>

#include "sim/trace/fields.h"
#include "sim/trace/kernel_header.h"
#include "sim/trace/opcodes.h"
#include "sim/trace/registers.h"
#include "sim/trace/warning_log.h"

namespace strobe::trace {

class InstructionParser {
 public:
  InstructionParser(const FileHeader& header, WarningLog& log) : header_(header), log_(log) {}

  // Appends the instruction and its addresses to `cta`. False when the line is damaged: error()
  // then says what was expected.
  bool parse(std::string_view line, Cta& cta);
  std::string error() const;

  const Opcode& opcode_of(std::string_view text) { return opcodes_.find(text); }

 private:
  struct Line;  // what is known of the line being read

  // What is the same on every line of a PC: registers and opcode, and the text that says so.
  struct Known {
    std::string text;  // to the next field; empty: nothing is known yet
    Opcode opcode;
    Instruction instruction;  // as far as the text goes
  };

  bool read_registers(Line& line);
  bool parse_registers(Line& line);
  bool parse_register(Fields& fields, std::uint8_t& number);
  bool parse_memory(Line& line, Cta& cta);
  bool parse_addresses(Line& line, std::uint32_t lanes, Cta& cta);
  bool parse_deltas(Line& line, std::uint32_t count, Cta& cta);
  bool parse_bulk(Line& line, Cta& cta);
  bool parse_immediate(Line& line);
  void settle_space(Line& line, Cta& cta);
  Space space_of(std::uint64_t& address) const;
  static constexpr std::size_t kKnown = 8192;  // of 64 KiB of code

  bool fail(const char* expected, const Fields& found);

  const FileHeader& header_;
  WarningLog& log_;
  OpcodeCache opcodes_;
  std::vector<Known> known_{kKnown};  // by PC, the last one of those that share a place
  const char* expected_ = "";
  std::string_view found_;
};

}  // namespace strobe::trace
