#pragma once

// What a SASS opcode such as LDG.E.128.SYS asks of the machine. Only the class of an instruction
// matters, so one table serves every architecture from sm_35 to sm_120.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "sim/trace/kernel_trace.h"

namespace strobe::trace {

struct Opcode {
  Op op = Op::unknown;
  Space space = Space::none;
  bool generic = false;       // LD, ST, ATOM: the address says which space
  bool address_pair = false;  // the address takes two registers (.E)
  bool bulk = false;          // TMA: one address list for the whole warp
  bool group_matrix = false;  // GMMA: one more field in the line
  bool whole_lines = false;   // LTC128B: the L2 fetches 128 bytes
  std::uint8_t access_bytes = 0;
  std::uint8_t destination_count = 1;
};

// `text` is the whole opcode with its modifiers.
Opcode classify(std::string_view text);

// Remembers the answers of classify(). A trace has a few hundred different opcodes in millions of
// lines, so this is an open-addressed table keyed by a hash of the text.
class OpcodeCache {
 public:
  struct Entry {
    std::string text;
    Opcode opcode;
    std::uint64_t hash = 0;
  };

  OpcodeCache() : slots_(kFirstSlots, kEmpty) {}

  const Opcode& find(std::string_view text) {
    const std::uint64_t hash = hash_of(text);
    for (std::size_t slot = hash & (slots_.size() - 1);; slot = (slot + 1) & (slots_.size() - 1)) {
      if (slots_[slot] == kEmpty) return insert(text, hash, slot);
      const Entry& entry = entries_[slots_[slot]];
      if (entry.hash == hash && entry.text == text) return entry.opcode;
    }
  }

 private:
  static constexpr std::size_t kFirstSlots = 1024;
  static constexpr std::uint32_t kEmpty = 0xFFFFFFFF;

  static std::uint64_t hash_of(std::string_view text);
  const Opcode& insert(std::string_view text, std::uint64_t hash, std::size_t slot);
  void grow();

  std::vector<std::uint32_t> slots_;
  std::vector<Entry> entries_;
};

}  // namespace strobe::trace
