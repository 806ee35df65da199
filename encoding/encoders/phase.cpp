// phase: the binary digits of the value, most significant first, one a phase of a clock; a spike in
// phase k of a period weighs
//   w_k = 2^-(1 + k),  k = 0 ... bits - 1,
// and the period goes on as long as whole ones fit in the window. A spike lies in the middle of its
// phase. A window shorter than a period sends the leading digits alone. Decoded as the mean over
// periods of the sum of weights: at most 2^-b off, b = min(bits, floor(T / step)). Source: Kim et
// al. 2018 (weighted spikes: w(t) = 2^-(1 + mod(t - 1, 8))). Tested by
// tests/statistical/test_codes.cpp.
#include <fmt/core.h>

#include <algorithm>
#include <cmath>

#include "encoding/code.h"

namespace ranvier::encoding {
namespace {

struct Phase {
  struct Parameters {
    double bits = 8, step = 1;
  };
  static constexpr Field<Parameters> parameters[] = {
      {"bits", &Parameters::bits, "1", Range::positive, "phases of a period, at most 32"},
      {"step", &Parameters::step, "ms", Range::positive, "length of a phase"}};
  static constexpr CodeInput input = CodeInput::value;

  static std::string check(const Parameters& p, const SampleShape& shape) {
    if (p.bits != std::floor(p.bits) || p.bits > 32)
      return fmt::format("bits: {}, must be a whole number from 1 to 32", p.bits);
    if (p.step > shape.window)
      return fmt::format("step: {} ms, must be at most the window of {} ms", p.step, shape.window);
    if (shape.tick() > p.step)
      return fmt::format("{}: {} ms, must be at most step = {} ms", shape.tick_name(), shape.tick(),
                         p.step);
    return "";
  }
  static int digits(const Parameters& p, const SampleShape& shape) {
    return static_cast<int>(std::min(p.bits, std::floor(shape.window / p.step + 1e-9)));
  }
  static std::int64_t periods(const Parameters& p, const SampleShape& shape) {
    return static_cast<std::int64_t>(std::floor(shape.window / (p.step * digits(p, shape)) + 1e-9));
  }
  static void encode(const Parameters& p, const Sample& sample, std::size_t channel,
                     SpikeWriter& out) {
    const int b = digits(p, sample.shape);
    const double all = std::ldexp(1.0, b);
    const auto word =
        static_cast<std::uint64_t>(std::min(std::nearbyint(sample.at(0, channel) * all), all - 1));
    for (std::int64_t period = 0; period < periods(p, sample.shape); ++period)
      for (int k = 0; k < b; ++k)
        if ((word >> (b - 1 - k)) & 1)
          out.spike((static_cast<double>(period * b + k) + 0.5) * p.step);
  }
  static double decode(const Parameters& p, const SampleShape& shape, const SpikeTrains& trains,
                       std::size_t channel) {
    const std::int64_t b = digits(p, shape), n = periods(p, shape);
    double sum = 0;
    for (const double t : trains[channel]) {
      const auto phase = static_cast<std::int64_t>(std::ceil(t / p.step - 1e-9)) - 1;
      if (phase >= 0 && phase < n * b) sum += std::ldexp(1.0, -1 - static_cast<int>(phase % b));
    }
    return sum / static_cast<double>(n);
  }
};

}  // namespace

Code phase_code() {
  return code_of<Phase>({"phase", "binary digits, one a phase of a clock", "Kim et al. 2018",
                         "2^-b, b = min(bits, floor(T / step))"});
}

}  // namespace ranvier::encoding
