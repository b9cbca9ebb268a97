#include "sim/model/dram/replay.h"

#include <algorithm>

#include "sim/base/check.h"
#include "sim/wire/message.h"

namespace strobe::dram {

namespace {

constexpr Picoseconds kInstant{1};  // from a point in time to just after it

Bytes bytes_of(std::uint64_t bursts) {
  return Bytes(static_cast<std::int64_t>(bursts * wire::kSectorBytes));
}

}  // namespace

Replay::Replay(const PartSpec& part, const ReplaySpec& spec)
    : spec_(spec),
      map_(spec.channels * part.geometry.pseudo_channels, spec.interleave_lines),
      place_{0, map_.place(0)},
      pseudo_channels_(part.geometry.pseudo_channels) {
  STROBE_CHECK(part.geometry.burst == Bytes(wire::kSectorBytes));
  units_.reserve(spec.channels);
  lanes_.resize(std::size_t{spec.channels} * pseudo_channels_);
  const Channel untouched(part);  // rules are compiled once, not for every channel
  for (std::uint32_t i = 0; i < spec.channels; ++i) {
    const std::span<Lane> lanes(&lanes_[std::size_t{i} * pseudo_channels_], pseudo_channels_);
    units_.push_back({untouched, {}, {}, lanes, Instant(), {}});
    if (spec.ecc_bursts) units_.back().check_bits.emplace(part, *spec.ecc_bursts);
    if (spec.energy_over_time) units_.back().power.emplace(part);
    WatchedSink& sink = units_.back().sink;
    sink.channel = i;
    sink.traces = spec.command_trace != nullptr;
    if (spec.check) sink.checker.emplace_back(part);
  }
}

void Replay::deal(const ReplayRequest& request) {
  STROBE_CHECK(request.bytes > 0);
  ++requests_;
  last_arrival_ = std::max(last_arrival_, request.arrival);
  constexpr std::uint64_t kInLine = wire::kSectorsPerLine;
  const std::uint64_t last = (request.address + request.bytes - 1) / wire::kSectorBytes;
  for (std::uint64_t first = request.address / wire::kSectorBytes; first <= last;) {
    const std::uint64_t line = first / kInLine, end = std::min(last, line * kInLine + kInLine - 1);
    if (line != place_.of_line) place_ = {line, map_.place(line)};
    lanes_[place_.is.slice].offers.push_back(
        {place_.is.line * kInLine, request.arrival,
         static_cast<std::uint8_t>((2U << end % kInLine) - (1U << first % kInLine)),
         request.is_write});
    first = end + 1;
  }
}

void Replay::run_all(Executor& executor, bool to_the_end) {
  executor.for_each_index(units_.size(), [&](std::size_t i) { run_unit(units_[i], to_the_end); });
  for (Unit& unit : units_) write_trace(unit);
}

void Replay::run_unit(Unit& unit, bool to_the_end) const {
  const auto run_by = [&](auto& sink) {
    if (spec_.saturating) {
      run_saturating(unit, sink, to_the_end);
    } else {
      run_timed(unit, sink, to_the_end);
    }
  };
  const auto run = [&](auto& sink) {
    if (!unit.check_bits) return run_by(sink);
    CheckedSink<std::remove_reference_t<decltype(sink)>> checked{*unit.check_bits, sink};
    run_by(checked);
  };
  if (spec_.check || unit.sink.traces) {
    run(unit.sink);
  } else {
    run(static_cast<Sink&>(unit.sink));
  }
  for (Lane& lane : unit.lanes) {
    lane.offers.erase(lane.offers.begin(),
                      lane.offers.begin() + static_cast<std::ptrdiff_t>(lane.taken));
    lane.taken = 0;
  }
}

// What was offered by `until` and finds room, in the order of each lane.
void Replay::push_what_fits(Unit& unit, Instant until) {
  for (std::uint8_t i = 0; i < unit.lanes.size(); ++i) push_lane(unit, i, until);
}

void Replay::push_lane(Unit& unit, std::uint8_t number, Instant until) {
  for (Lane& lane = unit.lanes[number]; !lane.empty(); ++lane.taken) {
    const Offer& offer = lane.offers[lane.taken];
    if (offer.arrival > until) break;
    const std::uint32_t room =
        offer.is_write ? unit.channel.write_room(number) : unit.channel.read_room(number);
    if (room == 0) break;
    const std::uint32_t direction = offer.is_write ? 1 : 0;  // the tag: all that the sink asks
    const Request request{direction, offer.is_write, number, offer.bursts, offer.first_burst};
    if (!unit.check_bits) {
      unit.channel.push(request, unit.now);
    } else if (!unit.check_bits->push(unit.channel, request, unit.now)) {
      break;
    }
  }
}

// A pseudo-channel without an offer would take one that has not been dealt yet. It is waited for
// unless another one's offers have piled up: lanes have a bound.
bool Replay::must_wait_for_offers(const Unit& unit) const {
  if (std::none_of(unit.lanes.begin(), unit.lanes.end(),
                   [](const Lane& lane) { return lane.empty(); })) {
    return false;
  }
  return std::none_of(unit.lanes.begin(), unit.lanes.end(),
                      [](const Lane& lane) { return lane.offers.size() - lane.taken >= kPortion; });
}

template <class S>
void Replay::run_saturating(Unit& unit, S& sink, bool to_the_end) const {
  push_what_fits(unit, Instant::never());
  while (!unit.channel.idle() && (to_the_end || !must_wait_for_offers(unit))) {
    const Channel::MadeRoom room = unit.channel.run_to_completion(sink);
    unit.now = room.at;
    if (unit.power) unit.power->catch_up(unit.channel, unit.now);
    if (unit.check_bits) {  // what they lacked may have been room elsewhere
      push_what_fits(unit, Instant::never());
    } else {
      push_lane(unit, room.pseudo_channel, Instant::never());
    }
  }
}

template <class S>
void Replay::run_until(Unit& unit, Instant end, S& sink) {
  const auto run = [&](Instant until) {
    unit.channel.run_until(until, sink);
    return true;
  };
  if (unit.power) {
    unit.power->follow(unit.channel, end, run);
  } else {
    run(end);
  }
}

template <class S>
void Replay::run_timed(Unit& unit, S& sink, bool to_the_end) const {
  // Until the last arrival dealt, every arrival is known.
  const Instant end = to_the_end ? Instant::never() : last_arrival_;
  push_what_fits(unit, unit.now);
  for (;;) {
    // Offers that have come and found no room wait for the channel, not for their time. Where there
    // are none, nothing is asked of the channel before the next arrival.
    Instant next = Instant::never();
    bool wait_for_room = false;
    for (const Lane& lane : unit.lanes) {
      if (lane.empty()) continue;
      const Instant arrival = lane.offers[lane.taken].arrival;
      if (arrival > unit.now) {
        next = std::min(next, arrival);
      } else {
        wait_for_room = true;
      }
    }
    const bool by_steps = wait_for_room || next == Instant::never();
    if (by_steps) next = std::min(next, unit.channel.next_at());
    if (next == Instant::never() || next >= end) return;
    run_until(unit, next, sink);
    unit.now = next;
    push_what_fits(unit, next);
    if (!by_steps) continue;
    run_until(unit, next + kInstant, sink);
    push_what_fits(unit, next);
  }
}

void Replay::write_trace(Unit& unit) const {
  if (spec_.command_trace == nullptr) return;
  std::fwrite(unit.sink.text.data(), 1, unit.sink.text.size(), spec_.command_trace);
  unit.sink.text.clear();
}

ReplayResult Replay::finish(Executor& executor) {
  run_all(executor, true);
  ReplayResult result;
  result.requests = requests_;
  for (const Unit& unit : units_) result.finish = std::max(result.finish, unit.sink.finish);
  std::vector<ShareSeries> energies;
  for (Unit& unit : units_) {
    add_up(unit, result);
    if (unit.power) energies.push_back(unit.power->shares());
  }
  result.energy = sum_of(std::move(energies), Picoseconds(stats::Series::kFirstInterval));
  result.bytes_read = bytes_of(result.counters.reads + result.counters.forwarded);
  result.bytes_written = bytes_of(result.counters.writes);
  for (const Unit& unit : units_) {
    if (!unit.check_bits) continue;
    result.bytes_read -= bytes_of(unit.check_bits->reads());
    result.bytes_written -= bytes_of(unit.check_bits->writes());
    result.check_bytes += bytes_of(unit.check_bits->reads() + unit.check_bits->writes());
  }
  return result;
}

void Replay::add_up(Unit& unit, ReplayResult& result) const {
  const WatchedSink& sink = unit.sink;
  if (unit.power) unit.power->finish(unit.channel, result.finish);
  const Counters& counters = unit.channel.counters(result.finish);
  stats::add(result.counters, counters, kCounters);
  result.channels.push_back({counters, unit.channel.bank_counters()});
  result.read_latency.add(unit.check_bits ? unit.check_bits->read_latency()
                                          : unit.channel.read_latency());
  for (std::size_t direction = 0; direction < kDirectionCount; ++direction) {
    result.finished[direction] += sink.finished[direction];
    for (std::size_t i = 0; i < stats::StageTimes::kCount; ++i) {
      result.stages[direction][i] += sink.stages[direction][i];
    }
  }
  if (sink.checker.empty()) return;
  result.violations += sink.checker[0].violation_count();
  for (const Violation& violation : sink.checker[0].violations()) {
    result.violation_texts.push_back(describe(violation, sink.channel));
  }
}

void Replay::Sink::completed(std::uint32_t direction, Instant data_end,
                             const stats::StageTimes& times) {
  finish = std::max(finish, data_end);
  ++finished[direction];
  StageSums& sums = stages[direction];
  constexpr auto kFirst = static_cast<std::size_t>(stats::Cause::dram_queue);
  constexpr auto kLast = static_cast<std::size_t>(stats::Cause::dram_burst);
  for (std::size_t i = kFirst; i <= kLast; ++i) {  // a channel knows no others
    sums[i - stats::StageTimes::kFirst] += times.of(static_cast<stats::Cause>(i));
  }
}

void Replay::WatchedSink::issued(const IssuedCommand& command) {
  if (!checker.empty()) checker[0].see(command);
  if (traces) append_line(text, channel, command);
}

}  // namespace strobe::dram
