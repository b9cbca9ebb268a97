#pragma once

// The scoreboard: for every register of every resident warp, when its value is there and what kind
// of instruction makes it.

#include <algorithm>
#include <cstddef>
#include <cstdint>
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
  explicit Scoreboard(std::uint32_t warps) : ready_(std::size_t{warps} * kRegisters, 0) {}

  void forget(std::uint32_t warp) { std::fill_n(ready_.begin() + first(warp), kRegisters, 0); }
  void set(std::uint32_t warp, std::uint8_t reg, std::uint32_t count, Cycles ready,
           Producer producer) {
    write(warp, reg, count, ready.count() * 4 + static_cast<std::int64_t>(producer));
  }
  void set_pending(std::uint32_t warp, std::uint8_t reg, std::uint32_t count, Producer producer) {
    write(warp, reg, count, kPending + static_cast<std::int64_t>(producer));
  }

  Dependence of(std::uint32_t warp, const trace::Instruction& instruction) const {
    Dependence result;
    for (std::uint32_t i = 0; i < instruction.source_count; ++i) {
      add(result, ready_[static_cast<std::size_t>(first(warp)) + instruction.sources[i]]);
    }
    // A register may not be written again before its earlier value has come.
    for (std::uint32_t i = 0; i < instruction.destination_count; ++i) {
      const std::uint32_t reg = instruction.destination + i;
      if (reg < kRegisters) add(result, ready_[static_cast<std::size_t>(first(warp)) + reg]);
    }
    return result;
  }

 private:
  static constexpr std::int64_t kRegisters = 256;
  static constexpr std::int64_t kPending = std::int64_t{1} << 60;

  static std::ptrdiff_t first(std::uint32_t warp) {
    return static_cast<std::ptrdiff_t>(warp) * kRegisters;
  }
  void write(std::uint32_t warp, std::uint8_t reg, std::uint32_t count, std::int64_t value) {
    for (std::uint32_t i = 0; i < count && reg + i < trace::kNoRegister; ++i) {
      ready_[static_cast<std::size_t>(first(warp)) + reg + i] = value;
    }
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

  // Cycle times four plus the producer; register 255 (RZ) is never written and so always 0.
  std::vector<std::int64_t> ready_;
};

}  // namespace strobe::sm
