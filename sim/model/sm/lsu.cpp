// The load/store unit and the L1: memory instructions leave the queue in order, their lines pass
// the tag stage one after another, and what misses goes out to the L2. A line that finds the miss
// table or the store credits used up stops everything behind it.

#include <algorithm>

#include "sim/model/sm/shared_banks.h"
#include "sim/model/sm/sm.h"

namespace strobe::sm {

using stats::Cause;
using stats::WarpState;
using trace::Op;
using trace::Space;
using wire::Kind;
using wire::Message;
using wire::SectorMask;

namespace {

// A line for every word of a thread's 512 KiB of local memory, the most there is (CUDA C++
// Programming Guide).
constexpr std::uint64_t kLocalLinesOfWarp = 1 << 17;

// The others go to the L2 whatever the L1 has.
constexpr bool looks_up(Op op) {
  return op == Op::load || op == Op::async_copy;
}

std::int64_t count_of(SectorMask sectors) {
  return static_cast<std::int64_t>(wire::sector_count(sectors));
}

std::int64_t bytes_of(SectorMask sectors) {
  return static_cast<std::int64_t>(wire::sector_count(sectors) * wire::kSectorBytes);
}

// `slot` is where the line is, or none.
void keep_stored(tags::SectoredTags& tags, const tags::SectoredTags::Home& home, std::uint32_t slot,
                 SectorMask whole) {
  if (slot == tags::SectoredTags::kNone) {
    slot = tags.victim(home);
    tags.replace(slot, home);
  } else {
    tags.touch(slot);
  }
  tags.add_valid(slot, whole);
}

std::uint64_t sectors_of(const LineList& lines) {
  std::uint64_t sectors = 0;
  for (const LineAccess& line : lines) sectors += wire::sector_count(line.sectors);
  return sectors;
}

}  // namespace

void Sm::run_lsu(Cycles now, wire::Mail& mail) {
  if (lsu_queue_.empty() || lsu_stall_ != LsuStall::none || lsu_free_ > now) return;
  account_tag_stage(now);
  const Queued head = lsu_queue_.front();
  if (head.instruction->space == Space::shared) {
    if (data_free_ > now) {
      lsu_free_ = data_free_;
      return;
    }
    data_free_ = now + Cycles(pass_shared(head, now));
    lsu_free_ = now + Cycles(1);
    leave_queue(head, now);
    return;
  }

  if (!head_started_) find_lines(head);
  if (next_line_ == 0) {
    first_lookup_ = now;
    table_full_at_first_lookup_ = tag_stage_.table_full;
  }
  std::int64_t bytes = 0;  // of the lines that are looked up now
  for (std::uint32_t i = 0; i < spec_.l1.tags_per_cycle && next_line_ < lines_.size(); ++i) {
    const LineAccess line = lines_[next_line_];
    const Lookup lookup{now, Cycles(bytes / spec_.l1.bytes_per_cycle)};
    if (!look_up_line(head, line, lookup, mail)) {
      lsu_stall_ = looks_up(head.instruction->op) ? LsuStall::misses : LsuStall::stores;
      return;
    }
    bytes += bytes_of(line.sectors);
    const std::int64_t width = spec_.l1.bytes_per_cycle;
    lsu_free_ = now + Cycles((bytes + width - 1) / width);
    ++next_line_;
  }
  if (next_line_ < lines_.size()) return;
  data_free_ = std::max(data_free_, now) + Cycles(registers_returned(*head.instruction));
  if (head.access != kNone && --accesses_[head.access].lines_open == 0) {
    complete(head.access, last_lines_[head.access]);
  }
  leave_queue(head, now);
}

void Sm::find_lines(const Queued& head) {
  const Warp& warp = warps_[head.warp];
  const trace::Cta& cta = (*wiring_.ctas)[ctas_[warp.cta].pool_slot];
  if (head.instruction->space == Space::local) {
    coalesce_local(cta, *head.instruction, kFirstLocalLine + warp.number * kLocalLinesOfWarp,
                   lines_);
  } else {
    coalesce(cta, *head.instruction, lines_);
  }
  head_started_ = true;
  next_line_ = 0;
  for (const LineAccess& line : lines_) prefetch_set(tags_, {tags_, line.line});

  Counters& counters = record_.counters;
  const std::uint64_t sectors = sectors_of(lines_);
  const bool is_local = head.instruction->space == Space::local;
  if (head.instruction->op == Op::atomic || head.instruction->op == Op::reduction) {
    counters.atomic_sectors += sectors;
  } else if (head.instruction->op == Op::store) {
    (is_local ? counters.local_store_sectors : counters.global_store_sectors) += sectors;
  } else {
    (is_local ? counters.local_load_sectors : counters.global_load_sectors) += sectors;
  }
}

// False when it has to be tried again after a reply.
bool Sm::look_up_line(const Queued& head, const LineAccess& line, const Lookup& lookup,
                      wire::Mail& mail) {
  return looks_up(head.instruction->op) ? look_up_load(head, line, lookup, mail)
                                        : send_store(head, line, lookup.at, mail);
}

// A line that misses gets its place at once and not when its sectors come, so that lines under way
// take room from those that are there (Accel-Sim's SM7_QV100 allocates on a miss).
bool Sm::look_up_load(const Queued& head, const LineAccess& line, const Lookup& lookup,
                      wire::Mail& mail) {
  const Cycles now = lookup.at;
  const tags::SectoredTags::Home home(tags_, line.line);
  const std::uint32_t slot = tags_.find(home);
  const bool present = slot != tags::SectoredTags::kNone;
  const SectorMask hits = present ? line.sectors & tags_.valid(slot) : SectorMask{0};
  const auto missing = static_cast<SectorMask>(line.sectors & ~hits);
  if (present) tags_.touch(slot);

  if (missing != 0) {
    std::uint32_t entry = misses_.find(line.line);
    const bool merges = entry != misses_.kNone;
    if (misses_.waiters_full() || (!merges && misses_.lines_full())) return false;
    if (!merges) entry = misses_.open(line.line);
    if (!present) tags_.replace(tags_.victim(home), home);
    const auto to_ask = static_cast<SectorMask>(missing & ~misses_.asked(entry));
    if (to_ask != 0) {
      misses_.ask(entry, to_ask);
      Message request;
      request.kind = Kind::load;
      request.whole_line =
          head.instruction->op == Op::async_copy && head.instruction->immediate == 1;
      request.bulk = head.instruction->bulk_count != 0;
      request.sectors = to_ask;
      request.tag = entry;
      send(request, line.line, now, mail);
    }
    ++(to_ask == 0 ? record_.counters.miss_merges : record_.counters.miss_lines);
    misses_.wait(entry, missing, {head.access, passage(head, now)});
    take_turn(head.access);
    ++accesses_[head.access].lines_open;
  } else {
    const Cycles done = now + lookup.behind + spec_.l1.hit_latency - Cycles(1);
    note_hit(head.access, passage(head, now), done);
  }
  if (head.instruction->space == Space::global) {
    record_.counters.global_load_sector_hits += wire::sector_count(hits);
    if (over_time_) {
      over_time_->load_sectors.add(clock_.edge(now), wire::sector_count(line.sectors));
      over_time_->load_sector_hits.add(clock_.edge(now), wire::sector_count(hits));
    }
  } else {
    record_.counters.local_load_sector_hits += wire::sector_count(hits);
  }
  return true;
}

// Stores, reductions and atomics go to the L2. A store leaves the L1's copy valid, because it
// writes through it; an atomic makes it stale. An L1 that is one with shared memory, as from Volta
// on, also takes the line of a store that it does not have, without asking the L2 for the rest of
// it (M. Khairy et al., "Accel-Sim", ISCA 2020: the V100's L1 allocates on a write and fetches when
// it is read), so that what a kernel writes drives out what it reads again.
bool Sm::send_store(const Queued& head, const LineAccess& line, Cycles now, wire::Mail& mail) {
  if (stores_.full()) return false;
  const Op op = head.instruction->op;
  const tags::SectoredTags::Home home(tags_, line.line);
  const std::uint32_t slot = tags_.find(home);
  const bool present = slot != tags::SectoredTags::kNone;
  if (present && op == Op::store) {
    const auto held = static_cast<SectorMask>(line.sectors & tags_.valid(slot));
    record_.counters.store_sector_hits += wire::sector_count(held);
  }
  if (op != Op::store) {
    if (present) tags_.remove_valid(slot, line.sectors);
  } else if (spec_.l1.unified_with_shared) {
    keep_stored(tags_, home, slot, line.whole);
  }
  Message request;
  request.kind = op == Op::store ? Kind::store : op == Op::atomic ? Kind::atomic : Kind::reduction;
  request.sectors = line.sectors;
  request.whole_sectors = op == Op::store ? line.whole : SectorMask{0};
  request.tag = stores_.take();
  stores_[request.tag] = {ages_[head.warp], passage(head, now), head.warp, head.access,
                          line.sectors};
  if (head.access != kNone) {
    ++accesses_[head.access].lines_open;
  }
  ++warps_[head.warp].store_lines;
  send(request, line.line, now, mail);
  return true;
}

void Sm::send(Message message, std::uint64_t line, Cycles now, wire::Mail& mail) {
  const wire::SlicePlace place = wiring_.map.place(line);
  const bool carries_data = message.kind != Kind::load;
  const std::int64_t bytes = wiring_.header_bytes + (carries_data ? bytes_of(message.sectors) : 0);
  message.from = wiring_.self.value;
  message.line = place.line;
  message.sent = clock_.edge(now + spec_.l1.miss_latency - Cycles(1));
  const Instant through = wiring_.request_port.pass(message.sent, bytes).last;
  record_.counters.request_bytes += static_cast<std::uint64_t>(bytes);
  count_in_flight(clock_.edge(now), count_of(message.sectors));
  message.is_far = wiring_.sides.is_far(place.slice, wiring_.side);
  const std::uint32_t slice = message.is_far ? wiring_.sides.mirror(place.slice) : place.slice;
  const ComponentId target{wiring_.first_slice.value + slice};
  Instant arrives = through + wiring_.request_latency;
  if (tlb_ || pages_) {
    if (pages_ && line < kFirstLocalLine && !pages_->are_there(line)) {
      return wait_for_page({message, line, target, through}, mail);
    }
    arrives = arrives + translate(message, line, through, Picoseconds(0));
  }
  mail.send(wiring_.self, target, arrives, message);
}

TagPassage Sm::passage(const Queued& head, Cycles now) const {
  const Picoseconds table_full = tag_stage_.table_full - head.table_full_at_issue;
  Picoseconds own_lines;
  if (next_line_ > 0) {
    own_lines = clock_.edge(now) - clock_.edge(first_lookup_) -
                (tag_stage_.table_full - table_full_at_first_lookup_);
  }
  return {head.issued, now, table_full, own_lines};
}

void Sm::leave_queue(const Queued& head, Cycles now) {
  const TagPassage passed = passage(head, now);
  lsu_queue_.pop();
  head_started_ = false;
  next_line_ = 0;
  if (writes(head.instruction->op)) {
    --warps_[head.warp].queued;
    if (warps_[head.warp].awaits_stores()) note_stores_done(head.warp, {passed, false, {}, now});
  }
  if (lsu_waiting_.empty()) return;

  const std::uint32_t place = lsu_waiting_.front();
  lsu_waiting_.pop();
  Warp& warp = warps_[place];
  warp.promised_room = true;
  ++lsu_promised_;
  if (warp.blocked_state == WarpState::lg_throttle) charge_lsu_wait(warp, now);
  charge_until(place, now, warp.blocked_state);
  ready(place, now);
}

void Sm::take_load_reply(const wire::Reply& reply, Instant now) {
  Returned returned = pass_reply_port(reply, bytes_of(reply.sectors), now);
  if (tlb_ || pages_) returned.translation = load_translations_.of(reply.tag);
  count_in_flight(now, -count_of(reply.sectors));

  // Many others may have come meanwhile; then it is too late.
  const std::uint32_t slot = tags_.find(misses_.line(reply.tag));
  if (slot != tags::SectoredTags::kNone) tags_.add_valid(slot, reply.sectors);

  misses_.arrive(reply.tag, reply.sectors,
                 [&](const Waiter& waiter) { finish_line(waiter.access, waiter.tag, returned); });
  end_lsu_stall(LsuStall::misses, now);
}

void Sm::take_store_reply(const wire::Reply& reply, Instant now) {
  const StoreLine store = stores_[reply.tag];
  stores_.give_back(reply.tag);
  Returned returned =
      pass_reply_port(reply, reply.kind == Kind::atomic ? bytes_of(reply.sectors) : 0, now);
  if (tlb_ || pages_) returned.translation = store_translations_.of(reply.tag);
  count_in_flight(now, -count_of(store.sectors));

  record_.stores_done = std::max(record_.stores_done, clock_.edge(returned.done));
  if (store.access != kNone) finish_line(store.access, store.tag, returned);
  Warp& warp = warps_[store.warp];
  if (warp.next != nullptr && ages_[store.warp] == store.age) {
    --warp.store_lines;
    if (warp.awaits_stores()) note_stores_done(store.warp, returned.timeline(store.tag));
  }
  end_lsu_stall(LsuStall::stores, now);
}

Sm::Returned Sm::pass_reply_port(const wire::Reply& reply, std::int64_t data, Instant now) {
  const std::int64_t bytes = wiring_.header_bytes + data;
  record_.counters.reply_bytes += static_cast<std::uint64_t>(bytes);
  const Instant at = wiring_.reply_port.pass(now, bytes).last;
  return {reply, at, {}, clock_.first_edge_from(at) + spec_.l1.fill_latency};
}

// If that was the last store that a barrier or the warp's end waited for, the warp goes on.
void Sm::note_stores_done(std::uint32_t place, const Timeline& last) {
  const Warp& warp = warps_[place];
  if (warp.blocked == Blocked::stores) {
    if (warp.stores_are_done()) plan(place, &last);
  } else if (warp.blocked == Blocked::drain && warp.queued == 0) {
    finish_if_done(place, &last);
  }
}

// Something came back that one may stand still for who stalls on `what`. Who stands still for the
// other kind would find that nothing has changed, unless tensor cores have the banks meanwhile:
// their time is accounted apart.
void Sm::end_lsu_stall(LsuStall what, Instant now) {
  if (lsu_stall_ == LsuStall::none) return;
  const Cycles cycle = clock_.first_edge_from(now);
  if (lsu_stall_ != what && lsu_free_ <= cycle) return;
  account_tag_stage(cycle);
  lsu_stall_ = LsuStall::none;
  lsu_free_ = std::max(lsu_free_, cycle);
}

void Sm::count_request(const Queued& queued) {
  Counters& counters = record_.counters;
  const trace::Instruction& instruction = *queued.instruction;
  if (instruction.space == Space::shared) {
    counters.shared_requests += instruction.shared_accesses();
  } else if (instruction.op == Op::atomic || instruction.op == Op::reduction) {
    ++counters.atomic_requests;
  } else if (instruction.space == Space::global) {
    ++(instruction.op == Op::store ? counters.global_store_requests
                                   : counters.global_load_requests);
  }
}

void Sm::count_in_flight(Instant now, std::int64_t sectors) {
  if (now > in_flight_since_) {
    record_.counters.in_flight_sector_ps +=
        static_cast<std::uint64_t>(in_flight_sectors_ * (now - in_flight_since_).count());
    in_flight_since_ = now;
  }
  in_flight_sectors_ += sectors;
}

// Charges the time since the last call to what the tag stage did in it.
void Sm::account_tag_stage(Cycles now) {
  tag_stage_ = tag_stage_times(now);
  tag_stage_accounted_ = std::max(tag_stage_accounted_, now);
}

TagStageTimes Sm::tag_stage_times(Cycles now) const {
  TagStageTimes times = tag_stage_;
  if (now <= tag_stage_accounted_) return times;
  const Picoseconds duration = clock_.edge(now) - clock_.edge(tag_stage_accounted_);
  Picoseconds& into = lsu_stall_ != LsuStall::none ? times.table_full
                      : next_line_ > 0             ? times.own_lines
                                                   : times.busy;
  into += duration;
  return times;
}

}  // namespace strobe::sm
