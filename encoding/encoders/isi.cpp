// isi: the value is the interval between successive spikes, which go on through the window,
//   I = interval_max - x (interval_max - interval_min);   t_k = k I, k = 1, 2, ...
// Decoded from the mean of the n - 1 intervals (of the time to the first spike, where it is alone).
// Only rounding errs: by less than dt / (n - 1) in I, n = floor(T / I). Sources: Capra et al. 2020,
// Fig. 20 (inter-spike interval coding); Auge et al. 2021. Tested by
// tests/statistical/test_codes.cpp.
#include <fmt/core.h>

#include "encoding/code.h"

namespace ranvier::encoding {
namespace {

struct Isi {
  struct Parameters {
    double interval_min = 5, interval_max = 50;
  };
  static constexpr Field<Parameters> parameters[] = {
      {"interval_min", &Parameters::interval_min, "ms", Range::positive, "interval of the value 1"},
      {"interval_max", &Parameters::interval_max, "ms", Range::positive,
       "interval of the value 0"}};
  static constexpr CodeInput input = CodeInput::value;

  static std::string check(const Parameters& p, const SampleShape& shape) {
    if (!(p.interval_min < p.interval_max))
      return fmt::format("interval_min: {} ms, must be below interval_max = {} ms", p.interval_min,
                         p.interval_max);
    if (shape.window < 2 * p.interval_max)
      return fmt::format("window: {} ms, must hold two spikes of the value 0: at least {} ms",
                         shape.window, 2 * p.interval_max);
    if (shape.tick() > p.interval_min)
      return fmt::format("{}: {} ms, must be at most interval_min = {} ms", shape.tick_name(),
                         shape.tick(), p.interval_min);
    return "";
  }
  static void encode(const Parameters& p, const Sample& sample, std::size_t channel,
                     SpikeWriter& out) {
    const double interval =
        p.interval_max - sample.at(0, channel) * (p.interval_max - p.interval_min);
    for (double k = 1; k * interval <= sample.shape.window; ++k) out.spike(k * interval);
  }
  static double decode(const Parameters& p, const SampleShape&, const SpikeTrains& trains,
                       std::size_t channel) {
    const auto train = trains[channel];
    if (train.empty()) return 0;
    const double n = static_cast<double>(train.size());
    const double interval = train.size() == 1 ? train[0] : (train.back() - train.front()) / (n - 1);
    return (p.interval_max - interval) / (p.interval_max - p.interval_min);
  }
};

}  // namespace

Code isi_code() {
  return code_of<Isi>({"isi", "interval between successive spikes",
                       "Capra et al. 2020, Fig. 20; Auge et al. 2021",
                       "dt / ((n - 1) (interval_max - interval_min)), n = floor(T / I) spikes"});
}

}  // namespace ranvier::encoding
