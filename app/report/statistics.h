// Statistics of spike trains, as the report page and its test use them. T is the length of the run,
// N the size of the population.
//   rate of a neuron        r_i = n_i / T
//   rate of a population    r = sum n_i / (N T); silent neurons count
//   CV of intervals         encoding/measures/intervals.h; neurons with three spikes or more
//   rate over time          r(b) = spikes in bin b / (N width of b); the last bin ends with the run
// A Poisson process has CV 1, a clock CV 0 (Softky and Koch 1993 for the use of CV on cortical
// trains). Tested by tests/unit/app/test_report.cpp against closed forms.
#pragma once
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/run_folder.h"

namespace ranvier::app {

/// Rates and intervals of a population's spikes.
struct TrainStatistics {
  std::int64_t spikes = 0;
  std::int64_t active = 0;    ///< neurons with at least one spike
  double rate = 0;            ///< Hz, of the population
  std::optional<double> cv;   ///< mean of `cvs`; none when no neuron has three spikes
  std::vector<double> rates;  ///< Hz, [size]
  std::vector<double> cvs;    ///< one for each neuron with three spikes or more, by neuron
};

/// Statistics of the spikes of `size` neurons in (0, duration] (ms). Spikes of neurons outside [0,
/// size) are not counted.
TrainStatistics train_statistics(const SpikeTrainData& train, std::int64_t size, double duration);

/// Rate of a population over time.
struct RateCurve {
  double bin = 0;             ///< ms
  std::vector<double> rates;  ///< Hz, mean over neurons; bin b covers (b bin, (b + 1) bin]
};

/// Rate over time with at most `most_bins` bins of a width 1, 2 or 5 times a power of ten (ms).
RateCurve rate_curve(const SpikeTrainData& train, std::int64_t size, double duration,
                     std::int64_t most_bins);

/// Smallest 1, 2 or 5 times a power of ten that is >= `value` (> 0).
double round_up_nicely(double value);

/// Counts of `values` in `bins` equal bins of [0, high]; the last one includes `high`, values
/// outside are not counted.
std::vector<std::int64_t> histogram(std::span<const double> values, double high, std::size_t bins);

}  // namespace ranvier::app
