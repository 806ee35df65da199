// What a replay's page and picture show of a run folder: its event-camera input and the populations
// that answered.
#pragma once
#include <string>
#include <vector>

#include "app/report/run_view.h"

namespace ranvier::app {

/// A replay; refers to the RunView.
struct ReplayView {
  const RunItem* input = nullptr;
  Sensor sensor;
  std::vector<const RunItem*> outputs;  ///< at most 16
  std::size_t left_out = 0;             ///< populations beyond those
  double duration = 0;                  ///< ms, > 0
};

/// Throws Error(range) that names the folder where no population of model spike_source_events with
/// options width and height was recorded.
ReplayView replay_view(const RunView& run, const std::string& folder);

}  // namespace ranvier::app
