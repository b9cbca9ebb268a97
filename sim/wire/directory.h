#pragma once

// Where every component of the machine lives. Built once, read by all.

#include <cstdint>
#include <vector>

#include "sim/kernel/event_queue.h"

namespace strobe::wire {

enum class Role : std::uint8_t {
  sm,
  slice,
  system_cache,
  channel,
  cpu,
  dispatcher,
  host_link,
  pager,
};

struct Residence {
  Role role{};
  std::uint32_t partition = 0;
  std::uint32_t index = 0;  // among those of its role in the partition
  std::uint32_t place = 0;  // among all in the partition; given by the directory
};

class Directory {
 public:
  ComponentId add(const Residence& residence) {
    if (residence.partition >= residents_.size()) residents_.resize(residence.partition + 1);
    residences_.push_back(residence);
    residences_.back().place = residents_[residence.partition]++;
    return ComponentId{static_cast<std::uint32_t>(residences_.size()) - 1};
  }
  const Residence& of(ComponentId id) const { return residences_[id.value]; }
  std::uint32_t residents_of(std::uint32_t partition) const { return residents_[partition]; }
  std::uint32_t size() const { return static_cast<std::uint32_t>(residences_.size()); }

 private:
  std::vector<Residence> residences_;
  std::vector<std::uint32_t> residents_;  // how many, by partition
};

}  // namespace strobe::wire
