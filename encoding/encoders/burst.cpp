// burst: one burst, whose number of spikes grows and whose interval shrinks with the value,
//   n = ceil(x spikes);   I = interval_max - x (interval_max - interval_min) where n > 1;
//   t_k = interval_min + k I, k = 0 ... n - 1;   none for x = 0.
// Decoded from the mean interval where there are two spikes or more; a lone spike says 0 < x <= 1 /
// spikes and is taken for the middle of that. Source: Guo et al. 2021, burst coding (N_s(P) =
// ceil(N_max P); ISI(P) = -(T_max - T_min) P + T_max). Tested by tests/statistical/test_codes.cpp.
#include <fmt/core.h>

#include <cmath>

#include "encoding/code.h"

namespace ranvier::encoding {
namespace {

struct Burst {
  struct Parameters {
    double spikes = 5, interval_min = 2, interval_max = 10;
  };
  static constexpr Field<Parameters> parameters[] = {
      {"spikes", &Parameters::spikes, "1", Range::positive, "number of spikes of the value 1"},
      {"interval_min", &Parameters::interval_min, "ms", Range::positive, "interval of the value 1"},
      {"interval_max", &Parameters::interval_max, "ms", Range::positive,
       "interval towards the value 0"}};
  static constexpr CodeInput input = CodeInput::value;

  static std::string check(const Parameters& p, const SampleShape& shape) {
    if (p.spikes != std::floor(p.spikes) || p.spikes > 1e6)
      return fmt::format("spikes: {}, must be a whole number from 1 to 1000000", p.spikes);
    if (!(p.interval_min < p.interval_max))
      return fmt::format("interval_min: {} ms, must be below interval_max = {} ms", p.interval_min,
                         p.interval_max);
    const double longest = p.interval_min + (p.spikes - 1) * p.interval_max;
    if (shape.window < longest)
      return fmt::format("window: {} ms, must hold the longest burst: at least {} ms", shape.window,
                         longest);
    if (shape.tick() > p.interval_min)
      return fmt::format("{}: {} ms, must be at most interval_min = {} ms", shape.tick_name(),
                         shape.tick(), p.interval_min);
    return "";
  }
  static void encode(const Parameters& p, const Sample& sample, std::size_t channel,
                     SpikeWriter& out) {
    const double x = sample.at(0, channel);
    const double n = std::ceil(x * p.spikes);
    const double interval = p.interval_max - x * (p.interval_max - p.interval_min);
    for (double k = 0; k < n; ++k) out.spike(p.interval_min + k * interval);
  }
  static double decode(const Parameters& p, const SampleShape&, const SpikeTrains& trains,
                       std::size_t channel) {
    const auto train = trains[channel];
    if (train.empty()) return 0;
    if (train.size() == 1) return 0.5 / p.spikes;
    const double interval = (train.back() - train.front()) / static_cast<double>(train.size() - 1);
    return (p.interval_max - interval) / (p.interval_max - p.interval_min);
  }
};

}  // namespace

Code burst_code() {
  return code_of<Burst>({"burst", "number and interval of the spikes of one burst",
                         "Guo et al. 2021",
                         "1 / (2 spikes) up to x = 1 / spikes, then dt / ((n - 1) (interval_max - "
                         "interval_min)), n = ceil(x spikes)"});
}

}  // namespace ranvier::encoding
