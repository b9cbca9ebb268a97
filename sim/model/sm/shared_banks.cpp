#include "sim/model/sm/shared_banks.h"

#include <algorithm>
#include <array>
#include <bit>

#include "sim/base/check.h"

namespace strobe::sm {

namespace {

constexpr std::uint32_t kBanks = 32;
constexpr std::uint32_t kWordBytes = 4;
constexpr std::uint32_t kWidestAccess = 32;  // LD.256

std::uint32_t passes_of(std::uint32_t words) {
  return std::max((words + kBanks - 1) / kBanks, 1U);
}

// What lanes read whose addresses are multiples of their width: pieces of as many banks each, so
// that it is enough to count the different ones that begin in the same bank.
class Pieces {
 public:
  // `bytes`: of a piece, a power of two of one word and more.
  explicit Pieces(std::uint32_t bytes)
      : shift_(std::countr_zero(bytes)), words_(bytes / kWordBytes) {}

  void add(std::uint64_t address) {
    const std::uint64_t piece = address >> shift_;
    const std::size_t bank = piece % (kBanks / words_);
    for (std::uint8_t i = last_[bank]; i != 0; i = before_[i]) {
      if (pieces_[i] == piece) return;
    }
    ++count_;
    pieces_[count_] = piece;
    before_[count_] = last_[bank];
    last_[bank] = count_;
    busiest_ = std::max(busiest_, ++in_bank_[bank]);
  }

  SharedPasses passes() const { return {busiest_, passes_of(count_ * words_)}; }

 private:
  int shift_;
  std::uint32_t words_;
  std::uint8_t count_ = 0;
  std::uint32_t busiest_ = 1;
  // Numbered from 1 on, 0 is none: of each bank the last, of each piece the one before it there.
  std::array<std::uint64_t, trace::kWarpLanes + 1> pieces_;
  std::array<std::uint8_t, trace::kWarpLanes + 1> before_;
  std::array<std::uint8_t, kBanks> last_{};
  std::array<std::uint32_t, kBanks> in_bank_{};
};

// The same for lanes that begin anywhere, word by word.
SharedPasses passes_of_any(const trace::Cta& cta, const trace::Instruction& instruction) {
  constexpr std::size_t kMostWords = trace::kWarpLanes * (kWidestAccess / kWordBytes + 1);
  std::array<std::uint64_t, kMostWords> words;
  std::size_t count = 0;
  for (std::uint32_t i = 0; i < instruction.address_count(); ++i) {
    const std::uint64_t first = cta.address(instruction, i);
    const std::uint64_t last = first + instruction.access_bytes - 1;
    for (std::uint64_t word = first / kWordBytes; word <= last / kWordBytes; ++word) {
      words[count++] = word;
    }
  }
  std::sort(words.begin(), words.begin() + static_cast<std::ptrdiff_t>(count));
  const auto end = std::unique(words.begin(), words.begin() + static_cast<std::ptrdiff_t>(count));
  std::array<std::uint32_t, kBanks> in_bank{};
  for (auto word = words.begin(); word != end; ++word) ++in_bank[*word % kBanks];
  return {*std::max_element(in_bank.begin(), in_bank.end()),
          passes_of(static_cast<std::uint32_t>(end - words.begin()))};
}

}  // namespace

SharedPasses shared_passes(const trace::Cta& cta, const trace::Instruction& instruction) {
  const std::uint32_t lanes = instruction.address_count(), width = instruction.access_bytes;
  STROBE_ASSERT(0 < lanes && lanes <= trace::kWarpLanes && 0 < width && width <= kWidestAccess);
  // Neighbours side by side, the common case: every bank has its even share.
  if (!instruction.listed && instruction.stride == std::int64_t{width} &&
      instruction.base % kWordBytes == 0) {
    const std::uint32_t passes = passes_of((lanes * width + kWordBytes - 1) / kWordBytes);
    return {passes, passes};
  }
  if (!std::has_single_bit(width)) return passes_of_any(cta, instruction);
  Pieces pieces(std::max(width, kWordBytes));
  std::uint64_t all = 0;
  for (std::uint32_t i = 0; i < lanes; ++i) {
    const std::uint64_t address = cta.address(instruction, i);
    all |= address;
    pieces.add(address);
  }
  return all % width == 0 ? pieces.passes() : passes_of_any(cta, instruction);
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
