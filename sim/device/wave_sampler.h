#pragma once

// Decides when a homogeneous grid has been simulated for long enough: when it takes the same time,
// wave after wave, whole waves of the rest are left out and given the time that the last ones took.
// A wave is as many CTAs as the machine holds at once. What is left over of the last wave is always
// simulated, after the CTAs that are resident then, so that the tail, where SMs run dry, is real.
//
// When a wave was is the mean of when its CTAs were done. They end in bunches that grow wider from
// wave to wave, so that the last one of a wave is early or late by chance, but all together are
// not.

#include <algorithm>
#include <array>
#include <cstdint>

#include "sim/base/units.h"
#include "sim/device/left_out.h"

namespace strobe::device {

class WaveSampler {
 public:
  // Waves are alike when their times differ by less than this. Refreshes and the order in which
  // CTAs come and go make a few parts in a thousand.
  static constexpr double kAlike = 0.01;
  static constexpr std::uint64_t kCompared = 3;
  // After so many waves the mean is taken, however much they differ; `spread` tells.
  static constexpr std::uint64_t kMostWaves = 12;

  // Fewer rounds of their main loops than this are not compared: which banks and rows they meet in
  // the DRAM is chance.
  static constexpr std::uint64_t kLeastRounds = 64;

  WaveSampler(std::uint64_t wave_ctas, std::uint64_t rounds, Instant start)
      : wave_(waves_of_least(wave_ctas * rounds) * wave_ctas), start_(start) {}

  // The `done`-th CTA is done and `waiting` are not yet handed out. Returns how many of those to
  // leave out: 0 until the waves are alike, and after that.
  std::uint64_t cta_done(std::uint64_t done, std::uint64_t waiting, Instant now) {
    if (left_out_.ctas > 0) return 0;
    since_start_ += now - start_;
    if (done % wave_ != 0) return 0;
    const std::uint64_t waves = done / wave_;
    for (std::size_t i = 0; i < kCompared; ++i) means_[i] = means_[i + 1];
    means_[kCompared] = Picoseconds(since_start_.count() / static_cast<std::int64_t>(wave_));
    since_start_ = Picoseconds(0);
    // The first wave starts on an idle machine.
    if (waves < kCompared + 1 || waiting < wave_) return 0;

    Picoseconds shortest = means_[1] - means_[0], longest = shortest;
    for (std::size_t i = 1; i < kCompared; ++i) {
      shortest = std::min(shortest, means_[i + 1] - means_[i]);
      longest = std::max(longest, means_[i + 1] - means_[i]);
    }
    const auto range = static_cast<double>((longest - shortest).count());
    const double spread = range / static_cast<double>(std::max<std::int64_t>(shortest.count(), 1));
    if (spread > kAlike && waves < kMostWaves) return 0;

    const auto left_out = static_cast<std::int64_t>(waiting / wave_);
    const std::int64_t compared = (means_[kCompared] - means_[0]).count();
    left_out_.ctas = static_cast<std::uint64_t>(left_out) * wave_;
    left_out_.time = Picoseconds(compared * left_out / static_cast<std::int64_t>(kCompared));
    left_out_.spread = spread;
    return left_out_.ctas;
  }

  const LeftOut& left_out() const { return left_out_; }

 private:
  static std::uint64_t waves_of_least(std::uint64_t rounds_of_wave) {
    return (kLeastRounds + rounds_of_wave - 1) / rounds_of_wave;
  }

  std::uint64_t wave_;  // or several, of a small machine
  Instant start_;
  Picoseconds since_start_;  // of the wave's CTAs until they were done, summed up
  std::array<Picoseconds, kCompared + 1> means_;  // of the last waves
  LeftOut left_out_;
};

}  // namespace strobe::device
