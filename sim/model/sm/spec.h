#pragma once

// What has to be known of a streaming multiprocessor and its L1 to replay warps on it.

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "sim/base/units.h"

namespace strobe::sm {

// Arithmetic pipes of one sub-partition, as far as their time can be told apart in a trace.
enum class Pipe : std::uint8_t {
  integer,
  fp32,
  fp16,
  fp64,
  conversion,
  special,
  tensor,
  uniform,
  branch,
};
inline constexpr std::size_t kPipeCount = 9;
inline constexpr std::array<std::string_view, kPipeCount> kPipeNames{
    "integer", "fp32", "fp16", "fp64", "conversion", "special", "tensor", "uniform", "branch"};

struct PipeSpec {
  Cycles latency;   // from issue until a dependent instruction may issue
  Cycles interval;  // from issue until the sub-partition's pipe takes the next warp
};

struct L1Spec {
  Bytes capacity;  // of unified L1 and shared memory, or of the L1 where they are apart
  bool unified_with_shared = true;  // what a kernel takes as shared memory is not L1
  // What missed comes back in the order in which it was looked up; what hit does not wait for it.
  bool misses_return_in_order = false;
  std::uint32_t ways = 0;
  std::uint32_t miss_lines = 0;      // lines that may be missing at once
  std::uint32_t miss_merges = 0;     // accesses that may wait for missing lines, all together
  std::uint32_t store_lines = 0;     // store lines that may be under way to the L2 at once
  std::uint32_t tags_per_cycle = 1;  // lines of one instruction that are looked up at once
  std::int64_t bytes_per_cycle = 0;  // from the data array to the registers
  Cycles hit_latency;                // from issue until a dependent instruction may issue
  Cycles miss_latency;  // from issue until a missing line's request is at the crossbar port
  Cycles fill_latency;  // from the last byte of the reply until a dependent may issue
};

// Of all SMs together, behind an SM's own.
struct SecondTlbSpec {
  Bytes page;  // that an entry is of: 128 B times a power of two, as every page
  std::uint32_t entries = 0;
  Picoseconds walk_latency;  // that a request takes longer whose page it does not have
};

// Address translation of what misses the L1.
struct TlbSpec {
  Bytes page;
  std::uint32_t entries = 0;            // of an SM's own TLB
  Cycles miss_latency;                  // that a request takes longer whose page it does not have
  std::optional<SecondTlbSpec> second;  // none: has every page
};

struct Spec {
  Kilohertz clock;
  std::uint32_t sub_partitions = 4;
  std::uint32_t max_warps = 0, max_ctas = 0;
  std::uint32_t registers = 0;      // 32-bit registers of the SM
  std::uint32_t register_unit = 0;  // registers are given to a warp in multiples of this
  // Operands of 32 lanes that the registers of a sub-partition give a cycle; 0: any number.
  std::uint32_t register_reads = 0;
  Bytes shared_max;       // shared memory that resident CTAs may hold together
  Bytes shared_unit;      // ... given in multiples of this
  Bytes shared_reserved;  // ... after adding this for the system, per CTA
  std::array<PipeSpec, kPipeCount> pipes{};
  std::uint32_t lsu_queue = 0;  // memory instructions waiting for the L1, per SM
  Cycles shared_latency;        // from issue until a dependent may issue, no conflict
  std::int64_t shared_bytes_per_cycle = 0;
  // A load from shared memory returns one register a cycle, or so many where pairs of lanes read
  // the same words.
  std::uint32_t shared_pair_registers = 1;
  Cycles constant_latency;  // constant cache hit
  Cycles barrier_latency;   // from the last arrival until warps may issue
  Cycles launch_latency;    // from a CTA's arrival until its warps may issue
  L1Spec l1;
  std::optional<TlbSpec> tlb;  // none: translation takes no time
};

}  // namespace strobe::sm
