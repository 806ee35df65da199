// delta_modulation: a spike whenever the signal has moved by the threshold, on one channel for up,
// on another for down,
//   level L with start + threshold L next to the signal: s >= start + threshold (L + 1): ON, L + 1;
//   s <= start + threshold (L - 1): OFF, L - 1.
// The signal moves in a straight line from one step's value to the next (from `start` to the first
// in the first step); spikes are stamped where the line crosses a level, several a step if need be.
// Output channel 2 c is ON, 2 c + 1 OFF. Decoded by counting: s = start + threshold (ON - OFF) at
// the steps' ends, off by less than the threshold whatever the window, as long as no spike is
// rounded or put off into the next step: a channel has one spike a dt. Sources: Inose, Aoki &
// Watanabe 1966 (asynchronous delta modulation); Miskowicz 2006 (send-on-delta). Tested by
// tests/statistical/test_codes.cpp.
#include <fmt/core.h>

#include <cmath>

#include "encoding/encoders/up_down.h"

namespace ranvier::encoding {
namespace {

struct DeltaModulation : UpDownCode {
  /// Spikes are a nanosecond apart or more: further crossings could not be told.
  static std::string check_sample(const Parameters& p, const Sample& sample) {
    const SampleShape& shape = sample.shape;
    for (std::size_t c = 0; c < shape.n_channels; ++c) {
      double way = 0, before = p.start;
      for (std::size_t k = 0; k < shape.n_steps; ++k) {
        way += std::fabs(sample.at(k, c) - before);
        before = sample.at(k, c);
        if (!(way / p.threshold <= shape.window / 1e-6))
          return fmt::format(
              "step {}, channel {}: the signal has moved by {} so far, {:.3g} "
              "thresholds, must be at most one a nanosecond of the window of {} ms",
              k, c, way, way / p.threshold, shape.window);
      }
    }
    return "";
  }
  static void encode(const Parameters& p, const Sample& sample, std::size_t channel,
                     SpikeWriter& out) {
    for (const bool up : {true, false}) {
      out.channel(2 * channel + (up ? 0 : 1));
      double level = 0, before = p.start;
      for (std::size_t k = 0; k < sample.shape.n_steps; ++k) {
        const double now = sample.at(k, channel),
                     begin = sample.shape.step_end(k) - sample.shape.step_end(0);
        const double sign = now >= before ? 1 : -1;
        while (sign * (now - (p.start + p.threshold * (level + sign))) >= 0) {
          level += sign;
          const double crossed = p.start + p.threshold * level;
          if ((sign > 0) == up)
            out.spike(begin + (crossed - before) / (now - before) * sample.shape.step_end(0));
        }
        before = now;
      }
    }
  }
};

}  // namespace

Code delta_modulation_code() {
  return code_of<DeltaModulation>(
      {"delta_modulation", "crossings of equally spaced levels",
       "Inose, Aoki & Watanabe 1966; Miskowicz 2006",
       "threshold, for steps of whole dt and at most one crossing a dt"});
}

}  // namespace ranvier::encoding
