// latency_oscillation: the value adds to an oscillation below threshold, and the sum reaches the
// threshold early in the cycle where the value is large,
//   x + (1 - cos(2 pi t / P)) / 2 = 1  in the rising half of each cycle,  P = 1 / frequency;
//   none for x = 0. So cos(2 pi t / P) = 2 x - 1: 1 fires at the trough, 0 would at the peak.
// Decoded as the mean over spikes of (1 + cos(2 pi t / P)) / 2, t since the cycle's begin; rounding
// up to dt errs by at most pi dt / P. Source: Hopfield 1995 (a subthreshold oscillation turns the
// size of an input into the phase of an action potential). Tested by
// tests/statistical/test_codes.cpp.
#include <fmt/core.h>

#include <cmath>
#include <numbers>

#include "core/math.h"
#include "encoding/code.h"

namespace ranvier::encoding {
namespace {

/// (1 + cos(angle)) / 2 with the same bits on every processor.
double height(double angle) { return (1 + math::sin(angle + std::numbers::pi / 2)) / 2; }

/// The angle in [0, pi] at which height(angle) = x, by halving.
double angle_of(double x) {
  double low = 0, high = std::numbers::pi;
  for (int i = 0; i < 54; ++i) {
    const double middle = (low + high) / 2;
    (height(middle) > x ? low : high) = middle;
  }
  return high;
}

struct LatencyOscillation {
  struct Parameters {
    double frequency = 40;
  };
  static constexpr Field<Parameters> parameters[] = {
      {"frequency", &Parameters::frequency, "Hz", Range::positive, "of the oscillation"}};
  static constexpr CodeInput input = CodeInput::value;

  static double period(const Parameters& p) { return 1e3 / p.frequency; }
  static std::string check(const Parameters& p, const SampleShape& shape) {
    if (shape.window < period(p) / 2)
      return fmt::format("window: {} ms, must hold the rising half of a cycle: at least {} ms",
                         shape.window, period(p) / 2);
    if (shape.tick() > period(p) / 4)
      return fmt::format("{}: {} ms, must be at most a quarter of a cycle: {} ms",
                         shape.tick_name(), shape.tick(), period(p) / 4);
    return "";
  }
  static void encode(const Parameters& p, const Sample& sample, std::size_t channel,
                     SpikeWriter& out) {
    const double x = sample.at(0, channel);
    if (!(x > 0)) return;
    const double phase = x < 1 ? angle_of(x) * period(p) / (2 * std::numbers::pi) : 0;
    for (double cycle = 0; cycle * period(p) + phase <= sample.shape.window; ++cycle)
      out.spike(cycle * period(p) + phase);
  }
  static double decode(const Parameters& p, const SampleShape&, const SpikeTrains& trains,
                       std::size_t channel) {
    const auto train = trains[channel];
    if (train.empty()) return 0;
    double sum = 0;
    for (const double t : train) {
      const double cycles = t / period(p);
      sum += height(2 * std::numbers::pi * (cycles - std::floor(cycles)));
    }
    return sum / static_cast<double>(train.size());
  }
};

}  // namespace

Code latency_oscillation_code() {
  return code_of<LatencyOscillation>({"latency_oscillation",
                                      "phase of a reference oscillation, once a cycle",
                                      "Hopfield 1995", "pi dt frequency"});
}

}  // namespace ranvier::encoding
