#include "sim/validate/kernels.h"

#include <algorithm>

#include "sim/device/machine.h"
#include "sim/model/sm/occupancy.h"

namespace strobe::validate {

namespace {

// A program of one copy.
class OneCopy : public trace::Program {
 public:
  OneCopy(std::uint64_t bytes, bool to_host) {
    using What = trace::Step::What;
    trace::Step step;
    step.what = to_host ? What::copy_to_host : What::copy_to_device;
    step.address = trace::KernelRecipe{}.base;
    step.bytes = bytes;
    steps_.push_back(step);
  }
  const std::vector<trace::Step>& steps() const override { return steps_; }
  std::unique_ptr<trace::CtaSource> open(std::size_t) override { return nullptr; }
  std::vector<trace::Warning> warnings() const override { return {}; }

 private:
  std::vector<trace::Step> steps_;
};

}  // namespace

double seconds_of_copy(const device::GpuSpec& gpu, std::uint64_t bytes, bool to_host) {
  OneCopy program(bytes, to_host);
  device::Machine machine(gpu);
  device::NoProgress nobody_watches;
  const device::CopyResult copy = machine.run(program, nobody_watches).copies.at(0);
  return static_cast<double>((copy.end - copy.start).count()) * 1e-12;
}

device::RunResult run_kernels(const device::GpuSpec& gpu,
                              const std::vector<trace::KernelRecipe>& recipes) {
  const std::unique_ptr<trace::Program> program = trace::generate(recipes);
  device::Machine machine(gpu);
  device::NoProgress nobody_watches;
  return machine.run(*program, nobody_watches);
}

double seconds_of(const device::KernelResult& kernel) {
  return static_cast<double>((kernel.end - kernel.start).count()) * 1e-12;
}

std::uint64_t l2_bytes(const device::GpuSpec& gpu) {
  return static_cast<std::uint64_t>(gpu.l2.capacity.count()) * gpu.slices;
}

trace::KernelRecipe beyond(const trace::KernelRecipe& previous, trace::KernelRecipe next) {
  const trace::Streams streams = trace::streams_of(previous.pattern);
  next.base = trace::start_of_array(previous, streams.reads + streams.writes);
  return next;
}

std::uint64_t resident_ctas(const device::GpuSpec& gpu, const trace::KernelRecipe& recipe) {
  const std::unique_ptr<trace::Program> program = trace::generate({recipe});
  const std::unique_ptr<trace::CtaSource> source = program->open(0);
  const trace::KernelHeader& header = source->header();
  return std::max<std::uint64_t>(1, std::uint64_t{sm::residency(gpu.sm, header).ctas} * gpu.sms);
}

std::uint32_t shared_bytes_for(const device::GpuSpec& gpu, std::uint64_t ctas) {
  const std::int64_t unit = gpu.sm.shared_unit.count();
  const std::int64_t each = gpu.sm.shared_max.count() / static_cast<std::int64_t>(ctas);
  const std::int64_t bytes = each / unit * unit - gpu.sm.shared_reserved.count();
  return static_cast<std::uint32_t>(std::max<std::int64_t>(bytes, 0));
}

}  // namespace strobe::validate
