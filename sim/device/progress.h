#pragma once

// How a run tells whoever watches how far it is. Called a few times a CTA at most, never from two
// threads at once.

#include <cstdint>
#include <string_view>

namespace strobe::device {

class Progress {
 public:
  virtual ~Progress() = default;
  virtual void step(std::size_t index, std::size_t steps, std::string_view what) = 0;
  virtual void ctas(std::uint64_t done, std::uint64_t total) = 0;
};

// For whoever does not watch.
class NoProgress : public Progress {
 public:
  void step(std::size_t, std::size_t, std::string_view) override {}
  void ctas(std::uint64_t, std::uint64_t) override {}
};

}  // namespace strobe::device
