// What an access to shared memory takes: passes over its banks.

#include "sim/model/sm/shared_banks.h"
#include "sim/model/sm/sm.h"

namespace strobe::sm {

// Returns the cycles that the access keeps the shared memory busy.
std::int64_t Sm::pass_shared(const Queued& head, Cycles now) {
  const Warp& warp = warps_[head.warp];
  const trace::Cta& cta = (*wiring_.ctas)[ctas_[warp.cta].pool_slot];
  const SharedPasses passes = shared_passes(cta, *head.instruction);
  constexpr std::int64_t kBytesOfPass = 128;
  const std::int64_t cycles_of_pass =
      (kBytesOfPass + spec_.shared_bytes_per_cycle - 1) / spec_.shared_bytes_per_cycle;
  const std::int64_t accesses = head.instruction->shared_accesses();
  const std::int64_t cycles = accesses * passes.needed * cycles_of_pass;
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
