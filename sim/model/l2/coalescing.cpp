// Bulk reads (TMA) of one line that wait at a slice together. Hopper and data-centre Blackwell have
// a unit before the L2 that "processes incoming requests for L2 and tries to coalesce read requests
// before forwarding them to the L2 cache" and that serves multicasts, too (Nsight Compute's
// documentation, unit lrc, the L2 request coalescer). Bulk copies of the same data by the SMs of a
// cluster come as fast as one multicast (SemiAnalysis, "Dissecting Nvidia Blackwell", 2026). Loads
// of threads do not seem to gain: 114 SMs of an H100 PCIe that read the same 0.5 or 2 MB get 8.5
// and 8.2 TB/s of the 8.76 that its slices serve (validation/measured/l2.csv).
//
// So the data array is read once for all of them, and one reply passes the slice's side of the
// crossbar, which hands it to each. How long the unit remembers a read is not public: here until it
// is answered, so that nothing changes where no read finds another one waiting.

#include "sim/model/l2/slice.h"

namespace strobe::l2 {

// `first` has just been served: with it those behind it that want no more of its line. What was
// written to the line in between is not overtaken.
void Slice::serve_followers(const wire::Message& first, Instant now, wire::Mail& mail) {
  std::uint32_t& waiting = reads_like(first);
  --waiting;
  for (std::size_t i = 1; i < queue_.size() && waiting > 0; ++i) {
    Queued& other = queue_[i];
    const wire::Message& request = other.request;
    if (other.is_served || request.line != first.line || request.is_far != first.is_far) continue;
    if (request.kind != wire::Kind::load) return;
    const bool wants_more = (request.sectors & ~first.sectors) != 0;
    if (wants_more || !may_coalesce(request) || other.ready > now) continue;
    if (serve(other, now, mail) != Stall::none) return;
    counters_.queue_ps += static_cast<std::uint64_t>((now - other.arrived).count());
    other.is_served = true;
    --waiting;
  }
}

// A bulk read goes with the reply to one of the same line that is answered now, if that has its
// sectors.
wire::Port::Passage Slice::pass_reply_port(const Waiter& waiter, std::int64_t bytes, Instant now) {
  if (!spec_.coalesces_bulk_reads || !waiter.bulk) return wiring_.reply_port.pass(now, bytes);
  if (leader_.sectors != 0 && (waiter.sectors & ~leader_.sectors) == 0) {
    counters_.coalesced_sectors += wire::sector_count(waiter.sectors);
  } else {
    leader_ = {waiter.sectors, wiring_.reply_port.pass(now, bytes)};
  }
  return leader_.passage;
}

}  // namespace strobe::l2
