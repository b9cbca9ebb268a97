#pragma once

#include "sim/stats/counters.h"

namespace strobe::sm {

struct Counters {
  std::uint64_t warp_instructions = 0;
  std::uint64_t thread_instructions = 0;
  std::uint64_t unknown_instructions = 0;
  std::uint64_t integer_lanes = 0;
  std::uint64_t fp32_lanes = 0;
  std::uint64_t fp16_lanes = 0;
  std::uint64_t fp64_lanes = 0;
  std::uint64_t conversion_lanes = 0;
  std::uint64_t special_lanes = 0;
  std::uint64_t tensor_cycles = 0;
  std::uint64_t ctas = 0;
  std::uint64_t active_cycles = 0;
  std::uint64_t issue_active_cycles = 0;
  std::uint64_t global_load_requests = 0;
  std::uint64_t global_load_sectors = 0;
  std::uint64_t global_load_sector_hits = 0;
  std::uint64_t global_store_requests = 0;
  std::uint64_t global_store_sectors = 0;
  std::uint64_t local_load_sectors = 0;
  std::uint64_t local_load_sector_hits = 0;
  std::uint64_t local_store_sectors = 0;
  std::uint64_t store_sector_hits = 0;
  std::uint64_t atomic_requests = 0;
  std::uint64_t atomic_sectors = 0;
  std::uint64_t shared_requests = 0;
  std::uint64_t shared_passes = 0;
  std::uint64_t shared_bank_conflicts = 0;
  std::uint64_t miss_lines = 0;
  std::uint64_t miss_merges = 0;
  std::uint64_t miss_table_full_ps = 0;
  std::uint64_t tlb_hits = 0;
  std::uint64_t tlb_misses = 0;
  std::uint64_t tlb_walks = 0;
  std::uint64_t in_flight_sector_ps = 0;
  std::uint64_t request_bytes = 0;
  std::uint64_t reply_bytes = 0;
};

inline constexpr stats::Described<Counters> kCounterTable[] = {
    {"warp_instructions", stats::Unit::count, "warp instructions issued",
     &Counters::warp_instructions, "smsp__inst_executed.sum"},
    {"thread_instructions", stats::Unit::count, "active lanes of the warp instructions issued",
     &Counters::thread_instructions, "smsp__thread_inst_executed.sum"},
    {"unknown_instructions", stats::Unit::count,
     "warp instructions of an opcode that is not in the table, replayed as integer",
     &Counters::unknown_instructions},
    {"integer_lanes", stats::Unit::count, "active lanes of instructions of the integer pipe",
     &Counters::integer_lanes},
    {"fp32_lanes", stats::Unit::count, "active lanes of instructions of the fp32 pipe",
     &Counters::fp32_lanes},
    {"fp16_lanes", stats::Unit::count, "active lanes of instructions of the fp16 pipe",
     &Counters::fp16_lanes},
    {"fp64_lanes", stats::Unit::count, "active lanes of instructions of the fp64 pipe",
     &Counters::fp64_lanes},
    {"conversion_lanes", stats::Unit::count, "active lanes of conversions",
     &Counters::conversion_lanes},
    {"special_lanes", stats::Unit::count, "active lanes of special functions",
     &Counters::special_lanes},
    {"tensor_cycles", stats::Unit::cycles, "cycles that tensor cores of sub-partitions were taken",
     &Counters::tensor_cycles},
    {"ctas", stats::Unit::count, "CTAs run", &Counters::ctas, "sm__ctas_launched.sum"},
    {"active_cycles", stats::Unit::cycles, "core cycles with a resident warp",
     &Counters::active_cycles, "sm__cycles_active.sum"},
    {"issue_active_cycles", stats::Unit::cycles,
     "sub-partition cycles in which a warp instruction was issued", &Counters::issue_active_cycles,
     "smsp__issue_active.sum"},
    {"global_load_requests", stats::Unit::requests, "global load instructions with an active lane",
     &Counters::global_load_requests, "l1tex__t_requests_pipe_lsu_mem_global_op_ld.sum"},
    {"global_load_sectors", stats::Unit::sectors, "sectors asked of the L1 by global loads",
     &Counters::global_load_sectors, "l1tex__t_sectors_pipe_lsu_mem_global_op_ld.sum"},
    {"global_load_sector_hits", stats::Unit::sectors, "of those, found in the L1",
     &Counters::global_load_sector_hits,
     "l1tex__t_sectors_pipe_lsu_mem_global_op_ld_lookup_hit.sum"},
    {"global_store_requests", stats::Unit::requests,
     "global store instructions with an active lane", &Counters::global_store_requests,
     "l1tex__t_requests_pipe_lsu_mem_global_op_st.sum"},
    {"global_store_sectors", stats::Unit::sectors, "sectors written by global stores",
     &Counters::global_store_sectors, "l1tex__t_sectors_pipe_lsu_mem_global_op_st.sum"},
    {"local_load_sectors", stats::Unit::sectors, "sectors asked of the L1 by local loads",
     &Counters::local_load_sectors, "l1tex__t_sectors_pipe_lsu_mem_local_op_ld.sum"},
    {"local_load_sector_hits", stats::Unit::sectors, "of those, found in the L1",
     &Counters::local_load_sector_hits, "l1tex__t_sectors_pipe_lsu_mem_local_op_ld_lookup_hit.sum"},
    {"local_store_sectors", stats::Unit::sectors, "sectors written by local stores",
     &Counters::local_store_sectors, "l1tex__t_sectors_pipe_lsu_mem_local_op_st.sum"},
    {"store_sector_hits", stats::Unit::sectors,
     "sectors of global and local stores that the L1 held already", &Counters::store_sector_hits},
    {"atomic_requests", stats::Unit::requests, "atomic and reduction instructions",
     &Counters::atomic_requests, "l1tex__t_requests_pipe_lsu_mem_global_op_atom.sum"},
    {"atomic_sectors", stats::Unit::sectors, "sectors sent to the L2 by atomics and reductions",
     &Counters::atomic_sectors, "l1tex__t_sectors_pipe_lsu_mem_global_op_atom.sum"},
    {"shared_requests", stats::Unit::requests, "shared-memory instructions",
     &Counters::shared_requests},
    {"shared_passes", stats::Unit::count, "passes of up to 128 bytes through shared memory",
     &Counters::shared_passes},
    {"shared_bank_conflicts", stats::Unit::cycles,
     "cycles that shared-memory instructions took beyond those their bytes need",
     &Counters::shared_bank_conflicts, "l1tex__data_bank_conflicts_pipe_lsu_mem_shared.sum"},
    {"miss_lines", stats::Unit::requests, "lines asked of the L2 by loads", &Counters::miss_lines},
    {"miss_merges", stats::Unit::requests, "line accesses that waited for a line already missing",
     &Counters::miss_merges},
    {"miss_table_full_ps", stats::Unit::picoseconds,
     "time the L1 stood still for want of a miss-table entry or store credit",
     &Counters::miss_table_full_ps},
    {"tlb_hits", stats::Unit::requests,
     "requests to the L2 whose page was in the SM's own TLB, or on its way there",
     &Counters::tlb_hits},
    {"tlb_misses", stats::Unit::requests, "requests to the L2 that asked the second-level TLB",
     &Counters::tlb_misses},
    {"tlb_walks", stats::Unit::requests, "of those, whose page it had given up",
     &Counters::tlb_walks},
    {"in_flight_sector_ps", stats::Unit::picoseconds,
     "sectors missing or being stored, times time (for Little's law)",
     &Counters::in_flight_sector_ps},
    {"request_bytes", stats::Unit::bytes, "sent to the crossbar, headers included",
     &Counters::request_bytes},
    {"reply_bytes", stats::Unit::bytes, "taken from the crossbar, headers included",
     &Counters::reply_bytes},
};
static_assert(stats::describes_every_counter(kCounterTable));

}  // namespace strobe::sm
