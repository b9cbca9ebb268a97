// Residency of CTAs and warps, what a warp does next, and the charging of its time.

#include <algorithm>

#include "sim/model/sm/sm.h"

namespace strobe::sm {

using stats::Cause;
using stats::WarpState;
using trace::Op;

void Sm::launch_cta(std::uint32_t pool_slot, Instant now) {
  std::uint32_t resident = 0;
  while (ctas_[resident].used) ++resident;  // the dispatcher knows that there is room
  const trace::Cta& cta = (*wiring_.ctas)[pool_slot];
  ++record_.counters.ctas;

  std::uint32_t warps = 0;
  for (const trace::Warp& warp : cta.warps) warps += warp.count > 0 ? 1 : 0;
  ctas_[resident] = {};
  ctas_[resident].pool_slot = pool_slot;
  ctas_[resident].warps = warps;
  ctas_[resident].used = true;
  if (warps == 0) {
    ctas_[resident].used = false;
    finished_ctas_.push_back({pool_slot, now});
    return;
  }

  const Cycles cycle = clock_.first_edge_from(now);
  const auto& grid = launch_.grid;
  const std::uint64_t index =
      (std::uint64_t{cta.index[2]} * grid[1] + cta.index[1]) * grid[0] + cta.index[0];
  for (std::size_t i = 0; i < cta.warps.size(); ++i) {
    if (cta.warps[i].count == 0) continue;
    place_warp(resident, cta.warps[i], index * launch_.warps_per_cta + i, cycle);
  }
}

void Sm::place_warp(std::uint32_t resident, const trace::Warp& trace_warp, std::uint64_t number,
                    Cycles now) {
  const std::uint32_t place = free_warp_slot();
  const trace::Cta& cta = (*wiring_.ctas)[ctas_[resident].pool_slot];
  Warp& warp = warps_[place];
  warp = Warp{};
  warp.next = cta.instructions.data() + trace_warp.first;
  warp.end = warp.next + trace_warp.count;
  warp.number = number;
  warp.cta = resident;
  ages_[place] = warps_started_++ * kMostPlaces + place;
  warp.arrived = warp.accounted = now;
  warp.accounted_at = clock_.edge(now);
  scoreboard_.forget(place);
  if (resident_warps_++ == 0) active_since_ = std::max(now, active_until_);
  charge_until(place, now + spec_.launch_latency, WarpState::other);
  plan(place, nullptr);
}

// In the sub-partition with the most free places, the first of those that are alike: warps of a CTA
// go to the sub-partitions in turn, as on hardware.
std::uint32_t Sm::free_warp_slot() const {
  std::uint32_t best = kNone, most = 0;
  for (std::uint32_t part = 0; part < spec_.sub_partitions; ++part) {
    std::uint32_t free = 0, first = kNone;
    for (std::uint32_t i = places_per_part_; i-- > 0;) {
      const std::uint32_t place = first_of(part) + i;
      if (warps_[place].next != nullptr) continue;
      ++free;
      first = place;
    }
    if (free > most) {
      most = free;
      best = first;
    }
  }
  STROBE_CHECK(best != kNone);
  return best;
}

// Finds out when the warp's next instruction may issue, and blocks the warp if that is not known
// yet. Called when its last instruction has issued and when something came that it waited for:
// `returned` is then where that had been.
void Sm::plan(std::uint32_t place, const Timeline* returned) {
  Warp& warp = warps_[place];
  const trace::Instruction& next = *warp.next;
  if (next.op == Op::copy_wait) {
    if (!warp.copies.closed_within(static_cast<std::uint32_t>(next.immediate))) {
      return block(place, Blocked::copies, WarpState::long_scoreboard);
    }
    if (returned != nullptr) {
      charge_memory_until(place, returned->done, WarpState::long_scoreboard, returned);
    }
  }
  if (next.op == Op::await_copies) {
    if (!are_copies_there(warp, static_cast<std::uint32_t>(next.immediate))) {
      ctas_[warp.cta].others_await_copies = true;
      return block(place, Blocked::cta_copies, WarpState::long_scoreboard);
    }
    if (returned != nullptr) {
      // Until the copy was issued it was the other warp that was waited for.
      charge_until(place, returned->tag.issued, WarpState::barrier);
      charge_memory_until(place, returned->done, WarpState::long_scoreboard, returned);
    }
  }
  if (next.op == Op::await_arrivals &&
      ctas_[warp.cta].arrivals < static_cast<std::uint32_t>(next.immediate)) {
    return block(place, Blocked::arrivals, WarpState::barrier);
  }
  if (next.op == Op::memory_barrier) {
    if (!warp.stores_are_done()) return block(place, Blocked::stores, WarpState::membar);
    if (returned != nullptr) {
      charge_memory_until(place, returned->done, WarpState::membar, returned);
    }
  }

  const Dependence needs = scoreboard_.of(place, next);
  if (needs.pending_memory || needs.pending_variable) {
    charge_until(place, needs.fixed, WarpState::wait);
    const bool had_waited_for_memory =
        warp.blocked == Blocked::registers && warp.blocked_state == WarpState::long_scoreboard;
    if (had_waited_for_memory && !needs.pending_memory) {
      // That wait is over; from here on it is another one.
      charge_memory_until(place, needs.memory, WarpState::long_scoreboard, returned);
    }
    return block(place, Blocked::registers,
                 needs.pending_memory ? WarpState::long_scoreboard : WarpState::short_scoreboard);
  }
  charge_memory_until(place, needs.memory, WarpState::long_scoreboard, returned);
  charge_until(place, needs.variable, WarpState::short_scoreboard);
  charge_until(place, needs.fixed, WarpState::wait);
  ready(place, warp.accounted);
}

void Sm::block(std::uint32_t place, Blocked why, WarpState state) {
  warps_[place].blocked = why;
  warps_[place].blocked_state = state;
  ready_[place] = kNever;
}

void Sm::ready(std::uint32_t place, Cycles at) {
  warps_[place].blocked = Blocked::no;
  ready_[place] = at;
  const std::uint32_t part = part_of(place);
  part_ready_[part] = std::min(part_ready_[part], std::max(at, part_free_[part]));
}

void Sm::charge_until(std::uint32_t place, Cycles until, WarpState state) {
  Warp& warp = warps_[place];
  if (until <= warp.accounted) return;
  const Instant from = warp.accounted_at, to = clock_.edge(until);
  record_.stalls.charge(state, to - from);
  if (over_time_) over_time_->stalls.charge(state, from, to);
  warp.accounted = until;
  warp.accounted_at = to;
}

// The same for a memory-caused state, on both levels. Without a timeline the end was known when the
// warp came to wait: then the data was in the L1 or just arriving there.
void Sm::charge_memory_until(std::uint32_t place, Cycles until, WarpState state,
                             const Timeline* timeline) {
  Warp& warp = warps_[place];
  if (until <= warp.accounted) return;
  if (timeline != nullptr && timeline->done > warp.accounted) {
    STROBE_CHECK(timeline->done <= until);
    charge(record_.stalls, clock_, warp.accounted, *timeline);
    if (over_time_) charge(over_time_->stalls, clock_, warp.accounted, *timeline);
    charge_until(place, timeline->done, state);
  }
  const Instant from = warp.accounted_at, to = clock_.edge(until);
  record_.stalls.charge(Cause::l1_hit, to - from);
  if (over_time_) over_time_->stalls.charge(Cause::l1_hit, from, to);
  charge_until(place, until, state);
}

// The causes of a wait for room in the load/store unit's queue, which is over at `now`: what held
// up the tag stage meanwhile. Over time they stand one after another, because how they alternated
// is not kept.
void Sm::charge_lsu_wait(const Warp& warp, Cycles now) {
  const TagStageTimes times = tag_stage_times(now);
  Instant from = warp.accounted_at;
  const auto charge = [&](Cause cause, Picoseconds duration) {
    record_.stalls.charge(cause, duration);
    if (over_time_) over_time_->stalls.charge(cause, from, from + duration);
    from = from + duration;
  };
  charge(Cause::l1_tag, times.busy - warp.at_block.busy);
  charge(Cause::l1_coalesce, times.own_lines - warp.at_block.own_lines);
  charge(Cause::l1_mshr, times.table_full - warp.at_block.table_full);
}

// A warp that has exited waits for what it loads, and until its stores have left the load/store
// unit; whether the L2 has them is the kernel's end's concern. Small blocks that only store turn
// over on hardware in 210 to 260 ns, launch included, and a store after a load adds 10 to 60 ns,
// not the 145 to 155 of a way to the L2 and back (gpu-stream's curves,
// validation/measured/concurrency.csv).
void Sm::finish_if_done(std::uint32_t place, const Timeline* returned) {
  Warp& warp = warps_[place];
  if (warp.accesses > 0 || warp.queued > 0) {
    return block(place, Blocked::drain, WarpState::drain);
  }
  if (returned != nullptr) {
    charge_memory_until(place, returned->done, WarpState::drain, returned);
  }
  release(place);
}

void Sm::release(std::uint32_t place) {
  Warp& warp = warps_[place];
  record_.stalls.resident += warp.accounted_at - clock_.edge(warp.arrived);
  const Cycles gone = warp.accounted;
  const std::uint32_t resident = warp.cta;
  block(place, Blocked::no, WarpState::other);
  warp.next = warp.end = nullptr;
  // Ends are known ahead of time, and not in the order in which they come.
  active_until_ = std::max(active_until_, gone);
  if (--resident_warps_ == 0) {
    record_.counters.active_cycles +=
        static_cast<std::uint64_t>((active_until_ - active_since_).count());
  }

  ResidentCta& cta = ctas_[resident];
  cta.ends = std::max(cta.ends, gone);
  if (cta.copier == place) {
    cta.all_copied = true;
    tell_of_copies(resident, nullptr);
  }
  if (--cta.warps > 0) {
    open_barrier_if_all_there(resident, gone);
    return;
  }
  cta.used = false;
  finished_ctas_.push_back({cta.pool_slot, clock_.edge(cta.ends)});
}

// A barrier opens when every warp of the CTA that still has instructions waits at one. A trace does
// not say how many threads a named barrier is for; waiting for all cannot deadlock.
void Sm::open_barrier_if_all_there(std::uint32_t resident, Cycles now) {
  ResidentCta& cta = ctas_[resident];
  if (cta.at_barrier == 0) return;
  for (std::uint32_t place = 0; place < warps_.size(); ++place) {
    const Warp& warp = warps_[place];
    const bool is_live =
        warp.next != nullptr && warp.cta == resident && warp.blocked != Blocked::drain;
    if (is_live && warp.blocked != Blocked::barrier) return;
  }
  cta.at_barrier = 0;
  for (std::uint32_t place = 0; place < warps_.size(); ++place) {
    const Warp& warp = warps_[place];
    if (warp.next == nullptr || warp.cta != resident || warp.blocked != Blocked::barrier) continue;
    charge_until(place, now + spec_.barrier_latency, WarpState::barrier);
    plan(place, nullptr);
  }
}

bool Sm::are_copies_there(const Warp& warp, std::uint32_t groups) const {
  const ResidentCta& cta = ctas_[warp.cta];
  if (cta.all_copied) return true;
  return cta.copier != ResidentCta::kNobody && warps_[cta.copier].copies.finished(groups);
}

// Groups of the copying warp may be there that others of the CTA wait for.
void Sm::tell_of_copies(std::uint32_t resident, const Timeline* returned) {
  if (!ctas_[resident].others_await_copies) return;
  for (std::uint32_t place = 0; place < warps_.size(); ++place) {
    const Warp& warp = warps_[place];
    if (warp.next == nullptr || warp.cta != resident) continue;
    if (warp.blocked == Blocked::cta_copies) plan(place, returned);
  }
}

void Sm::tell_of_arrival(std::uint32_t resident, Cycles now) {
  ++ctas_[resident].arrivals;
  for (std::uint32_t place = 0; place < warps_.size(); ++place) {
    const Warp& warp = warps_[place];
    if (warp.next == nullptr || warp.cta != resident || warp.blocked != Blocked::arrivals) continue;
    if (ctas_[resident].arrivals < static_cast<std::uint32_t>(warp.next->immediate)) continue;
    charge_until(place, now + spec_.barrier_latency, WarpState::barrier);
    plan(place, nullptr);
  }
}

}  // namespace strobe::sm
