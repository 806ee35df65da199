// Ctrl-C and SIGTERM end a run in order while a StopSignals lives: asked_to_stop() says so, and the
// run stops where its results are whole.
#pragma once
#include <csignal>

namespace ranvier::app {

/// Whether a signal came since the StopSignals that lives was made.
bool asked_to_stop();

/// Takes the two signals over while it lives; one at a time.
class StopSignals {
 public:
  StopSignals();
  ~StopSignals();
  StopSignals(const StopSignals&) = delete;
  StopSignals& operator=(const StopSignals&) = delete;

 private:
  struct sigaction interrupt_ {
  }, terminate_{};
};

}  // namespace ranvier::app
