#include "sim/device/machine.h"

#include <algorithm>
#include <string>

#include "sim/base/error.h"
#include "sim/kernel/engine.h"
#include "sim/model/sm/occupancy.h"

namespace strobe::device {

using wire::Role;

namespace {

template <class Counters, std::size_t N>
Counters difference(Counters after, const Counters& before,
                    const stats::Described<Counters> (&table)[N]) {
  for (const auto& row : table) after.*row.counter -= before.*row.counter;
  return after;
}

// A slice and its mirror in the other L2 partition, whose channels are neighbours, stay together.
Grouping grouping_of(const GpuSpec& spec, const MachineOptions& options) {
  Grouping grouping = options.grouping;
  if (spec.l2.crossing) grouping.channels_per_partition += grouping.channels_per_partition % 2;
  return grouping;
}

std::uint32_t groups_of(std::uint32_t count, std::uint32_t in_group) {
  return (count + in_group - 1) / in_group;
}

// How long messages between partitions take at least. SMs send from the L1's tag stage and slices
// reply from their tag lookup, so the fixed times from there to the ports count too. Only
// copies and managed memory come from the host.
Sides sides_of(const GpuSpec& spec, const Grouping& grouping, bool copying) {
  enum : std::size_t { kSms, kMemory, kFront };
  const Clock clock(spec.sm.clock);
  const Instant at_port = clock.edge(spec.sm.l1.miss_latency - Cycles(1));
  const Picoseconds reply = spec.l2.hit_latency + spec.crossbar.reply_latency;
  std::vector<Sides::Flight> flights{
      {kSms, kMemory, at_port.since_start() + spec.crossbar.request_latency},
      {kMemory, kSms, reply},
      {kSms, kFront, spec.dispatch.cta_latency},
      {kFront, kSms, spec.dispatch.cta_latency}};
  if (has_cpu_load(spec)) flights.push_back({kFront, kMemory, spec.crossbar.request_latency});
  if (copying) {
    flights.push_back({kFront, kMemory, spec.crossbar.request_latency});
    flights.push_back({kMemory, kFront, reply});
  }
  if (moves_pages(spec)) {
    flights.push_back({kSms, kFront, at_port.since_start() + spec.crossbar.request_latency});
    flights.push_back({kFront, kSms, spec.crossbar.reply_latency});
  }
  return Sides({groups_of(spec.sms, grouping.sms_per_partition),
                groups_of(spec.memory.channels, grouping.channels_per_partition), 1},
               flights);
}

// Two SMs next to each other share the way to the L2 (a TPC); sides alternate from pair to pair, as
// the dispatcher deals CTAs out over the whole chip.
std::uint32_t side_of_sm(std::uint32_t sm) {
  return sm / 2 & 1;
}

std::uint64_t kernels_of(const std::vector<trace::Step>& steps) {
  return static_cast<std::uint64_t>(
      std::ranges::count(steps, trace::Step::What::kernel, &trace::Step::what));
}

}  // namespace

Machine::Machine(const GpuSpec& spec, const MachineOptions& options)
    : spec_(spec),
      map_(spec.slices, spec.memory.interleave / static_cast<std::uint32_t>(wire::kLineBytes)),
      slices_per_channel_(spec.slices / spec.memory.channels),
      most_cta_spans_(options.most_cta_spans),
      executor_(options.threads),
      kernel_sides_(sides_of(spec, grouping_of(spec, options), moves_pages(spec))),
      copy_sides_(sides_of(spec, grouping_of(spec, options), true)),
      sm_totals_(spec.sms) {
  if (spec.l2.crossing) sides_.slices_of_channel = slices_per_channel_;
  place_components(grouping_of(spec, options));
  build_sms(options.over_time);
  build_slices();
  build_system_caches();
  build_channels(options);
  build_cpus();
  build_front(options.sample);
}

// SMs first, then slices, banks of a system-level cache, channels and CPUs, each kind numbered
// without gaps, so that a number is found by adding to the first one.
void Machine::place_components(const Grouping& grouping) {
  const std::uint32_t sm_partitions = groups_of(spec_.sms, grouping.sms_per_partition);
  const std::uint32_t channels = spec_.memory.channels;
  const std::uint32_t memory_partitions = groups_of(channels, grouping.channels_per_partition);

  const auto memory_partition = [&](std::uint32_t channel) {
    return sm_partitions + channel / grouping.channels_per_partition;
  };
  first_sm_ = ComponentId{0};
  for (std::uint32_t sm = 0; sm < spec_.sms; ++sm) {
    directory_.add({Role::sm, sm / grouping.sms_per_partition, sm % grouping.sms_per_partition});
  }
  first_slice_ = ComponentId{directory_.size()};
  const std::uint32_t slices_per_partition = slices_per_channel_ * grouping.channels_per_partition;
  for (std::uint32_t slice = 0; slice < spec_.slices; ++slice) {
    directory_.add(
        {Role::slice, memory_partition(slice / slices_per_channel_), slice % slices_per_partition});
  }
  first_bank_ = ComponentId{directory_.size()};
  const std::uint32_t banks_per_channel = spec_.memory.part.geometry.pseudo_channels;
  const std::uint32_t banks = spec_.memory.system_cache ? pseudo_channels() : 0;
  for (std::uint32_t bank = 0; bank < banks; ++bank) {
    directory_.add({Role::system_cache, memory_partition(bank / banks_per_channel),
                    bank % (banks_per_channel * grouping.channels_per_partition)});
  }
  first_channel_ = ComponentId{directory_.size()};
  for (std::uint32_t channel = 0; channel < channels; ++channel) {
    directory_.add(
        {Role::channel, memory_partition(channel), channel % grouping.channels_per_partition});
  }
  first_cpu_ = ComponentId{directory_.size()};
  for (std::uint32_t cpu = 0; cpu < cpus(); ++cpu) {
    directory_.add({Role::cpu, memory_partition(cpu / banks_per_channel),
                    cpu % (banks_per_channel * grouping.channels_per_partition)});
  }
  const std::uint32_t front = sm_partitions + memory_partitions;
  dispatcher_id_ = directory_.add({Role::dispatcher, front, 0});
  host_link_id_ = directory_.add({Role::host_link, front, 0});
  pager_id_ = directory_.add({Role::pager, front, 0});

  partitions_.reserve(front + 1);
  wire::Neighbours* const neighbours = executor_.is_alone() ? &neighbours_ : nullptr;
  for (std::uint32_t i = 0; i <= front; ++i) {
    partitions_.emplace_back(directory_, i, partitions_, neighbours);
  }
  for (Partition& partition : partitions_) neighbours_.mail.push_back(&partition.mail());
  front_ = &partitions_.back();
}

void Machine::build_sms(bool over_time) {
  const CrossbarSpec& crossbar = spec_.crossbar;
  for (std::uint32_t i = 0; i < spec_.sms; ++i) {
    const ComponentId self{first_sm_.value + i};
    const sm::Wiring wiring{self,
                            dispatcher_id_,
                            first_slice_,
                            moves_pages(spec_) ? std::optional(pager_id_) : std::nullopt,
                            &ctas_,
                            map_,
                            wire::Port(crossbar.clock, crossbar.sm_request_bytes_per_cycle),
                            wire::Port(crossbar.clock, crossbar.sm_reply_bytes_per_cycle),
                            crossbar.header_bytes,
                            crossbar.request_latency,
                            spec_.dispatch.cta_latency,
                            sides_,
                            side_of_sm(i)};
    std::vector<sm::Sm>& sms = partitions_[directory_.of(self).partition].sms;
    sms.emplace_back(spec_.sm, wiring);
    if (over_time) sms.back().keep_over_time();
  }
}

void Machine::build_front(bool sample) {
  front_->dispatchers.emplace_back(DispatcherWiring{dispatcher_id_, first_sm_, spec_.sms,
                                                    spec_.dispatch, &ctas_, first_cpu_, cpus(),
                                                    spec_.crossbar.request_latency});
  front_->dispatchers.front().sample(sample);
  if (spec_.host.unified) return;
  front_->host_links.emplace_back(link::Wiring{
      host_link_id_, first_slice_, map_, spec_.host.bandwidth, spec_.host.to_host_bandwidth,
      spec_.crossbar.request_latency, spec_.host.lines_in_flight});
  if (!moves_pages(spec_)) return;
  front_->pagers.emplace_back(
      spec_.host.managed->pager,
      link::PagerWiring{pager_id_, host_link_id_, first_sm_, spec_.sms,
                        spec_.crossbar.reply_latency,
                        std::max<std::uint64_t>(spec_.memory.capacity / wire::kRegionBytes, 1)});
}

RunResult Machine::run(trace::Program& program, Progress& progress) {
  RunResult result;
  const std::vector<trace::Step>& steps = program.steps();
  if (most_cta_spans_ > 0)
    front_->dispatchers.front().keep_log({most_cta_spans_, kernels_of(steps)});
  for (std::size_t i = 0; i < steps.size(); ++i) {
    progress.step(i, steps.size(), steps[i].kernel_file);
    if (steps[i].what == trace::Step::What::in_l2) {
      hold_in_l2(steps[i]);
    } else if (steps[i].is_copy()) {
      result.copies.push_back(run_copy(steps[i]));
    } else {
      const std::unique_ptr<trace::CtaSource> source = program.open(i);
      result.kernels.push_back(run_kernel(steps[i], *source, progress));
    }
  }

  result.end = now_;
  result.dram_time = quiet_from_.since_start();
  result.sms = sm_totals_;
  for (Partition& partition : partitions_) {
    for (const l2::Slice& slice : partition.slices) result.slices.push_back(slice.counters());
    for (const l2::Slice& bank : partition.system_caches) {
      result.system_caches.push_back(bank.counters());
    }
    for (MemoryChannel& channel : partition.channels) {
      result.channels.push_back(channel.counters(quiet_from_));
    }
    result.events += partition.events();
  }
  result.ctas = front_->dispatchers.front().take_log();
  result.series = collect_series();
  result.dram_check = collect_checks();
  return result;
}

// Runs until nothing is under way any more, write-backs included.
void Machine::drain(const Sides& sides) {
  strobe::run(std::span<Partition>(partitions_), sides, executor_);
  for (const Partition& partition : partitions_) {
    quiet_from_ = std::max(quiet_from_, partition.last_event_at());
  }
  // How far ahead of its last request a channel was run depends on what else is in its partition;
  // how many refreshes it counts must not.
  for (Partition& partition : partitions_) {
    for (MemoryChannel& channel : partition.channels) {
      channel.rest_until(quiet_from_, partition.mail());
    }
  }
}

// What passes a system-level cache on its way stays there too, and what leaves the L2 dirty for
// something later goes there.
void Machine::hold_in_l2(const trace::Step& step) {
  if (step.bytes == 0) return;
  const bool has_banks = spec_.memory.system_cache && spec_.memory.system_cache->keeps_all;
  const std::uint32_t slices_of_bank = spec_.slices / pseudo_channels();
  const std::uint64_t last = (step.address + step.bytes - 1) / wire::kLineBytes;
  for (std::uint64_t line = step.address / wire::kLineBytes; line <= last; ++line) {
    const wire::SlicePlace place = map_.place(line);
    const wire::Residence where = directory_.of(ComponentId{first_slice_.value + place.slice});
    Partition& partition = partitions_[where.partition];
    l2::Slice& slice = partition.slices[where.index];
    const std::optional<std::uint64_t> left = slice.hold(place.line, step.dirty);
    if (!has_banks) continue;
    const ComponentId of_bank{first_bank_.value + place.slice / slices_of_bank};
    l2::Slice& bank = partition.system_caches[directory_.of(of_bank).index];
    bank.hold(slice.dram_line(place.line), false);
    if (left) bank.hold(*left, true);
  }
}

CopyResult Machine::run_copy(const trace::Step& step) {
  const bool to_host = step.what == trace::Step::What::copy_to_host;
  CopyResult copy{step.address, step.bytes, to_host, !spec_.host.unified, now_, now_};
  if (spec_.host.unified) return copy;  // the device reads the host's memory: nothing to move
  if (moves_pages(spec_)) {
    // What was on the device moves back when the host reads it; what the host writes does not.
    copy.over_link = give_to_host(step) > 0 && to_host;
    if (!copy.over_link) return copy;
  }
  link::HostLink& host_link = front_->host_links.front();
  copy.start = std::max(now_, quiet_from_);
  host_link.start_copy({step.address, step.bytes, to_host}, copy.start + spec_.host.latency,
                       front_->mail());
  drain(copy_sides_);
  STROBE_CHECK(host_link.idle());
  copy.end = now_ = host_link.finished_at();
  return copy;
}

// Returns how many bytes were on the device, which has them no longer.
std::uint64_t Machine::give_to_host(const trace::Step& step) {
  const std::uint64_t end = step.address + step.bytes;
  for_each_sm([&](std::uint32_t, sm::Sm& sm) { sm.forget_pages(step.address, end); });
  return front_->pagers.front().give_to_host(step.address, end);
}

KernelResult Machine::run_kernel(const trace::Step& step, trace::CtaSource& source,
                                 Progress& progress) {
  const trace::KernelHeader& header = source.header();
  const sm::Residency residency = sm::residency(spec_.sm, header);
  if (residency.ctas == 0) {
    throw UserError({step.kernel_file}, "a CTA of " + header.name + " does not fit an SM of " +
                                            spec_.name + ": too many " +
                                            std::string(residency.limit));
  }
  KernelResult result;
  result.name = header.name;
  result.file = step.kernel_file;
  result.id = header.id;
  result.grid = header.grid;
  result.block = header.block;
  result.registers = header.registers;
  result.shared_bytes = header.shared_bytes;
  result.occupancy = {residency.ctas, residency.warps_per_cta, std::string(residency.limit)};
  ctas_.reserve(spec_.sms * residency.ctas + 1);
  for_each_sm([&](std::uint32_t, sm::Sm& sm) {
    sm.start_kernel({residency.l1_capacity, residency.warps_per_cta, header.grid});
  });
  const l2::Counters l2_before = l2_total();
  const cpu::Counters cpu_before = cpu_total();
  const l2::Counters system_cache_before = system_cache_total();
  const dram::Counters dram_before = dram_total();
  const link::PagerCounters pages_before = pager_total();
  const Instant quiet_before = quiet_from_;

  Dispatcher& dispatcher = front_->dispatchers.front();
  // Write-backs of the last kernel nearly always end within the launch latency of the next; where
  // they do not, the next one starts after them.
  result.start = std::max(now_ + spec_.dispatch.launch_latency, quiet_from_);
  start_cpus(result.start);
  dispatcher.start_kernel(source, residency.ctas, result.start, progress, front_->mail());
  drain(kernel_sides_);
  result.left_out = dispatcher.left_out();
  STROBE_CHECK(dispatcher.idle() &&
               dispatcher.ctas_done() + result.left_out.ctas == header.cta_count());
  result.end = dispatcher.finished_at();

  for_each_sm([&](std::uint32_t index, sm::Sm& sm) {
    const sm::KernelRecord record = sm.end_kernel();
    // CTAs may be gone before the L2 has answered their stores, the kernel is not.
    result.end = std::max(result.end, record.stores_done + spec_.dispatch.cta_latency);
    stats::add(result.sm, record.counters, sm::kCounterTable);
    stats::add(sm_totals_[index], record.counters, sm::kCounterTable);
    result.stalls.add(record.stalls);
    result.load_latency.add(record.load_latency);
  });
  now_ = result.end + result.left_out.time;
  STROBE_CHECK(result.stalls.adds_up());
  result.l2 = difference(l2_total(), l2_before, l2::kCounterTable);
  result.system_cache = difference(system_cache_total(), system_cache_before, l2::kCounterTable);
  result.cpu = difference(cpu_total(), cpu_before, cpu::kCounterTable);
  result.dram = difference(dram_total(), dram_before, dram::kCounters);
  result.pages = difference(pager_total(), pages_before, link::kPagerCounterTable);
  result.dram_time = quiet_from_ - quiet_before;
  return result;
}

template <class Visit>
void Machine::for_each_sm(const Visit& visit) {
  std::uint32_t index = 0;
  for (Partition& partition : partitions_) {
    for (sm::Sm& sm : partition.sms) visit(index++, sm);
  }
}

}  // namespace strobe::device
