// ttfs_logarithmic: one spike, when a threshold that falls exponentially meets the value,
//   exp(-t / tau) = x, so t = tau ln(1 / x);   none where that is beyond the window.
// Decoded from the first spike: x = exp(-t / tau), 0 without a spike. Rounding up to dt errs by
// less than x dt / tau; values below exp(-T / tau) are lost. It is also what a perfect integrator
// with a leak does to a step of current, to first order. Source: Guo et al. 2021, TTFS coding (its
// threshold P_th(t) = theta_0 exp(-t / tau_th)). Tested by tests/statistical/test_codes.cpp.
#include <cmath>

#include "core/math.h"
#include "encoding/code.h"

namespace ranvier::encoding {
namespace {

struct TtfsLogarithmic {
  struct Parameters {
    double tau = 20;
  };
  static constexpr Field<Parameters> parameters[] = {
      {"tau", &Parameters::tau, "ms", Range::positive, "time in which the threshold falls by e"}};
  static constexpr CodeInput input = CodeInput::value;

  static void encode(const Parameters& p, const Sample& sample, std::size_t channel,
                     SpikeWriter& out) {
    const double x = sample.at(0, channel);
    if (x > 0) out.spike(std::fmax(0.0, -p.tau * math::log(x)));
  }
  static double decode(const Parameters& p, const SampleShape&, const SpikeTrains& trains,
                       std::size_t channel) {
    const auto train = trains[channel];
    return train.empty() ? 0 : math::exp(-train[0] / p.tau);
  }
};

}  // namespace

Code ttfs_logarithmic_code() {
  return code_of<TtfsLogarithmic>({"ttfs_logarithmic",
                                   "time to the first spike, logarithmic in the value",
                                   "Guo et al. 2021", "max(dt / tau, exp(-T / tau))"});
}

}  // namespace ranvier::encoding
