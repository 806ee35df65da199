// delta_modulation: a spike whenever the signal has moved by the threshold, on one channel for up,
// on another for down,
//   level L with start + threshold L next to the signal: s >= start + threshold (L + 1): ON, L + 1;
//   s <= start + threshold (L - 1): OFF, L - 1.
// The signal moves in a straight line from one step's value to the next (from `start` to the first
// in the first step); spikes are stamped where the line crosses a level, several a step if need be.
// Output channel 2 c is ON, 2 c + 1 OFF. Decoded by counting: s = start + threshold (ON - OFF) at
// the steps' ends, off by less than the threshold whatever the window. Sources: Inose, Aoki &
// Watanabe 1966 (asynchronous delta modulation); Miskowicz 2006 (send-on-delta). Tested by
// tests/statistical/test_codes.cpp.
#include <cmath>

#include "encoding/encoders/up_down.h"

namespace ranvier::encoding {
namespace {

struct DeltaModulation : UpDownCode {
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
  return code_of<DeltaModulation>({"delta_modulation", "crossings of equally spaced levels",
                                   "Inose, Aoki & Watanabe 1966; Miskowicz 2006", "threshold"});
}

}  // namespace ranvier::encoding
