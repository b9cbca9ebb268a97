// How loads, atomics and copies come back: line by line, then the access as a whole, and where the
// L1 keeps misses in order not before those that missed earlier.

#include "sim/model/sm/sm.h"

namespace strobe::sm {

using stats::WarpState;
using trace::Op;

void Sm::prefetch(const wire::Reply& reply) const {
  if (reply.kind == wire::Kind::load) {
    prefetch_entry(misses_, reply.tag);
  } else {
    strobe::prefetch(&stores_[reply.tag]);
  }
}

void Sm::prefetch_more(const wire::Reply& reply) const {
  if (reply.kind == wire::Kind::load) {
    const std::uint64_t line = misses_.line(reply.tag);
    prefetch_home(misses_, line);
    prefetch_set(tags_, tags::SectoredTags::Home(tags_, line));
  } else {
    strobe::prefetch(&warps_[stores_[reply.tag].warp]);
  }
}

// A line is there, and others of the access may not be.
void Sm::note_hit(std::uint32_t slot, const TagPassage& tag, Cycles done) {
  Access& access = accesses_[slot];
  if (done < access.done) return;
  access.done = done;
  Timeline& last = last_line(slot);
  last.tag = tag;
  last.missed = false;
  last.done = done;
}

// A line that was not there when it was looked up is there. Lines end in the order in which they
// come through the port: once all of an access have been looked up, one after which another one is
// to come is not its last.
void Sm::finish_line(std::uint32_t slot, const TagPassage& tag, const Returned& returned) {
  Access& access = accesses_[slot];
  const bool ends_last = returned.done >= access.done;
  if (--access.lines_open == 0) {
    return complete(slot, ends_last ? returned.timeline(tag) : last_lines_[slot]);
  }
  if (!ends_last) return;
  access.done = returned.done;
  const bool is_looked_up = lsu_queue_.empty() || lsu_queue_.front().access != slot;
  if (!is_looked_up) last_line(slot) = returned.timeline(tag);
}

// Every line of the access is there, or its end is known. One that has a turn goes no earlier than
// those that missed before it, and is charged with the line that it really waited for.
void Sm::complete(std::uint32_t slot, const Timeline& last) {
  if (!accesses_[slot].has_turn) return deliver(slot, last);
  accesses_[slot].is_there = true;
  last_line(slot) = last;
  while (!turns_.empty() && accesses_[turns_.front()].is_there) {
    const std::uint32_t next = turns_.front();
    turns_.pop();
    if (last_lines_[next].done >= last_turn_.done) last_turn_ = last_lines_[next];
    deliver(next, last_turn_);
  }
}

void Sm::take_turn(std::uint32_t slot) {
  if (!spec_.l1.misses_return_in_order || accesses_[slot].has_turn) return;
  accesses_[slot].has_turn = true;
  turns_.push(slot);
}

// The data is in the registers, or will be at a time that is known.
void Sm::deliver(std::uint32_t slot, const Timeline& last) {
  const Access access = accesses_[slot];
  accesses_.give_back(slot);
  Warp& warp = warps_[access.warp];
  --warp.accesses;
  if (access.op == Op::async_copy) {
    warp.copies.finish(access.copy_group);
    tell_of_copies(warp.cta, &last);
  } else {
    scoreboard_.set(access.warp, access.destination, access.destination_count, last.done,
                    access.is_shared ? Producer::variable : Producer::memory);
  }
  if (!access.is_shared) {
    record_.load_latency.add(clock_.edge(last.done) - clock_.edge(access.issued));
  }

  const Timeline* returned = access.is_shared ? nullptr : &last;
  if (warp.blocked == Blocked::registers || warp.blocked == Blocked::copies) {
    plan(access.warp, returned);
  } else if (warp.blocked == Blocked::drain) {
    if (access.is_shared) charge_until(access.warp, last.done, WarpState::short_scoreboard);
    finish_if_done(access.warp, returned);
  }
}

}  // namespace strobe::sm
