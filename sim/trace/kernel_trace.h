#pragma once

// What a kernel's warps did, as the SM model replays it, whatever format it came from.

#include <array>
#include <bit>
#include <cstdint>
#include <string>
#include <vector>

#include "sim/base/check.h"

namespace strobe::trace {

// What an instruction asks of the machine. Only the class matters here, not the operation.
enum class Op : std::uint8_t {
  integer,  // 32-bit integer and logic
  fp32,
  fp16,
  fp64,
  conversion,  // and other quarter-rate or slower arithmetic
  special,     // MUFU: reciprocal, exponential, ...
  tensor,
  uniform,  // the uniform datapath
  branch,   // every change of control flow
  load,
  store,
  atomic,       // returns the old value
  reduction,    // returns nothing
  async_copy,   // LDGSTS: global to shared without registers
  copy_commit,  // LDGDEPBAR: closes a group of async copies
  copy_wait,    // DEPBAR: waits until at most `immediate` groups are open
  // Barriers in shared memory (mbarrier), by which the warps of a CTA work as producer and
  // consumers: one warp copies, the others wait until `immediate` of its groups are there, tell
  // that they are done with one, and it waits until so many have told.
  await_copies,
  arrive,
  await_arrivals,
  constant_load,
  barrier,         // BAR: all warps of the CTA
  memory_barrier,  // MEMBAR and the like
  exit,
  nop,
  unknown,  // replayed as integer, counted and warned of
};

enum class Space : std::uint8_t { none, global, local, shared };

inline constexpr std::uint8_t kNoRegister = 255;  // RZ: reads as zero, is never waited for
inline constexpr std::size_t kWarpLanes = 32;
inline constexpr std::size_t kMaxSources = 7;  // a 128-bit store reads six: two address, four data

// One warp instruction, 48 bytes. Addresses are those of the active lanes, lowest lane first:
// either base + i * stride for the i-th active lane, or the CTA's address pool from
// `first_address`. A bulk copy (TMA) is issued once for the whole warp, and its addresses, all in
// the pool, belong to no lane.
struct Instruction {
  std::uint32_t pc = 0;
  std::uint32_t active_mask = 0;  // lanes that are active and whose predicate holds
  Op op = Op::nop;
  Space space = Space::none;
  std::uint8_t access_bytes = 0;           // of one lane, 0 without a memory operand
  bool listed = false;                     // addresses are in the pool
  std::uint8_t destination = kNoRegister;  // first register written
  std::uint8_t destination_count = 0;      // registers written from there
  std::uint8_t source_count = 0;
  std::array<std::uint8_t, kMaxSources> sources{};  // every register read, pairs written out
  // Addresses of a bulk copy. Of arithmetic, how many alike it stands for: they are issued one
  // after another and do not depend on each other. Else 0.
  std::uint16_t bulk_count = 0;
  // Of an instruction of the tensor pipe, the bytes that its cores read from shared memory
  // themselves, for the part that falls to one sub-partition (WGMMA, tcgen05.mma).
  std::uint64_t base = 0;
  std::int64_t stride = 0;
  // Into the pool where addresses are listed. Where they are not, of an access to shared memory,
  // how many alike follow this one at once and are waited for with it.
  std::uint32_t first_address = 0;
  // Of the tensor pipe, the cycles that it is taken for; 0: as long as the config says. Of
  // arithmetic, the operands that it reads from registers, all alike together; 0: not told. Of a
  // copy to shared memory, 1 where the L2 fetches whole lines for it (LTC128B).
  std::int32_t immediate = 0;

  bool has_addresses() const { return space != Space::none && active_mask != 0; }
  std::uint32_t address_count() const {
    if (!has_addresses()) return 0;
    return bulk_count != 0 ? bulk_count : static_cast<std::uint32_t>(std::popcount(active_mask));
  }

  std::uint32_t shared_accesses() const { return listed ? 1 : 1 + first_address; }

  bool operator==(const Instruction&) const = default;
};
static_assert(sizeof(Instruction) == 48);

struct Warp {
  std::uint32_t first = 0, count = 0;  // into Cta::instructions
  bool operator==(const Warp&) const = default;
};

// One CTA. Buffers keep their memory when the CTA is filled again.
struct Cta {
  std::array<std::uint32_t, 3> index{};  // of the CTA in the grid
  std::vector<Warp> warps;               // one for each warp of the block, empty ones included
  std::vector<Instruction> instructions;
  std::vector<std::uint64_t> addresses;

  // The i-th of an instruction's address_count() addresses.
  std::uint64_t address(const Instruction& instruction, std::uint32_t i) const {
    if (instruction.listed) return addresses[instruction.first_address + i];
    return instruction.base + static_cast<std::uint64_t>(instruction.stride) * i;
  }
};

struct KernelHeader {
  std::string name;  // mangled, as in the trace
  std::uint64_t id = 0;
  std::array<std::uint32_t, 3> grid{1, 1, 1}, block{1, 1, 1};
  std::uint32_t shared_bytes = 0;  // of one CTA
  std::uint32_t registers = 0;     // of one thread
  std::uint32_t architecture = 0;  // 70, 80, ... as the trace says
  std::uint64_t stream = 0;
  std::uint64_t shared_base = 0, local_base = 0;  // of the generic-address windows
  std::uint32_t tracer_version = 0;               // of an Accel-Sim trace, 0 when it names none

  std::uint64_t cta_count() const { return std::uint64_t{grid[0]} * grid[1] * grid[2]; }
  std::uint32_t threads_per_cta() const { return block[0] * block[1] * block[2]; }
  std::uint32_t warps_per_cta() const {
    return (threads_per_cta() + static_cast<std::uint32_t>(kWarpLanes) - 1) /
           static_cast<std::uint32_t>(kWarpLanes);
  }
};

// Hands out the CTAs of one kernel in launch order. Peak memory does not depend on how many there
// are.
class CtaSource {
 public:
  virtual ~CtaSource() = default;
  virtual const KernelHeader& header() const = 0;
  // Fills `into` with the next CTA; false when there is none left. Throws UserError when the trace
  // turns out damaged.
  virtual bool next(Cta& into) = 0;
  // How many CTAs, from the first, ask for the same work, so that some may stand for the rest.
  virtual std::uint64_t alike_ctas() const { return 0; }
  // ... or at least what those did that are so many CTAs before them.
  virtual std::uint64_t period() const { return 1; }
  // How often each goes round a loop that asks the memory for something every time.
  virtual std::uint64_t loop_rounds() const { return 1; }
  // Leaves out the next `ctas`. REQUIRES: so many are left of those that are alike.
  virtual void skip(std::uint64_t ctas) { STROBE_CHECK(ctas <= alike_ctas()); }
};

}  // namespace strobe::trace
