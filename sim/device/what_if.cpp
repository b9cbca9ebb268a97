#include "sim/device/what_if.h"

#include <algorithm>

#include "sim/base/error.h"
#include "sim/kernel/clock.h"
#include "sim/stats/stalls.h"

namespace strobe::device {

namespace {

using dram::Command;
using dram::PartSpec;

void set_timing(PartSpec& part, std::string_view name, Cycles clocks) {
  for (dram::Timing& timing : part.timings) {
    if (timing.name == name) timing.value = clocks;
  }
}

// A flight cannot take no time: what is under way for none could not be handed over.
Picoseconds cycle_of(Kilohertz clock) {
  return Clock(clock).edge(Cycles(1)).since_start();
}

constexpr std::int64_t kWide = 1 << 16;  // B a cycle: any packet passes at once

void request_crossbar(GpuSpec& gpu) {
  gpu.crossbar.request_latency = cycle_of(gpu.crossbar.clock);
  gpu.crossbar.sm_request_bytes_per_cycle = gpu.crossbar.slice_request_bytes_per_cycle = kWide;
}

void reply_crossbar(GpuSpec& gpu) {
  gpu.crossbar.reply_latency = cycle_of(gpu.crossbar.clock);
  gpu.crossbar.sm_reply_bytes_per_cycle = gpu.crossbar.slice_reply_bytes_per_cycle = kWide;
}

void evictions(GpuSpec& gpu) {
  gpu.l2.write_backs = 1 << 12;
}

void far_partition(GpuSpec& gpu) {
  gpu.l2.crossing.reset();
}

void dram_path(GpuSpec& gpu) {
  gpu.l2.dram_path = Picoseconds(2);  // one each way
  if (gpu.memory.system_cache) gpu.memory.system_cache->dram_path = Picoseconds(2);
}

// What goes to the DRAM goes its way as before.
void system_cache(GpuSpec& gpu) {
  if (!gpu.memory.system_cache) return;
  const l2::Spec& bank = *gpu.memory.system_cache;
  gpu.l2.dram_path += bank.hit_latency + bank.dram_path;
  gpu.memory.system_cache.reset();
}

void cpu_load(GpuSpec& gpu) {
  if (gpu.memory.cpu) gpu.memory.cpu->load = BytesPerSecond(0);
}

// A read may follow a write, and a write a read, as soon as the one before has left the pins.
void turnaround(GpuSpec& gpu) {
  const auto turns = [](const dram::RuleSpec& rule, Command first, Command next) {
    return rule.first == std::vector{first} && rule.next == std::vector{next};
  };
  for (dram::RuleSpec& rule : gpu.memory.part.rules) {
    if (turns(rule, Command::read, Command::write) || turns(rule, Command::write, Command::read)) {
      rule.wait = "BL";
    }
  }
}

void refresh(GpuSpec& gpu) {
  constexpr std::int64_t kLongerThanAnyRun = std::int64_t{1} << 40;  // clocks: minutes
  set_timing(gpu.memory.part, "tREFI", Cycles(kLongerThanAnyRun));
}

void row_conflict(GpuSpec& gpu) {
  PartSpec& part = gpu.memory.part;
  set_timing(part, "tRP", Cycles(1));
  set_timing(part, "tRC", dram::cycles_of(part, "tRAS") + Cycles(1));
}

void activate_window(GpuSpec& gpu) {
  for (const char* name : {"tRRD_S", "tRRD_L", "tRRD", "tFAW"}) {
    set_timing(gpu.memory.part, name, Cycles(1));
  }
}

void row_miss(GpuSpec& gpu) {
  for (const char* name : {"tRCDRD", "tRCDWR"}) set_timing(gpu.memory.part, name, Cycles(1));
}

void bank_group(GpuSpec& gpu) {
  PartSpec& part = gpu.memory.part;
  if (dram::find_timing(part, "tCCD_S") == nullptr) return;
  set_timing(part, "tCCD_L", dram::cycles_of(part, "tCCD_S"));
}

void host_link(GpuSpec& gpu) {
  gpu.host.unified = true;
}

void translation(GpuSpec& gpu) {
  gpu.sm.tlb.reset();
}

void pages(GpuSpec& gpu) {
  if (gpu.host.managed) gpu.host.managed->on = false;
}

constexpr WhatIf kWhatIfs[] = {
    {"tlb", "addresses need no translation", translation},
    {"xbar.request", "requests reach the L2 within a cycle", request_crossbar},
    {"l2.evict", "the L2 gives back any number of dirty lines at once", evictions},
    {"l2.far", "the L2 is one: no line is far, none is held twice", far_partition},
    {"dram.path", "the DRAM is beside the L2", dram_path},
    {"slc", "there is no system-level cache", system_cache},
    {"dram.cpu", "the CPU is idle", cpu_load},
    {"dram.turnaround", "the DRAM's pins turn round at once", turnaround},
    {"dram.refresh", "the DRAM is never refreshed", refresh},
    {"dram.row_conflict", "rows close within a clock", row_conflict},
    {"dram.activate_window", "rows are opened one a clock (no tRRD, no tFAW)", activate_window},
    {"dram.row_miss", "rows open within a clock", row_miss},
    {"dram.bank_group", "columns of one bank group follow as those of several", bank_group},
    {"xbar.reply", "replies reach the SM within a cycle", reply_crossbar},
    {"link.host", "copies from the host move nothing", host_link},
    {"page", "managed memory is on the device already", pages},
};

const WhatIf* what_if_named(std::string_view cause) {
  const auto* const found = std::ranges::find(kWhatIfs, cause, &WhatIf::cause);
  return found == std::end(kWhatIfs) ? nullptr : found;
}

}  // namespace

std::span<const WhatIf> what_ifs() {
  return kWhatIfs;
}

std::vector<const WhatIf*> what_ifs_of(std::string_view causes) {
  std::vector<const WhatIf*> chosen;
  if (causes == "all") {
    for (const WhatIf& one : kWhatIfs) chosen.push_back(&one);
    return chosen;
  }
  std::string_view rest = causes;
  while (true) {
    const std::size_t comma = std::min(rest.find(','), rest.size());
    const std::string_view cause = rest.substr(0, comma);
    const WhatIf* const one = what_if_named(cause);
    if (one == nullptr) {
      std::string known;
      for (const WhatIf& each : kWhatIfs) known += ", " + std::string(each.cause);
      throw UserError("--what-if: '" + std::string(cause) +
                      "' is no cause that can be taken away; there are all" + known);
    }
    if (std::ranges::find(chosen, one) != chosen.end()) {
      throw UserError("--what-if: " + std::string(cause) + " is named twice");
    }
    chosen.push_back(one);
    if (comma == rest.size()) return chosen;
    rest.remove_prefix(comma + 1);
  }
}

}  // namespace strobe::device
