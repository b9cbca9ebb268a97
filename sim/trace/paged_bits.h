#pragma once

// A set of numbers kept as one bit each, in pages that exist only where something was set: CTAs
// already seen, 32-byte sectors already touched. Memory follows what is touched (1/256 of a
// footprint of sectors), never the size that a damaged header claims.

#include <array>
#include <bit>
#include <cstdint>
#include <unordered_map>

namespace strobe::trace {

template <std::size_t kBitsPerPage>
class PagedBits {
  static_assert(std::has_single_bit(kBitsPerPage) && kBitsPerPage >= 64);

 public:
  // True when `number` was not in the set before.
  bool insert(std::uint64_t number) {
    const std::uint64_t page = number / kBitsPerPage;
    if (last_ == nullptr || page != last_page_) {
      last_ = &pages_[page];
      last_page_ = page;
    }
    const std::uint64_t bit = number % kBitsPerPage;
    std::uint64_t& word = (*last_)[bit / 64];
    const std::uint64_t mask = std::uint64_t{1} << (bit % 64);
    const bool is_new = (word & mask) == 0;
    word |= mask;
    count_ += is_new ? 1 : 0;
    return is_new;
  }

  std::uint64_t count() const { return count_; }

 private:
  using Page = std::array<std::uint64_t, kBitsPerPage / 64>;

  std::unordered_map<std::uint64_t, Page> pages_;
  Page* last_ = nullptr;  // pages never move
  std::uint64_t last_page_ = 0;
  std::uint64_t count_ = 0;
};

}  // namespace strobe::trace
