#include "app/report/charts.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "app/report/statistics.h"

namespace ranvier::app {
namespace {

constexpr double width = 640, left = 62, right = 18, top = 10, bottom = 40;

/// Where data lie in the view box.
struct Frame {
  double x_low, x_high, y_low, y_high;
  double height;  ///< of the view box
  double x(double value) const {
    return left + (value - x_low) / (x_high - x_low) * (width - left - right);
  }
  double y(double value) const {
    return height - bottom - (value - y_low) / (y_high - y_low) * (height - top - bottom);
  }
};

std::string open_svg(const std::string& title, double height) {
  return fmt::format("<svg viewBox=\"0 0 {} {}\" role=\"img\" aria-label=\"{}\">\n", width, height,
                     escape_html(title));
}

/// Multiples of a nice step in [low, high], about `n` of them.
std::vector<double> ticks(double low, double high, int n) {
  std::vector<double> at;
  const double step = round_up_nicely((high - low) / n);
  for (double k = std::ceil(low / step - 1e-9); k * step <= high + 1e-9 * step; ++k)
    at.push_back(k == 0 ? 0 : k * step);
  return at;
}

std::string x_axis(const Frame& f, const std::string& label) {
  std::string out;
  for (const double t : ticks(f.x_low, f.x_high, 8))
    out += fmt::format(
        "<path class=\"grid\" d=\"M{0:.1f} {1:.1f}V{2:.1f}\"/><text x=\"{0:.1f}\" y=\"{3:.1f}\" "
        "text-anchor=\"middle\">{4:g}</text>\n",
        f.x(t), top, f.height - bottom, f.height - bottom + 16, t);
  out += fmt::format(
      "<text class=\"label\" x=\"{:.1f}\" y=\"{:.1f}\" text-anchor=\"middle\">{}</text>\n",
      (left + width - right) / 2, f.height - 6, escape_html(label));
  return out;
}

std::string y_label(double height, const std::string& label) {
  return fmt::format(
      "<text class=\"label\" transform=\"translate(13 {:.1f}) rotate(-90)\" "
      "text-anchor=\"middle\">{}</text>\n",
      (top + height - bottom) / 2, escape_html(label));
}

std::string y_axis(const Frame& f, const std::string& label) {
  std::string out;
  for (const double t : ticks(f.y_low, f.y_high, 5))
    out += fmt::format(
        "<path class=\"grid\" d=\"M{:.1f} {:.1f}H{:.1f}\"/><text x=\"{:.1f}\" y=\"{:.1f}\" "
        "text-anchor=\"end\">{:g}</text>\n",
        left, f.y(t), width - right, left - 6, f.y(t) + 4, t);
  return out + y_label(f.height, label);
}

std::string legend(const std::vector<Series>& series) {
  if (series.size() < 2) return "";
  std::string out = "<p class=\"legend\">";
  for (const Series& s : series)
    out += fmt::format("<span><i class=\"c{}\"></i>{}</span> ", s.colour % chart_colours,
                       escape_html(s.name));
  return out + "</p>\n";
}

std::string curve(const Frame& f, const Series& s) {
  std::string path;
  for (std::size_t i = 0; i < s.x.size(); ++i)
    path += fmt::format("{}{:.1f} {:.1f}", i == 0 ? "M" : "L", f.x(s.x[i]), f.y(s.y[i]));
  return fmt::format("<path class=\"line c{}\" d=\"{}\"><title>{}</title></path>\n",
                     s.colour % chart_colours, path, escape_html(s.name));
}

/// The heights of the bands of a raster, in rows: by size, but none below a share that can be seen.
std::vector<double> band_rows(const std::vector<RasterBand>& bands, double rows) {
  double total = 0;
  std::vector<double> weights;
  for (const RasterBand& b : bands) total += static_cast<double>(b.size);
  const double least = 0.5 / static_cast<double>(bands.size());
  for (const RasterBand& b : bands)
    weights.push_back(std::max(least, total > 0 ? static_cast<double>(b.size) / total : 1));
  double sum = 0;
  for (const double w : weights) sum += w;
  for (double& w : weights) w *= rows / sum;
  return weights;
}

struct Dot {
  double x, y;
};

std::string dots(const std::vector<Dot>& all, std::size_t every, std::int64_t& shown) {
  std::string path;
  for (std::size_t i = 0; i < all.size(); i += every, ++shown)
    path += fmt::format("M{:.1f} {:.1f}h0", all[i].x, all[i].y);
  return path;
}

}  // namespace

std::string escape_html(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '&') out += "&amp;";
    else if (c == '<') out += "&lt;";
    else if (c == '>') out += "&gt;";
    else if (c == '"') out += "&quot;";
    else if (c == '\'') out += "&#39;";
    else out += c;
  }
  return out;
}

std::string line_chart(const ChartText& text, const std::vector<Series>& series, double low,
                       double high) {
  double y_low = std::numeric_limits<double>::infinity(), y_high = -y_low;
  for (const Series& s : series)
    for (const double y : s.y) {
      y_low = std::min(y_low, y);
      y_high = std::max(y_high, y);
    }
  if (!(y_low <= y_high)) y_low = 0, y_high = 1;
  if (y_low >= 0) y_low = 0;
  // What differs in its last digits alone is drawn as level: ticks there are beyond a double.
  if (y_high - y_low <= 1e-9 * std::fabs(y_low))
    y_high = y_low + std::max(1.0, 1e-3 * std::fabs(y_low));
  const double margin = 0.04 * (y_high - y_low);
  const Frame f{low, high > low ? high : low + 1, y_low == 0 ? 0 : y_low - margin, y_high + margin,
                240};
  std::string out =
      legend(series) + open_svg(text.title, f.height) + x_axis(f, text.x) + y_axis(f, text.y);
  for (const Series& s : series) out += curve(f, s);
  return out + "</svg>\n";
}

std::string histogram_chart(const ChartText& text, const std::vector<Bars>& bars, double high) {
  std::vector<Series> series;
  for (const Bars& b : bars) {
    Series s{b.name, b.colour, {0}, {0}};
    double total = 0;
    for (const std::int64_t c : b.counts) total += static_cast<double>(c);
    for (std::size_t i = 0; i < b.counts.size(); ++i) {
      const double share = total > 0 ? 100 * static_cast<double>(b.counts[i]) / total : 0;
      const double step = high / static_cast<double>(b.counts.size());
      s.x.insert(s.x.end(), {static_cast<double>(i) * step, static_cast<double>(i + 1) * step});
      s.y.insert(s.y.end(), {share, share});
    }
    s.x.push_back(high);
    s.y.push_back(0);
    series.push_back(std::move(s));
  }
  return line_chart(text, series, 0, high);
}

Raster raster_chart(const std::vector<RasterBand>& bands, double duration, std::int64_t most_dots) {
  constexpr double gap = 18;  // holds the population's name
  const double rows = std::max(300.0, 40.0 * static_cast<double>(bands.size()));
  const Frame f{0, duration > 0 ? duration : 1, 0, 1,
                top + bottom + rows + gap * static_cast<double>(bands.size())};
  const std::vector<double> heights = band_rows(bands, rows);
  Raster raster;
  std::vector<std::vector<Dot>> all(bands.size());
  std::size_t n = 0;
  double y = top + gap;
  std::string labels;
  for (const RasterBand& b : bands)
    raster.spikes += static_cast<std::int64_t>(b.train->times.size());
  for (std::size_t b = 0; b < bands.size(); ++b) {
    const SpikeTrainData& train = *bands[b].train;
    const double size = static_cast<double>(std::max<std::int64_t>(1, bands[b].size));
    const auto stride = static_cast<std::int64_t>(
        raster.spikes <= most_dots ? 1.0 : std::max(1.0, std::ceil(size / heights[b])));
    for (std::size_t s = 0; s < train.times.size(); ++s)
      if (train.neurons[s] >= 0 && train.neurons[s] < bands[b].size &&
          train.neurons[s] % stride == 0)
        all[b].push_back(
            {f.x(train.times[s]),
             y + heights[b] * (1 - (static_cast<double>(train.neurons[s]) + 0.5) / size)});
    n += all[b].size();
    labels += fmt::format(
        "<text x=\"{0:.1f}\" y=\"{1:.1f}\" text-anchor=\"end\">{2}</text><text x=\"{0:.1f}\" "
        "y=\"{3:.1f}\" text-anchor=\"end\">0</text>"
        "<path class=\"grid\" d=\"M{4:.1f} {3:.1f}H{5:.1f}\"/><text class=\"label\" x=\"{4:.1f}\" "
        "y=\"{6:.1f}\">{7}</text>\n",
        left - 6, y + 9, bands[b].size - 1, y + heights[b], left, width - right, y - 4,
        escape_html(train.population));
    y += heights[b] + gap;
  }
  const std::size_t every = std::max<std::size_t>(
      1, (n + static_cast<std::size_t>(most_dots) - 1) / static_cast<std::size_t>(most_dots));
  raster.svg = open_svg("Spikes: time against neuron", f.height) + x_axis(f, "time (ms)") + labels +
               y_label(f.height, "neuron (index in population)");
  raster.svg += fmt::format(
      "<rect class=\"cursor\" data-left=\"{}\" data-width=\"{}\" x=\"0\" y=\"{}\" width=\"0\" "
      "height=\"{:.1f}\"/>\n",
      left, width - left - right, top, f.height - top - bottom);
  for (std::size_t b = 0; b < bands.size(); ++b)
    raster.svg +=
        fmt::format("<path class=\"dots{} c{}\" d=\"{}\"/>\n", n / every < 4000 ? " few" : "",
                    bands[b].colour % chart_colours, dots(all[b], every, raster.shown));
  raster.svg += "</svg>\n";
  return raster;
}

Series thin(const Series& series, std::size_t most) {
  if (most == 0 || series.x.size() <= 2 * most) return series;
  Series out{series.name, series.colour, {}, {}};
  for (std::size_t piece = 0; piece < most; ++piece) {
    const std::size_t begin = piece * series.x.size() / most,
                      end = (piece + 1) * series.x.size() / most;
    const auto [low, high] =
        std::minmax_element(series.y.begin() + static_cast<std::ptrdiff_t>(begin),
                            series.y.begin() + static_cast<std::ptrdiff_t>(end));
    const auto a = static_cast<std::size_t>(low - series.y.begin()),
               b = static_cast<std::size_t>(high - series.y.begin());
    for (const std::size_t i : {std::min(a, b), std::max(a, b)}) {
      out.x.push_back(series.x[i]);
      out.y.push_back(series.y[i]);
    }
  }
  return out;
}

}  // namespace ranvier::app
