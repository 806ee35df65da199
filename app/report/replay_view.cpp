#include "app/report/replay_view.h"

#include <algorithm>

#include "core/error.h"

namespace ranvier::app {

constexpr std::size_t most_outputs = 16;

ReplayView replay_view(const RunView& run, const std::string& folder) {
  ReplayView view;
  view.duration = run.duration > 0 ? run.duration : 1;
  for (const RunItem& item : run.items) {
    const auto sensor = sensor_of(item);
    if (sensor && !view.input) {
      view.input = &item;
      view.sensor = *sensor;
    } else if (!sensor) {
      view.outputs.push_back(&item);
    }
  }
  if (!view.input)
    throw Error(ErrorKind::range,
                folder +
                    ": holds no events of a population of model spike_source_events; record "
                    "its spikes with a probe");
  view.left_out = view.outputs.size() - std::min(view.outputs.size(), most_outputs);
  view.outputs.resize(view.outputs.size() - view.left_out);
  return view;
}

}  // namespace ranvier::app
