#include "sim/layers/kernel.h"

namespace strobe::layers {

void place_arrays(std::vector<Array>& arrays) {
  constexpr std::uint64_t kFirst = 0x7F4000000000, kBlock = 2 << 20;
  std::uint64_t next = kFirst;
  for (Array& array : arrays) {
    array.address = next;
    next += (array.bytes + kBlock - 1) / kBlock * kBlock;
  }
}

}  // namespace strobe::layers
