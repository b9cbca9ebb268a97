#include "sim/model/sm/tlb.h"

#include <algorithm>
#include <bit>

#include "sim/wire/message.h"

namespace strobe::sm {

namespace {

// One set where there are few entries: hardware can compare them all.
std::uint32_t ways_of(std::uint32_t entries) {
  std::uint32_t ways = std::min(entries, tags::SectoredTags::kMostWays);
  while (entries % ways != 0) --ways;
  return ways;
}

}  // namespace

TlbLevel::TlbLevel(Bytes page, std::uint32_t entries)
    : lines_shift_(static_cast<std::uint32_t>(
          std::countr_zero(static_cast<std::uint64_t>(page.count()) / wire::kLineBytes))),
      tags_(entries / ways_of(entries), ways_of(entries)) {}

std::optional<Instant> TlbLevel::usable_from(std::uint64_t page) {
  const std::uint32_t slot = tags_.find(page);
  if (slot == tags::SectoredTags::kNone) return std::nullopt;
  tags_.touch(slot);
  return from_[slot];
}

void TlbLevel::insert(std::uint64_t page, Instant from) {
  const tags::SectoredTags::Home home(tags_, page);
  const std::uint32_t slot = tags_.victim(home);
  tags_.replace(slot, home);
  if (slot >= from_.size()) from_.resize(slot + 1);
  from_[slot] = from;
}

Tlb::Tlb(const TlbSpec& spec, const Clock& clock)
    : second_latency_(clock.edge(spec.miss_latency).since_start()),
      first_(spec.page, spec.entries) {
  if (!spec.second) return;
  walk_latency_ = spec.second->walk_latency;
  second_.emplace(spec.second->page, spec.second->entries);
}

Translation Tlb::look_up(std::uint64_t line, Instant now, Counters& counters) {
  const std::uint64_t page = first_.page_of(line);
  last_page_ = ~std::uint64_t{0};
  if (const std::optional<Instant> from = first_.usable_from(page)) {
    ++counters.tlb_hits;
    if (*from <= now) {
      last_page_ = page;
      return {};
    }
    const Picoseconds rest = *from - now, in_second = std::min(rest, second_latency_);
    return {in_second, rest - in_second};
  }
  ++counters.tlb_misses;
  const Translation translation = ask_second(line, now, counters);
  first_.insert(page, now + translation.total());
  return translation;
}

Translation Tlb::ask_second(std::uint64_t line, Instant now, Counters& counters) {
  Translation translation{second_latency_, Picoseconds(0)};
  if (!second_) return translation;
  const std::uint64_t page = second_->page_of(line);
  if (const std::optional<Instant> from = second_->usable_from(page)) {
    translation.walk = std::max(*from - (now + second_latency_), Picoseconds(0));
    return translation;
  }
  if (was_touched(page)) {
    ++counters.tlb_walks;
    translation.walk = walk_latency_;
  }
  second_->insert(page, now + translation.total());
  return translation;
}

// And is from now on.
bool Tlb::was_touched(std::uint64_t page) {
  const auto place = std::ranges::lower_bound(touched_, page);
  if (place != touched_.end() && *place == page) return true;
  touched_.insert(place, page);
  return false;
}

}  // namespace strobe::sm
