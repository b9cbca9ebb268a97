#pragma once

// A whole machine as read from configs/gpu: what machine.h wires up.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "sim/base/units.h"
#include "sim/device/energy_spec.h"
#include "sim/model/cpu/spec.h"
#include "sim/model/dram/spec.h"
#include "sim/model/l2/spec.h"
#include "sim/model/link/pager.h"
#include "sim/model/sm/spec.h"

namespace strobe::device {

// Where a number of a config file came from, kept for `strobe show` and the output file.
struct Sourced {
  std::string key;    // "sm.l1.hit_latency"
  std::string value;  // as written: "28 cycles"
  std::string from;   // standard, datasheet, measured, derived, assumed
  std::string source;
  std::string file;
  std::int64_t line = 0;
};

struct CrossbarSpec {
  Kilohertz clock;
  std::int64_t sm_request_bytes_per_cycle = 0, sm_reply_bytes_per_cycle = 0;
  std::int64_t slice_request_bytes_per_cycle = 0, slice_reply_bytes_per_cycle = 0;
  std::int64_t header_bytes = 0;               // of every packet
  Picoseconds request_latency, reply_latency;  // flight time, ports not included
};

// Where the DRAM's controllers are on another die than the L2 (GB10: NVLink-C2C). Each channel has
// its even share of the link in each direction, because addresses are hashed over the channels.
struct MemoryLinkSpec {
  BytesPerSecond bandwidth;       // of all channels, in one direction, headers included
  std::int64_t header_bytes = 0;  // of every packet
  std::int64_t packet_bytes = 0;  // of data, at most, in one packet
};

struct MemorySpec {
  dram::PartSpec part;  // one channel's behaviour; data rate as the board runs it
  std::uint32_t channels =
      0;  // DRAM channels of the board (an HBM channel has two pseudo-channels)
  std::uint64_t capacity = 0;    // bytes
  std::uint32_t interleave = 0;  // bytes that lie together in one slice
  std::optional<MemoryLinkSpec> link;
  std::optional<l2::Spec> system_cache;  // a bank of it, of which each pseudo-channel has one
  // The CPU's part in the memory, by pseudo-channel likewise, where it has one.
  std::optional<cpu::Spec> cpu;
  // How many bursts of inline ECC's check bits a channel's controller keeps (inline_ecc.h); nothing
  // where check bits have pins of their own or there are none.
  std::optional<std::uint32_t> ecc_bursts;
};

// Memory that host and device share by moving it to whoever asks for it.
struct ManagedMemorySpec {
  bool on = false;  // all memory but a warp's own is managed, and lies on the host at first
  link::PagerSpec pager;
};

struct HostLinkSpec {
  bool unified = false;              // host and device share one memory: copies move nothing
  std::string name;                  // "PCIe 3.0 x16"
  BytesPerSecond bandwidth;          // host to device, as achieved by the copy engine
  BytesPerSecond to_host_bandwidth;  // ... and device to host
  std::optional<ManagedMemorySpec> managed;  // none: a GPU of which nothing is known of it
  Picoseconds latency;                       // of a copy of one byte
  std::uint32_t lines_in_flight = 0;
};

struct DispatchSpec {
  Picoseconds launch_latency;  // from the launch command until the first CTA starts
  Picoseconds cta_interval;    // between two CTAs leaving the dispatcher
  Picoseconds cta_latency;     // dispatcher to SM, and an SM's report back
};

// What a board is rated for. `sm.clock` is the clock of a run, unless it is sustained and would
// take more than `power` (power_cap.h).
struct BoardSpec {
  dram::Microwatts power;  // limit of the whole board, of the package where CPU and GPU share one
  Kilohertz base_clock, boost_clock;
  Kilohertz typical_clock;  // under a long matrix product, where power holds the clock down
};

// How warps use the tensor cores, oldest first.
enum class TensorInstruction : std::uint8_t {
  none,
  hmma_884,    // Volta: a warp multiplies fragments in its registers, in steps of four k
  hmma_1688,   // Turing: sixteen rows, eight columns, sixteen bytes along k
  hmma_16816,  // Ampere and GeForce since: thirty-two bytes along k, and LDGSTS to feed it
  wgmma,       // Hopper: four warps together, operands in shared memory, copied there by TMA
  tcgen05,     // Blackwell of the data centre: one thread, sums in a memory of their own
};

// Dense floating-point (or integer) operations that the tensor cores of an SM do in a cycle, by
// what is multiplied; a multiply-add is two. 0: they cannot. Sums are kept in 32 bits but for the
// `half_sums`: GeForce boards do those at twice the rate.
struct TensorRates {
  TensorInstruction instruction{};
  std::uint32_t fp64 = 0, tf32 = 0, fp16 = 0, fp16_half_sums = 0, bf16 = 0;
  std::uint32_t int8 = 0, fp8 = 0, fp8_half_sums = 0, fp4 = 0;
};

// What one instance of a Multi-Instance GPU has of the whole.
struct MigProfile {
  std::string name;  // "1g.5gb"
  std::uint32_t sms = 0;
  std::uint32_t memory_eighths = 0;  // of L2 slices, channels and capacity
};

struct GpuSpec {
  std::string name, title, memory_kind;
  std::uint32_t sms = 0;
  BoardSpec board;
  TensorRates tensor;
  sm::Spec sm;
  CrossbarSpec crossbar;
  std::uint32_t slices = 0;
  l2::Spec l2;
  bool l2_follows_sms = true;  // at another clock of theirs its own keeps its ratio to it
  MemorySpec memory;
  HostLinkSpec host;
  DispatchSpec dispatch;
  std::optional<EnergySpec> energy;           // none: only the memory's energy is known
  std::optional<dram::Microwatts> power_cap;  // that holds sm.clock below the file's
  std::vector<MigProfile> mig;                // none: cannot be divided
  std::vector<Sourced> sources;               // every number of the GPU's and the part's file
  std::vector<std::string> files;             // that it was read from
  std::string resolved;  // every key and value of both files, see canonical_text
};

// Whether pages have to come to the device before they can be used.
inline bool moves_pages(const GpuSpec& gpu) {
  return !gpu.host.unified && gpu.host.managed && gpu.host.managed->on;
}

// Whether the CPU works on the memory beside the GPU.
inline bool has_cpu_load(const GpuSpec& gpu) {
  return gpu.memory.cpu && gpu.memory.cpu->load > BytesPerSecond(0);
}

}  // namespace strobe::device
