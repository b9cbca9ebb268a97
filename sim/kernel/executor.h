#pragma once

// Independent pieces of work on several threads. The threads themselves are in executor.cpp, so
// that a file which runs work side by side does not read a threading library's headers.

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <memory>

namespace strobe {

// Runs independent pieces of work on up to `threads` threads and returns when all are done. Which
// thread does which piece is not determined; nothing may depend on it. An exception of a piece is
// thrown again here.
class Executor {
 public:
  explicit Executor(int threads);
  ~Executor();

  // Whether whoever asks does all of the work.
  bool is_alone() const { return threads_ == nullptr; }

  template <class Work>
  void for_each_index(std::size_t count, const Work& work) {
    const Pieces pieces{&work, [](const void* context, std::size_t begin, std::size_t end) {
                          const Work& each = *static_cast<const Work*>(context);
                          for (std::size_t i = begin; i != end; ++i) each(i);
                        }};
    if (threads_ == nullptr || count <= 1) return pieces.run(pieces.context, 0, count);
    side_by_side(count, pieces);
  }

  // The same for work that takes long and by no means as long for each: handed out one by one, in
  // their order, so that what takes longest comes first where it is put first.
  template <class Work>
  void for_each_in_order(std::size_t count, const Work& work) {
    std::atomic<std::size_t> next{0};
    for_each_index(std::min(count, count_), [&](std::size_t) {
      for (std::size_t i = next++; i < count; i = next++) work(i);
    });
  }

 private:
  class Threads;
  struct Pieces {
    const void* context;
    void (*run)(const void* context, std::size_t begin, std::size_t end);
  };

  void side_by_side(std::size_t count, const Pieces& pieces);

  std::size_t count_ = 1;
  std::unique_ptr<Threads> threads_;  // none when one thread is enough
};

}  // namespace strobe
