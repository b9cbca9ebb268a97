// How requests are answered: by the slice's port to the crossbar, with where their time went.

#include "sim/model/l2/slice.h"

namespace strobe::l2 {

using stats::StageTimes;
using wire::Kind;
using wire::SectorMask;

// `below`: where the time `under_way` went, from when its line was asked for until now.
void Slice::answer_late(const Waiter& waiter, const StageTimes& below, Picoseconds under_way,
                        Instant now, wire::Mail& mail) {
  const Picoseconds waited = now - waiter.served;
  if (waited == under_way) return answer(waiter, below, now, mail);  // the one that asked
  StageTimes seen;
  STROBE_CHECK(seen.add_tail(below, waited) == Picoseconds(0));
  answer(waiter, seen, now, mail);
}

// `below`: where the time since the request was served went.
void Slice::answer(const Waiter& waiter, const StageTimes& below, Instant now, wire::Mail& mail) {
  const bool carries_data = waiter.kind == Kind::load || waiter.kind == Kind::atomic;
  const std::int64_t bytes = bytes_on_port(carries_data ? waiter.sectors : SectorMask{0});
  if (waiter.crossed) return answer_across(waiter, below, bytes, now, mail);
  // The port comes before the fixed latency, not after it, so that replies pass it in the order in
  // which they are known; the sum is the same.
  const wire::Port::Passage passage =
      waiter.from_cpu ? wire::Port::Passage{now, now} : pass_reply_port(waiter, bytes, now);
  wire::Reply reply{waiter.kind, waiter.sectors, waiter.tag, passage.last + spec_.hit_latency,
                    below};
  const Causes& causes = wiring_.causes;
  reply.stages.add(causes.way_in, waiter.way_in.crossbar());
  waiter.way_in.add_queue_to(reply.stages, causes);
  reply.stages.add(causes.port, passage.first - now);
  reply.stages.add(causes.hit, passage.last - passage.first + spec_.hit_latency);
  if (wiring_.charges_way_back) reply.stages.add(causes.way_in, wiring_.reply_latency);
  const Picoseconds flight = waiter.from_cpu ? Picoseconds(0) : wiring_.reply_latency;
  mail.send(wiring_.self, ComponentId{waiter.from}, reply.sent + flight, reply);
}

// With the headers of as many packets as the data take.
std::int64_t Slice::bytes_on_port(SectorMask sectors) const {
  const auto data = static_cast<std::int64_t>(wire::sector_count(sectors) * wire::kSectorBytes);
  const std::int64_t more_packets =
      data > wiring_.packet_bytes ? (data - 1) / wiring_.packet_bytes : 0;
  return data + wiring_.header_bytes * (1 + more_packets);
}

}  // namespace strobe::l2
