#include "sim/model/cpu/source.h"

namespace strobe::cpu {

namespace {

constexpr std::uint64_t kPicosecondsOfSecond = 1'000'000'000'000;

std::uint64_t count_of(Bytes bytes) {
  return static_cast<std::uint64_t>(bytes.count());
}

}  // namespace

Source::Source(const Spec& spec, const Wiring& wiring)
    : spec_(spec),
      wiring_(wiring),
      random_(wiring.self.value),
      mean_interval_(count_of(spec.line) * kPicosecondsOfSecond /
                     static_cast<std::uint64_t>(spec.load.count())),
      lines_of_run_(static_cast<std::uint32_t>(count_of(spec.run) / count_of(spec.line))),
      lines_of_footprint_(count_of(spec.footprint) / count_of(spec.line)),
      sectors_of_line_(static_cast<std::uint32_t>(count_of(spec.line) / wire::kSectorBytes)),
      in_flight_(spec.lines_in_flight) {}

void Source::start(Instant at, wire::Mail& mail) {
  works_ = true;
  held_up_ = false;
  mail.wake(wiring_.self, at + interval());
}

void Source::receive(const wire::Message&, Instant now, wire::Mail& mail) {
  works_ = false;
  if (held_up_) counters_.held_up_ps += static_cast<std::uint64_t>((now - held_up_since_).count());
  held_up_ = false;
  mail.wake(wiring_.self, Instant::never());
}

void Source::receive(const wire::Reply& reply, Instant now, wire::Mail& mail) {
  if (reply.kind == wire::Kind::load) {
    ++counters_.reads;
    counters_.read_ps += static_cast<std::uint64_t>((now - in_flight_[reply.tag]).count());
  }
  in_flight_.give_back(reply.tag);
  if (!held_up_) return;
  held_up_ = false;
  counters_.held_up_ps += static_cast<std::uint64_t>((now - held_up_since_).count());
  send(now, mail);
}

void Source::wake(Instant now, wire::Mail& mail) {
  if (!works_) return;
  if (in_flight_.used() == spec_.lines_in_flight) {
    held_up_ = true;
    held_up_since_ = now;
    return;
  }
  send(now, mail);
}

void Source::send(Instant now, wire::Mail& mail) {
  const bool reads = random_.next() % 100 < spec_.read_percent;
  const std::uint64_t sector = next_place(walks_[reads ? 0 : 1]) * sectors_of_line_;
  const auto sectors =
      static_cast<std::uint8_t>(((1U << sectors_of_line_) - 1) << sector % wire::kSectorsPerLine);
  wire::Message message;
  message.kind = reads ? wire::Kind::load : wire::Kind::store;
  message.from_cpu = true;
  message.sectors = sectors;
  message.whole_sectors = reads ? 0 : sectors;
  message.from = wiring_.self.value;
  message.tag = in_flight_.take();
  message.line = sector / wire::kSectorsPerLine;
  message.sent = now;
  (reads ? counters_.read_bytes : counters_.written_bytes) += count_of(spec_.line);
  in_flight_[message.tag] = now;
  mail.send(wiring_.self, wiring_.memory, now + wiring_.flight, message);
  mail.wake(wiring_.self, now + interval());
}

std::uint64_t Source::next_place(Walk& walk) {
  if (walk.left == 0) {
    const std::uint64_t runs = lines_of_footprint_ / lines_of_run_;
    walk = {random_.next() % runs * lines_of_run_, lines_of_run_};
  }
  --walk.left;
  return walk.at++;
}

// Even between none and twice the mean.
Picoseconds Source::interval() {
  return Picoseconds(static_cast<std::int64_t>(1 + random_.next() % (2 * mean_interval_)));
}

}  // namespace strobe::cpu
