#include "sim/trace/instruction_line.h"

#include <algorithm>
#include <bit>

namespace strobe::trace {
namespace {

constexpr std::uint32_t kVersionWithImmediate = 5;
constexpr std::uint32_t kVersionWithBulkCopies = 6;
// Shared and local memory are windows of 16 MiB in the generic address space.
constexpr std::uint64_t kWindowBytes = 1 << 24;
// A bulk copy travels in pieces of one line; this many make 8 MiB, far above what fits into shared
// memory.
constexpr std::uint32_t kPieceBytes = 128;
constexpr std::uint32_t kMaxPieces = 0xFFFF;

bool is_mask(std::string_view word) {
  return word.size() == 8;
}

}  // namespace

struct InstructionParser::Line {
  Fields fields;
  Instruction instruction{};
  const Opcode* opcode = nullptr;
  std::array<std::uint8_t, kMaxListed> listed{};
  std::uint32_t listed_count = 0;
};

bool InstructionParser::fail(const char* expected, const Fields& found) {
  expected_ = expected;
  found_ = found.peek();
  return false;
}

std::string InstructionParser::error() const {
  std::string text = std::string("expected ") + expected_;
  if (found_.empty()) return text + ", but the line ends";
  return text + ", found '" + std::string(found_.substr(0, 40)) + "'";
}

bool InstructionParser::parse(std::string_view text, Cta& cta) {
  Line line{.fields = Fields(text)};
  Instruction& instruction = line.instruction;
  std::uint64_t source_line = 0;
  if (header_.line_numbers && !line.fields.decimal(source_line)) {
    return fail("the source line's number", line.fields);
  }
  if (!line.fields.hexadecimal(instruction.pc)) return fail("a hexadecimal PC", line.fields);
  if (!is_mask(line.fields.peek()) || !line.fields.hexadecimal(instruction.active_mask)) {
    return fail("an active mask of 8 hexadecimal digits", line.fields);
  }
  if (!read_registers(line)) return false;
  const std::size_t pool_before = cta.addresses.size();
  if (!parse_memory(line, cta)) return false;
  if (!parse_immediate(line)) return false;
  if (instruction.op == Op::async_copy) instruction.immediate = line.opcode->whole_lines ? 1 : 0;
  settle_space(line, cta);
  if (!instruction.listed) cta.addresses.resize(pool_before);
  cta.instructions.push_back(instruction);
  return true;
}

// Every warp that comes to a PC has the same registers and opcode there: comparing the text with
// the last one's is a tenth of the work of reading it.
bool InstructionParser::read_registers(Line& line) {
  const std::uint32_t pc = line.instruction.pc, mask = line.instruction.active_mask;
  Known& known = known_[pc / 8 % kKnown];  // instructions are 8 or 16 bytes long
  const std::string_view text = line.fields.rest();
  if (!known.text.empty() && line.fields.skip(known.text)) {
    line.instruction = known.instruction;
    line.instruction.pc = pc;
    line.instruction.active_mask = mask;
    line.opcode = &known.opcode;
    return true;
  }
  if (!parse_registers(line)) return false;
  // Unknown opcodes are counted line by line; a field at the end of the line could go on in the
  // next one.
  if (line.instruction.op == Op::unknown || line.fields.empty()) return true;
  known.text = text.substr(0, text.size() - line.fields.rest().size());
  known.opcode = *line.opcode;
  known.instruction = line.instruction;
  return true;
}

bool InstructionParser::parse_registers(Line& line) {
  Instruction& instruction = line.instruction;
  std::uint32_t count = 0;
  if (Fields before = line.fields; !line.fields.decimal(count) || count > 1) {
    return fail("the number of destination registers, 0 or 1", before);
  }
  if (count == 1 && !parse_register(line.fields, instruction.destination)) return false;

  const std::string_view name = line.fields.word();
  if (name.empty() || name[0] < 'A' || name[0] > 'Z') {
    expected_ = "an opcode";
    found_ = name;
    return false;
  }
  line.opcode = &opcodes_.find(name);
  instruction.op = line.opcode->op;
  if (instruction.op == Op::unknown) log_.add_unknown_opcode(name);
  if (instruction.destination != kNoRegister) {
    instruction.destination_count = static_cast<std::uint8_t>(
        std::min<int>(line.opcode->destination_count, kNoRegister - instruction.destination));
  }
  if (Fields before = line.fields; !line.fields.decimal(count) || count > kMaxListed) {
    return fail("the number of source registers, 0 to 5", before);
  }
  for (std::uint32_t i = 0; i < count; ++i) {
    const bool is_vector = line.fields.peek().substr(0, 1) == "R";
    if (!parse_register(line.fields, line.listed[line.listed_count])) return false;
    line.listed_count += is_vector ? 1 : 0;
  }
  expand_sources(instruction, *line.opcode, {line.listed.data(), line.listed_count});
  return true;
}

// R12; from version 6 also UR4, P0 and UP1, which the scoreboard does not follow.
bool InstructionParser::parse_register(Fields& fields, std::uint8_t& number) {
  const Fields before = fields;
  std::string_view word = fields.word();
  const bool is_uniform = !word.empty() && word[0] == 'U';
  if (is_uniform) word.remove_prefix(1);
  const bool is_vector = !word.empty() && word[0] == 'R' && !is_uniform;
  if (word.size() < 2 || (word[0] != 'R' && word[0] != 'P')) {
    return fail("a register such as R12", before);
  }
  Fields digits(word.substr(1));
  std::uint8_t value = 0;
  if (!digits.decimal(value)) return fail("a register, R0 to R255", before);
  number = is_vector ? value : kNoRegister;
  return true;
}

bool InstructionParser::parse_memory(Line& line, Cta& cta) {
  Instruction& instruction = line.instruction;
  const bool is_late = header_.kernel.tracer_version >= kVersionWithBulkCopies;
  std::uint32_t flag = 0, width = 0;
  if (is_late && line.opcode->group_matrix && !line.fields.decimal(flag)) {
    return fail("the commit flag of a GMMA", line.fields);
  }
  if (!line.fields.decimal(width)) return fail("the memory width in bytes", line.fields);
  if (is_late && line.opcode->bulk) return parse_bulk(line, cta);
  if (width == 0) return true;

  instruction.space = line.opcode->space;
  instruction.access_bytes = line.opcode->access_bytes;
  const auto lanes = static_cast<std::uint32_t>(std::popcount(instruction.active_mask));
  return parse_addresses(line, lanes, cta);
}

bool InstructionParser::parse_addresses(Line& line, std::uint32_t lanes, Cta& cta) {
  Instruction& instruction = line.instruction;
  const Fields before = line.fields;
  std::uint32_t mode = 0;
  if (!line.fields.decimal(mode) || mode > 2) {
    return fail("an address mode, 0 to 2", before);
  }
  instruction.first_address = static_cast<std::uint32_t>(cta.addresses.size());
  if (mode == 0) {
    for (std::uint32_t i = 0; i < lanes; ++i) {
      if (!line.fields.hexadecimal(cta.addresses.emplace_back())) {
        return fail("an address for every active lane", line.fields);
      }
    }
    instruction.listed = lanes > 1;
    if (lanes == 1) instruction.base = cta.addresses.back();
  } else {
    if (!line.fields.hexadecimal(instruction.base)) return fail("a base address", line.fields);
    if (mode == 1) {
      if (!line.fields.decimal(instruction.stride)) return fail("a stride", line.fields);
    } else if (!parse_deltas(line, lanes, cta)) {
      return false;
    }
    // A line whose lanes are all masked off has a base of 0 and any stride.
    if (lanes == 0) instruction.base = 0, instruction.stride = 0;
  }
  if (!instruction.listed) instruction.first_address = 0;
  return true;
}

// One delta fewer than addresses, each from the previous one.
bool InstructionParser::parse_deltas(Line& line, std::uint32_t count, Cta& cta) {
  Instruction& instruction = line.instruction;
  if (count <= 1) return true;
  std::uint64_t address = instruction.base;
  cta.addresses.push_back(address);
  for (std::uint32_t i = 1; i < count; ++i) {
    std::int64_t delta = 0;
    if (!line.fields.decimal(delta)) return fail("an address delta", line.fields);
    address += static_cast<std::uint64_t>(delta);
    cta.addresses.push_back(address);
  }
  instruction.listed = true;
  instruction.base = 0;
  return true;
}

// mbarrier is_multicast [CTA mask] bytes bytes_out_of_bounds mode, then 3: count addresses ..., or
// 4: base count deltas ... Every address stands for an equal share of the bytes.
bool InstructionParser::parse_bulk(Line& line, Cta& cta) {
  Instruction& instruction = line.instruction;
  Fields& fields = line.fields;
  std::uint64_t barrier = 0, cta_mask = 0, bytes = 0, out_of_bounds = 0;
  std::uint32_t multicast = 0, mode = 0, count = 0;
  if (!fields.hexadecimal(barrier)) return fail("the address of an mbarrier", fields);
  if (!fields.decimal(multicast)) return fail("the multicast flag", fields);
  if (multicast != 0 && !fields.hexadecimal(cta_mask)) return fail("a CTA mask", fields);
  if (!fields.decimal(bytes)) return fail("the bytes of a bulk copy", fields);
  if (!fields.decimal(out_of_bounds)) return fail("the bytes out of bounds", fields);
  const Fields before = fields;
  if (!fields.decimal(mode) || (mode != 3 && mode != 4)) {
    return fail("the address mode of a bulk copy, 3 or 4", before);
  }
  if (mode == 4 && !fields.hexadecimal(instruction.base)) return fail("a base address", fields);
  if (!fields.decimal(count) || count > kMaxPieces) {
    return fail("a count of at most 65535 addresses", fields);
  }
  const std::size_t pool = cta.addresses.size();
  std::uint64_t address = instruction.base;
  for (std::uint32_t i = 0; i < count; ++i) {
    std::int64_t delta = 0;
    if (mode == 3 && !fields.hexadecimal(address)) return fail("an address", fields);
    if (mode == 4 && i > 0 && !fields.decimal(delta)) return fail("an address delta", fields);
    address += static_cast<std::uint64_t>(delta);
    cta.addresses.push_back(address);
  }
  instruction.base = 0;
  if (count == 0 || bytes == 0 || instruction.active_mask == 0) return true;
  const std::uint64_t share = (bytes + count - 1) / count;
  const std::uint64_t pieces = (share + kPieceBytes - 1) / kPieceBytes;
  if (pieces > kMaxPieces || pieces * count > kMaxPieces) {
    return fail("a bulk copy of at most 8 MiB", fields);
  }
  // Cut in place, last address first, so that none is overwritten before it is read.
  cta.addresses.resize(pool + pieces * count);
  for (std::size_t i = count; i-- > 0;) {
    const std::uint64_t begin = cta.addresses[pool + i];
    for (std::size_t piece = pieces; piece-- > 0;) {
      cta.addresses[pool + i * pieces + piece] = begin + piece * kPieceBytes;
    }
  }
  instruction.space = line.opcode->space;
  instruction.listed = true;
  instruction.first_address = static_cast<std::uint32_t>(pool);
  instruction.access_bytes = static_cast<std::uint8_t>(std::min<std::uint64_t>(share, kPieceBytes));
  instruction.bulk_count = static_cast<std::uint16_t>(pieces * count);
  return true;
}

// Version 5 ends every line with an immediate, some of version 4 do. Only small ones mean anything
// here (the number of a barrier, the groups a DEPBAR leaves open), so 32 bits are kept.
bool InstructionParser::parse_immediate(Line& line) {
  const Fields before = line.fields;
  std::int64_t value = 0;
  std::uint64_t large = 0;
  if (line.fields.decimal(value)) {
    line.instruction.immediate = static_cast<std::int32_t>(value);
  } else if (line.fields.decimal(large)) {
    line.instruction.immediate = static_cast<std::int32_t>(large);
  } else if (header_.kernel.tracer_version >= kVersionWithImmediate) {
    return fail("the immediate that ends every line from version 5 on", before);
  }
  return true;
}

// Generic accesses take the space of their first active lane's address, and shared and local ones
// then count from their window's base, as LDS and LDL do.
void InstructionParser::settle_space(Line& line, Cta& cta) {
  Instruction& instruction = line.instruction;
  const Opcode& opcode = *line.opcode;
  const bool needs_address = opcode.space != Space::none || opcode.generic;
  if (opcode.generic && instruction.access_bytes != 0) {
    if (header_.kernel.shared_base == 0 && header_.kernel.local_base == 0) {
      log_.add("generic LD, ST or ATOM without window bases in the header; replayed as global");
    }
    std::uint64_t first =
        instruction.listed ? cta.addresses[instruction.first_address] : instruction.base;
    const std::uint64_t generic = first;
    instruction.space = space_of(first);
    const std::uint64_t window = generic - first;
    instruction.base -= instruction.listed ? 0 : window;
    for (std::uint32_t i = 0; instruction.listed && i < instruction.address_count(); ++i) {
      cta.addresses[instruction.first_address + i] -= window;
    }
  } else if (needs_address && instruction.access_bytes == 0 && instruction.active_mask != 0 &&
             !opcode.bulk) {
    log_.add("memory instructions without an address replayed as integer arithmetic");
    instruction.op = Op::integer;
  }
  if (instruction.space == Space::none) {
    instruction.access_bytes = 0;
    instruction.listed = false;
    instruction.base = 0;
    instruction.stride = 0;
    instruction.first_address = 0;
  }
}

// The space of a generic address, which becomes an offset when it lies in a window.
Space InstructionParser::space_of(std::uint64_t& address) const {
  const KernelHeader& kernel = header_.kernel;
  if (kernel.shared_base != 0 && address - kernel.shared_base < kWindowBytes) {
    address -= kernel.shared_base;
    return Space::shared;
  }
  if (kernel.local_base != 0 && address - kernel.local_base < kWindowBytes) {
    address -= kernel.local_base;
    return Space::local;
  }
  return Space::global;
}

}  // namespace strobe::trace
