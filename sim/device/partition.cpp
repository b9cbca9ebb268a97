#include "sim/device/partition.h"

#include "sim/kernel/engine.h"

namespace strobe::device {

using wire::Role;

void Partition::run_until(Instant end) {
  prefetch();
  Event event;
  while (mail_.pop_before(end, event)) {
    ++events_;
    last_event_at_ = event.at;
    const wire::Residence& target = directory_->of(event.target);
    if (event.message == Event::kWake) {
      wake(target, event.at, end);
    } else if (wire::is_reply(event)) {
      deliver(target, mail_.open<wire::Reply>(event), event.at);
    } else {
      deliver(target, mail_.open<wire::Message>(event), event.at, end);
    }
  }
}

// What has come from elsewhere will soon be looked at, and what it touches has mostly left the
// host's caches since.
void Partition::prefetch() const {
  const auto sm_of = [&](const auto& incoming) -> const sm::Sm* {
    const wire::Residence& target = directory_->of(incoming.event.target);
    return target.role == Role::sm ? &sms[target.index] : nullptr;
  };
  const wire::Bag& incoming = mail_.incoming();
  for (const auto& each : incoming.replies) {
    if (const sm::Sm* const sm = sm_of(each)) sm->prefetch(each.letter);
  }
  for (const auto& each : incoming.messages) {
    const wire::Residence& target = directory_->of(each.event.target);
    if (target.role == Role::slice) slices[target.index].prefetch(each.letter);
  }
  for (const auto& each : incoming.replies) {
    if (const sm::Sm* const sm = sm_of(each)) sm->prefetch_more(each.letter);
  }
}

void Partition::hand_over(NextEvents& next) {
  if (neighbours_ != nullptr) {
    for (const wire::Arrival& each : neighbours_->arrivals) next.arrive(each.partition, each.at);
    neighbours_->arrivals.clear();
    return;
  }
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
