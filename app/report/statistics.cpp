#include "app/report/statistics.h"

#include "core/spike_trains.h"
#include "encoding/measures/intervals.h"

#include <algorithm>
#include <cmath>

namespace ranvier::app {

TrainStatistics train_statistics(const SpikeTrainData& train, std::int64_t size, double duration) {
  const SpikeTrains trains = by_neuron(train.times, train.neurons, static_cast<std::size_t>(size));
  TrainStatistics s;
  s.spikes = static_cast<std::int64_t>(trains.times.size());
  s.rates.resize(static_cast<std::size_t>(size));
  double cv_sum = 0;
  for (std::size_t i = 0; i < s.rates.size(); ++i) {
    const std::span<const double> one = trains[i];
    if (!one.empty()) ++s.active;
    if (duration > 0) s.rates[i] = 1000 * static_cast<double>(one.size()) / duration;
    const double cv = encoding::cv(one);
    if (std::isnan(cv)) continue;
    s.cvs.push_back(cv);
    cv_sum += cv;
  }
  if (size > 0 && duration > 0)
    s.rate = 1000 * static_cast<double>(s.spikes) / duration / static_cast<double>(size);
  if (!s.cvs.empty()) s.cv = cv_sum / static_cast<double>(s.cvs.size());
  return s;
}

double round_up_nicely(double value) {
  const double power = std::pow(10.0, std::floor(std::log10(value)));
  for (const double step : {1.0, 2.0, 5.0})
    if (step * power >= value * (1 - 1e-12)) return step * power;
  return 10 * power;
}

RateCurve rate_curve(const SpikeTrainData& train, std::int64_t size, double duration,
                     std::int64_t most_bins) {
  RateCurve curve;
  if (!(duration > 0) || size <= 0 || most_bins <= 0) return curve;
  curve.bin = std::max(1.0, round_up_nicely(duration / static_cast<double>(most_bins)));
  const auto bins = static_cast<std::size_t>(std::max(1.0, std::ceil(duration / curve.bin - 1e-9)));
  curve.rates.assign(bins, 0);
  for (std::size_t s = 0; s < train.times.size(); ++s) {
    if (train.neurons[s] < 0 || train.neurons[s] >= size) continue;
    const double bin = std::ceil(train.times[s] / curve.bin - 1e-9) - 1;
    ++curve.rates[static_cast<std::size_t>(std::clamp(bin, 0.0, static_cast<double>(bins - 1)))];
  }
  for (std::size_t b = 0; b < bins; ++b) {
    const double width = std::min(curve.bin, duration - static_cast<double>(b) * curve.bin);
    curve.rates[b] *= 1000 / (width * static_cast<double>(size));
  }
  return curve;
}

std::vector<std::int64_t> histogram(std::span<const double> values, double high, std::size_t bins) {
  std::vector<std::int64_t> counts(bins, 0);
  if (bins == 0 || !(high > 0)) return counts;
  for (const double v : values) {
    if (!(v >= 0 && v <= high)) continue;
    const auto bin = static_cast<std::size_t>(v / high * static_cast<double>(bins));
    ++counts[std::min(bin, bins - 1)];
  }
  return counts;
}

}  // namespace ranvier::app
