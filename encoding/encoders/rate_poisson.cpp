// rate_poisson: the value is the rate of a Poisson process,
//   r = rate_min + x (rate_max - rate_min);   intervals -ln(u) / r, u uniform in (0, 1).
// Decoded from the count n in the window T: x = (n / T - rate_min) / (rate_max - rate_min). The
// count has variance r T, so that the relative error of r is 1 / sqrt(r T) (standard deviation).
// Source: Heeger 2000 (Poisson model of spike generation, intervals).
// Tested by tests/statistical/test_codes.cpp.
#include "core/math.h"
#include "encoding/encoders/rate.h"

namespace ranvier::encoding {
namespace {

struct RatePoisson : RateCode {
  static void encode(const Parameters& p, const Sample& sample, std::size_t channel,
                     SpikeWriter& out) {
    const double rate = rate_of(p, sample.at(0, channel)) * 1e-3;
    if (rate == 0) return;
    double t = 0;
    for (std::uint64_t n = 0;; ++n) {
      t -= math::log(to_open_uniform(out.bits(channel, n))) / rate;
      if (t > sample.shape.window) return;
      out.spike(t);
    }
  }
};

}  // namespace

Code rate_poisson_code() {
  return code_of<RatePoisson>({"rate_poisson", "rate of a Poisson process", "Heeger 2000",
                               "sqrt(r / T) / (rate_max - rate_min), standard deviation"});
}

}  // namespace ranvier::encoding
