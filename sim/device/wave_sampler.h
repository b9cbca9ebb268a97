#pragma once

// Decides when a homogeneous grid has been simulated for long enough: when the time of a wave is
// known well enough, whole waves of the rest are left out and given that time. A wave is as many
// CTAs as the machine holds at once. What is left over of the last wave is always simulated, after
// the CTAs that are resident then, so that the tail, where SMs run dry, is real.
//
// When a wave was is the mean of when its CTAs were done. They end in bunches that grow wider from
// wave to wave, so that the last one of a wave is early or late by chance, but all together are
// not. Nor are the times between such means independent: a wave that is late makes the next one
// seem short. What is unsure of the mean of n of them is therefore not their deviation over the
// root of n, but over n.

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>

#include "sim/base/units.h"
#include "sim/device/left_out.h"

namespace strobe::device {

class WaveSampler {
 public:
  // The standard error of the whole grid's time that is accepted. Refreshes and the order in which
  // CTAs come and go make a few parts in a thousand.
  static constexpr double kSure = 0.003;
  // The second half of the waves so far is looked at, but no fewer than a quarter of those that the
  // grid has, between these: how CTAs that started together drift apart makes waves faster or
  // slower by a few per cent, several in a row, which shows the less the fewer are left out.
  static constexpr std::uint64_t kLeastCompared = 3, kEnoughCompared = 8;
  // After so many waves the mean is taken, however unsure it is; `spread` tells.
  static constexpr std::uint64_t kMostWaves = 24;

  // Fewer rounds of their main loops than this are not compared: which banks and rows they meet in
  // the DRAM is chance.
  static constexpr std::uint64_t kLeastRounds = 64;

  struct Grid {
    std::uint64_t ctas, ctas_of_wave, rounds;
  };

  WaveSampler(const Grid& grid, Instant start)
      : ctas_(grid.ctas),
        wave_(waves_of_least(grid.ctas_of_wave * grid.rounds) * grid.ctas_of_wave),
        compared_(std::clamp(grid.ctas / wave_ / 4, kLeastCompared, kEnoughCompared)),
        start_(start) {}

  // The `done`-th CTA is done and `waiting` that are alike are not yet handed out. Returns how many
  // of those to leave out: 0 until the waves are known, and after that.
  std::uint64_t cta_done(std::uint64_t done, std::uint64_t waiting, Instant now) {
    if (left_out_.ctas > 0 || waves_ == kMostWaves) return 0;
    since_start_ += now - start_;
    if (done % wave_ != 0) return 0;
    means_[waves_++] = Picoseconds(since_start_.count() / static_cast<std::int64_t>(wave_));
    since_start_ = Picoseconds(0);
    // The first wave starts on an idle machine.
    const std::uint64_t compared = std::max(compared_, waves_ / 2);
    if (waves_ < compared + 1 || waiting < wave_) return 0;

    const std::uint64_t left_out = waiting / wave_ * wave_;
    const Times times = times_of_last(compared);
    const double unsure = times.deviation / (times.mean * static_cast<double>(compared));
    const double share = static_cast<double>(left_out) / static_cast<double>(ctas_);
    if (unsure * share > kSure && waves_ < kMostWaves) return 0;
    left_out_.ctas = left_out;
    left_out_.time = Picoseconds(static_cast<std::int64_t>(
        times.mean * static_cast<double>(left_out) / static_cast<double>(wave_)));
    left_out_.spread = times.range / times.mean;
    return left_out_.ctas;
  }

  const LeftOut& left_out() const { return left_out_; }

 private:
  struct Times {
    double mean, deviation, range;  // in picoseconds
  };

  Times times_of_last(std::uint64_t count) const {
    const std::uint64_t first = waves_ - count;
    const auto time = [&](std::uint64_t i) {
      return static_cast<double>((means_[i] - means_[i - 1]).count());
    };
    const double mean = static_cast<double>((means_[waves_ - 1] - means_[first - 1]).count()) /
                        static_cast<double>(count);
    double squares = 0, shortest = mean, longest = mean;
    for (std::uint64_t i = first; i < waves_; ++i) {
      squares += (time(i) - mean) * (time(i) - mean);
      shortest = std::min(shortest, time(i));
      longest = std::max(longest, time(i));
    }
    return {mean, std::sqrt(squares / static_cast<double>(count - 1)), longest - shortest};
  }

  static std::uint64_t waves_of_least(std::uint64_t rounds_of_wave) {
    return (kLeastRounds + rounds_of_wave - 1) / rounds_of_wave;
  }

  std::uint64_t ctas_;
  std::uint64_t wave_;      // or several, of a small machine
  std::uint64_t compared_;  // at least
  Instant start_;
  Picoseconds since_start_;  // of the wave's CTAs until they were done, summed up
  std::uint64_t waves_ = 0;
  std::array<Picoseconds, kMostWaves> means_;
  LeftOut left_out_;
};

}  // namespace strobe::device
