#include "app/report/run_view.h"

#include <algorithm>
#include <charconv>
#include <utility>

namespace ranvier::app {
namespace {

double duration_of(const RunView& run, const RunFolder& folder) {
  const Json* ended = run.status.find("ended_at");
  if (!ended || !ended->is_number()) ended = find(&run.json, {"settings", "duration"});
  if (ended && ended->is_number() && ended->as_number() > 0) return ended->as_number();
  double last = 0;
  for (const SpikeTrainData& train : folder.spikes)
    if (!train.times.empty()) last = std::max(last, train.times.back());
  return last;
}

/// Populations in the order of the document, where it names them; the run folder has them by name.
std::vector<const SpikeTrainData*> in_document_order(const RunView& run, const RunFolder& folder) {
  const Json* populations = find(&run.json, {"document", "populations"});
  const auto position = [populations](const std::string& name) {
    if (!populations || !populations->is_object()) return std::size_t{0};
    const Json::Object& fields = populations->as_object();
    return static_cast<std::size_t>(
        std::find_if(fields.begin(), fields.end(),
                     [&name](const auto& field) { return field.first == name; }) -
        fields.begin());
  };
  std::vector<std::pair<std::size_t, const SpikeTrainData*>> placed;
  for (const SpikeTrainData& train : folder.spikes)
    placed.emplace_back(position(train.population), &train);
  std::stable_sort(placed.begin(), placed.end(),
                   [](const auto& a, const auto& b) { return a.first < b.first; });
  std::vector<const SpikeTrainData*> trains;
  for (const auto& [place, train] : placed) trains.push_back(train);
  return trains;
}

std::vector<RunItem> items_of(const RunView& run, const RunFolder& folder) {
  std::vector<RunItem> items;
  for (const SpikeTrainData* in_order : in_document_order(run, folder)) {
    const SpikeTrainData& train = *in_order;
    RunItem item;
    item.train = &train;
    item.given = find(&run.json, {"document", "populations", train.population});
    item.model = text_of(find(item.given, {"model"}));
    const Json* size = find(item.given, {"size"});
    item.size_known = size && size->is_integer() && size->as_number() >= 0;
    if (item.size_known) item.size = size->as_integer();
    else if (!train.neurons.empty())
      item.size = 1 + *std::max_element(train.neurons.begin(), train.neurons.end());
    item.statistics = train_statistics(train, item.size, run.duration);
    items.push_back(std::move(item));
  }
  return items;
}

std::optional<std::int64_t> pixels(const RunItem& item, const char* name) {
  const std::string text = text_of(find(item.given, {"options", name}));
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || value < 1 || value > 65'536)
    return std::nullopt;
  return value;
}

}  // namespace

std::string text_of(const Json* value) {
  if (!value) return "";
  return value->is_string() ? value->as_string() : value->is_null() ? "" : to_compact_text(*value);
}

const Json* find(const Json* json, std::initializer_list<std::string_view> path) {
  for (const std::string_view key : path) json = json ? json->find(key) : nullptr;
  return json;
}

std::optional<Sensor> sensor_of(const RunItem& item) {
  if (item.model != "spike_source_events") return std::nullopt;
  const auto width = pixels(item, "width"), height = pixels(item, "height");
  if (!width || !height) return std::nullopt;
  const std::string polarity = text_of(find(item.given, {"options", "polarity"}));
  using P = Sensor::Polarity;
  return Sensor{*width, *height,
                polarity == "split" ? P::split
                : polarity == "on"  ? P::on
                : polarity == "off" ? P::off
                                    : P::both};
}

RunView view_of(const RunFolder& folder) {
  RunView run;
  run.json = parse_json(folder.run_json, (folder.path / "run.json").string());
  run.status = parse_json(folder.status_json, (folder.path / "status.json").string());
  run.duration = duration_of(run, folder);
  run.items = items_of(run, folder);
  return run;
}

}  // namespace ranvier::app
