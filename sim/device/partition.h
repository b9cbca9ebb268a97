#pragma once

// A group of components that hear from each other at once and share a thread; and the one switch
// over what kinds of component there are.

#include <vector>

#include "sim/device/dispatcher.h"
#include "sim/device/memory_channel.h"
#include "sim/model/cpu/source.h"
#include "sim/model/l2/slice.h"
#include "sim/model/link/host_link.h"
#include "sim/model/link/pager.h"
#include "sim/model/sm/sm.h"
#include "sim/wire/mail.h"

namespace strobe {
class NextEvents;
}

namespace strobe::device {

class Partition {
 public:
  // `all` are the machine's partitions, this one among them, in the order of their numbers.
  // `neighbours`: null where several threads run them (wire/mail.h).
  Partition(const wire::Directory& directory, std::uint32_t number, std::vector<Partition>& all,
            wire::Neighbours* neighbours)
      : directory_(&directory),
        all_(&all),
        neighbours_(neighbours),
        mail_(directory, number, neighbours) {}

  std::vector<sm::Sm> sms;
  std::vector<l2::Slice> slices, system_caches;
  std::vector<MemoryChannel> channels;
  std::vector<cpu::Source> cpus;
  std::vector<Dispatcher> dispatchers;
  std::vector<link::HostLink> host_links;
  std::vector<link::Pager> pagers;

  wire::Mail& mail() { return mail_; }

  Instant next_at() const { return mail_.next_at(); }
  void run_until(Instant end);
  void hand_over(NextEvents& next);
  std::uint64_t events() const { return events_; }
  Instant last_event_at() const { return last_event_at_; }

 private:
  void prefetch() const;
  void wake(const wire::Residence& target, Instant now, Instant end);
  void deliver(const wire::Residence& target, const wire::Reply& reply, Instant now);
  void deliver(const wire::Residence& target, const wire::Message& message, Instant now,
               Instant end);

  const wire::Directory* directory_;
  std::vector<Partition>* all_;
  wire::Neighbours* neighbours_;
  wire::Mail mail_;
  std::uint64_t events_ = 0;
  Instant last_event_at_;
};

}  // namespace strobe::device
