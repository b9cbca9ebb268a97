#include "sim/model/link/host_link.h"

#include <algorithm>

namespace strobe::link {

namespace {

// The port's clock is the bandwidth in 64-byte steps, so that a clock of kilohertz is exact to a
// millionth and stays far below what a Clock can hold.
constexpr std::int64_t kPortBytes = 64;

Kilohertz port_clock(BytesPerSecond bandwidth) {
  return Kilohertz(bandwidth.count() / kPortBytes / 1000);
}

// The sectors of the line at `line_start` that [first, end) touches, or covers.
wire::SectorMask sectors(std::uint64_t line_start, std::uint64_t first, std::uint64_t end,
                         bool whole) {
  wire::SectorMask mask = 0;
  for (std::uint32_t i = 0; i < wire::kSectorsPerLine; ++i) {
    const std::uint64_t from = line_start + i * wire::kSectorBytes;
    const std::uint64_t to = from + wire::kSectorBytes;
    const bool in = whole ? first <= from && to <= end : first < to && from < end;
    if (in) mask |= static_cast<wire::SectorMask>(1u << i);
  }
  return mask;
}

}  // namespace

HostLink::HostLink(const Wiring& wiring)
    : wiring_(wiring),
      to_device_(port_clock(wiring.bandwidth), kPortBytes),
      to_host_(port_clock(wiring.to_host_bandwidth), kPortBytes) {}

void HostLink::start_copy(const Copy& copy, Instant at, wire::Mail& mail) {
  STROBE_CHECK(idle());
  next_ = copy.address;
  end_ = copy.address + copy.bytes;
  is_to_host_ = copy.to_host;
  finished_at_ = at;
  woken_ = true;
  mail.wake(wiring_.self, finished_at_);
}

void HostLink::receive(const wire::Message& copy, Instant now, wire::Mail& mail) {
  start_copy({copy.line * wire::kLineBytes, copy.tag * wire::kLineBytes,
              copy.kind == wire::Kind::copy_to_host},
             now, mail);
  asker_ = ComponentId{copy.from};
}

void HostLink::wake(Instant now, wire::Mail& mail) {
  woken_ = false;
  send_lines(now, mail);
}

void HostLink::receive(const wire::Reply&, Instant now, wire::Mail& mail) {
  --under_way_;
  finished_at_ = std::max(finished_at_, now);
  if (!woken_) send_lines(now, mail);
  if (!idle() || !asker_) return;
  wire::Reply copied;
  copied.kind = is_to_host_ ? wire::Kind::copy_to_host : wire::Kind::copy_to_device;
  copied.sent = now;
  mail.send(wiring_.self, *asker_, now, copied);
  asker_.reset();
}

// One line a wake: the next wake is when the port has passed it. What goes to the host is asked for
// at the pace at which the link takes it, so that it comes out of the L2 at that pace and waits for
// the link nowhere.
void HostLink::send_lines(Instant now, wire::Mail& mail) {
  if (next_ == end_ || under_way_ == wiring_.lines_in_flight) return;
  const std::uint64_t line = next_ / wire::kLineBytes, start = line * wire::kLineBytes;
  const std::uint64_t line_end = std::min(end_, start + wire::kLineBytes);

  const wire::SlicePlace place = wiring_.map.place(line);
  wire::Message message;
  message.kind = is_to_host_ ? wire::Kind::load : wire::Kind::store;
  message.sectors = sectors(start, next_, line_end, false);
  if (!is_to_host_) message.whole_sectors = sectors(start, next_, line_end, true);
  message.from = wiring_.self.value;
  message.line = place.line;
  message.sent = now;
  wire::Port& port = is_to_host_ ? to_host_ : to_device_;
  const Instant through = port.pass(now, static_cast<std::int64_t>(line_end - next_)).last;
  mail.send(wiring_.self, ComponentId{wiring_.first_slice.value + place.slice},
            through + wiring_.flight, message);
  ++under_way_;
  next_ = line_end;
  if (next_ == end_) return;
  woken_ = true;
  mail.wake(wiring_.self, through);
}

}  // namespace strobe::link
