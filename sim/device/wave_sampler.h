#pragma once

// Decides when a homogeneous grid has been simulated for long enough: when it takes the same time,
// wave after wave, whole waves of the rest are left out and given the time that the last ones took.
// A wave is as many CTAs as the machine holds at once. What is left over of the last wave is always
// simulated, after the CTAs that are resident then, so that the tail, where SMs run dry, is real.

#include <algorithm>
#include <array>
#include <cstdint>

#include "sim/base/units.h"

namespace strobe::device {

// What was not simulated of a kernel, and what that was taken to last.
struct LeftOut {
  std::uint64_t ctas = 0;
  std::uint64_t rounds = 0;  // of the main loop, in each of the CTAs that were simulated
  std::uint32_t shares = 1;  // of the machine: one was simulated for all (machine_share.h)
  Picoseconds time;
  double spread = 0;  // of the waves whose time was taken: (longest - shortest) / shortest
};

class WaveSampler {
 public:
  // Waves are alike when their times differ by less than this. Refreshes and the order in which
  // CTAs come and go make a few parts in a thousand.
  static constexpr double kAlike = 0.01;
  static constexpr std::uint64_t kCompared = 3;
  // After so many waves the mean is taken, however much they differ; `spread` tells.
  static constexpr std::uint64_t kMostWaves = 12;

  // Fewer CTAs than this are not compared: which banks and rows they meet in the DRAM is chance.
  static constexpr std::uint64_t kLeastCtas = 64;

  WaveSampler(std::uint64_t wave_ctas, Instant start)
      : wave_((kLeastCtas + wave_ctas - 1) / wave_ctas * wave_ctas), ends_{start} {}

  // The `done`-th CTA is done and `waiting` are not yet handed out. Returns how many of those to
  // leave out: 0 until the waves are alike, and after that.
  std::uint64_t cta_done(std::uint64_t done, std::uint64_t waiting, Instant now) {
    if (left_out_.ctas > 0 || done % wave_ != 0) return 0;
    const std::uint64_t waves = done / wave_;
    for (std::size_t i = 0; i < kCompared; ++i) ends_[i] = ends_[i + 1];
    ends_[kCompared] = now;
    // The first wave starts on an idle machine.
    if (waves < kCompared + 1 || waiting < wave_) return 0;

    Picoseconds shortest = ends_[1] - ends_[0], longest = shortest;
    for (std::size_t i = 1; i < kCompared; ++i) {
      shortest = std::min(shortest, ends_[i + 1] - ends_[i]);
      longest = std::max(longest, ends_[i + 1] - ends_[i]);
    }
    const auto range = static_cast<double>((longest - shortest).count());
    const double spread = range / static_cast<double>(std::max<std::int64_t>(shortest.count(), 1));
    if (spread > kAlike && waves < kMostWaves) return 0;

    const auto left_out = static_cast<std::int64_t>(waiting / wave_);
    const std::int64_t compared = (ends_[kCompared] - ends_[0]).count();
    left_out_.ctas = static_cast<std::uint64_t>(left_out) * wave_;
    left_out_.time = Picoseconds(compared * left_out / static_cast<std::int64_t>(kCompared));
    left_out_.spread = spread;
    return left_out_.ctas;
  }

  const LeftOut& left_out() const { return left_out_; }

 private:
  std::uint64_t wave_;                       // or several, of a small machine
  std::array<Instant, kCompared + 1> ends_;  // of the last waves
  LeftOut left_out_;
};

}  // namespace strobe::device
