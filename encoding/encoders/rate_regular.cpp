// rate_regular: the value is the rate of equally spaced spikes,
//   t_k = (k - 1/2) / r, k = 1, 2, ...;   r = rate_min + x (rate_max - rate_min).
// The first spike comes after half an interval, so that the count in a window T is r T rounded to
// the nearest whole number and the relative error of the decoded rate is at most 1 / (2 r T); a
// last spike that is rounded up beyond the window is lost. Source: Auge et al. 2021 (count rate
// coding). Tested by tests/statistical/test_codes.cpp.
#include "encoding/encoders/rate.h"

namespace ranvier::encoding {
namespace {

struct RateRegular : RateCode {
  static void encode(const Parameters& p, const Sample& sample, std::size_t channel,
                     SpikeWriter& out) {
    const double rate = rate_of(p, sample.at(0, channel)) * 1e-3;
    if (rate == 0) return;
    for (std::size_t k = 0;; ++k) {
      const double t = (static_cast<double>(k) + 0.5) / rate;
      if (t > sample.shape.window) return;
      out.spike(t);
    }
  }
};

}  // namespace

Code rate_regular_code() {
  return code_of<RateRegular>({"rate_regular", "rate of equally spaced spikes", "Auge et al. 2021",
                               "1 / (2 T (rate_max - rate_min)), up to twice that with dt > 0"});
}

}  // namespace ranvier::encoding
