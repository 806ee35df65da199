#include "app/replay/results.h"

#include <fmt/core.h>

#include <algorithm>
#include <limits>

#include "core/csv.h"
#include "core/differences.h"
#include "core/json_reader.h"

namespace ranvier::app {
namespace {

constexpr std::int64_t most = std::numeric_limits<std::int64_t>::max();

Json json_of(const std::vector<std::optional<double>>& evidence) {
  Json json = Json(Json::Array{});
  for (const std::optional<double>& e : evidence) json.push_back(e ? Json(*e) : Json());
  return json;
}

double share(std::int64_t part, std::size_t whole) {
  return whole > 0 ? static_cast<double>(part) / static_cast<double>(whole) : 0;
}

}  // namespace

std::string to_line(const SampleResult& r) {
  return to_compact_text(Json::object({{"sample", r.sample},
                                       {"decoded", r.decoded ? Json(*r.decoded) : Json()},
                                       {"evidence", json_of(r.evidence)},
                                       {"duration", r.duration},
                                       {"events", r.events},
                                       {"spikes", r.spikes},
                                       {"synaptic_events", r.synaptic_events}}));
}

SampleResult result_of_line(const std::string& line, const std::string& name) {
  const Json json = parse_json(line, name);
  const Fields fields(Place(json, name), {"sample", "decoded", "evidence", "duration", "events",
                                          "spikes", "synaptic_events"});
  SampleResult r;
  r.sample = fields.need("sample").integer(0, most);
  if (!json.find("decoded")->is_null()) r.decoded = fields.need("decoded").integer(0, most);
  const Place evidence = fields.need("evidence");
  for (std::size_t i = 0; i < evidence.array().size(); ++i)
    r.evidence.push_back(
        evidence.array()[i].is_null() ? std::nullopt : std::optional(evidence.inside(i).number()));
  r.duration = fields.need("duration").number();
  r.events = fields.need("events").integer(0, most);
  r.spikes = fields.need("spikes").integer(0, most);
  r.synaptic_events = fields.need("synaptic_events").integer(0, most);
  return r;
}

bool ExperimentResults::is_right(const SampleResult& r) const {
  return r.decoded && classes[static_cast<std::size_t>(*r.decoded)] ==
                          samples[static_cast<std::size_t>(r.sample)].label;
}

std::int64_t ExperimentResults::right() const {
  return std::count_if(results.begin(), results.end(),
                       [this](const SampleResult& r) { return is_right(r); });
}

std::vector<std::vector<std::int64_t>> ExperimentResults::confusion() const {
  const std::size_t n = classes.size();
  std::vector<std::vector<std::int64_t>> counts(n, std::vector<std::int64_t>(n + 1));
  for (const SampleResult& r : results) {
    const std::string& label = samples[static_cast<std::size_t>(r.sample)].label;
    const auto row = static_cast<std::size_t>(std::find(classes.begin(), classes.end(), label) -
                                              classes.begin());
    ++counts[row][r.decoded ? static_cast<std::size_t>(*r.decoded) : n];
  }
  return counts;
}

std::string results_json(const ExperimentResults& x) {
  Json samples = Json(Json::Array{}), confusion = Json(Json::Array{});
  for (const auto& row : x.confusion()) confusion.push_back(Json::array(row));
  for (const SampleResult& r : x.results) {
    const Sample& sample = x.samples[static_cast<std::size_t>(r.sample)];
    samples.push_back(Json::object(
        {{"file", sample.name},
         {"label", sample.label},
         {"decoded", r.decoded ? Json(x.classes[static_cast<std::size_t>(*r.decoded)]) : Json()},
         {"right", x.is_right(r)},
         {"evidence", json_of(r.evidence)},
         {"duration_ms", r.duration},
         {"events", r.events},
         {"spikes", r.spikes},
         {"synaptic_events", r.synaptic_events}}));
  }
  return to_text(Json::object({{"ranvier_experiment", 1},
                               {"network_sha256", x.network},
                               {"settings", x.settings},
                               {"output", x.output},
                               {"decode", name_of(x.rule)},
                               {"classes", Json::array(x.classes)},
                               {"right", x.right()},
                               {"accuracy", share(x.right(), x.results.size())},
                               {"confusion", std::move(confusion)},
                               {"samples", std::move(samples)}}));
}

bool is_of_same_experiment(const Json& kept, const ExperimentResults& x) {
  const Json wanted = parse_json(results_json(x), "results.json");
  const auto text = [](const Json& of, const char* key) {
    const Json* value = of.find(key);
    return value ? to_compact_text(*value) : std::string();
  };
  for (const char* key : {"network_sha256", "settings", "output", "decode", "classes"})
    if (text(kept, key) != text(wanted, key)) return false;
  const Json* samples = kept.find("samples");
  return samples && samples->is_array() &&
         std::equal(samples->as_array().begin(), samples->as_array().end(), x.samples.begin(),
                    x.samples.end(), [&text](const Json& one, const Sample& sample) {
                      return text(one, "file") == to_compact_text(Json(sample.name)) &&
                             text(one, "label") == to_compact_text(Json(sample.label));
                    });
}

std::string other_experiment(const Json& kept, const Json& settings) {
  Differences differences;
  const Json* const others = kept.find("settings");
  const auto named = [](const std::string& name, const Json& value) {
    return fmt::format("{} {}", name, value.is_null() ? "none" : to_compact_text(value));
  };
  for (const auto& [name, value] : settings.as_object()) {
    const Json* const other = others ? others->find(name) : nullptr;
    if (!other || to_compact_text(*other) == to_compact_text(value)) continue;
    differences.add(named(name, *other), named(name, value));
  }
  return differences.empty() ? "of another network, list or way of decoding" : differences.text();
}

std::string samples_csv(const ExperimentResults& x) {
  std::string text = "file,label,decoded,right,duration_ms,events,spikes,synaptic_events\n";
  for (const SampleResult& r : x.results) {
    const Sample& sample = x.samples[static_cast<std::size_t>(r.sample)];
    text +=
        fmt::format("{},{},{},{},{},{},{},{}\n", csv_field(sample.name), csv_field(sample.label),
                    r.decoded ? csv_field(x.classes[static_cast<std::size_t>(*r.decoded)]) : "",
                    x.is_right(r) ? 1 : 0, r.duration, r.events, r.spikes, r.synaptic_events);
  }
  return text;
}

std::string confusion_csv(const ExperimentResults& x) {
  std::string text = "label";
  for (const std::string& name : x.classes) text += "," + csv_field(name);
  text += ",none\n";
  const auto counts = x.confusion();
  for (std::size_t row = 0; row < counts.size(); ++row) {
    text += csv_field(x.classes[row]);
    for (const std::int64_t n : counts[row]) text += fmt::format(",{}", n);
    text += "\n";
  }
  return text;
}

std::string results_table(const ExperimentResults& x) {
  std::size_t width = 5;
  for (const std::string& name : x.classes) width = std::max(width, name.size() + 1);
  std::string text = fmt::format("{:<{}}", "label", width + 1);
  for (const std::string& name : x.classes) text += fmt::format("{:>{}}", name, width);
  text += fmt::format("{:>{}}\n", "none", width);
  const auto counts = x.confusion();
  for (std::size_t row = 0; row < counts.size(); ++row) {
    text += fmt::format("{:<{}}", x.classes[row], width + 1);
    for (const std::int64_t n : counts[row]) text += fmt::format("{:>{}}", n, width);
    text += "\n";
  }
  std::int64_t events = 0, spikes = 0, synaptic = 0;
  for (const SampleResult& r : x.results) {
    events += r.events;
    spikes += r.spikes;
    synaptic += r.synaptic_events;
  }
  const double n = std::max(1.0, static_cast<double>(x.results.size()));
  text += fmt::format("\naccuracy {:.2f} %: {} of {} samples right, decoded by {} of \"{}\"\n",
                      100 * share(x.right(), x.results.size()), x.right(), x.results.size(),
                      name_of(x.rule), x.output);
  text += fmt::format(
      "a sample, on average: {:.1f} events in, {:.1f} spikes of neurons, {:.1f} "
      "synaptic events\n",
      static_cast<double>(events) / n, static_cast<double>(spikes) / n,
      static_cast<double>(synaptic) / n);
  return text;
}

}  // namespace ranvier::app
