#include "app/stop_signals.h"

#include <atomic>

namespace ranvier::app {
namespace {

std::atomic<bool> asked{false};
extern "C" void ask_to_stop(int) { asked = true; }

}  // namespace

bool asked_to_stop() { return asked; }

StopSignals::StopSignals() {
  asked = false;
  struct sigaction action {};
  action.sa_handler = ask_to_stop;
  sigaction(SIGINT, &action, &interrupt_);
  sigaction(SIGTERM, &action, &terminate_);
}

StopSignals::~StopSignals() {
  sigaction(SIGINT, &interrupt_, nullptr);
  sigaction(SIGTERM, &terminate_, nullptr);
}

}  // namespace ranvier::app
