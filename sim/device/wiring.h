#pragma once

// The machine as a graph of what carries data, and what follows from the graph alone: how many
// bytes per second can flow at most, and through which cut. No model and no time in here; every
// simulated bandwidth is checked against these bounds.

#include <cstdint>
#include <string>

#include "sim/device/spec.h"

namespace strobe::device {

enum class Route : std::uint8_t {
  dram_to_sms,  // reads that miss everywhere
  l2_to_sms,    // reads that hit the L2
  host_to_dram  // copies to the device; unbounded where host and device share one memory
};

struct FlowBound {
  BytesPerSecond bandwidth;
  std::string cut;  // "64 x DRAM pins": the edges that are full
};

FlowBound max_flow_bound(const GpuSpec& gpu, Route route);

// Whole-device peaks in payload bytes, for `strobe show`.
struct Peaks {
  BytesPerSecond dram;         // pins
  BytesPerSecond l2;           // data arrays of all slices
  BytesPerSecond slice_ports;  // replies leaving the slices, headers paid
  BytesPerSecond sm_ports;     // replies entering the SMs, headers paid
  BytesPerSecond l1;           // data arrays of all L1s
};

Peaks peaks_of(const GpuSpec& gpu);

}  // namespace strobe::device
