// Charts of the report page as inline SVG: colours are classes (c0 to c6) that the page's style
// sheet sets for light and dark, so a chart holds no colour of its own. Every chart has labelled
// axes with units, a bounded number of marks, and a text alternative. Sizes are in units of the
// view box, which the page scales to its width.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/run_folder.h"

namespace ranvier::app {

/// Text for HTML: &, <, >, " and ' as entities.
std::string escape_html(std::string_view text);

inline constexpr std::size_t chart_colours = 7;

/// A curve; `y[i]` at `x[i]`.
struct Series {
  std::string name;
  std::size_t colour = 0;  ///< taken modulo chart_colours
  std::vector<double> x, y;
};

/// The words of a chart.
struct ChartText {
  std::string title;  ///< of the text alternative
  std::string x, y;   ///< labels of the axes, with units
};

/// Line chart with a legend where there are several series. `x` runs from `low` to `high`; y from
/// the data, and from 0 if all is >= 0.
std::string line_chart(const ChartText& text, const std::vector<Series>& series, double low,
                       double high);

/// Step outline of counts, a share of the whole each: bins are equal parts of [0, high].
struct Bars {
  std::string name;
  std::size_t colour = 0;
  std::vector<std::int64_t> counts;
};
std::string histogram_chart(const ChartText& text, const std::vector<Bars>& bars, double high);

/// A population's band of a raster.
struct RasterBand {
  const SpikeTrainData* train = nullptr;
  std::int64_t size = 0;
  std::size_t colour = 0;
};

/// A raster as SVG, and how much of the data it shows.
struct Raster {
  std::string svg;
  std::int64_t shown = 0, spikes = 0;  ///< dots drawn, of so many spikes
};

/// Dots (time, neuron), one band a population, at most `most_dots`: where there are more spikes,
/// neurons beyond the rows that can be told apart are left out evenly, then spikes. `duration` in
/// ms.
Raster raster_chart(const std::vector<RasterBand>& bands, double duration, std::int64_t most_dots);

/// A curve of at most 2 `most` points that keeps the least and the greatest value of each piece, so
/// that no spike is lost.
Series thin(const Series& series, std::size_t most);

}  // namespace ranvier::app
