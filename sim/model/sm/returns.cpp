// How loads, atomics and copies come back: line by line, then the access as a whole, and where the
// L1 keeps misses in order not before those that missed earlier.

#include "sim/model/sm/sm.h"

namespace strobe::sm {

using stats::WarpState;
using trace::Op;

// A line is there, or its end is known, while others of the access may not be.
void Sm::note_line(std::uint32_t slot, const Timeline& timeline) {
  Access& access = accesses_[slot];
  if (timeline.done < access.done) return;
  access.done = timeline.done;
  if (slot >= last_lines_.size()) last_lines_.resize(slot + 1);
  last_lines_[slot] = timeline;
}

// A line that was not there when it was looked up is there.
void Sm::finish_line(std::uint32_t slot, const Timeline& timeline) {
  Access& access = accesses_[slot];
  if (--access.lines_open > 0) return note_line(slot, timeline);
  complete(slot, timeline.done >= access.done ? timeline : last_lines_[slot]);
}

// Every line of the access is there, or its end is known. One that has a turn goes no earlier than
// those that missed before it, and is charged with the line that it really waited for.
void Sm::complete(std::uint32_t slot, const Timeline& last) {
  if (!accesses_[slot].has_turn) return deliver(slot, last);
  accesses_[slot].is_there = true;
  if (slot >= last_lines_.size()) last_lines_.resize(slot + 1);
  last_lines_[slot] = last;
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
