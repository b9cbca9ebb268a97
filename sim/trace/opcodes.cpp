#include "sim/trace/opcodes.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>
#include <optional>

#include "sim/base/random.h"
#include "sim/trace/opcode_table.h"

namespace strobe::trace {
namespace {

// Calls `each` with every modifier of LDG.E.128, here "E" and "128".
template <class Each>
void for_each_modifier(std::string_view text, Each each) {
  for (std::size_t dot = text.find('.'); dot != std::string_view::npos;) {
    const std::size_t next = text.find('.', dot + 1);
    each(text.substr(dot + 1, next == std::string_view::npos ? next : next - dot - 1));
    dot = next;
  }
}

bool has_modifier(std::string_view text, std::string_view wanted) {
  bool found = false;
  for_each_modifier(text, [&](std::string_view modifier) { found |= modifier == wanted; });
  return found;
}

std::optional<std::uint32_t> number(std::string_view digits) {
  std::uint32_t value = 0;
  const char* end = digits.data() + digits.size();
  const auto [stop, error] = std::from_chars(digits.data(), end, value);
  if (error != std::errc{} || stop != end || digits.empty()) return std::nullopt;
  return value;
}

// Bytes that one lane moves: the first of .8 to .256, .U8, .S16, .F64 and the like; 4 without one.
std::uint8_t width_of(std::string_view text) {
  std::uint32_t bits = 0;
  for_each_modifier(text, [&](std::string_view modifier) {
    if (bits != 0 || modifier.empty()) return;
    if (std::string_view("USFB").find(modifier[0]) != std::string_view::npos) {
      modifier.remove_prefix(1);
    }
    const auto value = number(modifier);
    for (const std::uint32_t known : {8U, 16U, 32U, 64U, 128U, 256U}) {
      if (value == known) bits = known;
    }
  });
  return static_cast<std::uint8_t>(bits == 0 ? 4 : bits / 8);
}

// LDSM.16.M88.4 gives every lane four 32-bit pieces of four 8x8 matrices of 16-bit elements; the
// last number counts the matrices. The line's own width (2) is that of an element.
std::uint8_t matrix_move_width(std::string_view text) {
  std::uint32_t matrices = 1;
  for_each_modifier(text, [&](std::string_view modifier) {
    const auto value = number(modifier);
    if (value == 2U || value == 4U) matrices = *value;
  });
  return static_cast<std::uint8_t>(4 * matrices);
}

// Accumulator registers of one lane: rows x columns / 32 elements of 2, 4 or 8 bytes.
std::uint8_t accumulator_registers(std::string_view text, std::uint32_t element_count,
                                   std::uint32_t element_bytes) {
  if (has_modifier(text, "F16")) {
    // Two types are named when they differ, the accumulator's first: F32.F16 accumulates in F32.
    const std::size_t half = text.find(".F16"), single = text.find(".F32");
    if (half < single) element_bytes = 2;
  }
  const std::uint32_t registers = element_count / 32 * element_bytes / 4;
  return static_cast<std::uint8_t>(std::clamp(registers, 1U, 255U));
}

std::uint8_t matrix_registers(std::string_view text) {
  std::uint32_t elements = 0;
  for_each_modifier(text, [&](std::string_view shape) {
    if (elements != 0) return;
    if (const std::size_t by = shape.find('x'); by != std::string_view::npos) {
      // 64x128x16: a warpgroup's tile, a quarter of which belongs to this warp.
      const auto rows = number(shape.substr(0, by));
      const auto columns = number(shape.substr(by + 1, shape.find('x', by + 1) - by - 1));
      if (rows && columns && *rows <= 1024 && *columns <= 1024) elements = *rows * *columns / 4;
    } else if (shape.substr(0, 3) == "168") {
      elements = 16 * 8;
    } else if (shape.substr(0, 2) == "88") {
      elements = 8 * 8;
    }
  });
  if (elements == 0) elements = 8 * 8;
  return accumulator_registers(text, elements, text.substr(0, 4) == "DMMA" ? 8 : 4);
}

bool writes_a_pair(std::string_view text, std::string_view name, Op op) {
  if (op == Op::fp64 || has_modifier(text, "WIDE")) return true;
  if (name == "CS2R") return !has_modifier(text, "32");
  if (name == "IADD") return has_modifier(text, "64");
  if (name == "I2F") return has_modifier(text, "F64");
  if (name == "F2I") return has_modifier(text, "S64") || has_modifier(text, "U64");
  return name == "F2F" && text.substr(0, 8) == "F2F.F64.";
}

bool moves_data(Op op) {
  return op == Op::load || op == Op::store || op == Op::atomic || op == Op::reduction ||
         op == Op::async_copy || op == Op::constant_load;
}

}  // namespace

Opcode classify(std::string_view text) {
  const std::string_view name = text.substr(0, text.find('.'));
  const auto* const found = std::lower_bound(
      kOpcodeTable.begin(), kOpcodeTable.end(), name,
      [](const NamedOpcode& named, std::string_view wanted) { return named.name < wanted; });
  Opcode opcode;
  opcode.group_matrix = text.find("GMMA") != std::string_view::npos;
  if (found == kOpcodeTable.end() || found->name != name) return opcode;

  opcode.op = found->op;
  opcode.space = found->space;
  opcode.generic = found->generic;
  opcode.bulk = found->bulk;
  opcode.whole_lines = has_modifier(text, "LTC128B");
  // A bulk copy out of shared memory (UBLKCP.G.S) writes global memory; only the other direction
  // is waited for.
  if (name == "UBLKCP" && text.find(".G.S") != std::string_view::npos) opcode.op = Op::store;
  if (moves_data(opcode.op) && !opcode.bulk) {
    opcode.address_pair =
        (opcode.generic || opcode.space == Space::global) && has_modifier(text, "E");
    const bool matrix = name == "LDSM" || name == "STSM";
    opcode.access_bytes = matrix ? matrix_move_width(text) : width_of(text);
    opcode.destination_count = static_cast<std::uint8_t>(std::max(1, opcode.access_bytes / 4));
  } else {
    opcode.destination_count = opcode.op == Op::tensor                ? matrix_registers(text)
                               : writes_a_pair(text, name, opcode.op) ? std::uint8_t{2}
                                                                      : std::uint8_t{1};
  }
  return opcode;
}

std::uint64_t OpcodeCache::hash_of(std::string_view text) {
  std::uint64_t hash = text.size();
  while (text.size() >= 8) {
    std::uint64_t word = 0;
    std::memcpy(&word, text.data(), 8);
    hash = (hash ^ word) * 0x9E3779B97F4A7C15ULL;
    hash ^= hash >> 32;
    text.remove_prefix(8);
  }
  std::uint64_t rest = 0;
  std::memcpy(&rest, text.data(), text.size());
  return mix64(hash ^ rest);
}

const Opcode& OpcodeCache::insert(std::string_view text, std::uint64_t hash, std::size_t slot) {
  slots_[slot] = static_cast<std::uint32_t>(entries_.size());
  entries_.push_back({std::string(text), classify(text), hash});
  if (entries_.size() * 2 > slots_.size()) grow();
  return entries_.back().opcode;
}

void OpcodeCache::grow() {
  slots_.assign(slots_.size() * 2, kEmpty);
  for (std::uint32_t entry = 0; entry < entries_.size(); ++entry) {
    std::size_t slot = entries_[entry].hash & (slots_.size() - 1);
    while (slots_[slot] != kEmpty) slot = (slot + 1) & (slots_.size() - 1);
    slots_[slot] = entry;
  }
}

}  // namespace strobe::trace
