// What a machine has to say after a run, gathered from its partitions: totals of counters, the
// verdict of the command checkers, and the series of channels and slices brought to one interval
// and length.

#include <algorithm>

#include "sim/device/machine.h"

namespace strobe::device {

namespace {

l2::Counters total_of(const std::vector<Partition>& partitions,
                      std::vector<l2::Slice> Partition::*caches) {
  l2::Counters total;
  for (const Partition& partition : partitions) {
    for (const l2::Slice& cache : partition.*caches) {
      stats::add(total, cache.counters(), l2::kCounterTable);
    }
  }
  return total;
}

}  // namespace

l2::Counters Machine::l2_total() const {
  return total_of(partitions_, &Partition::slices);
}

l2::Counters Machine::system_cache_total() const {
  return total_of(partitions_, &Partition::system_caches);
}

cpu::Counters Machine::cpu_total() const {
  cpu::Counters total;
  for (const Partition& partition : partitions_) {
    for (const cpu::Source& cpu : partition.cpus) {
      STROBE_CHECK(cpu.idle());
      stats::add(total, cpu.counters(), cpu::kCounterTable);
    }
  }
  return total;
}

dram::Counters Machine::dram_total() {
  dram::Counters total;
  for (Partition& partition : partitions_) {
    for (MemoryChannel& channel : partition.channels) {
      stats::add(total, channel.counters(quiet_from_), dram::kCounters);
    }
  }
  return total;
}

DramCheck Machine::collect_checks() const {
  DramCheck check;
  std::uint32_t number = 0;
  for (const Partition& partition : partitions_) {
    for (const MemoryChannel& memory : partition.channels) {
      const std::uint32_t channel = number++;
      const dram::CommandChecker* checker = memory.checker();
      if (checker == nullptr) continue;
      check.commands += checker->commands();
      check.violations += checker->violation_count();
      for (const dram::Violation& violation : checker->violations()) {
        if (check.texts.size() == DramCheck::kMostTexts) break;
        check.texts.push_back(dram::describe(violation, channel));
      }
    }
  }
  return check;
}

SeriesResult Machine::collect_series() {
  SeriesResult result;
  std::vector<stats::Series> reads, writes, sectors, hits;
  std::vector<dram::ShareSeries> energies;
  for (Partition& partition : partitions_) {
    for (MemoryChannel& channel : partition.channels) {
      if (const auto* energy = channel.energy(quiet_from_)) energies.push_back(*energy);
      reads.push_back(channel.read_bytes());
      writes.push_back(channel.write_bytes());
    }
    for (const l2::Slice& slice : partition.slices) {
      sectors.push_back(slice.read_sectors());
      hits.push_back(slice.read_sector_hits());
    }
  }
  for (const auto* all : {&reads, &writes, &sectors, &hits}) {
    for (const stats::Series& series : *all) {
      result.interval = std::max(result.interval, series.interval());
    }
  }
  result.dram_energy = dram::sum_of(std::move(energies), result.interval);
  result.interval = result.dram_energy.interval;
  std::size_t length = 0;
  for (auto* all : {&reads, &writes, &sectors, &hits}) {
    for (stats::Series& series : *all) {
      series.widen_to(result.interval);
      length = std::max(length, series.amounts().size());
    }
  }
  const auto padded = [length](const stats::Series& series) {
    std::vector<std::uint64_t> amounts = series.amounts();
    amounts.resize(length);
    return amounts;
  };
  for (const stats::Series& series : reads) result.channel_read_bytes.push_back(padded(series));
  for (const stats::Series& series : writes) result.channel_write_bytes.push_back(padded(series));
  const auto summed = [&](const std::vector<stats::Series>& all) {
    std::vector<std::uint64_t> sum(length);
    for (const stats::Series& series : all) {
      for (std::size_t i = 0; i < series.amounts().size(); ++i) sum[i] += series.amounts()[i];
    }
    return sum;
  };
  result.l2_read_sectors = summed(sectors);
  result.l2_read_sector_hits = summed(hits);
  return result;
}

}  // namespace strobe::device
