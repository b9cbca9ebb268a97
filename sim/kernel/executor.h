#pragma once

// Independent pieces of work on several threads. The threads themselves are in executor.cpp, so
// that a file which runs work side by side does not read a threading library's headers.

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

  template <class Work>
  void for_each_index(std::size_t count, const Work& work) {
    const Pieces pieces{&work, [](const void* context, std::size_t begin, std::size_t end) {
                          const Work& each = *static_cast<const Work*>(context);
                          for (std::size_t i = begin; i != end; ++i) each(i);
                        }};
    if (threads_ == nullptr || count <= 1) return pieces.run(pieces.context, 0, count);
    side_by_side(count, pieces);
  }

 private:
  class Threads;
  struct Pieces {
    const void* context;
    void (*run)(const void* context, std::size_t begin, std::size_t end);
  };

  void side_by_side(std::size_t count, const Pieces& pieces);

  std::unique_ptr<Threads> threads_;  // none when one thread is enough
};

}  // namespace strobe
