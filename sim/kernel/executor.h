#pragma once

// The door to TBB: the only place where a thread is made. Debian's TBB is not built for the thread
// sanitizer and drowns true races in false ones, so that build uses plain threads instead.

#include <algorithm>
#include <cstddef>

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

// Runs independent pieces of work on up to `threads` threads and returns when all are done. Which
// thread does which piece is not determined; nothing may depend on it. An exception of a piece is
// thrown again here.
class Executor {
 public:
#ifdef STROBE_PLAIN_THREADS
  explicit Executor(int threads) : threads_(threads) {}

  template <class Work>
  void for_each_index(std::size_t count, const Work& work) {
    if (threads_ <= 1 || count <= 1) return in_order(count, work);
    std::atomic<std::size_t> next{0};
    std::mutex failing;
    std::exception_ptr failure;
    const auto worker = [&] {
      try {
        for (std::size_t i = next++; i < count; i = next++) work(i);
      } catch (...) {
        const std::lock_guard lock(failing);
        failure = std::current_exception();
      }
    };
    std::vector<std::thread> helpers;
    const std::size_t useful = std::min(static_cast<std::size_t>(threads_), count);
    for (std::size_t i = 1; i < useful; ++i) helpers.emplace_back(worker);
    worker();
    for (std::thread& helper : helpers) helper.join();
    if (failure) std::rethrow_exception(failure);
  }
#else
  // TBB starts no more threads than there are cores, and complains when asked to.
  explicit Executor(int threads)
      : threads_(std::min(threads, tbb::info::default_concurrency())), arena_(threads_) {}

  template <class Work>
  void for_each_index(std::size_t count, const Work& work) {
    if (threads_ <= 1 || count <= 1) return in_order(count, work);
    arena_.execute([&] {
      tbb::parallel_for(tbb::blocked_range<std::size_t>(0, count),
                        [&](const tbb::blocked_range<std::size_t>& range) {
                          for (std::size_t i = range.begin(); i != range.end(); ++i) work(i);
                        });
    });
  }
#endif

 private:
  template <class Work>
  static void in_order(std::size_t count, const Work& work) {
    for (std::size_t i = 0; i < count; ++i) work(i);
  }

  int threads_;
#ifndef STROBE_PLAIN_THREADS
  tbb::task_arena arena_;
#endif
};

}  // namespace strobe
