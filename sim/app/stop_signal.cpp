#include "sim/app/stop_signal.h"

#include <unistd.h>

#include <csignal>
#include <string_view>

namespace strobe::app {
namespace {

constexpr int kSignals[] = {SIGINT, SIGTERM};
constexpr int kOfSignals = 128;  // where exit statuses of signals begin

std::atomic<bool> stop_asked{false};
std::atomic<int> number{0};
static_assert(std::atomic<int>::is_always_lock_free, "signal handlers touch it");

void on_signal(int signal) {
  if (stop_asked) ::_exit(kOfSignals + signal);
  number = signal;
  stop_asked = true;
  constexpr std::string_view kText =
      "\nstopping when the runs under way are done; once more stops at once\n";
  // Nothing can be done about a message that cannot be written.
  [[maybe_unused]] const ssize_t written = ::write(STDERR_FILENO, kText.data(), kText.size());
}

void handle(void (*handler)(int)) {
  struct sigaction action {};
  action.sa_handler = handler;
  action.sa_flags = SA_RESTART;
  for (const int signal : kSignals) ::sigaction(signal, &action, nullptr);
}

}  // namespace

StopSignal::StopSignal() {
  handle(on_signal);
}

StopSignal::~StopSignal() {
  handle(SIG_DFL);
}

const std::atomic<bool>& StopSignal::asked() const {
  return stop_asked;
}

int StopSignal::exit_status() const {
  return kOfSignals + number;
}

}  // namespace strobe::app
