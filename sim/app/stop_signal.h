#pragma once

// Ctrl-C and SIGTERM, for commands that can stop in good order: the first asks for it, the second
// ends the program at once. Nothing on disk suffers from that either.

#include <atomic>

namespace strobe::app {

class StopSignal {
 public:
  // Until the end of the object, of which there is one at a time.
  StopSignal();
  StopSignal(const StopSignal&) = delete;
  StopSignal& operator=(const StopSignal&) = delete;
  ~StopSignal();

  const std::atomic<bool>& asked() const;
  // As a shell has it: 128 and the number of the signal.
  int exit_status() const;
};

}  // namespace strobe::app
