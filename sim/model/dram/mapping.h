#pragma once

// Where a burst lies in its pseudo-channel. From the lowest bits of the burst's number: its place
// in a chunk, the bank group, the rest of the column, the bank, the row. A stream so changes bank
// groups with every chunk (tCCD_S instead of tCCD_L) and still uses a row to its end in every
// group. Bank and bank group are XORed with bits folded from the row, so that a power-of-two stride
// does not stay in one bank (permutation-based interleaving: Zhang, Zhu and Zhang, MICRO 2000).

#include <cstdint>

#include "sim/model/dram/spec.h"

namespace strobe::dram {

struct Location {
  std::uint32_t row = 0;
  std::uint16_t column = 0;  // in bursts
  std::uint8_t bank = 0;     // of the pseudo-channel, group by group
};

class Mapping {
 public:
  Mapping(const Geometry& geometry, const MappingSpec& spec);

  // Bursts beyond the last row begin again at the first: traces carry virtual addresses, which say
  // nothing about how much memory there is.
  Location locate(std::uint64_t burst) const {
    const auto low = static_cast<std::uint32_t>(burst) & (chunk_ - 1);
    std::uint64_t rest = burst >> chunk_bits_;
    auto group = static_cast<std::uint32_t>(rest) & ((1U << group_bits_) - 1);
    rest >>= group_bits_;
    const auto high = static_cast<std::uint32_t>(rest) & ((1U << high_column_bits_) - 1);
    rest >>= high_column_bits_;
    auto bank = static_cast<std::uint32_t>(rest) & ((1U << bank_bits_) - 1);
    rest >>= bank_bits_;
    const auto row = static_cast<std::uint32_t>(rest < rows_ ? rest : rest % rows_);
    if (hash_) {
      const std::uint32_t fold = folded(row);
      group ^= fold & ((1U << group_bits_) - 1);
      bank ^= (fold >> group_bits_) & ((1U << bank_bits_) - 1);
    }
    return {row, static_cast<std::uint16_t>(low | (high << chunk_bits_)),
            static_cast<std::uint8_t>((group << bank_bits_) | bank)};
  }

  // How many bursts there are before numbers begin again.
  std::uint64_t bursts() const {
    return rows_ << (chunk_bits_ + group_bits_ + high_column_bits_ + bank_bits_);
  }

 private:
  // Every bit of the row falls on one bit of bank and bank group.
  std::uint32_t folded(std::uint32_t row) const {
    std::uint32_t fold = 0;
    for (std::uint32_t rest = row; rest != 0; rest >>= fold_bits_) fold ^= rest;
    return fold;
  }

  std::uint32_t chunk_;
  std::uint32_t chunk_bits_, group_bits_, high_column_bits_, bank_bits_, fold_bits_;
  std::uint64_t rows_;
  bool hash_;
};

}  // namespace strobe::dram
