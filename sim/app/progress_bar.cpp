#include "sim/app/progress_bar.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cstdio>

namespace strobe::app {

namespace {

constexpr std::chrono::milliseconds kBetweenDraws{100};
constexpr std::size_t kWidth = 30;

}  // namespace

ProgressBar::ProgressBar(bool wanted)
    : shown_(wanted && isatty(STDERR_FILENO) != 0),
      started_(std::chrono::steady_clock::now()),
      next_draw_(started_ + kBetweenDraws) {}

ProgressBar::~ProgressBar() {
  if (drawn_) fmt::print(stderr, "\r\x1b[K");
}

void ProgressBar::step(std::size_t index, std::size_t steps, std::string_view) {
  index_ = index;
  steps_ = steps;
}

void ProgressBar::ctas(std::uint64_t done, std::uint64_t total) {
  if (!shown_) return;
  const auto now = std::chrono::steady_clock::now();
  if (now < next_draw_) return;
  next_draw_ = now + kBetweenDraws;
  draw(done, total);
}

void ProgressBar::draw(std::uint64_t done, std::uint64_t total) {
  const double share = static_cast<double>(done) / static_cast<double>(total);
  const auto filled = static_cast<std::size_t>(share * static_cast<double>(kWidth));
  const std::chrono::duration<double> so_far = std::chrono::steady_clock::now() - started_;
  fmt::print(stderr, "\r\x1b[Kstep {}/{} [{:=<{}}{: <{}}] {} of {} CTAs, {:.0f} s", index_ + 1,
             steps_, "", filled, "", kWidth - filled, done, total, so_far.count());
  std::fflush(stderr);
  drawn_ = true;
}

}  // namespace strobe::app
