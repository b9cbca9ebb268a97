#pragma once

// What a lowered kernel asks for, counted over its whole grid.

#include <algorithm>
#include <bit>
#include <map>
#include <set>

#include "sim/layers/layer_text.h"
#include "sim/layers/lower.h"
#include "tests/support/small_gpu.h"

namespace strobe::test {

struct LayerFacts {
  std::map<trace::Op, std::uint64_t> thread_instructions;
  std::uint64_t load_bytes = 0, store_bytes = 0;  // of the lanes, global memory
  std::set<std::uint64_t> loaded_words, stored_words;
};

// Which words are touched takes most of the time, and not every test asks for them.
inline LayerFacts facts_of(const layers::Kernel& kernel, bool wants_words = true) {
  LayerFacts facts;
  const trace::KernelHeader& header = kernel.header();
  trace::Cta cta;
  for (std::uint64_t i = 0; i < header.cta_count(); ++i) {
    cta = {};
    const std::uint64_t plane = std::uint64_t{header.grid[0]} * header.grid[1];
    cta.index = {static_cast<std::uint32_t>(i % header.grid[0]),
                 static_cast<std::uint32_t>(i % plane / header.grid[0]),
                 static_cast<std::uint32_t>(i / plane)};
    kernel.fill(cta, kernel.loop_rounds());
    for (const trace::Instruction& instruction : cta.instructions) {
      const std::uint64_t lanes =
          static_cast<std::uint64_t>(std::popcount(instruction.active_mask));
      facts.thread_instructions[instruction.op] +=
          lanes * std::max<std::uint64_t>(instruction.bulk_count, 1);
      if (instruction.space != trace::Space::global) continue;
      const bool stores = instruction.op == trace::Op::store;
      (stores ? facts.store_bytes : facts.load_bytes) += lanes * instruction.access_bytes;
      if (!wants_words) continue;
      for (std::uint32_t lane = 0; lane < instruction.address_count(); ++lane) {
        for (std::uint32_t byte = 0; byte < instruction.access_bytes; byte += 4) {
          (stores ? facts.stored_words : facts.loaded_words)
              .insert(cta.address(instruction, lane) + byte);
        }
      }
    }
  }
  return facts;
}

// Words of an array that a kernel touches, and the array's own.
inline std::uint64_t words_in(const std::set<std::uint64_t>& words, const layers::Array& array) {
  const auto inside = [&](std::uint64_t word) {
    return word >= array.address && word < array.address + array.bytes;
  };
  return static_cast<std::uint64_t>(std::count_if(words.begin(), words.end(), inside));
}

inline std::vector<std::unique_ptr<layers::Kernel>> kernels_of(std::string_view text) {
  return layers::lower(layers::parse_layer(text), small_gpu());
}

}  // namespace strobe::test
