#pragma once

// Synthetic kernels, made CTA by CTA as they are asked for; nothing is materialised unless it is
// written out (accelsim_writer.h). Their instruction mixes are those of compiled microbenchmarks: a
// prologue that computes addresses, the accesses, EXIT.

#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "sim/trace/program.h"

namespace strobe::trace {

enum class Pattern : std::uint8_t {
  copy,       // every warp loads its share and stores it to a second array
  read,       // loads only
  write,      // stores only
  chase,      // one lane of one warp follows pointers: every load waits for the one before it
  gather,     // every lane loads 4 bytes from a random sector of the array
  vectoradd,  // c[i] = a[i] + b[i], one 4-byte element a thread
};
std::optional<Pattern> pattern_named(std::string_view name);

struct KernelRecipe {
  Pattern pattern = Pattern::copy;
  std::uint64_t bytes = 1 << 20;    // of one array
  std::uint32_t warps_per_cta = 8;  // a chase has one warp
  std::uint32_t loads = 1;          // accesses to each array by each warp; of a chase, all of them
  std::uint32_t lane_bytes = 16;    // 4, 8 or 16 a lane: copy, read and write
  std::uint64_t stride = 128;       // chase: distance of the places in the array
  bool random_order = false;        // chase: in one random cycle through all places
  std::uint64_t seed = 1;           // of gather and the random order
  std::uint64_t base = 0x7F4000000000;
  std::uint32_t architecture = 80;
  bool copies_first = false;  // MemcpyHtoD of what the kernel reads
};

// The arrays follow each other from `base`, each at a multiple of 2 MiB. Throws UserError when a
// recipe cannot be made.
std::unique_ptr<Program> generate(std::vector<KernelRecipe> recipes);

}  // namespace strobe::trace
