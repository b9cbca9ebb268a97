#include "sim/device/partition.h"

#include <algorithm>

namespace strobe::device {

using wire::Role;

void Partition::run_until(Instant end) {
  EventQueue& queue = mail_.queue();
  while (queue.next_at() < end) {
    const Event event = queue.pop();
    ++events_;
    last_event_at_ = event.at;
    const wire::Residence& target = directory_->of(event.target);
    if (event.message == Event::kWake) {
      wake(target, event.at, end);
    } else {
      deliver(target, event);
    }
  }
}

void Partition::hand_over() {
  for (const wire::Outgoing& outgoing : mail_.outgoing()) {
    Partition& receiver = (*all_)[directory_->of(outgoing.event.target).partition];
    receiver.mail_.accept(outgoing.event, outgoing.message);
  }
  mail_.outgoing().clear();
}

void Partition::wake(const wire::Residence& target, Instant now, Instant end) {
  switch (target.role) {
    case Role::sm:
      return sms[target.index].wake(now, mail_);
    case Role::slice:
      return slices[target.index].wake(now, mail_);
    case Role::channel: {
      const Instant horizon = std::min(end, mail_.queue().next_at());
      return channels[target.index].wake(now, horizon, mail_);
    }
    case Role::dispatcher:
      return dispatchers[target.index].wake(now, mail_);
    case Role::host_link:
      return host_links[target.index].wake(now, mail_);
  }
}

void Partition::deliver(const wire::Residence& target, const Event& event) {
  const wire::Message message = mail_.open(event);
  const Instant now = event.at;
  switch (target.role) {
    case Role::sm:
      return sms[target.index].receive(message, now, mail_);
    case Role::slice:
      return slices[target.index].receive(message, now, mail_);
    case Role::channel:
      return channels[target.index].receive(message, now, mail_);
    case Role::dispatcher:
      return dispatchers[target.index].receive(message, now, mail_);
    case Role::host_link:
      return host_links[target.index].receive(message, now, mail_);
  }
}

}  // namespace strobe::device
