// bsa: Ben's Spiker Algorithm. A filter h slides along the signal, which lies in [0, 1]; a spike
// where taking the filter off the signal lessens the error by the threshold or more, and then it is
// taken off,
//   e1 = sum_j |s(k + j) - h(j)|,  e2 = sum_j |s(k + j)|;
//   a spike at step k where e1 <= e2 - threshold (and e1 < e2).
// Here h is a Gaussian of standard deviation `width` steps, cut at 3 widths, of sum 1: a spike a
// step says 1. Beyond the signal's end s is 0. Decoded by the filter: s(k) = sum over spikes i of
// h(k - i). The error is a ripple as high as the filter, and a shift that grows as the threshold
// falls, since a filter is then taken off where less than it is left; a threshold near 1 misses
// spikes instead. The first 3 widths of a signal are lost, the filter having to rise. Source:
// Schrauwen & Van Campenhout 2003 (whose filters were found by an optimiser). Tested by
// tests/statistical/test_codes.cpp.
#include <cmath>

#include "core/math.h"
#include "encoding/code.h"

namespace ranvier::encoding {
namespace {

struct Bsa {
  struct Parameters {
    double width = 5, threshold = 0.9;
  };
  static constexpr Field<Parameters> parameters[] = {
      {"width", &Parameters::width, "steps", Range::positive, "standard deviation of the filter"},
      {"threshold", &Parameters::threshold, "1", Range::unit_interval,
       "least gain that makes a spike, in units of the filter's sum"}};
  static constexpr CodeInput input = CodeInput::positive_signal;

  static std::vector<double> filter(const Parameters& p) {
    const double middle = std::ceil(3 * p.width);
    std::vector<double> h(2 * static_cast<std::size_t>(middle) + 1);
    double sum = 0;
    for (std::size_t j = 0; j < h.size(); ++j) {
      const double z = (static_cast<double>(j) - middle) / p.width;
      sum += h[j] = math::exp(-z * z / 2);
    }
    for (double& one : h) one /= sum;
    return h;
  }
  static std::string check(const Parameters& p, const SampleShape& shape) {
    if (3 * p.width <= static_cast<double>(shape.n_steps)) return "";
    return "width: the filter of 6 widths must not be longer than twice the signal";
  }
  static void encode(const Parameters& p, const Sample& sample, std::size_t channel,
                     SpikeWriter& out) {
    const std::vector<double> h = filter(p);
    const std::size_t n = sample.shape.n_steps;
    std::vector<double> rest(n + h.size());
    for (std::size_t k = 0; k < n; ++k) rest[k] = sample.at(k, channel);
    for (std::size_t k = 0; k < n; ++k) {
      double gain = 0;
      for (std::size_t j = 0; j < h.size(); ++j)
        gain += std::fabs(rest[k + j]) - std::fabs(rest[k + j] - h[j]);
      if (!(gain > 0 && gain >= p.threshold)) continue;
      out.spike(sample.shape.step_end(k));
      for (std::size_t j = 0; j < h.size(); ++j) rest[k + j] -= h[j];
    }
  }
  static void decode(const Parameters& p, const SampleShape& shape, const SpikeTrains& trains,
                     std::span<double> values) {
    const std::vector<double> h = filter(p);
    std::fill(values.begin(), values.end(), 0.0);
    for (std::size_t c = 0; c < shape.n_channels; ++c)
      for (const double t : trains[c]) {
        const double step = std::ceil(t / shape.step_end(0) - 1e-6) - 1;
        const auto first = static_cast<std::size_t>(std::fmax(0.0, step));
        for (std::size_t j = 0; j < h.size() && first + j < shape.n_steps; ++j)
          values[(first + j) * shape.n_channels + c] += h[j];
      }
  }
};

}  // namespace

Code bsa_code() {
  return code_of<Bsa>({"bsa",
                       "Ben's Spiker Algorithm: what a filter makes of the spikes is the "
                       "signal",
                       "Schrauwen & Van Campenhout 2003",
                       "1 / (width sqrt(2 pi)) + (1 - threshold) / 2 as measured, for signals "
                       "slower than the filter and thresholds up to 0.9"});
}

}  // namespace ranvier::encoding
