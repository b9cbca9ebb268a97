#include "sim/device/dispatcher.h"

#include <algorithm>

namespace strobe::device {

using wire::Kind;
using wire::Message;

Dispatcher::Dispatcher(const DispatcherWiring& wiring)
    : wiring_(wiring), resident_on_(wiring.sms, 0) {}

void Dispatcher::start_kernel(trace::CtaSource& source, std::uint32_t ctas_per_sm, Instant at,
                              Progress& progress, wire::Mail& mail) {
  STROBE_CHECK(idle() && ctas_per_sm > 0);
  source_ = &source;
  progress_ = &progress;
  ctas_per_sm_ = ctas_per_sm;
  done_ = handed_out_ = 0;
  total_ = source.header().cta_count();
  free_from_ = finished_at_ = at;
  if (log_) log_->start_kernel();
  sampler_.reset();
  alike_ = source.alike_ctas();
  if (samples_ && alike_ > 0) {
    // A wave has whole periods, so that all waves have the same to do.
    const std::uint64_t wave = std::uint64_t{ctas_per_sm} * wiring_.sms, period = source.period();
    sampler_.emplace(
        WaveSampler::Grid{total_, (wave + period - 1) / period * period, source.loop_rounds()}, at);
  }
  wake_if_room(at, mail);
}

void Dispatcher::receive(const Message& message, Instant now, wire::Mail& mail) {
  STROBE_ASSERT(message.kind == Kind::cta_done);
  wiring_.ctas->give_back(message.tag);
  if (log_) log_->done(message.tag, now - wiring_.spec.cta_latency);
  --resident_on_[message.from - wiring_.first_sm.value];
  --resident_;
  finished_at_ = now;
  ++done_;
  if (sampler_ && source_ != nullptr && handed_out_ < alike_) {
    const std::uint64_t left_out = sampler_->cta_done(done_, alike_ - handed_out_, now);
    if (left_out > 0) source_->skip(left_out);
    handed_out_ += left_out;
  }
  progress_->ctas(done_ + left_out().ctas, total_);
  wake_if_room(now, mail);
  if (done_ + left_out().ctas == total_) tell_cpus(now, mail);
}

void Dispatcher::tell_cpus(Instant now, wire::Mail& mail) {
  Message done;
  done.kind = Kind::grid_done;
  done.from = wiring_.self.value;
  done.sent = now;
  for (std::uint32_t i = 0; i < wiring_.cpus; ++i) {
    mail.send(wiring_.self, ComponentId{wiring_.first_cpu.value + i}, now + wiring_.to_cpu, done);
  }
}

// One CTA a wake: they leave `cta_interval` apart.
void Dispatcher::wake(Instant now, wire::Mail& mail) {
  woken_ = false;
  const std::uint32_t sm = emptiest_sm();
  const std::uint32_t slot = wiring_.ctas->take();
  if (!source_->next((*wiring_.ctas)[slot])) {
    wiring_.ctas->give_back(slot);
    source_ = nullptr;
    return;
  }
  if (log_) log_->launched(slot, sm, now + wiring_.spec.cta_latency);
  ++resident_on_[sm];
  ++resident_;
  ++handed_out_;
  Message launch;
  launch.kind = Kind::launch_cta;
  launch.from = wiring_.self.value;
  launch.tag = slot;
  launch.sent = now;
  mail.send(wiring_.self, ComponentId{wiring_.first_sm.value + sm}, now + wiring_.spec.cta_latency,
            launch);
  free_from_ = now + wiring_.spec.cta_interval;
  wake_if_room(now, mail);
}

void Dispatcher::wake_if_room(Instant now, wire::Mail& mail) {
  if (woken_ || source_ == nullptr || resident_on_[emptiest_sm()] == ctas_per_sm_) return;
  woken_ = true;
  mail.wake(wiring_.self, std::max(now, free_from_));
}

std::uint32_t Dispatcher::emptiest_sm() const {
  const auto emptiest = std::min_element(resident_on_.begin(), resident_on_.end());
  return static_cast<std::uint32_t>(emptiest - resident_on_.begin());
}

}  // namespace strobe::device
