#include "sim/device/memory_channel.h"

#include <algorithm>

namespace strobe::device {

using dram::InlineEcc;
using stats::Cause;
using wire::Kind;
using wire::Message;

namespace {

std::int64_t bytes_of(wire::SectorMask sectors) {
  return static_cast<std::int64_t>(wire::sector_count(sectors) * wire::kSectorBytes);
}

// Of a pseudo-channel.
std::uint64_t lines_of_data(const dram::PartSpec& part, bool holds_check_bits) {
  const dram::Geometry& geometry = part.geometry;
  const std::uint64_t lines = std::uint64_t{geometry.rows} * geometry.banks() *
                              geometry.bursts_per_row() / wire::kSectorsPerLine;
  return holds_check_bits ? InlineEcc::data_lines(lines) : lines;
}

// Requests for check bits are told from those for data by their tags: a fill has its slot's number.
constexpr std::uint32_t kWriteOfCheckBits = 0xFFFF'FFFF;
constexpr std::uint32_t kFillOfCheckBits = 0x8000'0000;

}  // namespace

MemoryChannel::MemoryChannel(const dram::PartSpec& part, const dram::Channel& untouched,
                             const MemoryChannelWiring& wiring)
    : wiring_(wiring),
      pseudo_channels_(part.geometry.pseudo_channels),
      lines_of_pseudo_channel_(lines_of_data(part, wiring.ecc_bursts.has_value())),
      channel_(untouched),
      in_flight_(wiring.most_requests * pseudo_channels_ * 2),
      waiting_(std::size_t{pseudo_channels_} * (wiring.first_cpu ? 4 : 2),
               Ring<std::uint32_t>(wiring.most_requests)),
      burst_(Clock(part.command_clock()).edge(part.burst_cycles()).since_start()),
      cpu_on_pins_(pseudo_channels_) {
  if (wiring.check_commands) checker_.emplace_back(part);
  if (wiring.over_time) {
    power_.emplace(part);
    over_time_.emplace();
  }
  if (wiring.ecc_bursts) ecc_.emplace(*wiring.ecc_bursts, in_flight_.capacity());
}

void MemoryChannel::receive(const Message& message, Instant now, Instant end, wire::Mail& mail) {
  if (cross_link(message, now, mail)) return;
  run_until(now, mail);
  const std::uint32_t pseudo_channel = pseudo_channel_of(message);
  const std::uint32_t tag = in_flight_.take();
  in_flight_[tag] = {message, now, now, cpu_on_pins_[pseudo_channel], pseudo_channel};
  const bool is_write = message.kind == Kind::store;
  waiting_[message.from_cpu ? cpu_lane(pseudo_channel, is_write) : lane(pseudo_channel, is_write)]
      .push(tag);
  ++waiting_count_;
  push_waiting(pseudo_channel, is_write, now);
  run_ahead(now, end, mail);
}

std::uint32_t MemoryChannel::pseudo_channel_of(const Message& message) const {
  const ComponentId from{message.from};
  if (wiring_.first_cpu && from >= *wiring_.first_cpu) {
    return from.value - wiring_.first_cpu->value;
  }
  return (from.value - wiring_.first_asker.value) / wiring_.askers_per_pseudo_channel;
}

// Whether the request has yet to pass the link between the dies; it then comes again.
bool MemoryChannel::cross_link(Message message, Instant now, wire::Mail& mail) {
  if (!wiring_.link || message.crossed_link || message.from_cpu) return false;
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
    // What is answered from now on has something happen only after that.
    const Instant until = std::min(horizon, next + wiring_.half_path);
    if (waiting_count_ == 0) {
      run_until(until, mail);
    } else if (const Instant at = run_until_completion(until, mail); at != Instant::never()) {
      push_all_waiting(std::max(at, now));
    }
    next = std::max(channel_.next_at(), now);
  }
  mail.wake(wiring_.self, next);
}

void MemoryChannel::run_until(Instant end, wire::Mail& mail) {
  run_channel(end, mail, [&](Instant until, auto& sink) {
    channel_.run_until(until, sink);
    return true;
  });
}

// As far as the clock at which a request completes, which makes room; returns that, or never.
Instant MemoryChannel::run_until_completion(Instant end, wire::Mail& mail) {
  Instant completed = Instant::never();
  run_channel(end, mail, [&](Instant until, auto& sink) {
    completed = channel_.run_to_completion(until, sink);
    return completed == Instant::never();
  });
  return completed;
}

const dram::ShareSeries* MemoryChannel::energy(Instant until) {
  if (!power_) return nullptr;
  power_->finish(channel_, until);
  return &power_->shares();
}

// `run(until, sink)` says whether the channel got there.
template <class Run>
void MemoryChannel::run_channel(Instant end, wire::Mail& mail, const Run& run) {
  const auto run_and_tell = [&](Instant until) {
    if (!checker_.empty()) {
      Sink<true> sink{*this, mail};
      return run(until, sink);
    }
    Sink<false> sink{*this, mail};
    return run(until, sink);
  };
  if (!power_) {
    run_and_tell(end);
  } else {
    power_->follow(channel_, end, run_and_tell);
  }
}

void MemoryChannel::push_all_waiting(Instant now) {
  if (waiting_count_ == 0) return;
  for (std::uint32_t pseudo_channel = 0; pseudo_channel < pseudo_channels_; ++pseudo_channel) {
    for (const bool is_write : {false, true}) push_waiting(pseudo_channel, is_write, now);
  }
}

// The CPU's go first, because its cores wait for them: controllers of such chips tell them apart.
void MemoryChannel::push_waiting(std::uint32_t pseudo_channel, bool is_write, Instant now) {
  if (wiring_.first_cpu) push_lane(cpu_lane(pseudo_channel, is_write), pseudo_channel, now);
  push_lane(lane(pseudo_channel, is_write), pseudo_channel, now);
}

void MemoryChannel::push_lane(std::size_t lane, std::uint32_t pseudo_channel, Instant now) {
  Ring<std::uint32_t>& waiting = waiting_[lane];
  for (; !waiting.empty() && push(waiting.front(), pseudo_channel, now); waiting.pop()) {
    --waiting_count_;
  }
}

// Whether there was room for the request, and for what it takes beside its data.
bool MemoryChannel::push(std::uint32_t tag, std::uint32_t pseudo_channel, Instant now) {
  InFlight& next = in_flight_[tag];
  const bool is_write = next.request.kind == Kind::store;
  if ((is_write ? channel_.write_room(pseudo_channel) : channel_.read_room(pseudo_channel)) == 0) {
    return false;
  }
  std::uint64_t line = lines_of_pseudo_channel_.divide(next.request.line).rest;
  if (ecc_) {
    if (!push_check_bits(tag, pseudo_channel, now)) return false;
    line = InlineEcc::place(line);
  }
  next.pushed = now;
  dram::Request request;
  request.tag = tag;
  request.is_write = is_write;
  request.pseudo_channel = static_cast<std::uint8_t>(pseudo_channel);
  request.bursts = next.request.sectors;
  request.first_burst = line * wire::kSectorsPerLine;
  channel_.push(request, now);
  return true;
}

// Asks for the check bits of a request and leaves room for its data, or does neither.
bool MemoryChannel::push_check_bits(std::uint32_t tag, std::uint32_t pseudo_channel, Instant now) {
  InFlight& next = in_flight_[tag];
  const bool is_write = next.request.kind == Kind::store;
  const InlineEcc::Access access{pseudo_channel,
                                 lines_of_pseudo_channel_.divide(next.request.line).rest,
                                 next.request.sectors, is_write};
  const std::optional<InlineEcc::Plan> plan = ecc_->plan(tag, access);
  if (!plan) return false;
  if (plan->fill && channel_.read_room(pseudo_channel) < 2) return false;
  if (plan->write_back) {
    const bool beside_data = is_write && plan->write_back_to == pseudo_channel;
    if (channel_.write_room(plan->write_back_to) < (beside_data ? 2 : 1)) return false;
    push_check_burst(kWriteOfCheckBits, plan->write_back_to, *plan->write_back, now);
  }
  if (plan->fill) push_check_burst(kFillOfCheckBits + plan->slot, pseudo_channel, *plan->fill, now);
  ecc_->take(*plan, access);
  next.check_slot = plan->slot;
  return true;
}

void MemoryChannel::push_check_burst(std::uint32_t tag, std::uint32_t pseudo_channel,
                                     std::uint64_t burst, Instant now) {
  const std::uint64_t first = burst / wire::kSectorsPerLine * wire::kSectorsPerLine;
  dram::Request request;
  request.tag = tag;
  request.is_write = tag == kWriteOfCheckBits;
  request.pseudo_channel = static_cast<std::uint8_t>(pseudo_channel);
  request.bursts = static_cast<std::uint8_t>(1U << (burst - first));
  request.first_burst = first;
  channel_.push(request, now);
}

void MemoryChannel::complete(const InlineEcc::Held& done, wire::Mail& mail) {
  if (!ecc_) return send_reply(done, done.data_end, mail);
  if (done.tag == kWriteOfCheckBits) return write_bytes_.add(done.data_end, wire::kSectorBytes);
  if (done.tag >= kFillOfCheckBits) {
    read_bytes_.add(done.data_end, wire::kSectorBytes);
    for (const InlineEcc::Held& read :
         ecc_->fill_came(done.tag - kFillOfCheckBits, done.data_end)) {
      send_reply(read, std::max(read.data_end, done.data_end), mail);
    }
    return;
  }
  if (in_flight_[done.tag].request.kind == Kind::store) {
    return send_reply(done, done.data_end, mail);
  }
  if (const auto filled = ecc_->data_came(in_flight_[done.tag].check_slot, done)) {
    send_reply(done, std::max(done.data_end, *filled), mail);
  }
}

// Of the GPU's wait behind older requests, that for the CPU's data to leave the pins is the CPU's.
void MemoryChannel::charge_cpu(const InFlight& done, stats::StageTimes& stages) {
  Picoseconds& on_pins = cpu_on_pins_[done.pseudo_channel];
  if (done.request.from_cpu) {
    on_pins += burst_ * static_cast<std::int64_t>(wire::sector_count(done.request.sectors));
    return;
  }
  const Picoseconds cpus = std::min(on_pins - done.cpu_on_pins, stages.of(Cause::dram_queue));
  stages.add(Cause::dram_queue, Picoseconds(0) - cpus);
  stages.add(Cause::dram_cpu, cpus);
}

// `end`: when its data have come and are known to be good.
void MemoryChannel::send_reply(const InlineEcc::Held& read, Instant end, wire::Mail& mail) {
  const InFlight& done = in_flight_[read.tag];
  if (over_time_) {
    if (over_time_->is_due(end)) over_time_->look_at(channel_.bank_counters());
    over_time_->served(done.arrived, end);
  }
  const std::int64_t bytes = bytes_of(done.request.sectors);
  const bool is_write = done.request.kind == Kind::store;
  (is_write ? write_bytes_ : read_bytes_).add(read.data_end, static_cast<std::uint64_t>(bytes));
  Instant sent = end;
  if (wiring_.link && !done.request.from_cpu) {
    LinkShare& link = *wiring_.link;
    sent = link.to_l2.pass(end, link.bytes_on_link(is_write ? 0 : bytes)).last;
  }

  wire::Reply reply;
  reply.kind = done.request.kind;
  reply.sectors = done.request.sectors;
  reply.tag = done.request.tag;
  reply.sent = sent;
  reply.stages = read.stages;
  if (wiring_.first_cpu) charge_cpu(done, reply.stages);
  reply.stages.add(Cause::dram_queue, (done.pushed - done.arrived) + (end - read.data_end));
  reply.stages.add(Cause::dram_path,
                   (done.arrived - done.request.sent) + (sent - end) + wiring_.half_path);
  mail.send(wiring_.self, ComponentId{done.request.from}, sent + wiring_.half_path, reply);
  in_flight_.give_back(read.tag);
}

const ChannelOverTime* MemoryChannel::over_time() {
  if (!over_time_) return nullptr;
  over_time_->look_at(channel_.bank_counters());
  return &*over_time_;
}

}  // namespace strobe::device
