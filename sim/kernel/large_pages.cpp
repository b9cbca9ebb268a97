#include "sim/kernel/large_pages.h"

#include <malloc.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstdint>
#include <cstdlib>

namespace strobe {

namespace {

// More than nearly all runs need. Only what is touched takes memory.
constexpr int kHeap = 256 << 20;
constexpr int kLargest = 32 << 20;  // allocation that the heap may be asked for
constexpr std::uintptr_t kPage = 2 << 20;

}  // namespace

// The heap grows to its size at once, because a large page has to be the heap's from end to end
// when it is first touched. Threads share it, as pages of heaps of their own would be small.
void use_large_pages() {
  mallopt(M_ARENA_MAX, 1);
  mallopt(M_MMAP_THRESHOLD, kLargest);
  mallopt(M_TRIM_THRESHOLD, kHeap);
  mallopt(M_TOP_PAD, kHeap);
  void* const last = std::malloc(kPage);
  const auto begin = (reinterpret_cast<std::uintptr_t>(last) + kPage - 1) / kPage * kPage;
  const auto end = reinterpret_cast<std::uintptr_t>(sbrk(0)) / kPage * kPage;
  if (begin < end) madvise(reinterpret_cast<void*>(begin), end - begin, MADV_HUGEPAGE);
  std::free(last);
}

}  // namespace strobe
