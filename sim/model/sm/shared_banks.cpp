#include "sim/model/sm/shared_banks.h"

#include <algorithm>
#include <array>
#include <bit>

namespace strobe::sm {

SharedPasses shared_passes(const trace::Cta& cta, const trace::Instruction& instruction) {
  constexpr std::uint32_t kBanks = 32;
  constexpr std::size_t kMostWords = trace::kWarpLanes * 5;  // 16 unaligned bytes a lane
  const std::uint32_t lanes = instruction.address_count();
  // Neighbours side by side, the common case: every bank has its even share.
  if (!instruction.listed && instruction.stride == std::int64_t{instruction.access_bytes} &&
      instruction.base % 4 == 0 && instruction.access_bytes <= 16) {
    const std::uint32_t side_by_side = (lanes * instruction.access_bytes + 3) / 4;
    const std::uint32_t passes = std::max((side_by_side + kBanks - 1) / kBanks, 1U);
    return {passes, passes};
  }

  std::array<std::uint64_t, kMostWords> words;
  std::size_t count = 0;
  for (std::uint32_t i = 0; i < lanes; ++i) {
    const std::uint64_t first = cta.address(instruction, i);
    const std::uint64_t width = std::min<std::uint64_t>(instruction.access_bytes, 16);
    for (std::uint64_t word = first / 4; word * 4 < first + width && count < kMostWords; ++word) {
      words[count++] = word;
    }
  }
  std::sort(words.begin(), words.begin() + static_cast<std::ptrdiff_t>(count));
  const auto end = std::unique(words.begin(), words.begin() + static_cast<std::ptrdiff_t>(count));

  std::array<std::uint32_t, kBanks> in_bank{};
  for (auto word = words.begin(); word != end; ++word) ++in_bank[*word % kBanks];
  const auto distinct = static_cast<std::uint32_t>(end - words.begin());
  const std::uint32_t needed = *std::max_element(in_bank.begin(), in_bank.end());
  return {std::max(needed, 1u), std::max((distinct + kBanks - 1) / kBanks, 1u)};
}

std::int64_t registers_returned(const trace::Instruction& instruction) {
  constexpr std::int64_t kRegisterBytes = 4;
  if (instruction.op != trace::Op::load) return 0;
  return (instruction.access_bytes + kRegisterBytes - 1) / kRegisterBytes;
}

bool pairs_agree(const trace::Cta& cta, const trace::Instruction& instruction) {
  if (!instruction.listed && instruction.stride == 0) return true;
  std::array<std::uint64_t, trace::kWarpLanes> address_of{};
  std::uint32_t left = instruction.active_mask;
  for (std::uint32_t i = 0; left != 0; ++i, left &= left - 1) {
    address_of[static_cast<std::size_t>(std::countr_zero(left))] = cta.address(instruction, i);
  }
  const auto agree_at = [&](std::uint32_t distance) {
    for (std::uint32_t lane = 0; lane < trace::kWarpLanes; ++lane) {
      const std::uint32_t other = lane ^ distance;
      const std::uint32_t both = 1U << lane | 1U << other;
      const bool are_active = (instruction.active_mask & both) == both;
      if (are_active && address_of[lane] != address_of[other]) return false;
    }
    return true;
  };
  return agree_at(1) || agree_at(2);
}

}  // namespace strobe::sm
