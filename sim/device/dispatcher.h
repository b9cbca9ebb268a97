#pragma once

// Hands the CTAs of a kernel to the SMs: breadth first over the SMs at the start, then one for each
// that leaves. It reads them from the trace as it goes, so only those in flight are in memory.

#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "sim/device/cta_log.h"
#include "sim/device/progress.h"
#include "sim/device/spec.h"
#include "sim/device/wave_sampler.h"
#include "sim/trace/cta_pool.h"
#include "sim/trace/kernel_trace.h"
#include "sim/wire/mail.h"

namespace strobe::device {

struct DispatcherWiring {
  ComponentId self, first_sm;
  std::uint32_t sms = 0;
  DispatchSpec spec;
  trace::CtaPool* ctas;
  ComponentId first_cpu{};
  std::uint32_t cpus = 0;  // to be told when a grid is done
  Picoseconds to_cpu{};
};

class Dispatcher {
 public:
  explicit Dispatcher(const DispatcherWiring& wiring);

  // Kernels from here on are sampled where their source allows it.
  void sample(bool wanted) { samples_ = wanted; }

  // Notes when CTAs of the next kernels are on their SMs.
  void keep_log(CtaLog log) { log_ = std::move(log); }
  std::vector<CtaSpan> take_log() { return log_ ? log_->take() : std::vector<CtaSpan>(); }

  // Starts to hand out the CTAs of `source` at `at`. REQUIRES: idle(); `source` and `progress` live
  // until idle() again.
  void start_kernel(trace::CtaSource& source, std::uint32_t ctas_per_sm, Instant at,
                    Progress& progress, wire::Mail& mail);

  void receive(const wire::Message& message, Instant now, wire::Mail& mail);
  void wake(Instant now, wire::Mail& mail);

  bool idle() const { return source_ == nullptr && resident_ == 0; }
  Instant finished_at() const { return finished_at_; }
  std::uint64_t ctas_done() const { return done_; }
  // Of the kernel started last.
  LeftOut left_out() const { return sampler_ ? sampler_->left_out() : LeftOut{}; }

 private:
  std::uint32_t emptiest_sm() const;
  void wake_if_room(Instant now, wire::Mail& mail);
  void tell_cpus(Instant now, wire::Mail& mail);

  DispatcherWiring wiring_;
  trace::CtaSource* source_ = nullptr;  // null when it has no more CTAs
  Progress* progress_ = nullptr;
  std::vector<std::uint32_t> resident_on_;  // CTAs, by SM
  std::uint32_t ctas_per_sm_ = 0;
  std::uint32_t resident_ = 0;
  std::uint64_t done_ = 0, handed_out_ = 0, total_ = 0;
  std::uint64_t alike_ = 0;  // of all: those that may stand for each other
  bool samples_ = false;
  std::optional<WaveSampler> sampler_;  // of the kernel, if it is sampled
  std::optional<CtaLog> log_;
  bool woken_ = false;
  Instant free_from_;  // when the next CTA may leave
  Instant finished_at_;
};

}  // namespace strobe::device
