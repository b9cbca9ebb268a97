#include "sim/app/sweep_progress.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cstdio>

namespace strobe::app {

namespace {

constexpr std::size_t kWidth = 30;

}  // namespace

std::string duration_text(double seconds) {
  constexpr double kMinute = 60, kHour = 3600, kDay = 86400;
  if (seconds < 1) return "< 1 s";
  if (seconds < 2 * kMinute) return fmt::format("{:.0f} s", seconds);
  if (seconds < 2 * kHour) return fmt::format("{:.0f} min", seconds / kMinute);
  if (seconds < 2 * kDay) return fmt::format("{:.1f} h", seconds / kHour);
  return fmt::format("{:.1f} days", seconds / kDay);
}

SweepProgress::SweepProgress(bool wanted)
    : wanted_(wanted), on_terminal_(isatty(STDERR_FILENO) != 0) {}

SweepProgress::~SweepProgress() {
  if (drawn_) fmt::print(stderr, "\r\x1b[K");
}

void SweepProgress::begin(std::size_t runs, std::size_t found, double seconds) {
  runs_ = runs;
  done_ = found;
  seconds_ = seconds;
  started_ = std::chrono::steady_clock::now();
  if (!wanted_) return;
  if (on_terminal_) return draw("");
  fmt::print(stderr, "{} runs, {} of them done already\n", runs, found);
}

void SweepProgress::finished(const sweep::PlannedRun& run, const report::GridRow& row) {
  ++done_;
  seconds_done_ += run.seconds;
  const bool failed = row.status == report::RunStatus::failed;
  if (failed) ++failed_;
  if (!wanted_) return;
  if (on_terminal_) return draw(run.label);
  fmt::print(stderr, "{}/{} {}{}{}\n", done_, runs_, run.label, failed ? ": failed: " : "",
             row.error);
  std::fflush(stderr);
}

// What was estimated, corrected by how long it took so far.
std::string SweepProgress::time_left() const {
  if (seconds_done_ == 0) return "";
  const std::chrono::duration<double> so_far = std::chrono::steady_clock::now() - started_;
  const double left = so_far.count() * (seconds_ - seconds_done_) / seconds_done_;
  return fmt::format(", {} left", duration_text(left));
}

void SweepProgress::draw(const std::string& label) {
  const std::size_t filled = runs_ == 0 ? kWidth : kWidth * done_ / runs_;
  fmt::print(stderr, "\r\x1b[K[{:=<{}}{: <{}}] {} of {} runs{}{} {}", "", filled, "",
             kWidth - filled, done_, runs_, failed_ > 0 ? fmt::format(", {} failed", failed_) : "",
             time_left(), label);
  std::fflush(stderr);
  drawn_ = true;
}

}  // namespace strobe::app
