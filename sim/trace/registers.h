#pragma once

// Which registers an instruction reads. A trace names the first register of each operand; the
// scoreboard needs all of them: both halves of a 64-bit address, four of a 128-bit store's data.

#include <cstdint>
#include <span>

#include "sim/trace/opcodes.h"

namespace strobe::trace {

// What one line can name.
inline constexpr std::size_t kMaxListed = 5;

// Sets `instruction.sources` from the registers a trace lists. RZ drops out; what does not fit into
// kMaxSources (half of a 256-bit store's data) drops out too and is covered by the rest, because
// data registers are written together.
//   load            address
//   store, atomic   address, data ...; a single register is data, the address being uniform
//   async copy      shared address, global address
//   fp64            pairs
void expand_sources(Instruction& instruction, const Opcode& opcode,
                    std::span<const std::uint8_t> listed);

}  // namespace strobe::trace
