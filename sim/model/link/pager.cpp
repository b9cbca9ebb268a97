#include "sim/model/link/pager.h"

#include <algorithm>
#include <bit>

#include "sim/model/link/prefetch.h"

namespace strobe::link {

using wire::BlockMask;
using wire::Kind;

Pager::Pager(const PagerSpec& spec, const PagerWiring& wiring) : spec_(spec), wiring_(wiring) {
  STROBE_CHECK(wiring.regions > 0);
}

void Pager::receive(const wire::Message& fault, Instant now, wire::Mail& mail) {
  ++counters_.faults;
  faults_.push_back(fault.line);
  if (is_at_work_) return;
  is_at_work_ = true;
  mail.wake(wiring_.self, now + spec_.batch_latency);
}

void Pager::wake(Instant now, wire::Mail& mail) {
  fetch_batch();
  go_on(now, mail);
}

void Pager::receive(const wire::Reply&, Instant now, wire::Mail& mail) {
  go_on(now, mail);
}

// Several SMs fault on one page, and each of its faults takes a place in the batch.
void Pager::fetch_batch() {
  ++counters_.batches;
  batch_.clear();
  next_demand_ = 0;
  const std::size_t count = std::min<std::size_t>(faults_.size(), spec_.batch_faults);
  for (std::size_t i = 0; i < count; ++i) {
    const std::uint64_t region = wire::region_of_line(faults_[i]);
    auto place = std::ranges::lower_bound(batch_, region, {}, &Demand::region);
    if (place == batch_.end() || place->region != region) {
      place = batch_.insert(place, {region});
    }
    place->faulted |= wire::block_of_line(faults_[i]);
  }
}

// Has the link move the next run of blocks, or plans what the next demand moves.
void Pager::go_on(Instant now, wire::Mail& mail) {
  while (next_run_ == runs_.size()) {
    if (!plan_next(now, mail)) return finish_batch(now, mail);
  }
  const Run& run = runs_[next_run_++];
  wire::Message copy;
  copy.kind = run.to_host ? Kind::copy_to_host : Kind::copy_to_device;
  copy.from = wiring_.self.value;
  copy.line = run.first_line;
  copy.tag = static_cast<std::uint32_t>(run.lines);
  copy.sent = now;
  mail.send(wiring_.self, wiring_.host_link, now, copy);
}

// Whether there was a demand left that could be planned: one for which there is no room but that of
// regions of the same batch waits for the next batch, whose faults are those that are still open.
bool Pager::plan_next(Instant now, wire::Mail& mail) {
  runs_.clear();
  next_run_ = 0;
  if (next_demand_ == batch_.size()) return false;
  Demand& demand = batch_[next_demand_];
  auto region = find(demand.region);
  if (region == regions_.end()) {
    if (regions_.size() == wiring_.regions && !make_room(now, mail)) return false;
    region = regions_.insert(std::ranges::lower_bound(regions_, demand.region, {}, &Region::number),
                             {demand.region});
  }
  region->last_batch = counters_.batches;
  demand.moved = blocks_to_move(region->there, demand.faulted, spec_.prefetch_threshold);
  region->there |= demand.moved;
  plan_runs(demand.region, demand.moved, false);
  ++next_demand_;
  return true;
}

// The region that was faulted on longest ago leaves; of several, the lowest.
bool Pager::make_room(Instant now, wire::Mail& mail) {
  const auto victim = std::ranges::min_element(regions_, {}, &Region::last_batch);
  if (victim->last_batch == counters_.batches) return false;
  tell_sms(Kind::pages_gone, *victim, now, mail);
  plan_runs(victim->number, victim->there, true);
  regions_.erase(victim);
  return true;
}

void Pager::plan_runs(std::uint64_t region, BlockMask blocks, bool to_host) {
  constexpr std::uint64_t kLinesOfBlock = wire::kBlockBytes / wire::kLineBytes;
  const std::uint64_t first_line = region * (wire::kRegionBytes / wire::kLineBytes);
  const auto count = static_cast<std::uint64_t>(std::popcount(blocks));
  (to_host ? counters_.bytes_to_host : counters_.bytes_to_device) += count * wire::kBlockBytes;
  for (std::uint32_t block = 0; blocks != 0;) {
    const auto gap = static_cast<std::uint32_t>(std::countr_zero(blocks));
    const auto length = static_cast<std::uint32_t>(std::countr_one(blocks >> gap));
    runs_.push_back({first_line + (block + gap) * kLinesOfBlock, length * kLinesOfBlock, to_host});
    block += gap + length;
    blocks = block == wire::kBlocksOfRegion ? 0 : blocks >> gap >> length;
  }
}

// The SMs try again, and with them everybody whose page came by chance: the driver empties the
// buffer of faults before it tells them.
void Pager::finish_batch(Instant now, wire::Mail& mail) {
  for (const Demand& demand : batch_) {
    if (demand.moved != 0) {
      tell_sms(Kind::pages_there, {demand.region, demand.moved, 0}, now, mail);
    }
  }
  std::erase_if(faults_, [this](std::uint64_t line) { return is_there(line); });
  is_at_work_ = !faults_.empty();
  if (is_at_work_) mail.wake(wiring_.self, now + spec_.batch_latency);
}

void Pager::tell_sms(Kind kind, const Region& region, Instant now, wire::Mail& mail) {
  wire::Message message;
  message.kind = kind;
  message.from = wiring_.self.value;
  message.line = region.number;
  message.tag = region.there;
  message.sent = now;
  for (std::uint32_t i = 0; i < wiring_.sms; ++i) {
    mail.send(wiring_.self, ComponentId{wiring_.first_sm.value + i}, now + wiring_.flight, message);
  }
}

std::uint64_t Pager::give_to_host(std::uint64_t first, std::uint64_t end) {
  STROBE_CHECK(idle());
  std::uint64_t bytes = 0;
  for (Region& region : regions_) {
    const BlockMask given = region.there & wire::blocks_touched(region.number, first, end);
    region.there &= ~given;
    bytes += static_cast<std::uint64_t>(std::popcount(given)) * wire::kBlockBytes;
  }
  std::erase_if(regions_, [](const Region& region) { return region.there == 0; });
  return bytes;
}

std::vector<Pager::Region>::iterator Pager::find(std::uint64_t region) {
  const auto place = std::ranges::lower_bound(regions_, region, {}, &Region::number);
  return place != regions_.end() && place->number == region ? place : regions_.end();
}

bool Pager::is_there(std::uint64_t line) {
  const auto region = find(wire::region_of_line(line));
  return region != regions_.end() && (region->there & wire::block_of_line(line)) != 0;
}

}  // namespace strobe::link
