// What an access to shared memory takes: passes over its banks and the way back to registers.

#include <algorithm>

#include "sim/model/sm/shared_banks.h"
#include "sim/model/sm/sm.h"

namespace strobe::sm {

// A load returns a register of the warp's lanes a cycle, 128 bytes, however few words they read
// (an answer of NVIDIA's, https://forums.developer.nvidia.com/t/77228). Where pairs of lanes agree,
// some GPUs pack several.
std::int64_t Sm::cycles_of_return(const trace::Cta& cta,
                                  const trace::Instruction& instruction) const {
  const std::int64_t registers = registers_returned(instruction);
  const std::int64_t packed = spec_.shared_pair_registers;
  if (registers <= 1 || packed == 1 || !pairs_agree(cta, instruction)) return registers;
  return (registers + packed - 1) / packed;
}

// Returns the cycles that the access keeps the shared memory busy.
std::int64_t Sm::pass_shared(const Queued& head, Cycles now) {
  const Warp& warp = warps_[head.warp];
  const trace::Cta& cta = (*wiring_.ctas)[ctas_[warp.cta].pool_slot];
  const SharedPasses passes = shared_passes(cta, *head.instruction);
  const std::int64_t cycles_of_pass =
      (kBytesOfPass + spec_.shared_bytes_per_cycle - 1) / spec_.shared_bytes_per_cycle;
  const std::int64_t accesses = head.instruction->shared_accesses();
  const std::int64_t cycles =
      accesses * std::max(passes.needed * cycles_of_pass, cycles_of_return(cta, *head.instruction));
  record_.counters.shared_passes += static_cast<std::uint64_t>(accesses * passes.needed);
  record_.counters.shared_bank_conflicts +=
      static_cast<std::uint64_t>(accesses * (passes.needed - passes.ideal) * cycles_of_pass);
  if (head.access != kNone) {
    Timeline passed;
    passed.done = now + spec_.shared_latency + Cycles(cycles - 2);
    complete(head.access, passed);
  }
  return cycles;
}

}  // namespace strobe::sm
