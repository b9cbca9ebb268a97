#pragma once

// Synthetic kernels, made CTA by CTA as they are asked for; nothing is materialised unless it is
// written out (accelsim_writer.h). Their instruction mixes are those of compiled microbenchmarks: a
// prologue that computes addresses, the accesses, EXIT; where the threads loop, the index, compare
// and branch of each turn, and the arithmetic that uses what was loaded.

#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "sim/trace/program.h"

namespace strobe::trace {

enum class Pattern : std::uint8_t {
  copy,           // every warp loads its share and stores it to a second array
  read,           // loads only
  write,          // stores only
  chase,          // one lane of a warp follows pointers: every load waits for the one before it
  gather,         // every lane loads from a random sector of the array
  vectoradd,      // c[i] = a[i] + b[i], one 4-byte element a thread
  scale,          // b[i] = s * a[i]
  add,            // c[i] = a[i] + b[i]
  triad,          // c[i] = a[i] + s * b[i]
  vector_triad,   // d[i] = a[i] + b[i] * c[i]: three reads a write
  dot,            // sum += a[i] * b[i]
  update,         // a[i] = s * a[i]
  scatter,        // every lane stores to a random sector
  random_update,  // every lane loads from a random sector, changes it and stores it there
  random_atomic,  // every lane adds to a random sector without waiting for the old value
  shared_read,    // loads from shared memory, lanes `stride` bytes apart
  empty,          // nothing
};
inline constexpr std::size_t kPatternCount = 17;
std::optional<Pattern> pattern_named(std::string_view name);
std::string_view name_of(Pattern pattern);

// How CTAs share the arrays when their threads loop.
enum class Share : std::uint8_t {
  interleaved,  // a grid-stride loop: CTAs side by side, then on by the whole grid
  chunks,       // each CTA has a piece of its own
  whole,        // each CTA goes through all of it
};

struct KernelRecipe {
  Pattern pattern = Pattern::copy;
  std::uint64_t bytes = 1 << 20;    // of one array
  std::uint32_t warps_per_cta = 8;  // a chase has one warp unless there are several CTAs
  std::uint32_t loads = 1;          // accesses to each array by each warp; of a chase, all of them;
                                    // of a loop, those of one turn
  std::uint32_t lane_bytes = 16;    // 4, 8 or 16 a lane; gather and vectoradd have 4
  std::uint64_t stride = 128;       // chase: distance of the places in the array
  bool random_order = false;        // chase: in one random cycle through all places
  std::uint64_t seed = 1;           // of random patterns and the random order
  std::uint64_t base = 0x7F4000000000;
  std::uint64_t spacing = 0;  // of the arrays; 0: next to each other, at multiples of 2 MiB
  std::uint32_t architecture = 80;
  bool copies_first = false;  // MemcpyHtoD of what the kernel reads

  // 0: as many CTAs as it takes for each to have one turn. Else so many, whose threads loop; of a
  // chase, so many chases at once, evenly spread over the cycle.
  std::uint32_t ctas = 0;
  Share share = Share::interleaved;
  std::uint32_t rounds = 1;  // of a loop: as many CTAs again come behind them, and do the same
  std::uint32_t passes = 1;  // over the arrays; of a loop over random places, the turns
  std::uint32_t shared_bytes = 0;  // of a CTA: limits how many are resident
  std::uint32_t stages = 0;        // read: copies to shared memory instead of loads to registers,
                                   // so many turns under way at once
  std::uint64_t first_place = 0;   // chase: it begins so far on in its cycle
};

// How many arrays a pattern reads and writes, for counting the bytes that it moves. What updates
// its array in place reads one and writes one.
struct Streams {
  std::uint32_t reads = 0, writes = 0;
};
Streams streams_of(Pattern pattern);

// The arrays follow each other from `base`. Throws UserError when a
// recipe cannot be made.
std::unique_ptr<Program> generate(std::vector<KernelRecipe> recipes);

// Where the arrays of a kernel of this recipe begin; the first one after them is free.
std::uint64_t start_of_array(const KernelRecipe& recipe, std::uint32_t array);

}  // namespace strobe::trace
