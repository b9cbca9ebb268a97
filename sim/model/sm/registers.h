#pragma once

// The scoreboard: for every register of every resident warp, when its value is there and what kind
// of instruction makes it.

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "sim/base/units.h"
#include "sim/trace/kernel_trace.h"

namespace strobe::sm {

enum class Producer : std::uint8_t {
  fixed,     // an arithmetic pipe
  variable,  // shared memory, special functions, constants
  memory,    // global or local memory
};

// What an instruction has to wait for.
struct Dependence {
  Cycles fixed, variable, memory;                         // known ends, by producer
  bool pending_variable = false, pending_memory = false;  // ends not known yet
};

class Scoreboard {
 public:
  explicit Scoreboard(std::uint32_t warps)
      : ready_(std::size_t{warps} * kFirstRegisters, 0), used_(warps, 0) {}

  void forget(std::uint32_t warp) {
    std::fill_n(&ready_[first(warp)], used_[warp], 0);
    used_[warp] = 0;
  }
  void set(std::uint32_t warp, std::uint8_t reg, std::uint32_t count, Cycles ready,
           Producer producer) {
    write(warp, reg, count, ready.count() * 4 + static_cast<std::int64_t>(producer));
  }
  void set_pending(std::uint32_t warp, std::uint8_t reg, std::uint32_t count, Producer producer) {
    write(warp, reg, count, kPending + static_cast<std::int64_t>(producer));
  }

  Dependence of(std::uint32_t warp, const trace::Instruction& instruction) const {
    Dependence result;
    const std::int64_t* const ready = &ready_[first(warp)];
    const std::uint32_t used = used_[warp];
    for (std::uint32_t i = 0; i < instruction.source_count; ++i) {
      if (instruction.sources[i] < used) add(result, ready[instruction.sources[i]]);
    }
    // A register may not be written again before its earlier value has come.
    for (std::uint32_t i = 0; i < instruction.destination_count; ++i) {
      const std::uint32_t reg = instruction.destination + i;
      if (reg < used) add(result, ready[reg]);
    }
    return result;
  }

 private:
  static constexpr std::uint32_t kFirstRegisters = 32;
  static constexpr std::int64_t kPending = std::int64_t{1} << 60;

  std::size_t first(std::uint32_t warp) const { return std::size_t{warp} * registers_; }
  void write(std::uint32_t warp, std::uint8_t reg, std::uint32_t count, std::int64_t value) {
    const std::uint32_t end = std::min<std::uint32_t>(reg + count, trace::kNoRegister);
    if (reg >= end) return;
    if (end > registers_) widen(end);
    std::fill_n(&ready_[first(warp) + reg], end - reg, value);
    used_[warp] = std::max(used_[warp], end);
  }
  // Most kernels use few registers, and short rows stay in the host's cache.
  void widen(std::uint32_t needed) {
    const std::uint32_t wider = std::bit_ceil(needed);
    std::vector<std::int64_t> ready(used_.size() * wider, 0);
    for (std::size_t warp = 0; warp < used_.size(); ++warp) {
      std::copy_n(&ready_[warp * registers_], registers_, &ready[warp * wider]);
    }
    ready_ = std::move(ready);
    registers_ = wider;
  }
  static void add(Dependence& into, std::int64_t value) {
    const auto producer = static_cast<Producer>(value & 3);
    if (value >= kPending) {
      (producer == Producer::memory ? into.pending_memory : into.pending_variable) = true;
      return;
    }
    const Cycles ready(value >> 2);
    Cycles& known = producer == Producer::fixed      ? into.fixed
                    : producer == Producer::variable ? into.variable
                                                     : into.memory;
    if (ready > known) known = ready;
  }

  // Cycle times four plus the producer, a row of registers_ for each warp; register 255 (RZ) is
  // never written.
  std::vector<std::int64_t> ready_;
  std::vector<std::uint32_t> used_;  // registers of a warp from this one on are not written yet
  std::uint32_t registers_ = kFirstRegisters;
};

}  // namespace strobe::sm
