#include "sim/device/partition.h"

#include <algorithm>

namespace strobe::device {

using wire::Role;

void Partition::run_until(Instant end) {
  Event event;
  while (mail_.pop_before(end, event)) {
    ++events_;
    last_event_at_ = event.at;
    const wire::Residence& target = directory_->of(event.target);
    if (event.message == Event::kWake) {
      wake(target, event.at, end);
    } else {
      deliver(target, event, end);
    }
  }
}

void Partition::hand_over(std::span<Instant> next_at) {
  for (const wire::Outgoing& outgoing : mail_.outgoing()) {
    const std::uint32_t receiver = directory_->of(outgoing.event.target).partition;
    (*all_)[receiver].mail_.accept(outgoing.event, outgoing.message);
    next_at[receiver] = std::min(next_at[receiver], outgoing.event.at);
  }
  mail_.outgoing().clear();
}

void Partition::wake(const wire::Residence& target, Instant now, Instant end) {
  switch (target.role) {
    case Role::sm:
      return sms[target.index].wake(now, mail_);
    case Role::slice:
      return slices[target.index].wake(now, mail_);
    case Role::channel:
      return channels[target.index].wake(now, end, mail_);
    case Role::dispatcher:
      return dispatchers[target.index].wake(now, mail_);
    case Role::host_link:
      return host_links[target.index].wake(now, mail_);
  }
}

void Partition::deliver(const wire::Residence& target, const Event& event, Instant end) {
  const wire::Message message = mail_.open(event);
  const Instant now = event.at;
  switch (target.role) {
    case Role::sm:
      return sms[target.index].receive(message, now, mail_);
    case Role::slice:
      return slices[target.index].receive(message, now, mail_);
    case Role::channel:
      return channels[target.index].receive(message, now, end, mail_);
    case Role::dispatcher:
      return dispatchers[target.index].receive(message, now, mail_);
    case Role::host_link:
      return host_links[target.index].receive(message, now, mail_);
  }
}

}  // namespace strobe::device
