// Ctrl-C and SIGTERM. Before a run begins there is nothing to keep, and they end the program at
// once (EndSignals); then they end the run in order (StopSignals): asked_to_stop() says so, and the
// run stops where its results are whole. Tested by tests/unit/app/test_interrupt.py.
#pragma once
#include <csignal>
#include <optional>

namespace ranvier::app {

/// Whether a signal came since the StopSignals that lives was made.
bool asked_to_stop();

/// What the two signals did before, done again when it goes; one inside the other.
class SignalActions {
 public:
  explicit SignalActions(void (*action)(int));
  ~SignalActions();
  SignalActions(const SignalActions&) = delete;
  SignalActions& operator=(const SignalActions&) = delete;

 private:
  struct sigaction interrupt_ {
  }, terminate_{};
};

/// Takes the two signals over while it lives: they end the program with exit code 130 and, before
/// the first StopSignals, one line.
class EndSignals {
 public:
  enum class Line { told, left_out };  ///< of several ranks, one tells it
  explicit EndSignals(Line line);

 private:
  std::optional<SignalActions> actions_;
};

/// Takes the two signals over while it lives.
class StopSignals {
 public:
  StopSignals();

 private:
  std::optional<SignalActions> actions_;
};

}  // namespace ranvier::app
