#include "sim/device/memory_channel.h"

#include <algorithm>

namespace strobe::device {

using stats::Cause;
using wire::Kind;
using wire::Message;

namespace {

std::int64_t bytes_of(wire::SectorMask sectors) {
  return static_cast<std::int64_t>(wire::sector_count(sectors) * wire::kSectorBytes);
}

}  // namespace

MemoryChannel::MemoryChannel(const dram::PartSpec& part, const MemoryChannelWiring& wiring)
    : wiring_(wiring),
      pseudo_channels_(part.geometry.pseudo_channels),
      bursts_of_pseudo_channel_(std::uint64_t{part.geometry.rows} * part.geometry.banks() *
                                part.geometry.bursts_per_row()),
      channel_(part),
      in_flight_(wiring.most_requests * pseudo_channels_ * 2),
      waiting_(std::size_t{pseudo_channels_} * 2, Ring<std::uint32_t>(wiring.most_requests)) {
  if (wiring.check_commands) checker_.emplace_back(part);
}

void MemoryChannel::receive(const Message& message, Instant now, Instant end, wire::Mail& mail) {
  if (cross_link(message, now, mail)) return;
  run_until(now, mail);
  const std::uint32_t slice = message.from - wiring_.first_slice.value;
  const std::uint32_t pseudo_channel = slice / wiring_.slices_per_pseudo_channel;
  const std::uint32_t tag = in_flight_.take();
  in_flight_[tag] = {message, now, now};
  const bool is_write = message.kind == Kind::store;
  waiting_[lane(pseudo_channel, is_write)].push(tag);
  ++waiting_count_;
  push_waiting(pseudo_channel, is_write, now);
  run_ahead(now, end, mail);
}

// Whether the request has yet to pass the link between the dies; it then comes again.
bool MemoryChannel::cross_link(Message message, Instant now, wire::Mail& mail) {
  if (!wiring_.link || message.crossed_link) return false;
  LinkShare& link = *wiring_.link;
  const bool carries_data = message.kind == Kind::store;
  const std::int64_t bytes = link.bytes_on_link(carries_data ? bytes_of(message.sectors) : 0);
  message.crossed_link = true;
  mail.send(wiring_.self, wiring_.self, link.to_memory.pass(now, bytes).last, message);
  return true;
}

void MemoryChannel::wake(Instant now, Instant end, wire::Mail& mail) {
  run_until(now + Picoseconds(1), mail);
  push_all_waiting(now);
  run_ahead(now, end, mail);
}

// Ahead of time is as good as in time while no request can come in between. One that is under way
// is known; any other is sent by a slice, no sooner than its next event or an answer given from now
// on reaches it, and takes half the path.
void MemoryChannel::run_ahead(Instant now, Instant end, wire::Mail& mail) {
  const Instant slices_wake = std::min({mail.next_at(), end, now + wiring_.half_path});
  const Instant horizon =
      std::min(mail.next_message_at(wiring_.self), slices_wake + wiring_.half_path);
  Instant next = std::max(channel_.next_at(), now);
  while (next < horizon) {
    has_completed_ = false;
    const Instant answered = next + wiring_.half_path;  // or later, so something happens then yet
    run_until(waiting_count_ == 0 ? std::min(horizon, answered) : next + Picoseconds(1), mail);
    if (has_completed_) push_all_waiting(next);
    next = std::max(channel_.next_at(), now);
  }
  mail.wake(wiring_.self, next);
}

void MemoryChannel::run_until(Instant end, wire::Mail& mail) {
  if (checker_.empty()) {
    Sink<false> sink{*this, mail};
    channel_.run_until(end, sink);
  } else {
    Sink<true> sink{*this, mail};
    channel_.run_until(end, sink);
  }
}

void MemoryChannel::push_all_waiting(Instant now) {
  if (waiting_count_ == 0) return;
  for (std::uint32_t pseudo_channel = 0; pseudo_channel < pseudo_channels_; ++pseudo_channel) {
    for (const bool is_write : {false, true}) push_waiting(pseudo_channel, is_write, now);
  }
}

void MemoryChannel::push_waiting(std::uint32_t pseudo_channel, bool is_write, Instant now) {
  Ring<std::uint32_t>& waiting = waiting_[lane(pseudo_channel, is_write)];
  if (waiting.empty()) return;
  std::uint32_t room =
      is_write ? channel_.write_room(pseudo_channel) : channel_.read_room(pseudo_channel);
  for (; room > 0 && !waiting.empty(); --room) {
    InFlight& next = in_flight_[waiting.front()];
    next.pushed = now;
    dram::Request request;
    request.tag = waiting.front();
    request.is_write = is_write;
    request.pseudo_channel = static_cast<std::uint8_t>(pseudo_channel);
    request.bursts = next.request.sectors;
    request.first_burst =
        bursts_of_pseudo_channel_.divide(next.request.line * wire::kSectorsPerLine).rest;
    channel_.push(request, now);
    waiting.pop();
    --waiting_count_;
  }
}

void MemoryChannel::send_reply(std::uint32_t tag, Instant data_end, const stats::StageTimes& stages,
                               wire::Mail& mail) {
  const InFlight& done = in_flight_[tag];
  const std::int64_t bytes = bytes_of(done.request.sectors);
  const bool is_write = done.request.kind == Kind::store;
  (is_write ? write_bytes_ : read_bytes_).add(data_end, static_cast<std::uint64_t>(bytes));
  Instant sent = data_end;
  if (wiring_.link) {
    LinkShare& link = *wiring_.link;
    sent = link.to_l2.pass(data_end, link.bytes_on_link(is_write ? 0 : bytes)).last;
  }

  wire::Reply reply;
  reply.kind = done.request.kind;
  reply.sectors = done.request.sectors;
  reply.tag = done.request.tag;
  reply.sent = sent;
  reply.stages = stages;
  reply.stages.add(Cause::dram_queue, done.pushed - done.arrived);
  reply.stages.add(Cause::dram_path,
                   (done.arrived - done.request.sent) + (sent - data_end) + wiring_.half_path);
  mail.send(wiring_.self, ComponentId{done.request.from}, sent + wiring_.half_path, reply);
  in_flight_.give_back(tag);
}

}  // namespace strobe::device
