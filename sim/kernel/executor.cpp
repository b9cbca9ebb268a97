#include "sim/kernel/executor.h"

// The door to TBB: the only place where a thread is made. Debian's TBB is not built for the thread
// sanitizer and drowns true races in false ones, so that build uses plain threads instead.

#include <algorithm>

#ifdef STROBE_PLAIN_THREADS
#include <atomic>
#include <exception>
#include <mutex>
#include <thread>
#include <vector>
#else
#include <tbb/blocked_range.h>
#include <tbb/info.h>
#include <tbb/parallel_for.h>
#include <tbb/task_arena.h>
#endif

namespace strobe {

#ifdef STROBE_PLAIN_THREADS

class Executor::Threads {
 public:
  explicit Threads(int threads) : threads_(threads) {}
  static int useful(int threads) { return threads; }

  void run(std::size_t count, const Pieces& pieces) const {
    std::atomic<std::size_t> next{0};
    std::mutex failing;
    std::exception_ptr failure;
    const auto worker = [&] {
      try {
        for (std::size_t i = next++; i < count; i = next++) pieces.run(pieces.context, i, i + 1);
      } catch (...) {
        const std::lock_guard lock(failing);
        failure = std::current_exception();
      }
    };
    std::vector<std::thread> helpers;
    const std::size_t enough = std::min(static_cast<std::size_t>(threads_), count);
    for (std::size_t i = 1; i < enough; ++i) helpers.emplace_back(worker);
    worker();
    for (std::thread& helper : helpers) helper.join();
    if (failure) std::rethrow_exception(failure);
  }

 private:
  int threads_;
};

#else

class Executor::Threads {
 public:
  explicit Threads(int threads) : arena_(threads) {}
  // TBB starts no more threads than there are cores, and complains when asked to.
  static int useful(int threads) { return std::min(threads, tbb::info::default_concurrency()); }

  void run(std::size_t count, const Pieces& pieces) {
    arena_.execute([&] {
      tbb::parallel_for(tbb::blocked_range<std::size_t>(0, count),
                        [&](const tbb::blocked_range<std::size_t>& range) {
                          pieces.run(pieces.context, range.begin(), range.end());
                        });
    });
  }

 private:
  tbb::task_arena arena_;
};

#endif

Executor::Executor(int threads) {
  const int useful = Threads::useful(threads);
  if (useful <= 1) return;
  count_ = static_cast<std::size_t>(useful);
  threads_ = std::make_unique<Threads>(useful);
}

Executor::~Executor() = default;

void Executor::side_by_side(std::size_t count, const Pieces& pieces) {
  threads_->run(count, pieces);
}

}  // namespace strobe
