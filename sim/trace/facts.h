#pragma once

// What `strobe trace info` says of a program: counts that depend on the trace alone, never on a
// device.
//
// A request is one warp instruction with at least one active lane and an address. It asks for the
// distinct 32-byte sectors its lanes touch; that is what the L1 counts as accesses.

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "sim/trace/program.h"

namespace strobe::trace {

enum class RequestKind : std::uint8_t {
  global_load,
  global_store,
  global_atomic,
  global_reduction,
  async_copy,
  local_load,
  local_store,
  shared_load,
  shared_store,
  shared_atomic,
};
inline constexpr std::size_t kRequestKindCount = 10;
std::string_view name_of(RequestKind kind);

// Of global memory. Async copies count as loads, reductions as atomics.
struct SectorFacts {
  std::uint64_t load = 0, store = 0, atomic = 0;
};

struct Counts {
  std::uint64_t ctas = 0, warps = 0, empty_warps = 0;
  std::uint64_t warp_instructions = 0, thread_instructions = 0;
  std::array<std::uint64_t, kRequestKindCount> requests{};
  SectorFacts asked;                    // summed over requests
  SectorFacts distinct;                 // each sector once
  std::uint64_t footprint_sectors = 0;  // touched in any way

  std::uint64_t of(RequestKind kind) const { return requests[static_cast<std::size_t>(kind)]; }
};

struct KernelFacts {
  std::string file;
  KernelHeader header;
  Counts counts;
};

struct Facts {
  std::vector<KernelFacts> kernels;
  std::uint64_t copies = 0, copied_bytes = 0;
  Counts total;  // a sector that two kernels touch is distinct once
  std::vector<Warning> warnings;
};

// Reads every kernel once. Memory follows the footprint: one bit a sector, a few times over.
Facts gather_facts(Program& program);

// For the terminal.
std::string to_text(const Facts& facts);

}  // namespace strobe::trace
