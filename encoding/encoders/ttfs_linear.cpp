// ttfs_linear: one spike, the earlier the larger the value,
//   t = first + (1 - x) (T - first);   none for x = 0.
// Decoded from the first spike: x = (T - t) / (T - first), 0 without a spike. Rounding up to dt
// makes it too small by less than dt / (T - first). Sources: Johansson & Birznieks 2004 (first
// spikes carry the stimulus); Capra et al. 2020, Fig. 20. Tested by
// tests/statistical/test_codes.cpp.
#include <fmt/core.h>

#include "encoding/code.h"

namespace ranvier::encoding {
namespace {

struct TtfsLinear {
  struct Parameters {
    double first = 0;
  };
  static constexpr Field<Parameters> parameters[] = {
      {"first", &Parameters::first, "ms", Range::not_negative, "time of the value 1"}};
  static constexpr CodeInput input = CodeInput::value;

  static std::string check(const Parameters& p, const SampleShape& shape) {
    if (p.first < shape.window) return "";
    return fmt::format("first: {} ms, must be below the window of {} ms", p.first, shape.window);
  }
  static void encode(const Parameters& p, const Sample& sample, std::size_t channel,
                     SpikeWriter& out) {
    const double x = sample.at(0, channel);
    if (x > 0) out.spike(p.first + (1 - x) * (sample.shape.window - p.first));
  }
  static double decode(const Parameters& p, const SampleShape& shape, const SpikeTrains& trains,
                       std::size_t channel) {
    const auto train = trains[channel];
    return train.empty() ? 0 : (shape.window - train[0]) / (shape.window - p.first);
  }
};

}  // namespace

Code ttfs_linear_code() {
  return code_of<TtfsLinear>({"ttfs_linear", "time to the first spike, linear in the value",
                              "Johansson & Birznieks 2004; Capra et al. 2020, Fig. 20",
                              "dt / (T - first)"});
}

}  // namespace ranvier::encoding
