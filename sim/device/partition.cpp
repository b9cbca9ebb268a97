#include "sim/device/partition.h"

#include "sim/kernel/engine.h"

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
    } else if (wire::Mail::is_reply(event)) {
      deliver(target, mail_.open_reply(event), event.at);
    } else {
      deliver(target, mail_.open_message(event), event.at, end);
    }
  }
}

void Partition::hand_over(NextEvents& next) {
  mail_.take_outgoing([&](const auto& outgoing) {
    const std::uint32_t receiver = directory_->of(outgoing.event.target).partition;
    (*all_)[receiver].mail_.accept(outgoing.event, outgoing.letter);
    next.arrive(receiver, outgoing.event.at);
  });
}

void Partition::wake(const wire::Residence& target, Instant now, Instant end) {
  switch (target.role) {
    case Role::sm:
      return sms[target.index].wake(now, mail_);
    case Role::slice:
      return slices[target.index].wake(now, mail_);
    case Role::system_cache:
      return system_caches[target.index].wake(now, mail_);
    case Role::channel:
      return channels[target.index].wake(now, end, mail_);
    case Role::cpu:
      return cpus[target.index].wake(now, mail_);
    case Role::dispatcher:
      return dispatchers[target.index].wake(now, mail_);
    case Role::host_link:
      return host_links[target.index].wake(now, mail_);
    case Role::pager:
      return pagers[target.index].wake(now, mail_);
  }
}

void Partition::deliver(const wire::Residence& target, const wire::Reply& reply, Instant now) {
  switch (target.role) {
    case Role::sm:
      return sms[target.index].receive(reply, now, mail_);
    case Role::slice:
      return slices[target.index].receive(reply, now, mail_);
    case Role::system_cache:
      return system_caches[target.index].receive(reply, now, mail_);
    case Role::cpu:
      return cpus[target.index].receive(reply, now, mail_);
    case Role::host_link:
      return host_links[target.index].receive(reply, now, mail_);
    case Role::pager:
      return pagers[target.index].receive(reply, now, mail_);
    case Role::channel:
    case Role::dispatcher:
      STROBE_CHECK(false);  // they ask nobody
  }
}

void Partition::deliver(const wire::Residence& target, const wire::Message& message, Instant now,
                        Instant end) {
  switch (target.role) {
    case Role::sm:
      return sms[target.index].receive(message, now, mail_);
    case Role::slice:
      return slices[target.index].receive(message, now, mail_);
    case Role::system_cache:
      return system_caches[target.index].receive(message, now, mail_);
    case Role::channel:
      return channels[target.index].receive(message, now, end, mail_);
    case Role::cpu:
      return cpus[target.index].receive(message, now, mail_);
    case Role::dispatcher:
      return dispatchers[target.index].receive(message, now, mail_);
    case Role::host_link:
      return host_links[target.index].receive(message, now, mail_);
    case Role::pager:
      return pagers[target.index].receive(message, now, mail_);
  }
}

}  // namespace strobe::device
