#include "app/report/report.h"

#include <fmt/core.h>

#include <algorithm>
#include <optional>

#include "app/report/charts.h"
#include "app/report/event_image.h"
#include "app/report/page_style.h"
#include "app/report/run_view.h"
#include "app/report/statistics.h"
#include "core/json.h"
#include "core/titles.h"

namespace ranvier::app {
namespace {

// What a page holds at most.
constexpr std::int64_t most_dots = 24'000, most_bins = 400, most_pixels = 500'000, most_slices = 20;
constexpr std::size_t most_populations = 14, most_rows = 500, most_reports = 12, most_traces = 3,
                      most_overlaid = 4, most_pieces = 600, most_text = 2000, histogram_bins = 40;

std::string section(const std::string& title, const std::string& note, const std::string& content) {
  return fmt::format("<section>\n<h2>{}</h2>\n{}<p class=\"note\">{}</p>\n</section>\n",
                     escape_html(title), content, note);
}

std::string left_out(std::size_t all, std::size_t shown, const char* what) {
  return all > shown ? fmt::format(" {} of {} {} are shown.", shown, all, what) : "";
}

std::string table(const RunView& run) {
  std::string rows;
  bool guessed = false;
  for (std::size_t i = 0; i < std::min(run.items.size(), most_rows); ++i) {
    const RunItem& item = run.items[i];
    const TrainStatistics& s = item.statistics;
    guessed = guessed || !item.size_known;
    rows += fmt::format(
        "<tr><th scope=\"row\"><i "
        "class=\"c{}\"></i>{}</th><td>{}</td><td>{}{}</td><td>{}</td><td>{:.3f}</td><td>{}</"
        "td><td>{:.1f}</td></tr>\n",
        i % chart_colours, escape_html(item.train->population), escape_html(item.model),
        item.size_known ? "" : "≥ ", item.size, s.spikes, s.rate,
        s.cv ? fmt::format("{:.3f}", *s.cv) : "–",
        item.size > 0 ? 100.0 * static_cast<double>(s.active) / static_cast<double>(item.size) : 0);
  }
  std::string note =
      "Rate: spikes over neurons and time, silent neurons included. CV: standard deviation over "
      "mean of a neuron's inter-spike intervals, "
      "mean over neurons with three spikes or more (Poisson: 1, regular: 0).";
  if (guessed)
    note += " ≥: the document does not give the size; the largest neuron that spiked does.";
  return section("Populations", note + left_out(run.items.size(), most_rows, "populations"),
                 "<div "
                 "class=\"wide\"><table>\n<thead><tr><th>population</th><th>model</th><th>size</"
                 "th><th>spikes</th><th>rate (Hz)</th><th>CV of intervals</th>"
                 "<th>active (%)</th></tr></thead>\n<tbody>\n" +
                     rows + "</tbody></table></div>\n");
}

std::string figure(const std::string& chart) {
  return "<div class=\"wide\"><div class=\"chart\">" + chart + "</div></div>\n";
}

/// Raster of the populations that have no image, or of all when each has one.
std::string raster(const RunView& run) {
  std::vector<std::size_t> plain;
  for (std::size_t i = 0; i < run.items.size(); ++i)
    if (!sensor_of(run.items[i])) plain.push_back(i);
  if (plain.empty())
    for (std::size_t i = 0; i < run.items.size(); ++i) plain.push_back(i);
  std::vector<RasterBand> bands;
  for (std::size_t k = 0; k < std::min(plain.size(), most_populations); ++k)
    bands.push_back({run.items[plain[k]].train, run.items[plain[k]].size, plain[k]});
  const Raster chart = raster_chart(bands, run.duration, most_dots);
  const std::string thinned =
      chart.shown < chart.spikes ? fmt::format("Thinned: {} of {} spikes are drawn, evenly chosen.",
                                               chart.shown, chart.spikes)
                                 : fmt::format("{}, all drawn.", count_of(chart.spikes, "spike"));
  return section("Spikes", thinned + left_out(plain.size(), bands.size(), "populations"),
                 figure(chart.svg));
}

/// Bins of the rate curves: about eight spikes a bin in the median population, between 40 and
/// `most_bins`.
std::int64_t bins_for(const RunView& run) {
  std::vector<std::int64_t> spikes;
  for (const RunItem& item : run.items) spikes.push_back(item.statistics.spikes);
  std::nth_element(spikes.begin(), spikes.begin() + static_cast<std::ptrdiff_t>(spikes.size() / 2),
                   spikes.end());
  return std::clamp<std::int64_t>(spikes[spikes.size() / 2] / 8, 40, most_bins);
}

/// All rates in one chart, or, where the curves would hide each other, a chart each.
std::string rates_over_time(const RunView& run) {
  std::vector<Series> series;
  double bin = 0;
  for (std::size_t i = 0; i < std::min(run.items.size(), most_populations); ++i) {
    const RateCurve curve =
        rate_curve(*run.items[i].train, run.items[i].size, run.duration, bins_for(run));
    Series s{run.items[i].train->population, i, {}, curve.rates};
    bin = std::max(bin, curve.bin);
    for (std::size_t b = 0; b < curve.rates.size(); ++b)
      s.x.push_back(std::min(run.duration, (static_cast<double>(b) + 0.5) * curve.bin));
    series.push_back(std::move(s));
  }
  const ChartText text{"Population rates over time", "time (ms)", "rate (Hz)"};
  std::string charts;
  if (series.size() <= most_overlaid) charts = figure(line_chart(text, series, 0, run.duration));
  else
    for (const Series& s : series)
      charts += fmt::format("<div><h3>{}</h3>{}</div>\n", escape_html(s.name),
                            figure(line_chart(text, {s}, 0, run.duration)));
  if (series.size() > most_overlaid) charts = "<div class=\"pair\">" + charts + "</div>\n";
  return section("Population rates",
                 fmt::format("Mean over neurons in bins of {:g} ms.", bin) +
                     left_out(run.items.size(), series.size(), "populations"),
                 charts);
}

/// One distribution over neurons; `values` picks it from the statistics.
std::string distribution(const RunView& run, const std::vector<double> TrainStatistics::*values,
                         const ChartText& text) {
  double high = 0;
  for (std::size_t i = 0; i < std::min(run.items.size(), most_populations); ++i)
    for (const double v : run.items[i].statistics.*values) high = std::max(high, v);
  if (!(high > 0)) high = 1;
  const double bin = round_up_nicely(high / static_cast<double>(histogram_bins));
  const auto bins = static_cast<std::size_t>(high / bin * (1 - 1e-12)) + 1;
  std::vector<Bars> bars;
  for (std::size_t i = 0; i < std::min(run.items.size(), most_populations); ++i) {
    const std::vector<double>& v = run.items[i].statistics.*values;
    if (!v.empty())
      bars.push_back(
          {run.items[i].train->population, i, histogram(v, bin * static_cast<double>(bins), bins)});
  }
  return bars.empty() ? "" : figure(histogram_chart(text, bars, bin * static_cast<double>(bins)));
}

std::string distributions(const RunView& run) {
  return section(
      "Distributions over neurons",
      "Share of a population's neurons a bin; of neurons with three spikes or more for the CV.",
      "<div class=\"pair\">" +
          distribution(run, &TrainStatistics::rates,
                       {"Distribution of rates", "rate (Hz)", "neurons (%)"}) +
          distribution(run, &TrainStatistics::cvs,
                       {"Distribution of the CV of intervals", "CV of inter-spike intervals",
                        "neurons (%)"}) +
          "</div>\n");
}

std::string traces(const RunFolder& folder) {
  std::string charts;
  std::size_t shown = 0;
  for (const ReportData& r : folder.reports) {
    if (shown == most_reports) break;
    const std::size_t columns = r.neurons.size(),
                      frames = columns > 0 ? r.values.size() / columns : 0;
    if (frames == 0) continue;
    ++shown;
    std::vector<Series> series;
    for (std::size_t c = 0; c < std::min(columns, most_traces); ++c) {
      Series s{fmt::format("neuron {}", r.neurons[c]), c, {}, {}};
      for (std::size_t k = 0; k < frames; ++k) {
        s.x.push_back(static_cast<double>(k) * r.interval);
        s.y.push_back(r.values[k * columns + c]);
      }
      series.push_back(thin(s, most_pieces));
    }
    const std::string axis = r.unit.empty() ? r.variable : r.variable + " (" + r.unit + ")";
    charts += fmt::format("<h3>{}: {}</h3>\n", escape_html(r.population), escape_html(r.variable)) +
              figure(line_chart({r.variable + " of " + r.population, "time (ms)", axis}, series, 0,
                                static_cast<double>(frames - 1) * r.interval));
  }
  if (shown == 0) return "";
  return section("Recorded variables",
                 fmt::format("The first {} recorded neurons of each.", most_traces) +
                     left_out(folder.reports.size(), shown, "reports"),
                 charts);
}

std::string picture(const EventCounts& counts, std::int64_t brightest, const std::string& what,
                    bool hidden) {
  return fmt::format("<img alt=\"{}\" width=\"{}\" height=\"{}\"{} src=\"{}\">\n",
                     escape_html(what), counts.width, counts.height, hidden ? " hidden" : "",
                     event_bitmap(counts, brightest));
}

/// The images of one input: the whole run, then its slices, with the slider that chooses among
/// them.
std::string event_images(const RunItem& item, const Sensor& sensor, double duration,
                         std::int64_t budget) {
  const EventCounts whole = event_counts(*item.train, sensor, -1, duration);
  const std::int64_t n =
      std::clamp<std::int64_t>(budget / (whole.width * whole.height) - 1, 0, most_slices);
  std::string images =
      picture(whole, largest_count(whole),
              fmt::format("events of {}, whole run", item.train->population), false);
  std::vector<EventCounts> slices;
  std::int64_t brightest = 1;
  for (std::int64_t k = 0; k < n; ++k) {
    slices.push_back(
        event_counts(*item.train, sensor,
                     k == 0 ? -1 : duration * static_cast<double>(k) / static_cast<double>(n),
                     duration * static_cast<double>(k + 1) / static_cast<double>(n)));
    brightest = std::max(brightest, largest_count(slices.back()));
  }
  for (const EventCounts& slice : slices)
    images +=
        picture(slice, brightest,
                fmt::format("events of {}, a slice of the run", item.train->population), true);
  const bool known = sensor.polarity != Sensor::Polarity::both;
  const std::string counts =
      known ? fmt::format(
                  "<span><i class=\"on\"></i>ON {}</span> <span><i class=\"off\"></i>OFF {}</span>",
                  whole.all_on, whole.all_off)
            : fmt::format("<span><i class=\"on\"></i>events of either polarity {}</span>",
                          whole.all_on);
  std::string slider;
  if (n > 1)
    slider = fmt::format(
        "<label>time <input type=\"range\" min=\"0\" max=\"{}\" value=\"0\" "
        "data-duration=\"{:g}\"> <output>whole run</output></label>\n",
        n, duration);
  return fmt::format(
      "<div class=\"events\"><h3>{} ({} × {} pixels{})</h3>\n<div class=\"frames\">{}</div>\n<p "
      "class=\"legend\">{}</p>\n{}</div>\n",
      escape_html(item.train->population), sensor.width, sensor.height,
      whole.block > 1 ? fmt::format(", summed over blocks of {0} × {0}", whole.block) : "", images,
      counts, slider);
}

std::string inputs(const RunView& run) {
  std::vector<std::pair<const RunItem*, Sensor>> found;
  for (const RunItem& item : run.items)
    if (const auto sensor = sensor_of(item)) found.emplace_back(&item, *sensor);
  std::string images;
  const std::size_t shown = std::min<std::size_t>(found.size(), 4);
  for (std::size_t i = 0; i < shown; ++i)
    images += event_images(*found[i].first, found[i].second, run.duration,
                           most_pixels / static_cast<std::int64_t>(shown));
  if (images.empty()) return "";
  return section("Event-camera input",
                 "Events a pixel; brightness grows with the logarithm of the count." +
                     left_out(found.size(), shown, "inputs"),
                 images);
}

std::string head(const RunView& run, const RunFolder& folder, const std::string& name) {
  const Json* complete = run.status.find("complete");
  std::string facts = fmt::format("{:g} ms of biological time", run.duration);
  if (const Json* dt = find(&run.json, {"settings", "dt"}))
    facts += fmt::format(" · dt {} ms", text_of(dt));
  if (const Json* seed = find(&run.json, {"settings", "seed"}))
    facts += fmt::format(" · seed {}", text_of(seed));
  if (const Json* version = run.json.find("version"))
    facts += fmt::format(" · Ranvier {}", text_of(version));
  if (complete && complete->is_bool() && !complete->as_bool()) facts += " · ended early on request";
  std::string out =
      fmt::format("<header><h1>{}</h1>\n<p>{}</p>\n", escape_html(name), escape_html(facts));
  std::string about = text_of(find(&run.json, {"document", "description"}));
  if (about.size() > most_text)
    about.erase(about.find_last_of(' ', most_text) == std::string::npos
                    ? 0
                    : about.find_last_of(' ', most_text)) += " …";
  if (!about.empty()) out += fmt::format("<p>{}</p>\n", escape_html(about));
  return out + fmt::format("<p class=\"digest\">digest {}</p></header>\n", digest(folder));
}

}  // namespace

std::string report_page(const RunFolder& folder, const std::string& name) {
  const RunView run = view_of(folder);
  std::string page = fmt::format(
      "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" "
      "content=\"width=device-width, initial-scale=1\">\n"
      "<title>{} – Ranvier</title>\n<style>{}</style></head><body>\n",
      escape_html(name), page_style);
  page += head(run, folder, name);
  if (run.items.empty()) page += "<p>No spikes were recorded.</p>\n";
  if (!run.items.empty()) {
    const std::string images = inputs(run);
    page += table(run) +
            (images.empty() ? raster(run)
                            : "<div class=\"beside\">\n" + images + raster(run) + "</div>\n") +
            rates_over_time(run) + distributions(run);
  }
  page += traces(folder);
  return page + fmt::format("<script>{}</script>\n</body></html>\n", page_script);
}

}  // namespace ranvier::app
