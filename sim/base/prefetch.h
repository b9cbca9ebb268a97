#pragma once

// Asks the host for memory that is about to be read or written. A machine's state is larger than
// the host's caches; where it is known beforehand what some events will touch, it can come for all
// of them at once.

namespace strobe {

inline void prefetch(const void* address) {
  __builtin_prefetch(address);
}

}  // namespace strobe
