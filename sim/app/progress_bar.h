#pragma once

// One line on a terminal that says how far a run is; silent where standard error is none.

#include <chrono>

#include "sim/device/progress.h"
#include "sim/run/load_sweep.h"
#include "sim/run/predict.h"
#include "sim/validate/validate.h"

namespace strobe::app {

class ProgressBar : public device::Progress,
                    public run::SweepProgress,
                    public run::PredictProgress,
                    public validate::Progress {
 public:
  explicit ProgressBar(bool wanted);
  ~ProgressBar() override;

  void step(std::size_t index, std::size_t steps, std::string_view what) override;
  void ctas(std::uint64_t done, std::uint64_t total) override;
  void layers_done(std::size_t done, std::size_t all) override;
  void row_done(const report::Prediction& row) override;
  void points_done(std::size_t done, std::size_t all) override;
  void figures_done(std::size_t done, std::size_t all) override;

 private:
  void erase();
  bool is_due();
  void draw(std::string_view what, double share, std::string_view amount);

  bool wanted_;
  bool shown_;  // as a bar
  bool drawn_ = false;
  std::size_t index_ = 0, steps_ = 0;
  std::chrono::steady_clock::time_point started_, next_draw_;
};

}  // namespace strobe::app
