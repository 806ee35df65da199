// What the two rate codes share: a value is a rate between two bounds, decoded from the number of
// spikes in the window.
#pragma once
#include <fmt/core.h>

#include "encoding/code.h"

namespace ranvier::encoding {

/// Base of a rate code T (encoding/code.h).
struct RateCode {
  struct Parameters {
    double rate_max = 100, rate_min = 0;
  };
  static constexpr Field<Parameters> parameters[] = {
      {"rate_max", &Parameters::rate_max, "Hz", Range::positive, "rate of the value 1"},
      {"rate_min", &Parameters::rate_min, "Hz", Range::not_negative, "rate of the value 0"}};
  static constexpr CodeInput input = CodeInput::value;

  static std::string check(const Parameters& p, const SampleShape& shape) {
    if (!(p.rate_min < p.rate_max))
      return fmt::format("rate_min: {} Hz, must be below rate_max = {} Hz", p.rate_min, p.rate_max);
    if (p.rate_max * shape.tick() > 1e3)
      return fmt::format("rate_max: {} Hz, must be at most a spike in {} = {} ms", p.rate_max,
                         shape.tick_name(), shape.tick());
    return "";
  }
  /// Hz.
  static double rate_of(const Parameters& p, double x) {
    return p.rate_min + x * (p.rate_max - p.rate_min);
  }
  static double decode(const Parameters& p, const SampleShape& shape, const SpikeTrains& trains,
                       std::size_t channel) {
    const double rate = static_cast<double>(trains[channel].size()) * 1e3 / shape.window;
    return (rate - p.rate_min) / (p.rate_max - p.rate_min);
  }
};

}  // namespace ranvier::encoding
