// A run folder as pages show it: its populations in the order of the document, with what the
// document in run.json says about them, as far as it is there. Shared by app/report/report.cpp and
// app/report/replay_page.cpp.
#pragma once
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "app/report/event_image.h"
#include "app/report/statistics.h"
#include "core/json.h"
#include "core/run_folder.h"

namespace ranvier::app {

/// A population whose spikes were recorded.
struct RunItem {
  const SpikeTrainData* train = nullptr;
  const Json* given = nullptr;  ///< the population in the document, or null
  std::string model;
  std::int64_t size = 0;
  bool size_known = true;  ///< else it is that of the largest neuron that spiked
  TrainStatistics statistics;
};

/// What a run folder holds; refers to it.
struct RunView {
  Json json, status;
  double duration = 0;  ///< ms
  std::vector<RunItem> items;
};

/// Throws Error(parse) when run.json or status.json is no JSON.
RunView view_of(const RunFolder& folder);

/// The value that a path of fields leads to, or null.
const Json* find(const Json* json, std::initializer_list<std::string_view> path);
/// A value as text: that of a text, "" for none.
std::string text_of(const Json* value);
/// The pixels of a population of events; none where it is another, or does not say.
std::optional<Sensor> sensor_of(const RunItem& item);

}  // namespace ranvier::app
