#pragma once

// Writes the instructions of a CTA, warp after warp. Registers are the scoreboard's: a value that
// lives in many registers and is always waited for as a whole is named by one of them.

#include <cstdint>
#include <initializer_list>
#include <vector>

#include "sim/trace/kernel_trace.h"

namespace strobe::layers {

using Register = std::uint8_t;
inline constexpr Register kNone = trace::kNoRegister;

// The active lanes of a memory instruction and where they access: neighbours `stride` bytes apart.
struct Lanes {
  std::uint32_t mask = 0xFFFFFFFF;
  std::uint64_t base = 0;
  std::int64_t stride = 0;
  std::uint32_t bytes = 4;  // of one lane
};

// The first `count` lanes.
std::uint32_t first_lanes(std::uint64_t count);

// What the tensor cores of a sub-partition do at one instruction of one warp.
struct TensorStep {
  std::uint32_t cycles = 0;        // that it takes them
  std::uint64_t shared_bytes = 0;  // of operands that they read themselves, a quarter of a group's
};

class WarpCode {
 public:
  explicit WarpCode(trace::Cta& cta) : cta_(cta) {}

  void start_warp();
  void end_warp();  // adds EXIT

  // `count` instructions alike, which do not depend on each other; where the registers may be what
  // limits them, together they read `operands`.
  void arithmetic(trace::Op op, Register destination, std::initializer_list<Register> sources,
                  std::uint32_t count = 1, std::uint32_t operands = 0);
  // The same of the tensor pipe.
  void tensor(const TensorStep& step, Register destination, std::initializer_list<Register> sources,
              std::uint32_t count = 1);
  // Branches, barriers, and what closes and awaits groups of async copies and arrivals: `count` is
  // how many of the former may be open, or how many of either must be there.
  void control(trace::Op op, std::int32_t count = 0);

  // Lane accesses of an instruction without an active lane are left out, the instruction stays.
  template <trace::Space space = trace::Space::global>
  void load(Register destination, Register address, const Lanes& lanes) {
    access(trace::Op::load, space, destination, {address}, lanes);
  }
  template <trace::Space space = trace::Space::global>
  void store(Register value, Register address, const Lanes& lanes) {
    access(trace::Op::store, space, kNone, {address, value}, lanes);
  }
  // Of 32 bits a lane to global memory, where they are added to what is there.
  void add_up(Register value, Register address, const Lanes& lanes) {
    access(trace::Op::reduction, trace::Space::global, kNone, {address, value}, lanes);
  }
  // From global to shared memory without a register. The L2 fetches whole lines for it, as for the
  // libraries' copies: CUTLASS's cp.async are L2::128B, its tensor maps promote to 128 bytes, and
  // cuBLAS's instruction is LDGSTS.E.BYPASS.LTC128B.128.
  void copy_to_shared(Register address, const Lanes& lanes) {
    access(trace::Op::async_copy, trace::Space::global, kNone, {address}, lanes);
    cta_.instructions.back().immediate = 1;
  }

  // The same of `pieces` of `bytes` each by one instruction (TMA), whoever's lanes they were.
  void copy_pieces_to_shared(Register address, const std::vector<std::uint64_t>& pieces,
                             std::uint32_t bytes);

  // The last memory instruction, of shared memory, stands for `count` alike, which follow each
  // other at once.
  void repeat(std::uint32_t count) { cta_.instructions.back().first_address = count - 1; }

  // The last memory instruction gets these addresses, one for each active lane, instead.
  void list_addresses(const std::uint64_t* addresses);

 private:
  trace::Instruction& add(trace::Op op, Register destination,
                          std::initializer_list<Register> sources);
  void access(trace::Op op, trace::Space space, Register destination,
              std::initializer_list<Register> sources, const Lanes& lanes);

  trace::Cta& cta_;
};

// `count` instructions, each of which needs the one before it.
void chain(WarpCode& code, trace::Op op, Register value, std::uint32_t count);

// The multiply-adds of an outer product of fragments in registers.
struct OuterProduct {
  std::uint32_t rows, columns;
};
void multiply_add(WarpCode& code, Register destination, Register fragments, OuterProduct product);

// An exchange of a register between lanes: a pass through the shared-memory pipe.
void shuffle(WarpCode& code, Register value);

}  // namespace strobe::layers
