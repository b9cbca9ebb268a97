#include "sim/model/sm/sm.h"

#include <algorithm>
#include <bit>

#include "sim/base/lanes.h"
#include "sim/model/sm/shared_banks.h"

namespace strobe::sm {

using stats::Cause;
using stats::WarpState;
using trace::Instruction;
using trace::Op;
using wire::Kind;
using wire::Message;

namespace {

std::uint32_t lines_of(Bytes capacity) {
  return static_cast<std::uint32_t>(capacity.count() / static_cast<std::int64_t>(wire::kLineBytes));
}

bool goes_to_lsu(const Instruction& instruction) {
  switch (instruction.op) {
    case Op::load:
    case Op::store:
    case Op::atomic:
    case Op::reduction:
    case Op::async_copy:
      return instruction.has_addresses();
    default:
      return false;
  }
}

bool is_arithmetic(Op op) {
  return op <= Op::branch || op == Op::unknown;
}

Pipe pipe_of(Op op) {
  return op == Op::unknown ? Pipe::integer : static_cast<Pipe>(op);
}
static_assert(static_cast<int>(Op::integer) == static_cast<int>(Pipe::integer) &&
                  static_cast<int>(Op::branch) == static_cast<int>(Pipe::branch),
              "arithmetic classes and pipes are the same list");

std::uint32_t instructions_of(const Instruction& instruction) {
  if (is_arithmetic(instruction.op)) return std::max<std::uint32_t>(instruction.bulk_count, 1);
  return instruction.space == trace::Space::shared ? instruction.shared_accesses() : 1;
}

// Those of the pipes whose work is a lane's, in the pipes' order.
constexpr std::array<std::uint64_t Counters::*, 6> kLaneCounters{
    &Counters::integer_lanes, &Counters::fp32_lanes,       &Counters::fp16_lanes,
    &Counters::fp64_lanes,    &Counters::conversion_lanes, &Counters::special_lanes};
static_assert(static_cast<std::size_t>(Pipe::special) + 1 == kLaneCounters.size());

Producer producer_of(Pipe pipe) {
  const bool variable = pipe == Pipe::special || pipe == Pipe::conversion;
  return variable ? Producer::variable : Producer::fixed;
}

}  // namespace

Sm::Sm(const Spec& spec, const Wiring& wiring)
    : spec_(spec),
      wiring_(wiring),
      clock_(spec.clock),
      places_per_part_((spec.max_warps + spec.sub_partitions - 1) / spec.sub_partitions),
      part_shift_(static_cast<int>(
          std::bit_width(std::max<std::uint32_t>(places_per_part_, kWideLaneCount) - 1))),
      ready_(std::size_t{spec.sub_partitions} << part_shift_, kNever),
      ages_(ready_.size()),
      warps_(ready_.size()),
      scoreboard_(static_cast<std::uint32_t>(ready_.size())),
      ctas_(spec.max_ctas),
      part_ready_(spec.sub_partitions, kNever),
      part_free_(spec.sub_partitions),
      part_last_(spec.sub_partitions, kNone),
      pipe_free_(spec.sub_partitions),
      lsu_queue_(spec.lsu_queue),
      lsu_waiting_(ready_.size()),
      accesses_(spec.lsu_queue + spec.l1.miss_merges + spec.l1.store_lines),
      turns_(accesses_.capacity()),
      tags_(lines_of(spec.l1.capacity) / spec.l1.ways, spec.l1.ways),
      misses_(spec.l1.miss_lines, spec.l1.miss_merges),
      stores_(spec.l1.store_lines) {
  STROBE_CHECK(ready_.size() <= kMostPlaces);
  lines_.reserve(kLinesOfWarp);
  if (spec.tlb) tlb_.emplace(*spec.tlb, clock_);
  if (wiring.pager) pages_.emplace();
  if (!tlb_ && !pages_) return;
  load_translations_.resize(spec.l1.miss_lines);
  store_translations_.resize(spec.l1.store_lines);
}

void Sm::start_kernel(const Launch& launch) {
  STROBE_CHECK(resident_warps_ == 0 && misses_.lines_used() == 0 && stores_.used() == 0);
  launch_ = launch;
  record_ = KernelRecord{};
  tag_stage_ = TagStageTimes{};
  tags_.limit_sets(std::max(lines_of(launch.l1_capacity) / spec_.l1.ways, 1u));
}

KernelRecord Sm::end_kernel() {
  STROBE_CHECK(resident_warps_ == 0 && lsu_queue_.empty() && (!pages_ || pages_->nobody_waits()));
  record_.counters.miss_table_full_ps = static_cast<std::uint64_t>(tag_stage_.table_full.count());
  return record_;
}

void Sm::receive(const Message& message, Instant now, wire::Mail& mail) {
  if (message.kind != Kind::launch_cta) return note_pages(message, now, mail);
  launch_cta(message.tag, now);
  run_from(schedule(now, mail), mail);
}

void Sm::wake(Instant now, wire::Mail& mail) {
  run_from(run_cycle(now, mail), mail);
}

void Sm::receive(const wire::Reply& reply, Instant now, wire::Mail& mail) {
  if (reply.kind == Kind::load) {
    take_load_reply(reply, now);
  } else {
    take_store_reply(reply, now);
  }
  run_from(schedule(now, mail), mail);
}

// `next`: when there is something to do, if not never. Cycle by cycle, as long as nothing can come
// in between.
void Sm::run_from(Instant next, wire::Mail& mail) {
  if (next == Instant::never()) return;
  const Instant quiet_until = mail.quiet_until(wiring_.self);
  while (next < quiet_until) next = run_cycle(next, mail);
  mail.wake(wiring_.self, next);
}

Instant Sm::run_cycle(Instant now, wire::Mail& mail) {
  const Cycles cycle = wake_cycle_;
  wake_cycle_ = kNever;
  run_lsu(cycle, mail);
  for (std::uint32_t part = 0; part < spec_.sub_partitions; ++part) {
    if (part_ready_[part] <= cycle) issue_from(part, cycle);
  }
  return schedule(now, mail);
}

// Reports finished CTAs. Returns the next cycle at which there is something to do, if that is
// before the one known so far, else never.
Instant Sm::schedule(Instant now, wire::Mail& mail) {
  for (const FinishedCta& finished : finished_ctas_) {
    Message report;
    report.kind = Kind::cta_done;
    report.from = wiring_.self.value;
    report.tag = finished.pool_slot;
    const Instant at = std::max(now, finished.at);
    mail.send(wiring_.self, wiring_.dispatcher, at + wiring_.report_latency, report);
  }
  finished_ctas_.clear();

  Cycles next = kNever;
  for (const Cycles each : part_ready_) next = std::min(next, each);
  if (!lsu_queue_.empty() && lsu_stall_ == LsuStall::none) next = std::min(next, lsu_free_);
  if (next >= wake_cycle_) return Instant::never();
  const Instant at = clock_.edge(next);
  // What became ready in the past, between two edges, starts at the next edge.
  wake_cycle_ = at >= now ? next : clock_.first_edge_from(now);
  return at >= now ? at : clock_.edge(wake_cycle_);
}

// One instruction of one warp.
void Sm::issue_from(std::uint32_t part, Cycles now) {
  std::uint32_t place = next_to_issue(part, now);
  // One that may not has another ready cycle now, or none.
  while (place != kNone && !may_issue(place, now)) place = next_to_issue(part, now);
  if (place != kNone) {
    part_last_[part] = place;
    issue(place, now);
    part_free_[part] = std::max(part_free_[part], now + Cycles(1));
    if (ready_[place] <= part_free_[part]) {  // whatever the others are
      part_ready_[part] = part_free_[part];
      return;
    }
  }
  WideLanes next = all_wide_lanes(kNever.count());
  for (std::uint32_t i = first_of(part); i < first_of(part + 1); i += kWideLaneCount) {
    next = least_of(next, lanes_from(&ready_[i]));
  }
  part_ready_[part] = std::max(Cycles(least_lane(next)), part_free_[part]);
}

// The warp that issued last goes on while it can, else it is the oldest's turn.
std::uint32_t Sm::next_to_issue(std::uint32_t part, Cycles now) const {
  const std::uint32_t last = part_last_[part];
  if (last != kNone && ready_[last] <= now) return last;
  WideLanes oldest = all_wide_lanes(kNobody);
  for (std::uint32_t i = first_of(part); i < first_of(part + 1); i += kWideLaneCount) {
    const WideLanes is_ready = lanes_from(&ready_[i]) <= all_wide_lanes(now.count());
    oldest = least_of(oldest, is_ready ? lanes_from(&ages_[i]) : all_wide_lanes(kNobody));
  }
  const std::int64_t age = least_lane(oldest);
  return age == kNobody ? kNone : static_cast<std::uint32_t>(age % kMostPlaces);
}

// Whether nothing but its turn keeps the warp from issuing; if something does, charges the wait for
// its turn so far and blocks the warp or moves its ready cycle.
bool Sm::may_issue(std::uint32_t place, Cycles now) {
  Warp& warp = warps_[place];
  const Instruction& instruction = *warp.next;
  if (is_arithmetic(instruction.op)) {
    const auto pipe = static_cast<std::size_t>(pipe_of(instruction.op));
    const Cycles free = pipe_free_[part_of(place)][pipe];
    if (free <= now) return true;
    charge_until(place, now, WarpState::not_selected);
    charge_until(place, free, WarpState::math_pipe_throttle);
    ready_[place] = free;
    return false;
  }
  if (!goes_to_lsu(instruction) || warp.promised_room) return true;
  if (lsu_queue_.size() + lsu_promised_ < lsu_queue_.capacity()) return true;
  charge_until(place, now, WarpState::not_selected);
  warp.at_block = tag_stage_times(now);
  const bool is_shared = instruction.space == trace::Space::shared;
  block(place, Blocked::lsu_room, is_shared ? WarpState::mio_throttle : WarpState::lg_throttle);
  lsu_waiting_.push(place);
  return false;
}

void Sm::issue(std::uint32_t place, Cycles now) {
  Warp& warp = warps_[place];
  const Instruction& instruction = *warp.next;
  charge_until(place, now, WarpState::not_selected);
  charge_until(place, now + Cycles(1), WarpState::selected);
  const std::uint64_t alike = instructions_of(instruction);
  record_.counters.warp_instructions += alike;
  record_.counters.issue_active_cycles += alike;
  record_.counters.thread_instructions +=
      alike * static_cast<std::uint64_t>(std::popcount(instruction.active_mask));

  if (is_arithmetic(instruction.op)) {
    issue_arithmetic(place, instruction, now);
  } else if (goes_to_lsu(instruction)) {
    issue_memory(place, instruction, now);
  } else if (instruction.op == Op::constant_load) {
    scoreboard_.set(place, instruction.destination, instruction.destination_count,
                    now + spec_.constant_latency, Producer::variable);
  } else if (instruction.op == Op::copy_commit) {
    warp.copies.commit();
    tell_of_copies(warp.cta, nullptr);
  } else if (instruction.op == Op::arrive) {
    tell_of_arrival(warp.cta, now);
  }

  ++warp.next;
  if (warp.next == warp.end) {
    finish_if_done(place, nullptr);
    // Its finishing may be what the others at a barrier waited for.
    if (warp.next != nullptr) open_barrier_if_all_there(warp.cta, now + Cycles(1));
  } else if (instruction.op == Op::barrier) {
    block(place, Blocked::barrier, WarpState::barrier);
    ++ctas_[warp.cta].at_barrier;
    open_barrier_if_all_there(warp.cta, now + Cycles(1));
  } else {
    plan(place, nullptr);
  }
}

void Sm::issue_arithmetic(std::uint32_t place, const Instruction& instruction, Cycles now) {
  if (instruction.op == Op::unknown) ++record_.counters.unknown_instructions;
  const Pipe pipe = pipe_of(instruction.op);
  PipeSpec spec = spec_.pipes[static_cast<std::size_t>(pipe)];
  const std::uint64_t alike = instructions_of(instruction);
  Cycles operands_read = now;
  if (pipe <= Pipe::special) {
    record_.counters.*kLaneCounters[static_cast<std::size_t>(pipe)] +=
        alike * static_cast<std::uint64_t>(std::popcount(instruction.active_mask));
  } else if (pipe == Pipe::tensor) {
    if (instruction.immediate > 0) spec.interval = Cycles(instruction.immediate);
    if (instruction.base > 0) operands_read = read_operands(instruction, now);
    record_.counters.tensor_cycles += alike * static_cast<std::uint64_t>(spec.interval.count());
  }
  if (instruction.bulk_count > 1) now = issue_alike(place, instruction, spec.interval, now);
  now = std::max(now, operands_read - spec.interval);
  pipe_free_[part_of(place)][static_cast<std::size_t>(pipe)] = now + spec.interval;
  if (pipe == Pipe::branch) {
    // Where the warp goes on is known only when the branch is through.
    charge_until(place, now + spec.latency, WarpState::wait);
    return;
  }
  scoreboard_.set(place, instruction.destination, instruction.destination_count, now + spec.latency,
                  producer_of(pipe));
}

// Issues all but the last of an instruction's alike, and returns the cycle of the last one. The
// pipe is theirs until then. So are the issue slots that they take; where the pipe takes a warp
// less than every cycle, or the registers give their operands more slowly, the slots between are
// the other warps'.
Cycles Sm::issue_alike(std::uint32_t place, const Instruction& instruction, Cycles interval,
                       Cycles now) {
  const Cycles count(instruction.bulk_count);
  Cycles taken = interval * instruction.bulk_count;
  const bool tells_reads = pipe_of(instruction.op) != Pipe::tensor && instruction.immediate > 0;
  if (tells_reads && spec_.register_reads > 0) {
    const std::int64_t width = spec_.register_reads;
    taken = std::max(taken, Cycles((instruction.immediate + width - 1) / width));
  }
  const Cycles last = now + taken - interval;
  charge_until(place, now + count, WarpState::selected);
  charge_until(place, last + Cycles(1), WarpState::math_pipe_throttle);
  if (taken == count) part_free_[part_of(place)] = last + Cycles(1);
  return last;
}

// Tensor cores that take their operands from shared memory have its banks meanwhile, and what waits
// in the load/store unit's queue comes after them. Returns the cycle at which all is read.
Cycles Sm::read_operands(const Instruction& instruction, Cycles now) {
  account_tag_stage(now);
  const auto bytes = static_cast<std::int64_t>(instruction.base * instructions_of(instruction));
  const std::int64_t width = spec_.shared_bytes_per_cycle;
  lsu_free_ = std::max({lsu_free_, data_free_, now}) + Cycles((bytes + width - 1) / width);
  data_free_ = lsu_free_;
  record_.counters.shared_passes +=
      static_cast<std::uint64_t>((bytes + kBytesOfPass - 1) / kBytesOfPass);
  return lsu_free_;
}

void Sm::issue_memory(std::uint32_t place, const Instruction& instruction, Cycles now) {
  Warp& warp = warps_[place];
  if (warp.promised_room) {
    warp.promised_room = false;
    --lsu_promised_;
  }
  // While the queue is empty the tag stage's time counts as busy: places may be promised to warps
  // that have not had their turn, and others still wait for one and are charged that time.
  if (lsu_queue_.empty()) lsu_free_ = std::max(lsu_free_, now + Cycles(1));

  Queued queued{&instruction, place, kNone, now, tag_stage_times(now).table_full};
  const bool is_shared = instruction.space == trace::Space::shared;
  if (is_shared) {
    const Cycles last = now + Cycles(instruction.shared_accesses());
    charge_until(place, last, WarpState::selected);
    part_free_[part_of(place)] = last;
  }
  const bool returns = instruction.op != Op::store && instruction.op != Op::reduction;
  if (returns) {
    queued.access = accesses_.take();
    accesses_[queued.access] = {place,
                                instruction.op,
                                instruction.destination,
                                instruction.destination_count,
                                is_shared,
                                false,
                                false,
                                0,
                                1,
                                now,
                                Cycles(0)};
    ++warp.accesses;
    if (instruction.op == Op::async_copy) {
      accesses_[queued.access].copy_group = warp.copies.start();
      ctas_[warp.cta].copier = place;
    }
    scoreboard_.set_pending(place, instruction.destination, instruction.destination_count,
                            is_shared ? Producer::variable : Producer::memory);
  }
  if (writes(instruction.op)) ++warp.queued;
  lsu_queue_.push(queued);
  count_request(queued);
}

}  // namespace strobe::sm
