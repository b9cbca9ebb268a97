#include "sim/model/sm/managed_pages.h"

namespace strobe::sm {

bool ManagedPages::park(const ParkedRequest& request) {
  const std::uint64_t page = wire::page_of_line(request.line);
  const bool is_first = std::ranges::none_of(parked_, [page](const ParkedRequest& other) {
    return wire::page_of_line(other.line) == page;
  });
  parked_.push_back(request);
  return is_first;
}

void ManagedPages::come(std::uint64_t region, wire::BlockMask blocks) {
  blocks_of(region) |= blocks;
  look_up(region);
}

void ManagedPages::go(std::uint64_t region, wire::BlockMask blocks) {
  blocks_of(region) &= ~blocks;
  look_up(region);
}

void ManagedPages::look_up(std::uint64_t region) {
  last_region_ = region;
  last_blocks_ = blocks_of(region);
}

wire::BlockMask& ManagedPages::blocks_of(std::uint64_t region) {
  auto place = std::ranges::lower_bound(regions_, region, {}, &Region::number);
  if (place == regions_.end() || place->number != region) {
    place = regions_.insert(place, {region, 0});
  }
  return place->blocks;
}

}  // namespace strobe::sm
