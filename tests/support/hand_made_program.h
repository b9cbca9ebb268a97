#pragma once

// Programs written down instruction by instruction, for tests that must know every one of them.

#include <cstdint>
#include <initializer_list>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "sim/base/error.h"
#include "sim/trace/program.h"

namespace strobe::test {

inline constexpr std::uint64_t kArray = 0x7F4000000000;

// What the lanes of a warp touch: `lanes` of them, lane i at address + i * stride.
struct Lanes {
  std::uint64_t address = kArray;
  std::uint32_t lanes = 32;
  std::uint8_t bytes = 4;
  std::int64_t stride = 4;
};

// The instructions of one warp. Registers are numbers; kNoRegister is none.
class WarpScript {
 public:
  WarpScript& add(const trace::Instruction& instruction) {
    code_.push_back(instruction);
    return *this;
  }
  WarpScript& operate(trace::Op op, std::uint8_t destination = trace::kNoRegister,
                      std::initializer_list<std::uint8_t> sources = {}) {
    trace::Instruction instruction;
    instruction.op = op;
    instruction.active_mask = 0xFFFF'FFFF;
    set_registers(instruction, destination, sources);
    return add(instruction);
  }
  WarpScript& access(trace::Op op, trace::Space space, const Lanes& lanes,
                     std::uint8_t destination = trace::kNoRegister,
                     std::initializer_list<std::uint8_t> sources = {}) {
    trace::Instruction instruction;
    instruction.op = op;
    instruction.space = space;
    instruction.active_mask = static_cast<std::uint32_t>((std::uint64_t{1} << lanes.lanes) - 1);
    instruction.access_bytes = lanes.bytes;
    instruction.base = lanes.address;
    instruction.stride = lanes.stride;
    set_registers(instruction, destination, sources);
    return add(instruction);
  }
  WarpScript& load(std::uint8_t destination, const Lanes& lanes,
                   std::initializer_list<std::uint8_t> sources = {}) {
    return access(trace::Op::load, trace::Space::global, lanes, destination, sources);
  }
  WarpScript& store(const Lanes& lanes, std::initializer_list<std::uint8_t> sources = {}) {
    return access(trace::Op::store, trace::Space::global, lanes, trace::kNoRegister, sources);
  }
  WarpScript& async_copy(const Lanes& lanes) {
    return access(trace::Op::async_copy, trace::Space::global, lanes);
  }
  WarpScript& commit() { return operate(trace::Op::copy_commit); }
  WarpScript& wait_for_copies(std::int32_t groups_left) {
    operate(trace::Op::copy_wait);
    code_.back().immediate = groups_left;
    return *this;
  }
  WarpScript& repeat(std::uint32_t times, const WarpScript& what) {
    for (std::uint32_t i = 0; i < times; ++i) {
      code_.insert(code_.end(), what.code_.begin(), what.code_.end());
    }
    return *this;
  }
  WarpScript& exit() { return operate(trace::Op::exit); }

  const std::vector<trace::Instruction>& code() const { return code_; }

 private:
  static void set_registers(trace::Instruction& instruction, std::uint8_t destination,
                            std::initializer_list<std::uint8_t> sources) {
    instruction.destination = destination;
    instruction.destination_count = destination == trace::kNoRegister ? 0 : 1;
    for (const std::uint8_t source : sources) {
      instruction.sources[instruction.source_count++] = source;
    }
  }

  std::vector<trace::Instruction> code_;
};

inline trace::Cta cta_of(std::span<const WarpScript> warps) {
  trace::Cta cta;
  for (const WarpScript& warp : warps) {
    const auto first = static_cast<std::uint32_t>(cta.instructions.size());
    cta.instructions.insert(cta.instructions.end(), warp.code().begin(), warp.code().end());
    cta.warps.push_back({first, static_cast<std::uint32_t>(warp.code().size())});
  }
  return cta;
}

struct HandMadeKernel {
  trace::KernelHeader header;
  std::vector<trace::Cta> ctas;
  std::uint32_t damaged_from = 0xFFFF'FFFF;  // reading this CTA throws

  HandMadeKernel() = default;
  // A kernel of `count` CTAs that are all alike.
  HandMadeKernel(const std::vector<WarpScript>& warps, std::uint32_t count = 1) {
    header.name = "hand_made";
    header.block[0] = static_cast<std::uint32_t>(warps.size() * trace::kWarpLanes);
    header.registers = 16;
    for (std::uint32_t i = 0; i < count; ++i) add_cta(warps);
  }

  void add_cta(const std::vector<WarpScript>& warps) {
    ctas.push_back(cta_of(warps));
    ctas.back().index[0] = static_cast<std::uint32_t>(ctas.size()) - 1;
    header.grid[0] = static_cast<std::uint32_t>(ctas.size());
  }
};

class HandMadeSource : public trace::CtaSource {
 public:
  explicit HandMadeSource(const HandMadeKernel& kernel) : kernel_(&kernel) {}

  const trace::KernelHeader& header() const override { return kernel_->header; }
  bool next(trace::Cta& into) override {
    if (next_ >= kernel_->damaged_from) throw UserError({"damaged.traceg", 7}, "it stops here");
    if (next_ == kernel_->ctas.size()) return false;
    into = kernel_->ctas[next_++];
    return true;
  }

 private:
  const HandMadeKernel* kernel_;
  std::size_t next_ = 0;
};

class HandMadeProgram : public trace::Program {
 public:
  HandMadeProgram() = default;
  explicit HandMadeProgram(const HandMadeKernel& kernel) { add(kernel); }

  HandMadeProgram& add(const HandMadeKernel& kernel) {
    trace::Step step;
    step.what = trace::Step::What::kernel;
    step.kernel_file = "kernel";
    steps_.push_back(step);
    kernels_.resize(steps_.size());
    kernels_.back() = kernel;
    return *this;
  }
  HandMadeProgram& copy(std::uint64_t address, std::uint64_t bytes, bool to_host = false) {
    trace::Step step;
    using What = trace::Step::What;
    step.what = to_host ? What::copy_to_host : What::copy_to_device;
    step.address = address;
    step.bytes = bytes;
    steps_.push_back(step);
    kernels_.resize(steps_.size());
    return *this;
  }

  const HandMadeKernel& kernel(std::size_t step) const { return kernels_.at(step); }
  const std::vector<trace::Step>& steps() const override { return steps_; }
  std::unique_ptr<trace::CtaSource> open(std::size_t index) override {
    return std::make_unique<HandMadeSource>(kernels_.at(index));
  }
  std::vector<trace::Warning> warnings() const override { return {}; }

 private:
  std::vector<trace::Step> steps_;
  std::vector<HandMadeKernel> kernels_;  // one a step, empty for a copy
};

}  // namespace strobe::test
