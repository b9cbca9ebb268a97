#include "sim/trace/registers.h"

#include <algorithm>

namespace strobe::trace {
namespace {

void add(Instruction& instruction, std::uint8_t first, std::uint32_t count) {
  for (std::uint32_t i = 0; i < count && first + i < kNoRegister; ++i) {
    if (instruction.source_count == kMaxSources) return;
    instruction.sources[instruction.source_count++] = static_cast<std::uint8_t>(first + i);
  }
}

}  // namespace

void expand_sources(Instruction& instruction, const Opcode& opcode,
                    std::span<const std::uint8_t> listed) {
  instruction.source_count = 0;
  const std::uint32_t address_registers = opcode.address_pair ? 2 : 1;
  const std::uint32_t data_registers = std::max(1U, opcode.access_bytes / 4U);
  const std::size_t last = listed.size() - 1;
  for (std::size_t i = 0; i < listed.size(); ++i) {
    std::uint32_t count = 1;
    switch (opcode.op) {
      case Op::load:
        count = i == 0 ? address_registers : 1;
        break;
      case Op::store:
      case Op::atomic:
      case Op::reduction:
        count = i == 0 && last > 0 ? address_registers : data_registers;
        break;
      case Op::async_copy:
        count = i == last ? address_registers : 1;
        break;
      case Op::fp64:
        count = 2;
        break;
      default:
        break;
    }
    add(instruction, listed[i], opcode.bulk ? 1 : count);
  }
}

}  // namespace strobe::trace
