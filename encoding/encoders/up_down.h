// What the two codes of changes share: ON and OFF spikes that move a baseline by a threshold, and
// the decoder that counts them.
#pragma once
#include "encoding/code.h"

namespace ranvier::encoding {

/// Base of a code T (encoding/code.h) whose output channels 2 c and 2 c + 1 move channel c up and
/// down.
struct UpDownCode {
  struct Parameters {
    double threshold = 0.1, start = 0;
  };
  static constexpr Field<Parameters> parameters[] = {
      {"threshold", &Parameters::threshold, "1", Range::positive,
       "change of the signal that a spike stands for, in the signal's unit"},
      {"start", &Parameters::start, "1", Range::any,
       "level before the first step, in the signal's unit"}};
  static constexpr CodeInput input = CodeInput::signal;

  static std::size_t fan(const Parameters&) { return 2; }
  static void decode(const Parameters& p, const SampleShape& shape, const SpikeTrains& trains,
                     std::span<double> values) {
    for (std::size_t c = 0; c < shape.n_channels; ++c) {
      const auto up = trains[2 * c], down = trains[2 * c + 1];
      std::size_t ups = 0, downs = 0;
      for (std::size_t k = 0; k < shape.n_steps; ++k) {
        const double end = shape.step_end(k) + 1e-6;  // times are whole nanoseconds, rounded up
        while (ups < up.size() && up[ups] <= end) ++ups;
        while (downs < down.size() && down[downs] <= end) ++downs;
        values[k * shape.n_channels + c] =
            p.start + p.threshold * (static_cast<double>(ups) - static_cast<double>(downs));
      }
    }
  }
};

}  // namespace ranvier::encoding
