// The L2 in two partitions. A line's home is one slice; its mirror on the other side may hold a
// copy of what SMs over there read. What they write goes through to the home, which recalls the
// copy when the line changes from its own side or leaves: the home always knows whether there is
// one.
//
// No request waits at the mirror for anything but the home, and no request of the mirror waits at
// the home for anything but the DRAM, so two slices cannot wait for each other.

#include "sim/model/l2/slice.h"

namespace strobe::l2 {

using stats::Cause;
using stats::StageTimes;
using wire::Kind;
using wire::Message;
using wire::SectorMask;

namespace {

// Line numbers are dense within a slice, so a copy needs a name that no line at home has.
constexpr std::uint64_t kCopy = std::uint64_t{1} << 62;

}  // namespace

// A request of an SM on this side for a line at home on the other.
void Slice::serve_far(const Queued& queued, Instant now, wire::Mail& mail) {
  const Message& request = queued.request;
  const std::uint64_t line = request.line | kCopy;
  const std::uint32_t slot = tags_.find(line);
  const bool present = slot != tags::SectoredTags::kNone;
  if (request.kind != Kind::load) {
    if (present) tags_.remove_valid(slot, request.sectors);
    cross(queued, now, mail);
    return;
  }

  const SectorMask hits = present ? request.sectors & tags_.valid(slot) : SectorMask{0};
  const auto missing = static_cast<SectorMask>(request.sectors & ~hits);
  count(queued, hits, now);
  if (present) tags_.touch(slot);
  if (missing == 0) {
    answer(waiter_of(queued, now), {}, now, mail);
    return;
  }
  std::uint32_t entry = copies_.find(line);
  const bool merges = entry != copies_.kNone;
  if (copies_.waiters_full() || (!merges && copies_.lines_full())) {
    cross(queued, now, mail);  // by itself: what it reads is not kept here
    return;
  }
  if (merges) {
    ++counters_.miss_merges;
  } else {
    entry = copies_.open(line);
  }
  const auto to_ask = static_cast<SectorMask>(missing & ~copies_.asked(entry));
  if (to_ask != 0) ask_home(entry, to_ask, request, now, mail);
  copies_.wait(entry, missing, waiter_of(queued, now));
}

void Slice::ask_home(std::uint32_t entry, SectorMask sectors, const Message& request, Instant now,
                     wire::Mail& mail) {
  copies_.ask(entry, sectors);
  Message message;
  message.kind = Kind::load;
  message.crossed = true;
  message.whole_line = request.whole_line;
  message.sectors = sectors;
  message.from = wiring_.self.value;
  message.tag = entry + spec_.miss_lines;
  message.line = request.line;
  message.sent = now;
  mail.send(wiring_.self, wiring_.crossing->mirror, pass_crossing(wiring_.header_bytes, now),
            message);
}

// Passes an SM's request on to the home, which will answer the SM. What it waited for here counts
// as its way from the SM.
void Slice::cross(const Queued& queued, Instant now, wire::Mail& mail) {
  Message message = queued.request;
  message.is_far = false;
  message.crossed = true;
  const std::uint64_t data =
      message.kind == Kind::load ? 0 : wire::sector_count(message.sectors) * wire::kSectorBytes;
  const std::int64_t bytes = wiring_.header_bytes + static_cast<std::int64_t>(data);
  mail.send(wiring_.self, wiring_.crossing->mirror, pass_crossing(bytes, now), message);
}

// When the last of `bytes` is on the other side.
Instant Slice::pass_crossing(std::int64_t bytes, Instant now) {
  Crossing& crossing = *wiring_.crossing;
  return crossing.port.pass(now, bytes).last + crossing.latency;
}

// Sectors have come from the home. They are kept where there is a place for them now.
void Slice::take_copy(const wire::Reply& fill, Instant now, wire::Mail& mail) {
  const std::uint32_t entry = fill.tag - spec_.miss_lines;
  const Home home(tags_, copies_.line(entry));
  std::uint32_t slot = tags_.find(home);
  if (slot == tags::SectoredTags::kNone) {
    const Room room = room_for(home, now, mail);
    if (room.stall == Stall::none) slot = room.slot;
  }
  if (slot != tags::SectoredTags::kNone) tags_.add_valid(slot, fill.sectors);
  const Picoseconds under_way = fill.stages.total();
  leader_ = {};
  copies_.arrive(entry, fill.sectors, [&](const Waiter& waiter) {
    answer_late(waiter, fill.stages, under_way, now, mail);
  });
}

void Slice::drop_copy(const Message& recall) {
  const std::uint32_t slot = tags_.find(recall.line | kCopy);
  if (slot != tags::SectoredTags::kNone) tags_.remove_valid(slot, recall.sectors);
}

// To the mirror, or over it to the SM that asked there. `bytes`: of the reply.
void Slice::answer_across(const Waiter& waiter, const StageTimes& below, std::int64_t bytes,
                          Instant now, wire::Mail& mail) {
  const Crossing& crossing = *wiring_.crossing;
  const ComponentId to{waiter.from};
  const bool ends_there = to == crossing.mirror;
  const Instant there = pass_crossing(bytes, now) + spec_.hit_latency;
  // The mirror's own requests began on the crossing, an SM's ended their way there.
  const Picoseconds way_there = ends_there ? waiter.way_in.crossbar() : crossing.latency;
  wire::Reply reply{waiter.kind, waiter.sectors, waiter.tag, there, below};
  reply.stages.add(Cause::xbar_request, waiter.way_in.crossbar() - way_there);
  waiter.way_in.add_queue_to(reply.stages, wiring_.causes);
  reply.stages.add(Cause::l2_hit, spec_.hit_latency);
  reply.stages.add(Cause::l2_far, way_there + (there - now - spec_.hit_latency));
  mail.send(wiring_.self, to, ends_there ? there : there + wiring_.reply_latency, reply);
}

// `waiter` has been served from the line in `slot`, which is at home here: the mirror has a copy of
// it from now on, or has one no longer.
void Slice::note_copy(std::uint32_t slot, const Waiter& waiter, Instant now, wire::Mail& mail) {
  if (!wiring_.crossing) return;
  if (waiter.kind == Kind::load) {
    if (waiter.from == wiring_.crossing->mirror.value)
      tags_.set_mark(slot, tags::SectoredTags::kCopied, true);
  } else if (!waiter.crossed && tags_.marked(slot, tags::SectoredTags::kCopied)) {
    recall(slot, now, mail);
  }
}

// As long on its way as a reply, so that it cannot overtake the copy that it recalls.
void Slice::recall(std::uint32_t slot, Instant now, wire::Mail& mail) {
  Message message;
  message.kind = Kind::recall;
  message.crossed = true;
  message.sectors = (1 << wire::kSectorsPerLine) - 1;
  message.from = wiring_.self.value;
  message.line = tags_.line(slot);
  message.sent = now;
  tags_.set_mark(slot, tags::SectoredTags::kCopied, false);
  ++counters_.recalls;
  const Instant there = pass_crossing(wiring_.header_bytes, now) + spec_.hit_latency;
  mail.send(wiring_.self, wiring_.crossing->mirror, there, message);
}

}  // namespace strobe::l2
