// step_forward: at the end of each step, one spike where the signal is farther than the threshold
// from a baseline, which the spike moves,
//   s > B + threshold: ON, B += threshold;   s < B - threshold: OFF, B -= threshold;   B(0) =
//   start.
// Output channel 2 c is ON, 2 c + 1 OFF. Decoded as the baseline. Once the baseline has caught up,
// it stays within 2 thresholds of a signal that moves by no more than a threshold a step (within
// one after the spike). Source: Kasabov et al. 2016, step-forward encoding (NeuCube). Tested by
// tests/statistical/test_codes.cpp.
#include "encoding/encoders/up_down.h"

namespace ranvier::encoding {
namespace {

struct StepForward : UpDownCode {
  static void encode(const Parameters& p, const Sample& sample, std::size_t channel,
                     SpikeWriter& out) {
    for (const bool up : {true, false}) {
      out.channel(2 * channel + (up ? 0 : 1));
      double level = 0;
      for (std::size_t k = 0; k < sample.shape.n_steps; ++k) {
        const double above = sample.at(k, channel) - (p.start + p.threshold * level);
        const double step = above > p.threshold ? 1 : above < -p.threshold ? -1 : 0;
        level += step;
        if (step == (up ? 1 : -1)) out.spike(sample.shape.step_end(k));
      }
    }
  }
};

}  // namespace

Code step_forward_code() {
  return code_of<StepForward>({"step_forward", "steps of a baseline that follows the signal",
                               "Kasabov et al. 2016",
                               "threshold, for signals that move by no more than that a step"});
}

}  // namespace ranvier::encoding
