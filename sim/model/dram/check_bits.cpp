#include "sim/model/dram/check_bits.h"

#include "sim/wire/message.h"

namespace strobe::dram {

namespace {

constexpr std::uint64_t kBursts = wire::kSectorsPerLine;

std::uint64_t lines_of(const Geometry& geometry) {
  return std::uint64_t{geometry.rows} * geometry.banks() * geometry.bursts_per_row() / kBursts;
}

// Those that have left the queues too, until their check bits have come.
std::uint32_t most_in_flight(const PartSpec& part) {
  return part.geometry.pseudo_channels * 4 *
         (part.controller.read_queue + part.controller.write_queue);
}

}  // namespace

CheckBits::CheckBits(const PartSpec& part, std::uint32_t bursts_kept)
    : lines_(InlineEcc::data_lines(lines_of(part.geometry))),
      in_flight_(most_in_flight(part)),
      ecc_(bursts_kept, in_flight_.capacity()) {}

std::uint64_t CheckBits::line_of(const Request& request) const {
  return lines_.divide(request.first_burst / kBursts).rest;
}

bool CheckBits::push(Channel& channel, const Request& request, Instant now) {
  if (in_flight_.full()) return false;
  const std::uint32_t tag = in_flight_.take();
  if (!push_beside(channel, request, tag, now)) {
    in_flight_.give_back(tag);
    return false;
  }
  in_flight_[tag].pushed = now;
  in_flight_[tag].is_write = request.is_write;
  Request data = request;
  data.tag = tag;
  data.first_burst = InlineEcc::place(line_of(request)) * kBursts;
  channel.push(data, now);
  return true;
}

// Asks for the check bits and leaves room for the data, or does neither.
bool CheckBits::push_beside(Channel& channel, const Request& request, std::uint32_t tag,
                            Instant now) {
  const InlineEcc::Access access{request.pseudo_channel, line_of(request), request.bursts,
                                 request.is_write};
  const std::optional<InlineEcc::Plan> plan = ecc_.plan(tag, access);
  if (!plan) return false;
  if (plan->fill && channel.read_room(request.pseudo_channel) < 2) return false;
  if (plan->write_back) {
    const bool beside_data = request.is_write && plan->write_back_to == request.pseudo_channel;
    if (channel.write_room(plan->write_back_to) < (beside_data ? 2 : 1)) return false;
    const auto to = static_cast<std::uint8_t>(plan->write_back_to);
    push_burst(channel, {kWrite, true, to, 0, 0}, *plan->write_back, now);
    ++writes_;
  }
  if (plan->fill) {
    push_burst(channel, {kFill + plan->slot, false, request.pseudo_channel, 0, 0}, *plan->fill,
               now);
    ++reads_;
  }
  ecc_.take(*plan, access);
  in_flight_[tag].slot = plan->slot;
  return true;
}

void CheckBits::push_burst(Channel& channel, Request request, std::uint64_t burst, Instant now) {
  request.first_burst = burst / kBursts * kBursts;
  request.bursts = static_cast<std::uint8_t>(1U << (burst - request.first_burst));
  channel.push(request, now);
}

}  // namespace strobe::dram
