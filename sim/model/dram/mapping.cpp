#include "sim/model/dram/mapping.h"

#include <bit>

#include "sim/base/check.h"

namespace strobe::dram {

namespace {
std::uint32_t bits_of(std::uint32_t count) {
  STROBE_CHECK(std::has_single_bit(count));
  return static_cast<std::uint32_t>(std::countr_zero(count));
}

// The bank bits that each bit of the row flips. Irreducible polynomials of each degree, as words:
// x + 1, x^2 + x + 1, x^3 + x + 1, x^4 + x + 1, x^5 + x^2 + 1, x^6 + x + 1.
std::array<std::uint32_t, 32> flips_of(BankHash hash, std::uint32_t bits) {
  constexpr std::array<std::uint32_t, 7> kIrreducible{1, 0b11, 0b111, 0b1011, 0x13, 0x25, 0x43};
  std::array<std::uint32_t, 32> flips{};
  if (hash == BankHash::none || bits == 0) return flips;
  STROBE_CHECK(bits < kIrreducible.size());
  const std::uint32_t size = 1U << bits;
  std::uint32_t power = 1;  // of x: the row's lowest bit flips the lowest bank bit
  for (std::uint32_t& flip : flips) {
    flip = power;
    power <<= 1;
    if ((power & size) != 0) power ^= hash == BankHash::fold ? size | 1 : kIrreducible[bits];
  }
  return flips;
}
}  // namespace

Mapping::Mapping(const Geometry& geometry, const MappingSpec& spec)
    : chunk_bits_(bits_of(spec.chunk_bursts)),
      group_bits_(bits_of(geometry.bank_groups)),
      bank_bits_(bits_of(geometry.banks_per_group)),
      bank_shift_(bits_of(geometry.bursts_per_row()) + group_bits_),
      row_shift_(bank_shift_ + bank_bits_),
      group_mask_(geometry.bank_groups - 1),
      bank_mask_(geometry.banks_per_group - 1),
      low_mask_(spec.chunk_bursts - 1),
      high_mask_(geometry.bursts_per_row() - spec.chunk_bursts),
      stacks_(geometry.stack_ids),
      rows_(geometry.rows) {
  const auto flips = flips_of(spec.bank_hash, group_bits_ + bank_bits_);
  for (std::size_t byte = 0; byte < hash_.size(); ++byte) {
    for (std::size_t value = 0; value < hash_[byte].size(); ++value) {
      std::uint32_t hash = 0;
      for (std::size_t bit = 0; bit < 8; ++bit) {
        if ((value >> bit & 1) != 0) hash ^= flips[byte * 8 + bit];
      }
      hash_[byte][value] = static_cast<std::uint8_t>(hash);
    }
  }
}

}  // namespace strobe::dram
