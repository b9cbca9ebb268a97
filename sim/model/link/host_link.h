#pragma once

// The link to the host (PCIe, NVLink-C2C) with its copy engine: a copy is real traffic at the
// link's rate, written line by line into the L2 or read out of it, as hardware does it.

#include <cstdint>
#include <optional>

#include "sim/wire/address_map.h"
#include "sim/wire/mail.h"
#include "sim/wire/port.h"

namespace strobe::link {

struct Wiring {
  ComponentId self, first_slice;
  wire::AddressMap map;
  BytesPerSecond bandwidth, to_host_bandwidth;
  Picoseconds flight;                 // from the link to an L2 slice
  std::uint32_t lines_in_flight = 0;  // credits
};

struct Copy {
  std::uint64_t address = 0, bytes = 0;
  bool to_host = false;
};

class HostLink {
 public:
  explicit HostLink(const Wiring& wiring);

  // The first byte may pass at `at`. REQUIRES: no copy is under way.
  void start_copy(const Copy& copy, Instant at, wire::Mail& mail);

  void receive(const wire::Message& copy, Instant now, wire::Mail& mail);
  void receive(const wire::Reply& reply, Instant now, wire::Mail& mail);
  void wake(Instant now, wire::Mail& mail);

  bool idle() const { return next_ == end_ && under_way_ == 0; }
  Instant finished_at() const { return finished_at_; }

 private:
  void send_lines(Instant now, wire::Mail& mail);

  Wiring wiring_;
  wire::Port to_device_, to_host_;
  std::uint64_t next_ = 0, end_ = 0;  // addresses of the copy under way
  std::uint32_t under_way_ = 0;       // lines
  bool is_to_host_ = false;           // of the copy under way
  bool woken_ = false;                // a wake is on its way
  std::optional<ComponentId> asker_;  // of the copy under way, when it was asked for by message
  Instant finished_at_;
};

}  // namespace strobe::link
