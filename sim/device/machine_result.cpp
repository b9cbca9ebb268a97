// What a machine has to say after a run, gathered from its partitions: totals of counters and the
// verdict of the command checkers.

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

link::PagerCounters Machine::pager_total() const {
  return front_->pagers.empty() ? link::PagerCounters{} : front_->pagers.front().counters();
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

}  // namespace strobe::device
