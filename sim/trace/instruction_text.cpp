#include "sim/trace/instruction_text.h"

#include <algorithm>
#include <iterator>
#include <string>

#include "sim/base/error.h"
#include "sim/trace/registers.h"

namespace strobe::trace {
namespace {

const char* width_text(std::uint32_t bytes) {
  switch (bytes) {
    case 1:
      return ".U8";
    case 2:
      return ".U16";
    case 8:
      return ".64";
    case 16:
      return ".128";
    case 32:
      return ".256";
    default:
      return "";
  }
}

const char* place_text(Space space, const char* global, const char* local, const char* shared) {
  return space == Space::shared ? shared : space == Space::local ? local : global;
}

std::string tensor_text(std::uint32_t registers) {
  if (registers <= 1) return "HMMA.884.F16";
  if (registers == 2) return "HMMA.16816.F16";
  if (registers == 4) return "HMMA.16816.F32";
  return "HGMMA.64x" + std::to_string(2 * registers) + "x16.F32";
}

std::string memory_text(const Instruction& instruction) {
  const Space space = instruction.space;
  const std::string width = width_text(instruction.access_bytes);
  switch (instruction.op) {
    case Op::load:
      return place_text(space, "LDG.E", "LDL", "LDS") + width;
    case Op::store:
      return place_text(space, "STG.E", "STL", "STS") + width;
    case Op::atomic:
      return place_text(space, "ATOMG.E.ADD", "ATOMS.ADD", "ATOMS.ADD") + width;
    case Op::reduction:
      return place_text(space, "RED.E.ADD", "REDAS.ADD", "REDAS.ADD") + width;
    default:
      return (instruction.immediate == 1 ? "LDGSTS.E.LTC128B" : "LDGSTS.E") + width;
  }
}

std::string opcode_text(const Instruction& instruction) {
  const bool is_pair = instruction.destination_count == 2;
  switch (instruction.op) {
    case Op::integer:
      return is_pair ? "IMAD.WIDE" : "IADD3";
    case Op::fp32:
      return "FADD";
    case Op::fp16:
      return "HADD2";
    case Op::fp64:
      return "DFMA";
    case Op::conversion:
      return is_pair ? "F2F.F64.F32" : "F2I";
    case Op::special:
      return "MUFU.RCP";
    case Op::tensor:
      return tensor_text(instruction.destination_count);
    case Op::uniform:
      return "UMOV";
    case Op::branch:
      return "BRA";
    case Op::copy_commit:
      return "LDGDEPBAR";
    case Op::copy_wait:
      return "DEPBAR.LE";
    case Op::constant_load:
      return std::string("LDC") +
             width_text(4U * std::max<std::uint32_t>(1, instruction.destination_count));
    case Op::barrier:
      return "BAR.SYNC";
    case Op::memory_barrier:
      return "MEMBAR.SC.GPU";
    case Op::exit:
      return "EXIT";
    case Op::nop:
      return "NOP";
    case Op::unknown:
      return "UNKNOWN";
    default:
      return memory_text(instruction);
  }
}

struct Listed {
  std::array<std::uint8_t, kMaxListed> registers{};
  std::size_t count = 0;

  void add(std::uint8_t number) {
    if (count < kMaxListed) registers[count++] = number;
  }
};

// The registers from `begin` on, one of every `step`.
Listed listed_from(const Instruction& instruction, Listed listed, std::size_t begin,
                   std::size_t step) {
  for (std::size_t i = begin; i < instruction.source_count; i += step) {
    listed.add(instruction.sources[i]);
  }
  return listed;
}

// What a trace would have listed for these sources: the shapes that expand_sources() knows are
// tried until one gives the same registers back.
Listed listed_registers(const Instruction& instruction, const Opcode& opcode) {
  const std::size_t data = std::max(1U, opcode.access_bytes / 4U);
  Listed address, no_address;
  address.add(instruction.sources[0]);
  no_address.add(kNoRegister);
  Listed address_only = address;
  address_only.add(kNoRegister);
  const std::size_t address_registers = opcode.address_pair ? 2 : 1;
  const Listed shapes[] = {
      listed_from(instruction, {}, 0, 1),
      listed_from(instruction, address, address_registers, data),
      listed_from(instruction, address, address_registers, 1),
      address_only,
      listed_from(instruction, {}, 0, data),
      listed_from(instruction, no_address, 0, data),
      listed_from(instruction, {}, 0, 2),
      listed_from(instruction, no_address, 0, 2),
      listed_from(instruction, address, 1, 2),
  };
  for (const Listed& shape : shapes) {
    Instruction read_back;
    expand_sources(read_back, opcode, {shape.registers.data(), shape.count});
    if (read_back.source_count == instruction.source_count &&
        read_back.sources == instruction.sources) {
      return shape;
    }
  }
  return shapes[0];
}

void append_addresses(const Cta& cta, const Instruction& instruction, fmt::memory_buffer& text) {
  const auto out = std::back_inserter(text);
  if (!instruction.listed) {
    fmt::format_to(out, "{} 1 0x{:x} {} ", instruction.access_bytes, instruction.base,
                   instruction.stride);
    return;
  }
  const std::uint64_t* const addresses = &cta.addresses[instruction.first_address];
  fmt::format_to(out, "{} 2 0x{:x} ", instruction.access_bytes, addresses[0]);
  for (std::uint32_t i = 1; i < instruction.address_count(); ++i) {
    fmt::format_to(out, "{} ", static_cast<std::int64_t>(addresses[i] - addresses[i - 1]));
  }
}

}  // namespace

void append_line(const Cta& cta, const Instruction& instruction, fmt::memory_buffer& text) {
  if (instruction.bulk_count != 0) {
    throw UserError("bulk copies (TMA) cannot be written as a trace of version 5");
  }
  if (instruction.op >= Op::await_copies && instruction.op <= Op::await_arrivals) {
    throw UserError("barriers in shared memory cannot be written as a trace of version 5");
  }
  const auto out = std::back_inserter(text);
  const std::string name = opcode_text(instruction);
  const Listed listed = listed_registers(instruction, classify(name));
  fmt::format_to(out, "{:04x} {:08x} ", instruction.pc, instruction.active_mask);
  if (instruction.destination == kNoRegister) {
    fmt::format_to(out, "0 {} {} ", name, listed.count);
  } else {
    fmt::format_to(out, "1 R{} {} {} ", instruction.destination, name, listed.count);
  }
  for (std::size_t i = 0; i < listed.count; ++i) {
    fmt::format_to(out, "R{} ", listed.registers[i]);
  }
  if (instruction.space == Space::none) {
    fmt::format_to(out, "0 ");
  } else {
    append_addresses(cta, instruction, text);
  }
  fmt::format_to(out, "{}\n", instruction.immediate);
}

}  // namespace strobe::trace
