#include "app/report/replay_page.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <cstring>

#include "app/report/base64.h"
#include "app/report/charts.h"
#include "app/report/page_style.h"
#include "app/report/replay_script.h"
#include "app/report/replay_view.h"
#include "core/error.h"

namespace ranvier::app {
namespace {

constexpr std::size_t most_events = 400'000;

std::string words_of(const std::vector<std::uint32_t>& values) {
  std::string bytes(values.size() * 4, '\0');
  if (!values.empty()) std::memcpy(bytes.data(), values.data(), bytes.size());
  return base64(bytes);
}

/// A train as the script reads it: times in units of `unit` ms, neurons, as 32-bit words, at most
/// `most` of each.
Json train_json(const RunItem& item, std::size_t colour, double unit, std::size_t most) {
  const SpikeTrainData& train = *item.train;
  const std::size_t every = (train.times.size() + most - 1) / most;
  std::vector<std::uint32_t> times, neurons;
  for (std::size_t i = 0; i < train.times.size(); i += std::max<std::size_t>(1, every)) {
    if (train.neurons[i] < 0 || train.neurons[i] >= item.size) continue;
    times.push_back(static_cast<std::uint32_t>(std::llround(train.times[i] / unit)));
    neurons.push_back(static_cast<std::uint32_t>(train.neurons[i]));
  }
  return Json::object({{"name", train.population},
                       {"size", item.size},
                       {"colour", static_cast<std::int64_t>(colour)},
                       {"every", static_cast<std::int64_t>(std::max<std::size_t>(1, every))},
                       {"times", words_of(times)},
                       {"neurons", words_of(neurons)}});
}

std::string thinned(const Json& train) {
  const std::int64_t every = train.find("every")->as_integer();
  return every > 1
             ? fmt::format(" Of {} every {}-th is kept.", train.find("name")->as_string(), every)
             : "";
}

}  // namespace

std::string replay_page(const RunFolder& folder, const std::string& name) {
  const RunView run = view_of(folder);
  const ReplayView view = replay_view(run, folder.path.string());
  const double unit = std::max(1e-3, view.duration / 4e9);  // ms: 1 us, where that fits 32 bits
  const Json input = train_json(*view.input, 0, unit, most_events);
  std::string notes = thinned(input);
  Json outputs = Json(Json::Array{});
  for (std::size_t k = 0; k < view.outputs.size(); ++k) {
    outputs.push_back(train_json(*view.outputs[k], k, unit, most_events / view.outputs.size()));
    notes += thinned(outputs.as_array().back());
  }
  if (view.left_out > 0) notes += fmt::format(" Populations not shown: {}.", view.left_out);
  using P = Sensor::Polarity;
  const P polarity = view.sensor.polarity;
  const Json data = Json::object({{"duration", view.duration},
                                  {"unit", unit},
                                  {"width", view.sensor.width},
                                  {"height", view.sensor.height},
                                  {"polarity", polarity == P::split ? "split"
                                               : polarity == P::on  ? "on"
                                               : polarity == P::off ? "off"
                                                                    : "both"},
                                  {"input", input},
                                  {"outputs", std::move(outputs)}});
  std::string legend;
  for (std::size_t k = 0; k < view.outputs.size(); ++k)
    legend += fmt::format(
        "<span><i class=\"c{}\"></i>{} <output data-population=\"{}\"></output>"
        "</span>",
        k % chart_colours, escape_html(view.outputs[k]->train->population), k);
  std::string json = to_compact_text(data);
  for (std::size_t at = 0; (at = json.find('<', at)) != std::string::npos; at += 6)
    json.replace(at, 1, "\\u003c");  // so that no name can end the script element
  return fmt::format(
      "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" "
      "content=\"width=device-width, initial-scale=1\">\n<title>{0} – Ranvier</title>\n"
      "<style>{1}{2}</style></head><body>\n"
      "<header><h1>{0}</h1><p>{3:g} ms of {4} ({5} x {6} pixels)</p></header>\n{7}"
      "<div class=\"replay\"><section><h2>Input events</h2><canvas id=\"frame\" role=\"img\" "
      "aria-label=\"events of the last milliseconds a pixel\"></canvas>\n"
      "<p class=\"note\">{8}<output id=\"events\"></output></p></section>\n"
      "<section><h2>Spikes</h2><p class=\"legend\">{9}</p><canvas id=\"raster\" role=\"img\" "
      "aria-label=\"spikes: time against neuron\"></canvas>\n"
      "<p class=\"note\">Numbers: spikes in the stretch that is marked.{10}</p></section></div>\n"
      "<script type=\"application/json\" id=\"data\">{11}</script>\n<script>{12}</script>\n"
      "</body></html>\n",
      escape_html(name), page_style, replay_style, view.duration,
      escape_html(view.input->train->population), view.sensor.width, view.sensor.height,
      replay_controls,
      polarity == P::both ? "Events of both polarities. "
                          : "<b class=\"on\">ON</b> and <b class=\"off\">OFF</b> events. ",
      legend, escape_html(notes), json, replay_script);
}

}  // namespace ranvier::app
