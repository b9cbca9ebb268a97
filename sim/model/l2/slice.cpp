#include "sim/model/l2/slice.h"

#include <algorithm>

namespace strobe::l2 {

using wire::Kind;
using wire::Message;
using wire::SectorMask;

namespace {

constexpr SectorMask kWholeLine = (1 << wire::kSectorsPerLine) - 1;

std::uint32_t sets_of(const Spec& spec) {
  const std::int64_t lines = spec.capacity.count() / static_cast<std::int64_t>(wire::kLineBytes);
  return static_cast<std::uint32_t>(lines / spec.ways);
}

std::int64_t bytes_of(SectorMask sectors) {
  return static_cast<std::int64_t>(wire::sector_count(sectors) * wire::kSectorBytes);
}

// How long what others of its partition send it takes at least: the DRAM, its mirror, and the
// slices in front of a bank of a system-level cache, which are as far away as its replies to them
// fly.
Picoseconds least_way_in(const Spec& spec, const Wiring& wiring) {
  if (wiring.most_cpu_requests > 0) return Picoseconds(0);
  const Picoseconds least = std::min(Picoseconds(spec.dram_path.count() / 2), wiring.reply_latency);
  return wiring.crossing ? std::min(least, wiring.crossing->latency) : least;
}

constexpr SectorMask without(SectorMask sectors, SectorMask others) {
  return static_cast<SectorMask>(sectors & ~others);
}

}  // namespace

Slice::Slice(const Spec& spec, const Wiring& wiring)
    : spec_(spec),
      wiring_(wiring),
      clock_(spec.clock),
      interleave_lines_(wiring.interleave_lines),
      least_way_in_(least_way_in(spec, wiring)),
      tags_(sets_of(spec), spec.ways),
      misses_(spec.miss_lines, spec.miss_merges),
      copies_(wiring.crossing ? spec.miss_lines : 1, wiring.crossing ? spec.miss_merges : 1),
      queue_(wiring.most_requests),
      cpu_queue_(wiring.most_cpu_requests) {}

std::optional<std::uint64_t> Slice::hold(std::uint64_t line, bool dirty) {
  STROBE_ASSERT(queue_.empty() && misses_.lines_used() == 0);
  const Home home(tags_, line);
  std::uint32_t slot = tags_.find(home);
  std::optional<std::uint64_t> left;
  if (slot == tags::SectoredTags::kNone) {
    slot = tags_.victim(home);
    if (tags_.holds_line(slot) && tags_.dirty(slot) != 0) left = dram_line(tags_.line(slot));
    tags_.replace(slot, home);
  }
  tags_.add_valid(slot, kWholeLine);
  if (dirty) tags_.set_dirty(slot, kWholeLine);
  tags_.touch(slot);
  return left;
}

void Slice::receive(const wire::Reply& reply, Instant now, wire::Mail& mail) {
  if (reply.kind == Kind::load) {
    is_copy(reply) ? take_copy(reply, now, mail) : take_fill(reply, now, mail);
  } else {
    --write_backs_;
    // Who stands still for want of an entry would find nothing changed.
    if (stall_ == Stall::miss_table) return;
  }
  // Whatever came back may be what the head of the queue stood still for.
  if (stall_ != Stall::none) {
    end_stall(now);
    serve_queue(now, mail);
  }
}

void Slice::prefetch(const Message& request) const {
  if (stall_ != Stall::none) return;
  prefetch_set(tags_, Home(tags_, request.line));
}

void Slice::wake(Instant now, wire::Mail& mail) {
  if (stall_ == Stall::none) serve_queue(now, mail);
}

void Slice::receive(const Message& request, Instant now, wire::Mail& mail) {
  if (request.kind == Kind::recall) return drop_copy(request);
  const bool carries_data = request.kind != Kind::load;
  const std::int64_t bytes = bytes_on_port(carries_data ? request.sectors : SectorMask{0});
  const bool passes_port = !request.crossed && !request.from_cpu;
  const Instant ready = passes_port ? wiring_.request_port.pass(now, bytes).last : now;
  const Queued queued{request, now, ready, time_in(Stall::miss_table, now),
                      time_in(Stall::write_back, now)};
  if (request.from_cpu) {
    cpu_queue_.push(queued);
    if (stall_ != Stall::none) end_stall(now);
    return serve_queue(now, mail);
  }
  queue_.push(queued);
  if (may_coalesce(request)) ++reads_like(request);
  if (stall_ == Stall::none && queue_.size() == 1) serve_queue(now, mail);
}

// One after another, as long as nothing can come in between: what others of the partition send from
// now on takes its time.
void Slice::serve_queue(Instant now, wire::Mail& mail) {
  const Instant quiet_until = std::min(mail.quiet_until(wiring_.self), now + least_way_in_);
  while (has_requests()) {
    Ring<Queued>& queue = cpu_queue_.empty() ? queue_ : cpu_queue_;
    const Queued& head = queue.front();
    if (head.is_served) {
      queue.pop();
      continue;
    }
    const Instant start = std::max(head.ready, clock_.edge(free_from_));
    if (start >= quiet_until && start > now) {
      mail.wake(wiring_.self, start);
      return;
    }
    now = std::max(now, start);
    leader_ = {};
    stall_ = serve(head, now, mail);
    if (stall_ != Stall::none) {
      stalled_since_ = now;
      return;
    }
    counters_.queue_ps += static_cast<std::uint64_t>((now - head.arrived).count());
    const std::int64_t cycles =
        (bytes_of(head.request.sectors) + spec_.bytes_per_cycle - 1) / spec_.bytes_per_cycle;
    free_from_ = clock_.first_edge_from(now) + Cycles(std::max<std::int64_t>(cycles, 1));
    if (may_coalesce(head.request)) serve_followers(head.request, now, mail);
    queue.pop();
  }
}

void Slice::end_stall(Instant now) {
  std::uint64_t& total =
      stall_ == Stall::miss_table ? counters_.miss_table_full_ps : counters_.write_back_full_ps;
  total += static_cast<std::uint64_t>((now - stalled_since_).count());
  stall_ = Stall::none;
}

// How long the slice has stood still for that reason so far, the stall that lasts included.
Picoseconds Slice::time_in(Stall why, Instant now) const {
  const bool of_misses = why == Stall::miss_table;
  const auto ended = of_misses ? counters_.miss_table_full_ps : counters_.write_back_full_ps;
  const Picoseconds total(static_cast<std::int64_t>(ended));
  return stall_ == why ? total + (now - stalled_since_) : total;
}

Slice::Stall Slice::serve(const Queued& queued, Instant now, wire::Mail& mail) {
  if (queued.request.is_far) {
    serve_far(queued, now, mail);
    return Stall::none;
  }
  const bool waits = queued.request.kind == Kind::load || queued.request.kind == Kind::atomic;
  return waits ? serve_load(queued, now, mail) : serve_store(queued, now, mail);
}

// Loads, and atomics that return the old value: the reply has to wait for every sector.
Slice::Stall Slice::serve_load(const Queued& queued, Instant now, wire::Mail& mail) {
  const Message& request = queued.request;
  const Home home(tags_, request.line);
  std::uint32_t slot = tags_.find(home);
  const bool present = slot != tags::SectoredTags::kNone;
  const SectorMask hits = present ? request.sectors & tags_.valid(slot) : SectorMask{0};
  const SectorMask missing = without(request.sectors, hits);
  const Waiter waiter = waiter_of(queued, now);
  if (missing == 0) {
    tags_.touch(slot);
    note_copy(slot, waiter, now, mail);
    if (request.kind == Kind::atomic) soil(slot, request.sectors);
    count(queued, hits, now);
    answer(waiter, {}, now, mail);
    return Stall::none;
  }

  std::uint32_t entry = misses_.find(request.line);
  const bool merges = entry != misses_.kNone;
  if (misses_.waiters_full() || (!merges && misses_.lines_full())) return Stall::miss_table;
  if (!present && keeps(request)) {
    const Room room = room_for(home, now, mail);
    if (room.stall != Stall::none) return room.stall;
    slot = room.slot;
  }
  if (merges) {
    ++counters_.miss_merges;
  } else {
    entry = misses_.open(request.line, slot);
    if (slot != tags::SectoredTags::kNone) tags_.set_mark(slot, tags::SectoredTags::kLocked, true);
  }
  if (present) tags_.touch(slot);  // else it is its line's first use
  const SectorMask valid = present ? tags_.valid(slot) : SectorMask{0};
  const SectorMask wanted = without(brought_in(request, missing), valid);
  fetch(entry, without(wanted, misses_.asked(entry)), request.from_cpu, now, mail);
  misses_.wait(entry, missing, waiter);
  count(queued, hits, now);
  return Stall::none;
}

// A load that misses brings in all of the aligned groups of sectors that it misses a part of.
SectorMask Slice::brought_in(const Message& request, SectorMask missing) const {
  if (request.whole_line) return kWholeLine;
  const auto together = static_cast<std::uint32_t>(spec_.sector_promotion.count()) /
                        std::uint32_t{wire::kSectorBytes};
  SectorMask sectors = 0;
  for (std::uint32_t first = 0; first < wire::kSectorsPerLine; first += together) {
    const auto group = static_cast<SectorMask>(((1U << together) - 1) << first);
    if ((missing & group) != 0) sectors |= group;
  }
  return sectors;
}

// Stores, reductions and copies are answered at once. Sectors that they write in full need nothing
// from the DRAM; the others are fetched to be completed.
Slice::Stall Slice::serve_store(const Queued& queued, Instant now, wire::Mail& mail) {
  const Message& request = queued.request;
  const Home home(tags_, request.line);
  std::uint32_t slot = tags_.find(home);
  const bool present = slot != tags::SectoredTags::kNone;
  if (!present && !keeps(request)) return pass_store_by(queued, now, mail);
  const SectorMask valid = present ? tags_.valid(slot) : SectorMask{0};
  const SectorMask complete =
      static_cast<SectorMask>((valid | request.whole_sectors) & request.sectors);
  const SectorMask incomplete = without(request.sectors, complete);
  std::uint32_t entry = incomplete != 0 ? misses_.find(request.line) : misses_.kNone;
  const bool is_missing = entry != misses_.kNone;
  const SectorMask to_fetch = is_missing ? without(incomplete, misses_.asked(entry)) : incomplete;

  if (to_fetch != 0 && !is_missing && misses_.lines_full()) return Stall::miss_table;
  if (!present) {
    const Room room = room_for(home, now, mail);
    if (room.stall != Stall::none) return room.stall;
    slot = room.slot;
  }
  if (to_fetch != 0) {
    if (!is_missing) {
      entry = misses_.open(request.line, slot);
      tags_.set_mark(slot, tags::SectoredTags::kLocked, true);
    }
    fetch(entry, to_fetch, request.from_cpu, now, mail);
  }
  tags_.add_valid(slot, complete);
  soil(slot, request.sectors);
  if (request.from_cpu) tags_.set_mark(slot, tags::SectoredTags::kOfCpu, true);
  if (present) tags_.touch(slot);
  const Waiter waiter = waiter_of(queued, now);
  note_copy(slot, waiter, now, mail);
  count(queued, complete, now);
  answer(waiter, {}, now, mail);
  return Stall::none;
}

// Goes on to the DRAM as it came. REQUIRES: it writes whole sectors, as write-backs do.
Slice::Stall Slice::pass_store_by(const Queued& queued, Instant now, wire::Mail& mail) {
  if (write_backs_ >= spec_.write_backs) return Stall::write_back;
  const Message& request = queued.request;
  STROBE_ASSERT(request.whole_sectors == request.sectors);
  send_store(request.line, request.sectors, request.from_cpu, now, mail);
  count(queued, 0, now);
  answer(waiter_of(queued, now), {}, now, mail);
  return Stall::none;
}

Slice::Waiter Slice::waiter_of(const Queued& queued, Instant now) const {
  const Message& request = queued.request;
  return {request.kind,       request.bulk, request.sectors, request.crossed,
          request.from_cpu,   request.from, request.tag,     now,
          way_in(queued, now)};
}

// From the sender's port until now, which is when the slice serves it.
Slice::WayIn Slice::way_in(const Queued& queued, Instant now) const {
  const Picoseconds waited = now - queued.arrived;
  const Picoseconds miss_table = time_in(Stall::miss_table, now) - queued.miss_table_full;
  const Picoseconds write_back = time_in(Stall::write_back, now) - queued.write_back_full;
  return {queued.arrived - queued.request.sent, waited - miss_table - write_back, miss_table,
          write_back};
}

void Slice::count(const Queued& queued, SectorMask hits, Instant now) {
  const Message& request = queued.request;
  const std::uint32_t sectors = wire::sector_count(request.sectors);
  if (request.crossed && request.kind != Kind::load) counters_.far_write_sectors += sectors;
  if (request.from == wiring_.host_link.value || request.from_cpu) {
    counters_.copy_sectors += sectors;
  } else if (request.crossed && request.kind == Kind::load) {
    counters_.far_read_sectors += sectors;
    counters_.far_read_sector_hits += wire::sector_count(hits);
  } else if (request.kind == Kind::load) {
    counters_.read_sectors += sectors;
    counters_.read_sector_hits += wire::sector_count(hits);
    read_series_.add(now, sectors);
    if (hits != 0) hit_series_.add(now, wire::sector_count(hits));
  } else if (request.kind == Kind::store) {
    counters_.write_sectors += sectors;
    counters_.write_sector_hits += wire::sector_count(hits);
  } else {
    counters_.atomic_sectors += sectors;
    counters_.atomic_sector_hits += wire::sector_count(hits);
  }
}

// A place for a line. A dirty line that has to leave starts on its way to the DRAM.
Slice::Room Slice::room_for(const Home& home, Instant now, wire::Mail& mail) {
  const std::uint32_t slot = tags_.victim(home);
  if (slot == tags::SectoredTags::kNone) return {slot, Stall::miss_table};  // the set is all misses
  if (tags_.holds_line(slot)) {
    if (tags_.dirty(slot) != 0) {
      if (write_backs_ >= spec_.write_backs) return {slot, Stall::write_back};
      write_back(slot, now, mail);
      clean_row(tags_.line(slot), now, mail);
    }
    counters_.evicted_sectors += wire::sector_count(tags_.valid(slot));
    if (tags_.marked(slot, tags::SectoredTags::kCopied)) recall(slot, now, mail);
  }
  tags_.replace(slot, home);
  return {slot, Stall::none};
}

void Slice::write_back(std::uint32_t slot, Instant now, wire::Mail& mail) {
  const bool is_cpus = tags_.marked(slot, tags::SectoredTags::kOfCpu);
  send_store(tags_.line(slot), tags_.dirty(slot), is_cpus, now, mail);
  tags_.set_dirty(slot, 0);
}

void Slice::send_store(std::uint64_t line, SectorMask sectors, bool from_cpu, Instant now,
                       wire::Mail& mail) {
  Message message;
  message.kind = Kind::store;
  message.from_cpu = from_cpu;
  message.sectors = message.whole_sectors = sectors;
  message.from = wiring_.self.value;
  message.line = dram_line(line);
  message.sent = now;
  counters_.written_back_sectors += wire::sector_count(sectors);
  ++write_backs_;
  mail.send(wiring_.self, wiring_.dram, now + half_path(), message);
}

// What else is dirty in the DRAM row of a line that has to leave goes with it and stays here clean,
// as NVIDIA's L2 sorts its dirty lines by bank page (US 8,060,700 and 8,341,358): the row is opened
// once for all of them. A row that has begun is not held up by the limit of lines under way.
void Slice::clean_row(std::uint64_t line, Instant now, wire::Mail& mail) {
  const std::uint64_t lines = wiring_.row_lines, first = dram_line(line) / lines * lines;
  for (std::uint64_t i = 0; i < lines; ++i) {
    const auto own = own_line(first + i);
    if (!own) continue;
    const std::uint32_t slot = tags_.find(*own);
    if (slot == tags::SectoredTags::kNone || tags_.dirty(slot) == 0) continue;
    write_back(slot, now, mail);
  }
}

void Slice::fetch(std::uint32_t entry, SectorMask sectors, bool from_cpu, Instant now,
                  wire::Mail& mail) {
  if (sectors == 0) return;
  misses_.ask(entry, sectors);
  Message message;
  message.kind = Kind::load;
  message.from_cpu = from_cpu;
  message.sectors = sectors;
  message.from = wiring_.self.value;
  message.tag = entry;
  message.line = dram_line(misses_.line(entry));
  message.sent = now;
  counters_.fill_sectors += wire::sector_count(sectors);
  mail.send(wiring_.self, wiring_.dram, now + half_path(), message);
}

void Slice::take_fill(const wire::Reply& fill, Instant now, wire::Mail& mail) {
  const std::uint32_t slot = place_of(fill.tag);
  const bool is_kept = slot != tags::SectoredTags::kNone;
  STROBE_CHECK(is_kept || !spec_.keeps_all);
  if (is_kept) tags_.add_valid(slot, fill.sectors);
  const Picoseconds under_way = fill.stages.total();
  leader_ = {};
  const bool closed = misses_.arrive(fill.tag, fill.sectors, [&](const Waiter& waiter) {
    note_copy(slot, waiter, now, mail);
    if (waiter.kind == Kind::atomic) soil(slot, waiter.sectors);
    answer_late(waiter, fill.stages, under_way, now, mail);
  });
  if (closed && is_kept) tags_.set_mark(slot, tags::SectoredTags::kLocked, false);
}

}  // namespace strobe::l2
