#pragma once

// Where a burst lies in its pseudo-channel. From the lowest bits of the burst's number: its place
// in a chunk, the bank group, the rest of the column, the bank, the stack ID, the row. A stream so
// changes bank groups with every chunk (tCCD_S instead of tCCD_L), still uses a row to its end in
// every group, and changes dies, which costs tCCDR, once for all banks of a stack ID.
//
// Bank and bank group are XORed with a hash of the row, so that a power-of-two stride does not stay
// in one bank. Folding the row (permutation-based interleaving: Zhang, Zhu and Zhang, MICRO 2000)
// leaves strides such as 17 rows of 16 banks in one bank; the remainder of the row modulo an
// irreducible polynomial (Rau, ISCA 1991) leaves none but multiples of that polynomial. Both are
// linear over GF(2): each bit of the row flips its own set of bank bits.

#include <array>
#include <cstdint>

#include "sim/base/divider.h"
#include "sim/model/dram/spec.h"

namespace strobe::dram {

struct Location {
  std::uint32_t row = 0;
  std::uint16_t column = 0;  // in bursts
  std::uint8_t bank = 0;     // of the pseudo-channel, stack by stack, group by group
};

class Mapping {
 public:
  Mapping(const Geometry& geometry, const MappingSpec& spec);

  // Bursts beyond the last row begin again at the first: traces carry virtual addresses, which say
  // nothing about how much memory there is.
  Location locate(std::uint64_t burst) const {
    const std::uint64_t above_banks = burst >> row_shift_;
    const Divider::Parts parts =
        stacks_.divisor() == 1 ? Divider::Parts{above_banks, 0} : stacks_.divide(above_banks);
    const auto row = static_cast<std::uint32_t>(parts.quotient < rows_ ? parts.quotient
                                                                       : parts.quotient % rows_);
    const std::uint32_t hash = hash_of(row);
    const std::uint32_t group = static_cast<std::uint32_t>(burst >> chunk_bits_) ^ hash;
    const std::uint32_t bank =
        static_cast<std::uint32_t>(burst >> bank_shift_) ^ hash >> group_bits_;
    const auto stack = static_cast<std::uint32_t>(parts.rest) << (group_bits_ + bank_bits_);
    const std::uint64_t high = burst >> group_bits_;  // the column's high bits are in their place
    return {row, static_cast<std::uint16_t>((burst & low_mask_) | (high & high_mask_)),
            static_cast<std::uint8_t>(stack | (group & group_mask_) << bank_bits_ |
                                      (bank & bank_mask_))};
  }

  // How many bursts there are before numbers begin again.
  std::uint64_t bursts() const { return rows_ * stacks_.divisor() << row_shift_; }

 private:
  // By byte of the row, because a sum over GF(2) is one of its parts.
  std::uint32_t hash_of(std::uint32_t row) const {
    return static_cast<std::uint32_t>(hash_[0][row & 0xFF] ^ hash_[1][row >> 8 & 0xFF] ^
                                      hash_[2][row >> 16 & 0xFF] ^ hash_[3][row >> 24]);
  }

  std::uint32_t chunk_bits_, group_bits_, bank_bits_;
  std::uint32_t bank_shift_, row_shift_;  // where bank and stack ID begin in the burst's number
  std::uint32_t group_mask_, bank_mask_;  // as many ones as they have bits
  std::uint64_t low_mask_, high_mask_;    // the bits of the column: in a chunk, above it
  Divider stacks_;
  std::uint64_t rows_;
  std::array<std::array<std::uint8_t, 256>, 4> hash_{};
};

}  // namespace strobe::dram
