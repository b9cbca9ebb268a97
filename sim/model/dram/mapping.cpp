#include "sim/model/dram/mapping.h"

#include <algorithm>
#include <bit>

#include "sim/base/check.h"

namespace strobe::dram {

namespace {
std::uint32_t bits_of(std::uint32_t count) {
  STROBE_CHECK(std::has_single_bit(count));
  return static_cast<std::uint32_t>(std::countr_zero(count));
}
}  // namespace

Mapping::Mapping(const Geometry& geometry, const MappingSpec& spec)
    : chunk_(spec.chunk_bursts),
      chunk_bits_(bits_of(spec.chunk_bursts)),
      group_bits_(bits_of(geometry.bank_groups)),
      high_column_bits_(bits_of(geometry.bursts_per_row()) - chunk_bits_),
      bank_bits_(bits_of(geometry.banks_per_group)),
      fold_bits_(std::max(1U, group_bits_ + bank_bits_)),
      rows_(geometry.rows),
      hash_(spec.hash_banks) {}

}  // namespace strobe::dram
