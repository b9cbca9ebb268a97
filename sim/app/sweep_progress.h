#pragma once

// How a sweep tells how far it is: on a terminal a line that is drawn again with the time that is
// left, in a pipe or a log a line for each run that is done.

#include <chrono>
#include <cstddef>
#include <string>

#include "sim/sweep/runner.h"

namespace strobe::app {

class SweepProgress : public sweep::SweepWatcher {
 public:
  explicit SweepProgress(bool wanted);
  ~SweepProgress() override;

  void begin(std::size_t runs, std::size_t found, double seconds) override;
  void finished(const sweep::PlannedRun& run, const report::GridRow& row) override;

 private:
  std::string time_left() const;
  void draw(const std::string& label);

  bool wanted_, on_terminal_;
  bool drawn_ = false;
  std::size_t runs_ = 0, done_ = 0, failed_ = 0;
  double seconds_ = 0, seconds_done_ = 0;  // estimated, of what was not there at the beginning
  std::chrono::steady_clock::time_point started_;
};

// "3 min", "2.5 h": to the precision that an estimate has.
std::string duration_text(double seconds);

}  // namespace strobe::app
