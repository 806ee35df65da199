#include "app/stop_signals.h"

#include <unistd.h>

#include <atomic>

namespace ranvier::app {
namespace {

std::atomic<bool> asked{false}, tells{false};
extern "C" void ask_to_stop(int) { asked = true; }

// Only what a signal handler may call.
extern "C" void end_at_once(int) {
  constexpr char line[] = "ranvier: interrupted before the run began: there are no results\n";
  if (tells) static_cast<void>(!write(STDERR_FILENO, line, sizeof line - 1));
  _exit(130);
}

}  // namespace

bool asked_to_stop() { return asked; }

SignalActions::SignalActions(void (*action)(int)) {
  struct sigaction taken {};
  taken.sa_handler = action;
  sigaction(SIGINT, &taken, &interrupt_);
  sigaction(SIGTERM, &taken, &terminate_);
}

SignalActions::~SignalActions() {
  sigaction(SIGINT, &interrupt_, nullptr);
  sigaction(SIGTERM, &terminate_, nullptr);
}

EndSignals::EndSignals(Line line) {
  tells = line == Line::told;
  actions_.emplace(end_at_once);
}

StopSignals::StopSignals() {
  tells = asked = false;
  actions_.emplace(ask_to_stop);
}

}  // namespace ranvier::app
