#pragma once

#include "sim/stats/counters.h"

namespace strobe::l2 {

struct Counters {
  std::uint64_t read_sectors = 0;
  std::uint64_t read_sector_hits = 0;
  std::uint64_t write_sectors = 0;
  std::uint64_t write_sector_hits = 0;
  std::uint64_t atomic_sectors = 0;
  std::uint64_t atomic_sector_hits = 0;
  std::uint64_t copy_sectors = 0;
  std::uint64_t fill_sectors = 0;
  std::uint64_t far_read_sectors = 0;
  std::uint64_t far_read_sector_hits = 0;
  std::uint64_t far_write_sectors = 0;
  std::uint64_t recalls = 0;
  std::uint64_t miss_merges = 0;
  std::uint64_t coalesced_sectors = 0;
  std::uint64_t evicted_sectors = 0;
  std::uint64_t written_back_sectors = 0;
  std::uint64_t queue_ps = 0;
  std::uint64_t miss_table_full_ps = 0;
  std::uint64_t write_back_full_ps = 0;
};

inline constexpr stats::Described<Counters> kCounterTable[] = {
    {"read_sectors", stats::Unit::sectors, "sectors read by SMs", &Counters::read_sectors,
     "lts__t_sectors_srcunit_tex_op_read.sum"},
    {"read_sector_hits", stats::Unit::sectors, "of those, found in the slice",
     &Counters::read_sector_hits, "lts__t_sectors_srcunit_tex_op_read_lookup_hit.sum"},
    {"write_sectors", stats::Unit::sectors, "sectors written by SMs", &Counters::write_sectors,
     "lts__t_sectors_srcunit_tex_op_write.sum"},
    {"write_sector_hits", stats::Unit::sectors,
     "of those, in the slice already or written in full and so allocated without a fill",
     &Counters::write_sector_hits, "lts__t_sectors_srcunit_tex_op_write_lookup_hit.sum"},
    {"atomic_sectors", stats::Unit::sectors, "sectors changed by atomics and reductions",
     &Counters::atomic_sectors, "lts__t_sectors_srcunit_tex_op_atom.sum"},
    {"atomic_sector_hits", stats::Unit::sectors, "of those, found in the slice",
     &Counters::atomic_sector_hits},
    {"copy_sectors", stats::Unit::sectors, "sectors written or read by the host link",
     &Counters::copy_sectors},
    {"fill_sectors", stats::Unit::sectors, "sectors read from the DRAM", &Counters::fill_sectors,
     "dram__sectors_read.sum"},
    {"far_read_sectors", stats::Unit::sectors, "sectors read by the other L2 partition",
     &Counters::far_read_sectors, "lts__t_sectors_srcunit_ltcfabric.sum"},
    {"far_read_sector_hits", stats::Unit::sectors, "of those, found in the slice",
     &Counters::far_read_sector_hits, "lts__t_sectors_srcunit_ltcfabric_lookup_hit.sum"},
    {"far_write_sectors", stats::Unit::sectors,
     "sectors written and changed that came from the other L2 partition",
     &Counters::far_write_sectors},
    {"recalls", stats::Unit::requests, "copies in the other L2 partition that were recalled",
     &Counters::recalls},
    {"miss_merges", stats::Unit::requests, "requests that waited for a line already missing",
     &Counters::miss_merges},
    {"coalesced_sectors", stats::Unit::sectors,
     "sectors read by SMs that went out with the reply to another's read",
     &Counters::coalesced_sectors},
    {"evicted_sectors", stats::Unit::sectors, "valid sectors that had to leave",
     &Counters::evicted_sectors},
    {"written_back_sectors", stats::Unit::sectors,
     "sectors written to the DRAM, with a line that left or as others of its row did",
     &Counters::written_back_sectors, "dram__sectors_write.sum"},
    {"queue_ps", stats::Unit::picoseconds, "requests waiting for the slice, times time",
     &Counters::queue_ps},
    {"miss_table_full_ps", stats::Unit::picoseconds,
     "time the slice stood still for want of a miss-table entry", &Counters::miss_table_full_ps},
    {"write_back_full_ps", stats::Unit::picoseconds,
     "time the slice stood still for want of room for a dirty line", &Counters::write_back_full_ps},
};
static_assert(stats::describes_every_counter(kCounterTable));

// Of a bank of a system-level cache, those that can be other than 0.
inline constexpr stats::Described<Counters> kSystemCacheTable[] = {
    {"read_sectors", stats::Unit::sectors, "sectors that the L2 read in the system-level cache",
     &Counters::read_sectors},
    {"read_sector_hits", stats::Unit::sectors, "of those, found there",
     &Counters::read_sector_hits},
    {"write_sectors", stats::Unit::sectors, "sectors that the L2 wrote back to it",
     &Counters::write_sectors},
    {"write_sector_hits", stats::Unit::sectors, "of those, not passed on at once",
     &Counters::write_sector_hits},
    {"cpu_sectors", stats::Unit::sectors, "sectors that the CPU read and wrote",
     &Counters::copy_sectors},
    {"fill_sectors", stats::Unit::sectors, "sectors that it read from the DRAM",
     &Counters::fill_sectors},
    {"written_back_sectors", stats::Unit::sectors, "sectors that it wrote to the DRAM",
     &Counters::written_back_sectors},
    {"queue_ps", stats::Unit::picoseconds, "requests waiting for it, times time",
     &Counters::queue_ps},
    {"miss_table_full_ps", stats::Unit::picoseconds,
     "time that banks stood still for want of a miss-table entry", &Counters::miss_table_full_ps},
    {"write_back_full_ps", stats::Unit::picoseconds,
     "time that banks stood still for want of room for a dirty line",
     &Counters::write_back_full_ps},
};

}  // namespace strobe::l2
