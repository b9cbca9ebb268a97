#include "sim/app/progress_bar.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cstdio>

#include "sim/report/text.h"

namespace strobe::app {

namespace {

constexpr std::chrono::milliseconds kBetweenDraws{100};
constexpr std::size_t kWidth = 30;

}  // namespace

ProgressBar::ProgressBar(bool wanted)
    : wanted_(wanted),
      shown_(wanted && isatty(STDERR_FILENO) != 0),
      started_(std::chrono::steady_clock::now()),
      next_draw_(started_ + kBetweenDraws) {}

ProgressBar::~ProgressBar() {
  erase();
}

void ProgressBar::erase() {
  if (drawn_) fmt::print(stderr, "\r\x1b[K");
  drawn_ = false;
}

void ProgressBar::step(std::size_t index, std::size_t steps, std::string_view) {
  index_ = index;
  steps_ = steps;
}

void ProgressBar::ctas(std::uint64_t done, std::uint64_t total) {
  if (!is_due()) return;
  draw(fmt::format("step {}/{}", index_ + 1, steps_),
       static_cast<double>(done) / static_cast<double>(total),
       fmt::format("{} of {} CTAs", done, total));
}

void ProgressBar::points_done(std::size_t done, std::size_t all) {
  if (!is_due()) return;
  draw("loads", static_cast<double>(done) / static_cast<double>(all),
       fmt::format("{} of {}", done, all));
}

void ProgressBar::figures_done(std::size_t done, std::size_t all) {
  if (!is_due()) return;
  draw("figures", static_cast<double>(done) / static_cast<double>(all),
       fmt::format("{} of {}", done, all));
}

void ProgressBar::layers_done(std::size_t done, std::size_t all) {
  if (!is_due()) return;
  draw("layers", static_cast<double>(done) / static_cast<double>(all),
       fmt::format("{} of {}", done, all));
}

// On standard error whether or not it is a terminal: a run that is lost has told what it knew.
void ProgressBar::row_done(const report::Prediction& row) {
  if (!wanted_) return;
  erase();
  const std::string measured =
      row.measured ? fmt::format(", measured {}", report::time_text(*row.measured)) : "";
  fmt::print(stderr, "{}: {}{}\n", row.layer, report::time_text(row.simulated), measured);
}

bool ProgressBar::is_due() {
  if (!shown_) return false;
  const auto now = std::chrono::steady_clock::now();
  if (now < next_draw_) return false;
  next_draw_ = now + kBetweenDraws;
  return true;
}

void ProgressBar::draw(std::string_view what, double share, std::string_view amount) {
  const auto filled = static_cast<std::size_t>(share * static_cast<double>(kWidth));
  const std::chrono::duration<double> so_far = std::chrono::steady_clock::now() - started_;
  fmt::print(stderr, "\r\x1b[K{} [{:=<{}}{: <{}}] {}, {:.0f} s", what, "", filled, "",
             kWidth - filled, amount, so_far.count());
  std::fflush(stderr);
  drawn_ = true;
}

}  // namespace strobe::app
